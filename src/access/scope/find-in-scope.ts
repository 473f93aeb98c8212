import { cutStartupName } from '../../c/names.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { Analysis } from '../space/analysis.ts';
import { type Budget, SharedSteps } from '../space/budget.ts';
import type { Question } from '../space/covering.ts';
import type { NameFacts } from '../space/covers.ts';
import { freshNamesOf, type ScopeNames } from '../space/fresh-names.ts';
import { surestGap } from '../space/gap.ts';
import { meetRegions, type Region, regionOf } from '../space/region.ts';
import { type Witness, witnessesOf } from '../space/witness.ts';
import type { ConnectionScope, ExactRole, SearchScope } from './scope.ts';
import { type ScopePart, scopeParts, withoutNames } from './scope-parts.ts';

/** Connections of a scope that one rule decides, or that no rule matches. */
export interface FoundInScope {
  /** The deciding rule; `undefined` if no rule matches. */
  readonly rule: AccessRule | undefined;
  /** Examples of these connections, the best first; empty if the search took too many steps. */
  readonly witnesses: readonly Witness[];
  /** `true` if a connection of this kind certainly exists. */
  readonly certain: boolean;
}

/**
 * Returns one element for each rule that decides connections of a scope. If no rule matches some of these connections,
 * the last element has no rule. A file that was not read counts as a rule that can decide any connection.
 */
export function findInScope(
  analysis: Analysis,
  scope: SearchScope,
  without: readonly ConnectionScope[] = [],
): readonly FoundInScope[] {
  const { rules } = analysis.list;
  const finder = new ScopeFinder(analysis, scope, without);
  return [...rules, undefined].flatMap((rule) => finder.find(rule) ?? []);
}

/** Finds connections of a scope that a given rule decides. */
export class ScopeFinder {
  readonly #analysis: Analysis;
  readonly #parts: readonly ScopePart[];
  readonly #names: NameFacts;
  readonly #steps = new SharedSteps();

  /** @param without connections that are left out, in addition to `not` of the scope */
  constructor(analysis: Analysis, scope: SearchScope, without: readonly ConnectionScope[] = []) {
    this.#analysis = analysis;
    this.#parts = scopeParts(scope, analysis.list.facts, without);
    this.#names = freshNamesOf([analysis.list], mentionedBy(scope, without));
  }

  /** Returns the connections of the scope that a rule decides, if there are any. */
  find(rule: AccessRule | undefined): FoundInScope | undefined {
    const found = this.#parts.flatMap((part) => (part.accepts(rule) ? (this.#inPart(part, rule) ?? []) : []));
    return found.find(({ certain }) => certain) ?? found[0];
  }

  #inPart(part: ScopePart, rule: AccessRule | undefined): FoundInScope | undefined {
    const { index, list } = this.#analysis;
    const layers = [{ index, limit: rule?.index ?? Number.POSITIVE_INFINITY }];
    const question = (budget: Budget): Omit<Question, 'mode'> => ({ layers, names: this.#names, budget });
    const asked = this.#steps.ask((budget) => {
      const region = this.#regionOf(part, rule, budget);
      if (region === undefined) return undefined;
      return surestGap(region, question(budget));
    });
    if (asked === undefined) return { rule, witnesses: [], certain: false };
    if (asked.answer === undefined) return undefined;
    const { gap, certain } = asked.answer;
    const last = rule?.index ?? Number.POSITIVE_INFINITY;
    const mode = certain ? 'possible' : 'sure';
    const witnesses = witnessesOf(gap, (budget) => ({ ...question(budget), mode }), this.#names, this.#steps);
    return {
      rule,
      witnesses,
      certain: certain && list.rules.every((each) => each.rule !== undefined || each.index > last),
    };
  }

  #regionOf(part: ScopePart, rule: AccessRule | undefined, budget: Budget): Region | undefined {
    const { list, index } = this.#analysis;
    const offered = { ...part.region, transports: part.region.transports & list.offered };
    const met =
      rule === undefined ? offered : meetRegions(offered, regionOf(rule, list.facts, [index]), list.facts, budget);
    return met === undefined || met.transports === 0 ? undefined : withoutNames(met, part, this.#names);
  }
}

/** Returns the names in a scope. */
export function mentionedBy(scope: SearchScope, without: readonly ConnectionScope[] = []): ScopeNames {
  const all: readonly SearchScope[] = [scope, scope.not ?? {}, ...without];
  const nameOf = (user: string | ExactRole): string => (typeof user === 'string' ? user : user.role);
  return {
    databases: new Set(all.flatMap(({ databases = [] }) => databases.map(cutStartupName))),
    users: new Set(all.flatMap(({ users = [] }) => users.map(nameOf))),
  };
}
