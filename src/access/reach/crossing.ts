import type { AccessRule, PlacedRule } from '../rules/access-rule.ts';
import { transportsIn } from '../rules/transport.ts';
import type { ConnectionScope } from '../scope/scope.ts';
import { shownPairs } from '../scope/shown-pairs.ts';
import { mayMeet, shownAddresses } from '../space/address-atom.ts';
import type { Analysis } from '../space/analysis.ts';
import { SharedSteps, stepsOfPair } from '../space/budget.ts';
import type { NameFacts } from '../space/covers.ts';
import { freshNamesOf } from '../space/fresh-names.ts';
import { isCovered } from '../space/gap.ts';
import { meetRegions, type Region, Regions } from '../space/region.ts';
import { RulesByName } from '../space/rules-by-name.ts';
import type { Unreached } from './find-unreachable.ts';

/**
 * Two rules with different outcomes that share connections. Each of the two rules also matches connections that the
 * other rule does not match.
 */
export interface CrossingRules {
  /** The earlier rule, which decides the shared connections. */
  readonly earlier: PlacedRule;
  /** The later rule, which does not decide the shared connections. */
  readonly later: PlacedRule;
  /**
   * The connections that the two rules share. A scope cannot express `sameuser`, regular expressions, host names or
   * masks with holes. These elements are left out, so the scope then contains more connections than the rules share.
   */
  readonly shared: ConnectionScope;
}

/** Two rules that share connections, as the search finds them. They are later converted to {@link CrossingRules}. */
interface Crossing {
  readonly earlier: AccessRule;
  readonly later: AccessRule;
  readonly shared: Region;
}

/** Pairs of rules with different outcomes that share connections, where each rule also has connections of its own. */
export interface Crossings {
  /** The pairs of rules, in file order of the later rules. */
  readonly pairs: readonly CrossingRules[];
  /**
   * The rule at which the search stopped, because it took too many steps. Pairs whose later rule is this rule or a rule
   * below it can be missing.
   */
  readonly stoppedAt?: PlacedRule;
}

/**
 * Returns the pairs of {@link CrossingRules} of a file. An earlier rule that matches only connections of a later rule
 * is usual in these files and is not reported.
 */
export function crossingRules(analysis: Analysis, unreachable: readonly Unreached[]): Crossings {
  const { found, stoppedAt } = findCrossing(analysis, unreachable);
  const pairs = found.map(({ earlier, later, shared }) => ({
    earlier: earlier.placed,
    later: later.placed,
    shared: scopeOf(shared),
  }));
  return stoppedAt === undefined ? { pairs } : { pairs, stoppedAt: stoppedAt.placed };
}

/** The number of computing steps that is counted for the comparison of two rules that may share connections. */
const stepsOfComparison = 30;

/**
 * Returns the pairs of {@link CrossingRules}, in the order of the later rules. Rules without common names or addresses
 * are skipped before their connections are compared.
 *
 * @returns the pairs, and the rule at which the search stopped because it took too many steps
 */
export function findCrossing(
  analysis: Analysis,
  unreachable: readonly Unreached[],
): { readonly found: readonly Crossing[]; readonly stoppedAt: AccessRule | undefined } {
  const { list, index } = analysis;
  const unreached = new Set(unreachable.map(({ rule }) => rule));
  const finder = new CrossingFinder(analysis);
  const found: Crossing[] = [];
  for (const later of list.rules) {
    if (later.rule === undefined || unreached.has(later)) continue;
    for (const earlier of index.rulesNear(finder.regions.of(later))) {
      if (earlier.index >= later.index) break;
      finder.steps.take(stepsOfPair);
      if (finder.steps.areTaken) return { found, stoppedAt: later };
      const shared = unreached.has(earlier) ? undefined : finder.sharedBy(earlier, later);
      if (shared !== undefined) found.push({ earlier, later, shared });
    }
  }
  return { found, stoppedAt: undefined };
}

/** Finds the connections that two rules share, if the rules cross. */
class CrossingFinder {
  readonly regions: Regions;
  readonly steps = new SharedSteps();
  readonly #list: Analysis['list'];
  readonly #names: NameFacts;
  /** For each rule, an index that contains only this rule. */
  readonly #alone = new Map<AccessRule, RulesByName>();

  constructor({ list, index }: Analysis) {
    this.regions = new Regions(list.facts, [index]);
    this.#list = list;
    this.#names = freshNamesOf([list]);
  }

  /**
   * Returns the connections that both rules match; `undefined` if the rules have the same outcome, share no connection,
   * or if one rule matches all connections of the other rule.
   */
  sharedBy(earlier: AccessRule, later: AccessRule): Region | undefined {
    if (earlier.outcomeKey === later.outcomeKey || (earlier.transports & later.transports) === 0) return undefined;
    const [first, second] = [this.regions.of(earlier), this.regions.of(later)];
    if (!mayMeet(first.addresses, second.addresses)) return undefined;
    this.steps.take(stepsOfComparison);
    const shared = this.steps.ask((budget) => meetRegions(first, second, this.#list.facts, budget))?.answer;
    if (shared?.certain !== true) return undefined;
    // The first check is whether the later rule matches all connections of the earlier rule, because this is the common
    // case.
    return this.#holds(later, earlier) || this.#holds(earlier, later) ? undefined : shared;
  }

  /** Returns whether one rule certainly matches all connections of another rule. */
  #holds(wide: AccessRule, narrow: AccessRule): boolean {
    const index = this.#alone.get(wide) ?? new RulesByName({ ...this.#list, rules: [wide] });
    this.#alone.set(wide, index);
    const layer = { index, limit: Number.POSITIVE_INFINITY };
    return isCovered(this.regions.of(narrow), { layer, names: this.#names, steps: this.steps });
  }
}

function scopeOf({ pairs, addresses, transports }: Region): ConnectionScope {
  const from = addresses.every(({ kind }) => kind === 'range') ? addresses.flatMap(shownAddresses) : [];
  return {
    transport: transportsIn(transports),
    ...(from.length === 0 ? {} : { from }),
    ...shownPairs(pairs),
  };
}
