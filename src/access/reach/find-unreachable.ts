import type { AddressRange } from '../../net/number.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import { mappedAddresses } from '../space/address-gap.ts';
import type { Analysis } from '../space/analysis.ts';
import { SharedSteps } from '../space/budget.ts';
import type { NameFacts } from '../space/covers.ts';
import { freshNamesOf } from '../space/fresh-names.ts';
import { findGap } from '../space/gap.ts';
import { type Region, regionOf } from '../space/region.ts';
import type { RulesByName } from '../space/rules-by-name.ts';

/**
 * The reason why a rule is unreachable.
 * - `shadowed`: earlier rules match all of its connections.
 * - `transport-off`: TLS is off, the server has no TCP or Unix socket, or the major version has no GSS encryption.
 * - `no-user`: the roles of the rule have no members, or every name in a column is empty or longer than 63 bytes.
 * - `no-address`: no client has an address of the rule.
 */
export type UnreachableReason = 'shadowed' | 'transport-off' | 'no-user' | 'no-address';

/** An unreachable rule, before it is converted to an `UnreachableRule`. */
export interface Unreached {
  readonly because: UnreachableReason;
  readonly certainty: 'certain' | 'maybe';
  readonly rule: AccessRule;
  readonly by: readonly AccessRule[];
}

const found = new WeakMap<Analysis, readonly Unreached[]>();

/** Returns the unreachable rules. The result is cached for each analysis. */
export function findUnreachable(analysis: Analysis): readonly Unreached[] {
  let unreached = found.get(analysis);
  if (unreached === undefined) {
    const names = freshNamesOf([analysis.list]);
    const shared = { names, indexes: [analysis.index], used: new Set<number>(), steps: new SharedSteps() };
    unreached = analysis.list.rules.map((rule) => judge(rule, analysis, shared)).filter((each) => each !== undefined);
    found.set(analysis, unreached);
  }
  return unreached;
}

/**
 * Objects that the searches for all rules share. The set `used` is cleared and filled again for each rule, because a
 * new set for each rule would take more time.
 */
interface Shared {
  readonly names: NameFacts;
  readonly indexes: readonly RulesByName[];
  readonly used: Set<number>;
  readonly steps: SharedSteps;
}

function judge(rule: AccessRule, { list, index }: Analysis, shared: Shared): Unreached | undefined {
  if (rule.rule === undefined) return undefined;
  const { names, indexes, used } = shared;
  if (isPlain(rule) && index.isReachedAtFirst(rule)) return undefined;
  const region = regionOf(rule, list.facts, indexes);
  const reason = whyEmpty(region);
  if (reason !== undefined) return { rule, because: reason, by: [], certainty: 'certain' };
  const layers = [{ index, limit: rule.index }];
  const ask = (mode: 'sure' | 'possible'): 'gap' | 'covered' | 'unknown' => {
    if (used.size > 0) used.clear();
    const result = shared.steps.ask((budget) => findGap(region, { layers, mode, names, budget, used }));
    if (result === undefined) return 'unknown';
    return result.answer === undefined ? 'covered' : 'gap';
  };
  const sure = ask('sure');
  const isReached = sure === 'gap' && (index.isExact || ask('possible') === 'gap');
  if (isReached) return undefined;
  // If the search found no gap and also used no rule, then no client can have the addresses of the rule.
  if (sure === 'covered' && used.size === 0) return { rule, because: 'no-address', by: [], certainty: 'certain' };
  const by = [...used].sort((a, b) => a - b).map((i) => list.rules[i]!);
  return { rule, because: 'shadowed', by, certainty: sure === 'covered' ? 'certain' : 'maybe' };
}

/** Returns whether the columns of a rule show, without a search, that connections can match the rule. */
function isPlain({ transports, databases, users, address }: AccessRule): boolean {
  if (transports === 0 || users.length === 0 || databases.length === 0) return false;
  return (
    address === undefined || address.kind === 'all' || (address.kind === 'network' && !isMappedOnly(address.range))
  );
}

/** Returns the reason why a rule matches no connection at all; `undefined` if a connection can match the rule. */
function whyEmpty({ pairs, addresses, transports }: Region): UnreachableReason | undefined {
  if (transports === 0) return 'transport-off';
  if (pairs.length === 0) return 'no-user';
  return addresses.length === 0 ? 'no-address' : undefined;
}

/** Returns whether all addresses are IPv4-mapped addresses. */
function isMappedOnly({ family, start, next }: AddressRange): boolean {
  return family === 'ipv6' && start >= mappedAddresses.start && next <= mappedAddresses.next;
}
