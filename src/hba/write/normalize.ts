import { regexOfName } from '../../auth-file/read/regex-of-name.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { formatIpAddress } from '../../net/ip.ts';
import { type Network, networkOf, parseNetwork } from '../../net/network.ts';
import { networkOfAddress } from '../read/address.ts';
import type { HbaAddress, HbaDatabase, HbaOption, HbaRuleInput, HbaUser, NonEmptyList } from '../rule.ts';
import { usedMethod } from '../tables/tables.ts';

/**
 * Returns a key of a rule, made of its typed values. Two rules that differ only in their notation have the same key.
 * The key is used to check that a written rule reads back as the requested rule.
 */
export function keyOfRule(rule: HbaRuleInput): string {
  return JSON.stringify([
    rule.type,
    rule.databases.map(nameKey),
    rule.users.map(nameKey),
    // If a caller changes only the type of a `local` rule, the changed rule has no address yet.
    rule.type === 'local' || rule.address === undefined ? null : addressKey(rule.address),
    rule.method,
    (rule.options ?? []).map(({ name, value }) => [name, value]),
  ]);
}

/**
 * Returns the normalized rule. Equivalent rules have the same normalized rule: lists and options are sorted and without
 * repetitions, networks have no host bits, host names are in lower case, and `ident` on `local` is `peer`.
 */
export function normalizeRule(rule: HbaRuleInput): HbaRuleInput {
  const { type, method, options = [] } = rule;
  return {
    ...rule,
    databases: normalizedList(rule.databases),
    users: normalizedList(rule.users),
    ...(type === 'local' || rule.address === undefined ? {} : { address: normalizedAddress(rule.address) }),
    method: usedMethod(type, method),
    options: normalizedOptions(options),
  } as HbaRuleInput;
}

/**
 * Normalizes options. If an option is repeated, the server uses the last value. If there is an `ldapurl`, the options
 * keep their order, because an `ldapurl` replaces the values of options before it.
 */
function normalizedOptions(options: readonly HbaOption[]): readonly HbaOption[] {
  if (options.some(({ name }) => name === 'ldapurl')) return options;
  const byName = new Map(options.map((option) => [option.name, option]));
  return [...byName.keys()].sort().map((name) => byName.get(name)!);
}

function normalizedAddress(address: HbaAddress | string): HbaAddress | string {
  const network = readNetwork(address);
  if (network !== undefined) {
    const ip = formatIpAddress(networkOf(network.address, network.mask));
    return { ip, mask: formatIpAddress(network.mask) };
  }
  if (typeof address === 'string') return { hostName: pgAsciiToLower(address) };
  return 'hostName' in address ? { hostName: pgAsciiToLower(address.hostName) } : address;
}

function normalizedList<T extends HbaDatabase | HbaUser>(list: NonEmptyList<T>): NonEmptyList<T> {
  const byKey = new Map(list.map((element) => [JSON.stringify(nameKey(element)), element]));
  const [first, ...others] = [...byKey.keys()].sort().map((key) => byKey.get(key)!);
  return [first ?? list[0], ...others];
}

/** Returns a key of a name. A name with a leading slash equals the regular expression that is written for it. */
function nameKey(name: HbaDatabase | HbaUser): unknown {
  if (typeof name === 'string') return name.startsWith('/') ? { regex: regexOfName(name) } : name;
  if ('keyword' in name) return { keyword: name.keyword };
  if ('memberOf' in name) return { memberOf: name.memberOf };
  return 'regex' in name ? { regex: name.regex } : { file: name.file };
}

function addressKey(address: HbaAddress | string): unknown {
  const network = readNetwork(address);
  if (network !== undefined) {
    return [formatIpAddress(network.address), network.address.zone, formatIpAddress(network.mask)];
  }
  if (typeof address === 'string') return { hostName: address };
  if ('keyword' in address) return { keyword: address.keyword };
  return 'hostName' in address ? { hostName: address.hostName } : address;
}

/** Returns the network of an address; `undefined` for a keyword or a host name. */
function readNetwork(address: HbaAddress | string): Network | undefined {
  if (typeof address !== 'string') return networkOfAddress(address);
  // The text of a rule's address has no netmask.
  return address.includes(' ') ? undefined : parseNetwork(address);
}
