import type { AccessRule } from '../rules/access-rule.ts';
import type { AccessFacts } from '../rules/facts.ts';
import type { AccessInput } from '../rules/input.ts';
import { readRules } from '../rules/read-rules.ts';
import { type Analysis, analysisOf } from '../space/analysis.ts';
import { SharedSteps } from '../space/budget.ts';
import type { Layer } from '../space/covering.ts';
import type { NameFacts } from '../space/covers.ts';
import { freshNamesOf } from '../space/fresh-names.ts';
import { isCovered, leavesShared } from '../space/gap.ts';
import { type Region, regionOf } from '../space/region.ts';
import { RulesByName } from '../space/rules-by-name.ts';

/** A rule that shares connections with a given rule. */
export interface Overlap {
  readonly rule: AccessRule;
  /** `true` if this rule decides at least one of the shared connections in the unchanged file. */
  readonly decides: boolean;
}

/** Answers how a file decides the connections of one rule. */
export class RuleInFile {
  readonly #analysis: Analysis;
  readonly #region: Region;
  readonly #names: NameFacts;
  readonly #steps = new SharedSteps();
  #overlaps: readonly Overlap[] | undefined;

  /** @param rule a rule; the file can contain the rule or not */
  constructor(rule: AccessRule, input: AccessInput, facts: AccessFacts) {
    const list = readRules(input, facts);
    this.#analysis = analysisOf(list);
    this.#names = freshNamesOf([list, { ...list, rules: [rule] }]);
    this.#region = regionOf(rule, facts, [this.#analysis.index]);
  }

  /** The rules of the file that share connections with the rule, in file order. */
  get overlaps(): readonly Overlap[] {
    this.#overlaps ??= this.#analysis.list.rules.flatMap((other) => this.#overlap(other) ?? []);
    return this.#overlaps;
  }

  /**
   * Returns whether the rules with an index below `limit` together certainly match all connections of the given rule.
   */
  isCovered(limit: number): boolean {
    return this.#isCoveredBy({ index: this.#analysis.index, limit });
  }

  /** Returns whether `rules` together certainly match all connections of the rule that the constructor got. */
  isCoveredByAll(rules: readonly AccessRule[]): boolean {
    const { list } = this.#analysis;
    return this.#isCoveredBy({ index: new RulesByName({ ...list, rules }), limit: Number.POSITIVE_INFINITY });
  }

  #isCoveredBy(layer: Layer): boolean {
    return isCovered(this.#region, { layer, names: this.#names, steps: this.#steps });
  }

  #overlap(other: AccessRule): Overlap | undefined {
    const { index, list } = this.#analysis;
    // The lines of a file that was not read can contain any rules.
    if (other.rule === undefined) return { rule: other, decides: true };
    if ((other.transports & this.#region.transports) === 0) return undefined;
    const layer = { index, limit: other.index };
    const regions = [this.#region, regionOf(other, list.facts, [index])] as const;
    const decides = leavesShared(regions, { layer, names: this.#names, steps: this.#steps });
    return decides === undefined ? undefined : { rule: other, decides };
  }
}
