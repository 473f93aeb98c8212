import { formatIpAddress, parseIpAddress } from '../net/ip.ts';
import { addressBits, maskOfPrefix } from '../net/network.ts';
import {
  type HbaAddress,
  type HbaDatabase,
  type HbaRuleInput,
  type HbaUser,
  type NonEmptyList,
  regexOfName,
} from './rule.ts';

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

/** The rule with its lists in one order and without repetition, which mean the same in any other. */
export function inCanonicalOrder(rule: HbaRuleInput): HbaRuleInput {
  return { ...rule, databases: canonicalList(rule.databases), users: canonicalList(rule.users) };
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
  if (typeof address === 'string') return textMeaning(address);
  if ('keyword' in address) return { keyword: address.keyword };
  if ('hostName' in address) return { hostName: address.hostName };
  const ip = parseIpAddress(address.ip);
  const mask = 'mask' in address ? parseIpAddress(address.mask) : ip && maskOfPrefix(ip.family, address.prefix);
  return ip && mask ? [formatIpAddress(ip), ip.zone, formatIpAddress(mask)] : address;
}

function textMeaning(text: string): unknown {
  const [host, prefix] = text.split('/', 2);
  const ip = parseIpAddress(host!);
  if (ip === undefined) return { hostName: text };
  return addressMeaning({ ip: host!, prefix: prefix === undefined ? addressBits(ip.family) : Number(prefix) });
}
