import type { AddressRange } from '../../net/number.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import { type Analysis, namesOf } from '../space/analysis.ts';
import { withinBudget } from '../space/budget.ts';
import type { NameFacts } from '../space/covers.ts';
import { findGap } from '../space/gap.ts';
import { type Region, regionOf } from '../space/region.ts';

/**
 * Why no connection reaches a rule: earlier rules match all of its connections; TLS is off, or the build has no GSS
 * encryption of that major; the role that it names has no members; its addresses are those of no client.
 */
export type UnreachableReason = 'shadowed' | 'transport-off' | 'no-user' | 'no-address';

/** A rule that is not reached, with the rules as the analysis holds them. */
export interface Unreached {
  readonly because: UnreachableReason;
  readonly certainty: 'certain' | 'maybe';
  readonly rule: AccessRule;
  readonly by: readonly AccessRule[];
}

const found = new WeakMap<Analysis, readonly Unreached[]>();

/** The rules that are not reached; they are looked for once. */
export function findUnreachable(analysis: Analysis): readonly Unreached[] {
  let unreached = found.get(analysis);
  if (unreached === undefined) {
    const names = namesOf([analysis.list]);
    unreached = analysis.list.rules.flatMap((rule) => judge(rule, analysis, names) ?? []);
    found.set(analysis, unreached);
  }
  return unreached;
}

function judge(rule: AccessRule, { list, index }: Analysis, names: NameFacts): Unreached | undefined {
  if (rule.rule === undefined) return undefined;
  const region = regionOf(rule, list.facts, [index]);
  const reason = emptiness(region);
  if (reason !== undefined) return { rule, because: reason, by: [], certainty: 'certain' };
  const layers = [{ index, limit: rule.index }];
  const used = new Set<number>();
  const ask = (mode: 'sure' | 'possible'): 'gap' | 'covered' | 'unknown' => {
    used.clear();
    const result = withinBudget((budget) => findGap(region, { layers, mode, names, budget, used }));
    if (result === undefined) return 'unknown';
    return result.answer === undefined ? 'covered' : 'gap';
  };
  const sure = ask('sure');
  const isReached = sure === 'gap' && (index.isExact || ask('possible') === 'gap');
  if (isReached) return undefined;
  const by = [...used].sort((a, b) => a - b).map((i) => list.rules[i]!);
  return { rule, because: 'shadowed', by, certainty: sure === 'covered' ? 'certain' : 'maybe' };
}

/** Why a region has no connections, if it has none. */
function emptiness({ pairs, addresses, transports }: Region): UnreachableReason | undefined {
  if (transports === 0) return 'transport-off';
  if (pairs.length === 0) return 'no-user';
  const isNowhere = addresses.every((atom) => atom.kind === 'range' && isMapped(atom.range));
  return isNowhere ? 'no-address' : undefined;
}

const mappedStart = 0xffff00000000n;

/** Whether all addresses are IPv4-mapped ones, which no client has: PostgreSQL sees the IPv4 address. */
function isMapped({ family, start, next }: AddressRange): boolean {
  return family === 'ipv6' && BigInt(start) >= mappedStart && BigInt(next) <= mappedStart + (1n << 32n);
}
