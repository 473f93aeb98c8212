import { accessRuleOfInput } from '../../../access/place/rule-of-input.ts';
import type { AccessRule } from '../../../access/rules/access-rule.ts';
import { readRules } from '../../../access/rules/read-rules.ts';
import type { ConnectionTarget } from '../../../client/bundle/target.ts';
import type { HbaEntry, HbaFile } from '../../../hba/file.ts';
import type { HostRuleInput } from '../../../hba/rule.ts';
import { isLoopbackHost } from '../../../net/network.ts';
import { connectionsOf, decidingRules, overTcp, rejectingAllOf } from './rule-reach.ts';
import { ownRules, type PlannedRules } from './rules.ts';

/**
 * Returns a function that says whether a rejection above the certificate rule may refuse the login for which the plan
 * is made. A client of a loopback host has a loopback address. The address of another client is not known, so only a
 * rejection of all addresses of the certificate rule, for IPv4 or for IPv6, may refuse its login.
 */
export function mayRefuseLogin({ file, main }: PlannedRules, target: ConnectionTarget): (rule: AccessRule) => boolean {
  const { user, database, host, hostaddr = host } = target;
  const login = (address: HostRuleInput['address']): HostRuleInput => {
    return { type: 'hostssl', databases: [database], users: [user], address, method: 'cert' };
  };
  if (isLoopbackHost(hostaddr)) {
    const addresses =
      hostaddr === 'localhost' ? ['127.0.0.1/32', '::1/128'] : [hostaddr.includes(':') ? '::1/128' : '127.0.0.1/32'];
    const deciding = addresses.map((address) => decidingRules(login(address), file));
    return (rule) => deciding.some((rules) => rules.has(rule));
  }
  const anywhere = login(main.address);
  const deciding = decidingRules(anywhere, file);
  const rejectsAll = rejectingAllOf(anywhere, file);
  return (rule) => {
    if (!deciding.has(rule) || rule.rule === undefined || rule.rule.type === 'local') return false;
    const forUser: HostRuleInput = { ...overTcp(user), address: rule.rule.address };
    return rejectsAll([{ ...accessRuleOfInput(forUser, file, {}), index: rule.index }]) !== undefined;
  };
}

/** How the plan overrules a rejection below the certificate rule. */
export type Overruled =
  /** The rejection stopped connections that the plan lets in, and the way in of the user is new. */
  | 'opened'
  /** The rejection is the last rule that matches: it refuses everybody whom no rule above it lets in. */
  | 'default';

/**
 * The rules below the certificate rule that would reject some of its connections without the plan, by index. Left out
 * is a rejection of all these connections if a rule above it already let the user in by name: the rejection then only
 * belongs to that rule.
 *
 * @param before the file before the plan
 */
export function overruledRejections(
  planned: PlannedRules,
  before: HbaFile,
  user: string,
): ReadonlyMap<number, Overruled> {
  const { file, main, rejecting } = planned;
  const isNew = (entry: HbaEntry): boolean => !before.entries.includes(entry);
  // A rejection that the plan finds in the file may be that of a removed user.
  const own = new Set(ownRules(planned).filter((entry) => entry !== rejecting || isNew(entry) || !isNew(main)));
  const bare = [...own].reduce<HbaFile>((rest, entry) => rest.remove(entry), file);
  // After the plan's own rules are removed, the file has the remaining rules in the same order.
  const { rules } = readRules({ hba: file });
  const others = rules.filter(({ entry }) => !own.has(entry as typeof main));
  const mainIndex = rules.findIndex(({ entry }) => entry === main);
  const { overlaps } = connectionsOf(main, bare);
  const rejectsAll = rejectingAllOf(main, bare);
  const lastWayIn = overlaps.findLast(({ rule }) => rule.outcome.kind === 'way-in')?.rule.index ?? -1;
  const found = new Map<number, Overruled>();
  for (const { rule, decides } of overlaps) {
    const { index } = others[rule.index]!;
    if (index < mainIndex || !decides || rule.outcome.kind !== 'refused') continue;
    const isTotal = rejectsAll([rule]) !== undefined;
    if (isTotal && isNamedAbove(rule.entry, before, user)) continue;
    const isDefault = isTotal && !namesUsers(rule) && rule.index > lastWayIn;
    found.set(index, isDefault ? 'default' : 'opened');
  }
  return found;
}

/** Whether a rule above an entry lets the user in over TCP by name. */
function isNamedAbove(entry: HbaEntry, before: HbaFile, user: string): boolean {
  const { rules } = readRules({ hba: before });
  const at = rules.findIndex((rule) => rule.entry === entry);
  return rules
    .slice(0, Math.max(at, 0))
    .some(({ outcome, users, rule }) => outcome.kind === 'way-in' && rule?.type !== 'local' && users.includes(user));
}

/** Whether a rule is for some users and not for all. */
function namesUsers({ users }: AccessRule): boolean {
  return !users.some((each) => typeof each === 'object' && 'keyword' in each);
}
