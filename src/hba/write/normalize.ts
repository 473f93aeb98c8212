import { formatIpAddress, type IpAddress, parseIpAddress } from '../../net/ip.ts';
import { addressBits, maskOfPrefix, networkOf } from '../../net/network.ts';
import {
  type HbaAddress,
  type HbaDatabase,
  type HbaOption,
  type HbaRuleInput,
  type HbaUser,
  type NonEmptyList,
  regexOfName,
} from '../rule.ts';

/**
 * What a rule says, as a text that is equal for rules that differ in spelling only. It is made of the typed values alone,
 * so that what was written can be compared with what was meant.
 */
export function meaningOfRule(rule: HbaRuleInput): string {
  return JSON.stringify([
    rule.type,
    rule.databases.map(nameMeaning),
    rule.users.map(nameMeaning),
    rule.type === 'local' ? null : addressMeaning(rule.address),
    rule.method,
    (rule.options ?? []).map(({ name, value }) => [name, value]),
  ]);
}

/**
 * The rule in the one form of all that mean the same to the server: lists and options in one order and without what is
 * repeated, networks without the bits that do not count, host names in lower case, and `peer` for `ident` on `local`.
 */
export function inCanonicalForm(rule: HbaRuleInput): HbaRuleInput {
  const { type, method, options = [] } = rule;
  return {
    ...rule,
    databases: canonicalList(rule.databases),
    users: canonicalList(rule.users),
    ...(type === 'local' ? {} : { address: canonicalAddress(rule.address) }),
    method: type === 'local' && method === 'ident' ? 'peer' : method,
    options: canonicalOptions(options),
  } as HbaRuleInput;
}

/** Of a repeated option the last counts; beside an LDAP URL, which sets others in its place, the order does, too. */
function canonicalOptions(options: readonly HbaOption[]): readonly HbaOption[] {
  if (options.some(({ name }) => name === 'ldapurl')) return options;
  const byName = new Map(options.map((option) => [option.name, option]));
  return [...byName.keys()].sort().map((name) => byName.get(name)!);
}

function canonicalAddress(address: HbaAddress | string): HbaAddress | string {
  const network = readNetwork(address);
  if (network !== undefined) {
    const ip = formatIpAddress(networkOf(network.ip, network.mask));
    return { ip, mask: formatIpAddress(network.mask) };
  }
  if (typeof address === 'string') return { hostName: address.toLowerCase() };
  return 'hostName' in address ? { hostName: address.hostName.toLowerCase() } : address;
}

function canonicalList<T extends HbaDatabase | HbaUser>(list: NonEmptyList<T>): NonEmptyList<T> {
  const byMeaning = new Map(list.map((element) => [JSON.stringify(nameMeaning(element)), element]));
  const [first, ...others] = [...byMeaning.keys()].sort().map((meaning) => byMeaning.get(meaning)!);
  return [first ?? list[0], ...others];
}

/** A regular expression that is nothing but the spelling of a name means the name. */
function nameMeaning(name: HbaDatabase | HbaUser): unknown {
  if (typeof name === 'string') return name.startsWith('/') ? { regex: regexOfName(name) } : name;
  if ('keyword' in name) return { keyword: name.keyword };
  if ('memberOf' in name) return { memberOf: name.memberOf };
  return 'regex' in name ? { regex: name.regex } : { file: name.file };
}

function addressMeaning(address: HbaAddress | string): unknown {
  const network = readNetwork(address);
  if (network !== undefined) {
    return [formatIpAddress(network.ip), network.ip.zone, formatIpAddress(network.mask)];
  }
  if (typeof address === 'string') return { hostName: address };
  if ('keyword' in address) return { keyword: address.keyword };
  return 'hostName' in address ? { hostName: address.hostName } : address;
}

/** The IP address and the mask of an address that has them. */
function readNetwork(address: HbaAddress | string): { readonly ip: IpAddress; readonly mask: IpAddress } | undefined {
  if (typeof address === 'object' && !('ip' in address)) return undefined;
  const [host, prefix] = typeof address === 'string' ? address.split('/', 2) : [address.ip];
  const ip = parseIpAddress(host!);
  if (ip === undefined) return undefined;
  if (typeof address === 'object' && 'mask' in address) {
    const mask = parseIpAddress(address.mask);
    return mask && { ip, mask };
  }
  const bits = addressBits(ip.family);
  const length = typeof address === 'object' ? address.prefix : prefix === undefined ? bits : wholeNumber(prefix);
  return Number.isInteger(length) && length >= 0 && length <= bits
    ? { ip, mask: maskOfPrefix(ip.family, length) }
    : undefined;
}

function wholeNumber(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}
