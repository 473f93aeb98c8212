import { regexOfName } from '../../auth-file/read/regex-of-name.ts';
import { regularExpressionsSince, scanRulesOf } from '../../auth-file/scan/scan-rules.ts';
import { quoteIf, serializeRegex } from '../../auth-file/write/quote.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { PgHostsslError } from '../../errors.ts';
import { dottedIpv4Number, parseIpAddress } from '../../net/ip.ts';
import { addressBits } from '../../net/network.ts';
import { withAsciiLetters } from '../../text/letters.ts';
import type { PgMajor } from '../../version.ts';
import { isPossibleHostName } from '../read/address.ts';
import type { HbaAddress, HbaDatabase, HbaOption, HbaRuleInput, HbaUser } from '../rule.ts';
import { addressKeywords, databaseKeywords, userKeywords } from '../tables/keywords.ts';

/**
 * Serializes a rule for a server of this version.
 *
 * @throws PgHostsslError `text-invalid` for a text that a line cannot contain; `rule-invalid` if this version has no
 * notation for the rule
 */
export function serializeRule(
  rule: HbaRuleInput,
  version: PgMajor,
): {
  /** The columns: connection type, databases, users, address (empty for `local`) and method. */
  readonly cells: readonly string[];
  /** The options; missing if there are none. */
  readonly rest?: string;
} {
  const { type, databases, users, method, options = [] } = rule;
  const cells = [
    word(type, 'a connection type'),
    databases.map((database) => serializeDatabase(database, version)).join(','),
    users.map((user) => serializeUser(user, version)).join(','),
    'address' in rule && rule.address !== undefined ? serializeAddress(rule.address) : '',
    word(method, 'an authentication method'),
  ];
  return options.length === 0 ? { cells } : { cells, rest: serializeOptions(options) };
}

/** Serializes an element of the database column. */
export function serializeDatabase(database: HbaDatabase, version: PgMajor): string {
  if (typeof database === 'string') return serializeName(database, version);
  if ('keyword' in database) return keyword(database.keyword, databaseKeywords);
  return serializePattern(database, version);
}

/** Serializes an element of the user column. */
export function serializeUser(user: HbaUser, version: PgMajor): string {
  if (typeof user === 'string') return serializeName(user, version);
  if ('keyword' in user) return keyword(user.keyword, userKeywords);
  // The opening quote comes after the `+`, because a `+` inside quotes would be part of a name.
  if ('memberOf' in user) return `+${quoteIf(!isBareWord(user.memberOf), user.memberOf)}`;
  return serializePattern(user, version);
}

/** Serializes the address column, with the netmask column if there is one. */
export function serializeAddress(address: HbaAddress | string): string {
  if (typeof address === 'string') return serializeAddressText(address);
  if ('keyword' in address) return keyword(address.keyword, addressKeywords);
  if ('prefix' in address) return `${ipText(address.ip)}/${address.prefix}`;
  if ('mask' in address) return `${ipText(address.ip)} ${ipText(address.mask)}`;
  return serializeHostName(address.hostName);
}

/** Serializes the options. The quotes begin after `name=`, so that a text search for `name=` finds the option. */
export function serializeOptions(options: readonly HbaOption[]): string {
  return options
    .map(({ name, value }) => {
      if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw invalid(`${JSON.stringify(name)} is not the name of an option`);
      // The error does not show the value, because the value may be a secret.
      if (/[\n\0]/.test(value) || !value.isWellFormed()) {
        const message = `The value of the option ${name} contains a line break, a NUL or a lone surrogate, which a line cannot contain`;
        throw new PgHostsslError('text-invalid', message);
      }
      return `${name}=${quoteIf(!isPlainValue(value), value)}`;
    })
    .join(' ');
}

function serializeName(name: string, version: PgMajor): string {
  if (name.includes('\n')) {
    const message = `A line cannot hold a line break: character ${name.indexOf('\n') + 1} of the name ${JSON.stringify(name)} is a line break`;
    const hint = 'Rename the role or database with alter role … rename to, or alter database … rename to.';
    throw new PgHostsslError('text-invalid', message, { hint });
  }
  if (name.startsWith('/') && scanRulesOf(version).regularExpressions) return serializeRegex(regexOfName(name));
  return quoteIf(!isBareWord(name), name);
}

function serializePattern(pattern: { readonly regex: string } | { readonly file: string }, version: PgMajor): string {
  if ('file' in pattern) {
    if (pattern.file === '') throw invalid('The path of an @file is empty');
    return `@${quoteIf(!/^[\w./-]+$/.test(pattern.file), pattern.file)}`;
  }
  if (!scanRulesOf(version).regularExpressions) {
    throw invalid(
      `PostgreSQL ${version} reads /${pattern.regex} as a name. Regular expressions need ${regularExpressionsSince} or later`,
    );
  }
  return serializeRegex(pattern.regex);
}

function serializeAddressText(text: string): string {
  const word = addressKeywords.find((each) => each === pgAsciiToLower(text));
  if (word !== undefined) {
    const hint = word === 'all' ? ' For every address, give the export `all`.' : '';
    throw invalid(
      `The address '${text}' is ambiguous`,
      `Give { keyword: '${word}' } or { hostName: '${text}' }.${hint}`,
    );
  }
  const address = parseIpAddress(text);
  if (address !== undefined) return `${ipText(text)}/${addressBits(address.family)}`;
  const slash = text.indexOf('/');
  if (slash === -1) return serializeHostName(text);
  const prefix = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(prefix)) throw invalid(`${JSON.stringify(text)} is not an IP address with a prefix length`);
  return `${ipText(text.slice(0, slash))}/${Number(prefix)}`;
}

/**
 * Returns an IP address in its usual notation. Other notations that `inet_aton` accepts, such as `10.1`, are refused,
 * because not all systems read them alike.
 */
function ipText(text: string): string {
  const address = parseIpAddress(text);
  const plain = address?.family === 'ipv6' || dottedIpv4Number(text) !== undefined;
  if (address === undefined || !plain) throw invalid(`${JSON.stringify(text)} is not an IP address`);
  return text;
}

function serializeHostName(name: string): string {
  if (!isPossibleHostName(name) || parseIpAddress(name) !== undefined) {
    throw invalid(`${JSON.stringify(name)} is neither an IP address nor a host name that a client can have`);
  }
  return quoteIf(!isBareWord(name) && !/^\.[\w.-]+$/.test(name), name);
}

/**
 * Returns whether a word needs no quotes in any column. Such a word is not a keyword, and has no character that the
 * scanner treats specially.
 */
function isBareWord(word: string): boolean {
  return (
    /^\w[\w.$-]*$/.test(withAsciiLetters(word)) && ![...databaseKeywords, ...addressKeywords].some((k) => k === word)
  );
}

function isPlainValue(value: string): boolean {
  return /^[\w.:/=@$*+-]*$/.test(withAsciiLetters(value));
}

/**
 * Returns a connection type or a method. The text must be one word, because a blank in it would begin another column.
 */
function word(text: string, what: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text;
  throw invalid(`${JSON.stringify(text)} is not ${what}`);
}

function keyword(word: string, known: readonly string[]): string {
  if (known.includes(word)) return word;
  const hint = known.some((each) => each === pgAsciiToLower(word))
    ? 'Write keywords in lower case. For the keyword all, pass the exported constant `all`.'
    : undefined;
  throw invalid(`The keyword ${JSON.stringify(word)} is not known; the known keywords are ${known.join(', ')}`, hint);
}

function invalid(message: string, hint?: string): PgHostsslError {
  return new PgHostsslError('rule-invalid', message, { hint });
}
