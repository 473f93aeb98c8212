import { appendAll } from '../../append-all.ts';
import { lintLookAlike } from '../../auth-file/check/look-alike.ts';
import type { LineDiagnostic } from '../../auth-file/read/line-diagnostic.ts';
import type { LineContext } from '../../auth-file/read/record-format.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import {
  dottedIpv4Number,
  formatIpAddress,
  type IpAddress,
  type IpFamily,
  parseDottedIpv4,
  parseIpAddress,
} from '../../net/ip.ts';
import {
  hasBitsOutside,
  ipv4OfMapped,
  isIpv4Mapped,
  maskOfPrefix,
  networkOf,
  prefixOfMask,
} from '../../net/network.ts';
import { namedJoiningBlank, namedLookAlike } from '../../text/look-alikes.ts';
import type { PgMajor } from '../../version.ts';
import { isPossibleHostName } from '../read/address.ts';
import type { HbaRecord } from '../read/record.ts';
import { all, type HbaAddress, type HbaDatabase, type HbaOption, type HbaRule, type HbaUser } from '../rule.ts';
import { isOffByMistake, offByMistakeMessage } from '../tables/client-cert.ts';
import { addressKeywords, databaseKeywords, userKeywords } from '../tables/keywords.ts';

/** Adds warnings about a rule that the server loads, but certainly not as the rule's author meant. */
export function lintRecord(record: HbaRecord, context: LineContext, diagnostics: LineDiagnostic[]): void {
  for (const token of record.databases) diagnostics.push(...lintName(token, databaseKeywords, context));
  for (const token of record.users) diagnostics.push(...lintName(token, userKeywords, context));
  diagnostics.push(...lintAddress(record));
  for (const { name, value, token } of record.options) {
    if (name === 'clientcert') diagnostics.push(...lintClientCert(value, token, context.version));
    diagnostics.push(...lintJoinedOptions(name, token));
  }
  appendAll(diagnostics, lintRepeated(record));
}

/**
 * Returns whether {@link lintRecord} certainly has no warning about a rule. The check uses the entry, which exists
 * already, because reading the record again would take more time.
 */
export function isOrdinaryRule(rule: HbaRule, { version }: LineContext): boolean {
  return (
    areOrdinaryNames(rule.databases, ordinaryDatabase) &&
    areOrdinaryNames(rule.users, ordinaryUser) &&
    (rule.type === 'local' || isOrdinaryAddress(rule.address)) &&
    (rule.options.length === 0 || areOrdinaryOptions(rule.options, version))
  );
}

function areOrdinaryOptions(options: readonly HbaOption[], version: PgMajor): boolean {
  return (
    options.every(({ name, value }) => name !== 'clientcert' || !isOffByMistake(value, version)) &&
    options.every(({ value }) => /^[ -~]*$/.test(value)) &&
    (options.length === 1 || new Set(options.map(({ name }) => name)).size === options.length)
  );
}

/**
 * Returns whether {@link lintRecord} has nothing to check in a list of names. Each `@file` must be checked. Keywords,
 * roles and regular expressions need no check.
 */
function areOrdinaryNames(names: readonly (HbaDatabase | HbaUser)[], ordinary: RegExp): boolean {
  // Iterating over a frozen list, such as the shared list of the keyword `all`, is many times slower.
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    if (name !== all && (typeof name === 'string' ? !ordinary.test(name) : 'file' in name)) return false;
  }
  return true;
}

/** Words that mean every database or user in shells, in SQL or in firewalls. */
const wildcards = ['*', '%', 'any'];

const ordinaryDatabase = ordinaryName(databaseKeywords);
const ordinaryUser = ordinaryName(userKeywords);
const ordinaryHostName = ordinaryName(addressKeywords);

/**
 * Returns a regular expression for names that need no check: printable ASCII names that are not a regular expression, a
 * wildcard, or one of these keywords in any letter case. In printable ASCII, no character looks like another.
 */
function ordinaryName(keywords: readonly string[]): RegExp {
  const words = [...keywords, ...wildcards].map((word) => word.replace('*', '\\*'));
  return new RegExp(`^(?!/|(?:${words.join('|')})$)[ -~]+$`, 'i');
}

function isOrdinaryAddress(address: HbaAddress): boolean {
  if ('keyword' in address) return true;
  if ('hostName' in address) return ordinaryHostName.test(address.hostName) && isPossibleHostName(address.hostName);
  if ('prefix' in address) {
    const ipv4 = dottedIpv4Number(address.ip);
    // Most addresses are dotted IPv4 addresses. They are checked as numbers, which is faster than lists of bytes.
    if (ipv4 !== undefined) return ipv4 % 2 ** (32 - address.prefix) === 0 && !(ipv4 === 0 && address.prefix === 32);
  }
  const ip = parsePlainIp(address.ip);
  if (ip === undefined) return false;
  const mask = 'prefix' in address ? maskOfPrefix(ip.family, address.prefix) : parsePlainIp(address.mask);
  return mask !== undefined && prefixOfMask(mask) !== undefined && isOrdinaryNetwork(ip, mask);
}

