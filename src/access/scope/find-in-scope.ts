import { cutStartupName } from '../../c/names.ts';
import { matchHostName } from '../match/match-address.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { RuleList } from '../rules/read-rules.ts';
import type { Analysis } from '../space/analysis.ts';
import { type Budget, SharedSteps } from '../space/budget.ts';
import type { NameFacts } from '../space/covers.ts';
import { freshNamesOf, type ScopeNames } from '../space/fresh-names.ts';
import { meetRegions, type Region, regionOf } from '../space/region.ts';
import { askForGap, type Witness } from '../space/witness.ts';
import { type ConnectionScope, type ExactRole, readNetwork, type SearchScope } from './scope.ts';
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

/**
 * Returns the rules for a search in a scope. If the scope has one client address and the facts contain its host names,
 * a rule for a host name matches this address, or no connection of the scope.
 */
export function rulesInScope(list: RuleList, { from = [] }: SearchScope): RuleList {
  if (list.facts.hostNames === undefined || !list.rules.some(({ address }) => address?.kind === 'host-name'))
    return list;
  const [atom, ...others] = from.flatMap((text) => readNetwork(text));
  if (atom?.kind !== 'range' || others.length > 0) return list;
  const { range } = atom;
  if (BigInt(range.next) - BigInt(range.start) !== 1n) return list;
  const rules = list.rules.map((rule): AccessRule => {
    if (rule.address?.kind !== 'host-name') return rule;
    const isMatch = matchHostName(rule.address.hostName, list.facts) === true;
    return isMatch ? { ...rule, address: { kind: 'network', range } } : { ...rule, transports: 0 };
  });
  return { ...list, rules };
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
    const limit = rule?.index ?? Number.POSITIVE_INFINITY;
    const question = { layers: [{ index, limit }], names: this.#names };
    const regions = (budget: Budget): readonly Region[] => {
      const region = this.#regionOf(part, rule, budget);
      return region === undefined ? [] : [region];
    };
    const gap = askForGap(regions, question, this.#steps);
    if (gap === undefined) return undefined;
    const isRead = list.rules.every((each) => each.rule !== undefined || each.index > limit);
    return { rule, witnesses: gap.witnesses(), certain: gap.certain && isRead };
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
