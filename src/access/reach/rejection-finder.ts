import type { AccessRule } from '../rules/access-rule.ts';
import type { Analysis } from '../space/analysis.ts';
import { SharedSteps, stepsOfPair } from '../space/budget.ts';
import type { NameFacts } from '../space/covers.ts';
import { freshNamesOf } from '../space/fresh-names.ts';
import { leavesShared } from '../space/gap.ts';
import { type Region, Regions } from '../space/region.ts';
import { RulesByName } from '../space/rules-by-name.ts';

/** Finds the rules that refuse connections which a later rule would let in. */
export class RejectionFinder {
  readonly #analysis: Analysis;
  /** The reachable rules that let connections in. */
  readonly #letIn: RulesByName;
  /** The files that were not read, which may let anybody in. */
  readonly #unread: readonly AccessRule[];
  readonly #regions: Regions;
  readonly #names: NameFacts;
  readonly #steps = new SharedSteps();

  /** @param reached the reachable rules, in file order */
  constructor(analysis: Analysis, reached: readonly AccessRule[]) {
    this.#analysis = analysis;
    this.#names = freshNamesOf([analysis.list]);
    this.#regions = new Regions(analysis.list.facts, [analysis.index]);
    const rules = reached.filter(({ outcome }) => outcome.kind !== 'refused');
    this.#letIn = new RulesByName({ rules, facts: analysis.list.facts });
    this.#unread = rules.filter(({ rule }) => rule === undefined);
  }

  /**
   * Returns whether a rejecting rule decides connections that a later rule would let in. Returns `true` if the search
   * takes too many steps.
   */
  refusesForLater(rule: AccessRule): boolean {
    const own = this.#regions.of(rule);
    for (const later of this.#unread)
      if (later.index > rule.index && this.#decidesSomeOf(own, rule, later)) return true;
    for (const later of this.#letIn.rulesNearFrom(own, rule.index))
      if (this.#decidesSomeOf(own, rule, later)) return true;
    return false;
  }

  /** Returns whether a rule decides connections that one later rule also matches. */
  #decidesSomeOf(own: Region, rule: AccessRule, later: AccessRule): boolean {
    this.#steps.take(stepsOfPair);
    if (this.#steps.areTaken) return true;
    const layer = { index: this.#analysis.index, limit: rule.index };
    const regions = [own, this.#regions.of(later)] as const;
    return leavesShared(regions, { layer, names: this.#names, steps: this.#steps }) === true;
  }
}