/** Returns the IP address of a text. An IPv4 address must consist of four plain decimal numbers. */
function parsePlainIp(text: string): IpAddress | undefined {
  const bytes = parseDottedIpv4(text);
  if (bytes !== undefined) return { family: 'ipv4', bytes };
  const ip = parseIpAddress(text);
  return ip?.family === 'ipv4' ? undefined : ip;
}

function lintName(
  token: Token,
  keywords: readonly string[],
  { rules, version }: LineContext,
): readonly LineDiagnostic[] {
  const { value, quoted } = token;
  // A plain keyword needs no check, and most names are plain keywords or resemble no keyword.
  if (!quoted && keywords.includes(value)) return none;
  const found = [...lintKeyword(token, keywords), ...lintWildcard(token), ...lintLookAlike(token)];
  if (rules.regularExpressions || !value.startsWith('/')) return found;
  const message = `PostgreSQL ${version} reads "${value}" as a name. Regular expressions need PostgreSQL 16 or later`;
  return [...found, { code: 'regex-as-name', severity: 'warning', message, span: token }];
}

function lintKeyword(token: Token, keywords: readonly string[]): readonly LineDiagnostic[] {
  const { value, quoted, start, end } = token;
  const keyword = keywordLike(value, keywords);
  if (keyword === undefined || (!quoted && value === keyword)) return none;
  const fix = { title: `write ${keyword}`, start, end, text: keyword };
  if (quoted && value === keyword) {
    const message = `In quotes, "${keyword}" is a name, not the keyword. Remove the quotes to write the keyword`;
    return [{ code: 'keyword-quoted', severity: 'warning', message, span: token, fix }];
  }
  if (quoted) return none;
  const message = `"${value}" is a name, not the keyword ${keyword}, because keywords are in lower case. Write ${keyword} for the keyword`;
  return [{ code: 'keyword-case', severity: 'warning', message, span: token, fix }];
}

function lintWildcard({ value, quoted, start, end }: Token): readonly LineDiagnostic[] {
  if (quoted || !wildcards.includes(value)) return none;
  const message = `"${value}" is an ordinary name and not a pattern, so no other name matches. Write all for every name`;
  const fix = { title: 'write all', start, end, text: 'all' };
  return [{ code: 'name-wildcard', severity: 'warning', message, span: { start, end }, fix }];
}

/** Finds repeated options. The server uses the last value. */
function lintRepeated({ options }: HbaRecord): readonly LineDiagnostic[] {
  const last = new Map(options.map(({ name }, index) => [name, index]));
  return options.flatMap(({ name, token }, index): LineDiagnostic[] => {
    if (last.get(name) === index) return [];
    const message = `The option ${name} is given again, and the last value counts. Remove one of the two`;
    return [
      { code: 'hba-option-repeated', severity: 'warning', message, span: { start: token.start, end: token.end } },
    ];
  });
}

/** Returns the keyword that equals a word without regard to letter case; `undefined` if there is none. */
function keywordLike(word: string, keywords: readonly string[]): string | undefined {
  for (const keyword of keywords) {
    if (keyword.length === word.length && keyword === pgAsciiToLower(word)) return keyword;
  }
  return undefined;
}

function lintClientCert(value: string, token: Token, version: PgMajor): readonly LineDiagnostic[] {
  if (!isOffByMistake(value, version)) return none;
  const { start, end } = token;
  const message = offByMistakeMessage(value, version);
  const fix = { title: 'write clientcert=1', start, end, text: 'clientcert=1' };
  return [{ code: 'hba-clientcert-off', severity: 'warning', message, span: token, fix }];
}

/**
 * Finds a character that looks like a blank, such as a no-break space, but does not separate an option from the next
 * option. The message does not show the value of the option, because the value may be secret. There is no warning about
 * a value in quotes, because its author probably meant the character.
 */
function lintJoinedOptions(name: string, { value, quoted, start, end }: Token): readonly LineDiagnostic[] {
  const isQuoted = quoted || end - start !== value.length;
  const next = isQuoted ? null : /([^ -~])[a-z]+=/.exec(value);
  const named = next === null ? undefined : namedJoiningBlank(next[1]!);
  if (named === undefined) return none;
  const message = `The value of ${name} holds ${named}, which does not separate options. Write a blank, or put the option in double quotes`;
  return [{ code: 'look-alike', severity: 'warning', message, span: { start, end } }];
}

