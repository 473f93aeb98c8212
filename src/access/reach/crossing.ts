import { type AccessRule, type PlacedRule, placedRule } from '../rules/access-rule.ts';
import { transportsIn } from '../rules/transport.ts';
import { type ConnectionScope, shownAddresses } from '../scope/scope.ts';
import { shownPairs } from '../scope/shown-pairs.ts';
import { type Analysis, namesOf } from '../space/analysis.ts';
import { Budget, withinBudget } from '../space/budget.ts';
import { findGap } from '../space/gap.ts';
import { meetRegions, type Region, regionOf } from '../space/region.ts';
import { RulesByName } from '../space/rules-by-name.ts';
import type { Unreached } from './find-unreachable.ts';

/** Two rules that share connections while neither holds all connections of the other, and that do different things. */
export interface CrossingRules {
  /** The earlier rule, which takes what the two share. */
  readonly earlier: PlacedRule;
  /** The later rule. */
  readonly later: PlacedRule;
  /** The connections that the two share. */
  readonly shared: ConnectionScope;
}

/** The pairs of rules that cross. A special rule before a general one is the idiom of these files, and is none. */
export function crossingRules({ list, index }: Analysis, unreachable: readonly Unreached[]): readonly CrossingRules[] {
  const { facts } = list;
  const names = namesOf([list]);
  const unreached = new Set(unreachable.map(({ rule }) => rule));
  const rules = list.rules.filter((rule) => rule.rule !== undefined && !unreached.has(rule));
  const regions = new Map<AccessRule, Region>(rules.map((rule) => [rule, regionOf(rule, facts, [index])]));
  const alone = new Map<AccessRule, RulesByName>();
  const holds = (wide: AccessRule, narrow: AccessRule): boolean => {
    const own = alone.get(wide) ?? new RulesByName({ ...list, rules: [wide] });
    alone.set(wide, own);
    const layers = [{ index: own, limit: Number.POSITIVE_INFINITY }];
    const found = withinBudget((budget) => findGap(regions.get(narrow)!, { layers, mode: 'sure', names, budget }));
    return found !== undefined && found.answer === undefined;
  };
  const crossing: CrossingRules[] = [];
  for (const [i, later] of rules.entries()) {
    for (const earlier of rules.slice(0, i)) {
      if (earlier.outcomeKey === later.outcomeKey || (earlier.transports & later.transports) === 0) continue;
      const shared = meetRegions(regions.get(earlier)!, regions.get(later)!, facts, unlimited);
      if (shared === undefined || !shared.certain || holds(earlier, later) || holds(later, earlier)) continue;
      crossing.push({ earlier: placedRule(earlier), later: placedRule(later), shared: scopeOf(shared) });
    }
  }
  return crossing;
}

const unlimited = new Budget(Number.POSITIVE_INFINITY);

function scopeOf({ pairs, addresses, transports }: Region): ConnectionScope {
  const from = addresses.flatMap(shownAddresses);
  return {
    transport: transportsIn(transports),
    ...(from.length === 0 ? {} : { from }),
    ...shownPairs(pairs),
  };
}
