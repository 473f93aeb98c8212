import { type AccessRule, type PlacedRule, placedRule } from '../rules/access-rule.ts';
import { transportsIn } from '../rules/transport.ts';
import { type ConnectionScope, shownAddresses } from '../scope/scope.ts';
import { shownPairs } from '../scope/shown-pairs.ts';
import { mayMeet } from '../space/address-atom.ts';
import { type Analysis, namesOf } from '../space/analysis.ts';
import { SharedSteps, stepsOfPair } from '../space/budget.ts';
import { findGap } from '../space/gap.ts';
import { meetRegions, type Region, regionOf } from '../space/region.ts';
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
    earlier: placedRule(earlier),
    later: placedRule(later),
    shared: scopeOf(shared),
  }));
  return stoppedAt === undefined ? { pairs } : { pairs, stoppedAt: placedRule(stoppedAt) };
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
  { list, index }: Analysis,
  unreachable: readonly Unreached[],
): { readonly found: readonly Crossing[]; readonly stoppedAt: AccessRule | undefined } {
  const { facts } = list;
  const names = namesOf([list]);
  const steps = new SharedSteps();
  const unreached = new Set(unreachable.map(({ rule }) => rule));
  const regions = new Map<AccessRule, Region>();
  const region = (rule: AccessRule): Region => {
    const kept = regions.get(rule) ?? regionOf(rule, facts, [index]);
    regions.set(rule, kept);
    return kept;
  };
  const alone = new Map<AccessRule, RulesByName>();
  const holds = (wide: AccessRule, narrow: AccessRule): boolean => {
    const own = alone.get(wide) ?? new RulesByName({ ...list, rules: [wide] });
    alone.set(wide, own);
    const layers = [{ index: own, limit: Number.POSITIVE_INFINITY }];
    const asked = steps.ask((budget) => findGap(region(narrow), { layers, mode: 'sure', names, budget }));
    return asked !== undefined && asked.answer === undefined;
  };
  const sharedBy = (earlier: AccessRule, later: AccessRule): Region | undefined => {
    if (unreached.has(earlier) || earlier.outcomeKey === later.outcomeKey) return undefined;
    if ((earlier.transports & later.transports) === 0) return undefined;
    if (!mayMeet(region(earlier).addresses, region(later).addresses)) return undefined;
    steps.take(stepsOfComparison);
    const shared = steps.ask((budget) => meetRegions(region(earlier), region(later), facts, budget))?.answer;
    // The first check is whether the later rule matches all connections of the earlier rule, because this is the common
    // case.
    if (shared === undefined || !shared.certain || holds(later, earlier) || holds(earlier, later)) return undefined;
    return shared;
  };
  const found: Crossing[] = [];
  for (const later of list.rules) {
    if (later.rule === undefined || unreached.has(later)) continue;
    for (const earlier of index.rulesNear(region(later))) {
      if (earlier.index >= later.index) break;
      steps.take(stepsOfPair);
      if (steps.areTaken) return { found, stoppedAt: later };
      const shared = sharedBy(earlier, later);
      if (shared !== undefined) found.push({ earlier, later, shared });
    }
  }
  return { found, stoppedAt: undefined };
}

function scopeOf({ pairs, addresses, transports }: Region): ConnectionScope {
  const from = addresses.every(({ kind }) => kind === 'range') ? addresses.flatMap(shownAddresses) : [];
  return {
    transport: transportsIn(transports),
    ...(from.length === 0 ? {} : { from }),
    ...shownPairs(pairs),
  };
}