function lintAddress({ address, addressTokens }: HbaRecord): readonly LineDiagnostic[] {
  const [token, maskToken] = addressTokens;
  if (address === undefined || token === undefined || address.kind === 'keyword') return none;
  if (address.kind === 'host-name') {
    const found = lintKeyword(token, addressKeywords);
    return found.length > 0 ? found : lintHostName(token);
  }
  const { address: ip, mask } = address;
  const isPlainNetwork =
    isPlainIp(token.value, ip.family) && (maskToken === undefined || isPlainIp(maskToken.value, ip.family));
  const isOrdinary = isPlainNetwork && prefixOfMask(mask) !== undefined && isOrdinaryNetwork(ip, mask);
  return isOrdinary ? none : lintNetwork(ip, mask, token, maskToken);
}

/** Returns whether a network matches the addresses that its text suggests. The mask must have no holes. */
function isOrdinaryNetwork(ip: IpAddress, mask: IpAddress): boolean {
  return !isIpv4Mapped(ip) && !hasBitsOutside(ip, mask) && !isUnspecified(ip, mask);
}

/** Returns whether a network is exactly 0.0.0.0/32 or ::/128. No client has this address. */
function isUnspecified(ip: IpAddress, mask: IpAddress): boolean {
  return ip.bytes.every((byte) => byte === 0) && mask.bytes.every((byte) => byte === 0xff);
}

/** Returns the warnings about an unusual network, and about a network in a misleading notation. */
function lintNetwork(
  ip: IpAddress,
  mask: IpAddress,
  token: Token,
  maskToken: Token | undefined,
): readonly LineDiagnostic[] {
  const prefix = prefixOfMask(mask);
  const odd = [token, maskToken].find((each) => each !== undefined && !isPlainIp(each.value, ip.family));
  const span = { start: token.start, end: maskToken?.end ?? token.end };
  const rewrite = (network: IpAddress, length: number): LineDiagnostic['fix'] => {
    const text = `${formatIpAddress(network)}/${length}`;
    return { title: `write ${text}`, ...span, text };
  };
  const diagnostics: LineDiagnostic[] = [];
  const put = (code: LineDiagnostic['code'], message: string, fix?: LineDiagnostic['fix']): void => {
    diagnostics.push({ code, severity: 'warning', message, span, fix });
  };
  if (odd !== undefined) {
    const shown = formatIpAddress(odd === token ? ip : mask);
    const message = `The server reads "${odd.value}" as the address ${shown}. Write that address`;
    put('address-numeric', message, prefix === undefined ? undefined : rewrite(ip, prefix));
  }
  if (prefix === undefined) {
    put(
      'mask-with-holes',
      `The netmask ${maskToken!.value} has 0 bits before 1 bits, and the server applies it bit by bit. Write a netmask whose 1 bits come first`,
    );
  } else if (isIpv4Mapped(ip)) {
    const message =
      'An IPv4-mapped IPv6 address matches no client, because PostgreSQL sees IPv4 clients as IPv4. Write the IPv4 address';
    put('address-ipv4-mapped', message, prefix >= 96 ? rewrite(ipv4OfMapped(ip), prefix - 96) : undefined);
  } else if (isUnspecified(ip, mask)) {
    const message = `No client has the address ${formatIpAddress(ip)}, so the rule matches nothing. Write ${formatIpAddress(ip)}/0 for every address`;
    // There is no automatic fix, because the corrected rule would match everybody, whereas the rule matches nobody now.
    put('address-unspecified', message);
  } else if (odd === undefined && hasBitsOutside(ip, mask)) {
    const network = networkOf(ip, mask);
    const message = `The address has bits outside its mask, which the server ignores: the rule matches ${formatIpAddress(network)}/${prefix}. Write that network`;
    put('address-host-bits', message, rewrite(network, prefix));
  }
  return diagnostics;
}

const none: readonly LineDiagnostic[] = [];

/**
 * Returns whether an IPv4 address, with or without its prefix length, consists of four plain decimal numbers. Any IPv6
 * address is plain.
 */
function isPlainIp(text: string, family: IpFamily): boolean {
  return family === 'ipv6' || parseDottedIpv4(text.split('/', 1)[0]!) !== undefined;
}

function lintHostName(token: Token): readonly LineDiagnostic[] {
  if (isPossibleHostName(token.value)) return lintLookAlike(token);
  const named = namedLookAlike(token.value);
  if (named !== undefined) {
    const message = `"${token.value}" contains ${named}, so the server reads it as a host name that no client can have. Write the ASCII character`;
    return [{ code: 'address-host-name', severity: 'warning', message, span: token }];
  }
  const message = `"${token.value}" is not an IP address, so the server reads it as a host name that no client can have. Correct the address`;
  return [{ code: 'address-host-name', severity: 'warning', message, span: token }];
}
