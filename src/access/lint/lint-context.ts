import type { ServerFacts } from '../../parse-options.ts';
import { type AccessRule, shownPlace } from '../rules/access-rule.ts';
import type { AccessFacts } from '../rules/facts.ts';
import type { AccessInput } from '../rules/input.ts';
import { type RuleList, readRules } from '../rules/read-rules.ts';
import { ScopeFinder } from '../scope/find-in-scope.ts';
import type { Scope } from '../scope/scope.ts';
import { type Analysis, analysisOf } from '../space/analysis.ts';
import type { LintedLine } from './finding.ts';

/** The input of all lints of one call. */
export class LintContext {
  readonly input: AccessInput;
  readonly list: RuleList;
  readonly analysis: Analysis;
  readonly #finders = new Map<Scope, ScopeFinder>();

  constructor(input: AccessInput, facts: AccessFacts) {
    this.input = input;
    this.list = readRules(input, facts);
    this.analysis = analysisOf(this.list);
  }

  /** The facts with which pg_hba.conf was parsed. The diagnostics of the file itself already depend on these facts. */
  get parsedWith(): ServerFacts {
    return this.input.hba.expandable().options.server ?? {};
  }

  /** Returns whether a rule certainly decides at least one connection of a scope. */
  decides(rule: AccessRule, scope: Scope): boolean {
    let finder = this.#finders.get(scope);
    if (finder === undefined) {
      finder = new ScopeFinder(this.analysis, scope);
      this.#finders.set(scope, finder);
    }
    return finder.find(rule)?.certain === true;
  }
}

export function lineOf({ placed, text }: AccessRule, { hba }: AccessInput): LintedLine {
  const { rule, file, line } = placed;
  return { place: hba.placeOf({ file, line, text }), comment: rule?.comment };
}

/** Lists the places of rules, shortened: `line 3, line 5 and 2 more`. */
export function shownRules(rules: readonly AccessRule[]): string {
  const shown = rules.slice(0, 3).map((rule) => shownPlace(rule.placed));
  const rest = rules.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(' and ');
}
