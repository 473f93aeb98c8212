import { scanRulesOf } from '../../auth-file/scan/scan-rules.ts';
import { commentText, quoteWhere, spellRegex } from '../../auth-file/write/quote.ts';
import { PgHostsslError } from '../../errors.ts';
import { parseIpAddress } from '../../net/ip.ts';
import { addressBits } from '../../net/network.ts';
import type { PgMajor } from '../../version.ts';
import { addressKeywords, isPossibleHostName } from '../read/address.ts';
import {
  databaseKeywords,
  type HbaAddress,
  type HbaDatabase,
  type HbaOption,
  type HbaRuleInput,
  type HbaUser,
  regexOfName,
} from '../rule.ts';

/** The texts of a rule's columns. */
export interface RuleCells {
  /** The connection type. */
  readonly type: string;
  /** The database column. */
  readonly database: string;
  /** The user column. */
  readonly user: string;
  /** The address column, with the netmask where it is one of its own; empty for `local`. */
  readonly address: string;
  /** The authentication method. */
  readonly method: string;
  /** The options, separated by blanks; empty where there are none. */
  readonly options: string;
  /** The comment with its `#`; empty where there is none. */
  readonly comment: string;
}

/**
 * How a server of this major has a rule written.
 *
 * @throws PgHostsslError `text-invalid`, `rule-invalid` where there is no spelling
 */
export function spellRule(rule: HbaRuleInput, version: PgMajor): RuleCells {
  return {
    type: rule.type,
    database: spellList('databases', rule.databases, (database) => spellDatabase(database, version)),
    user: spellList('users', rule.users, (user) => spellUser(user, version)),
    address: 'address' in rule ? spellAddress(rule.address) : '',
    method: rule.method,
    options: spellOptions(rule.options ?? []),
    comment: rule.comment === undefined ? '' : `#${commentText(rule.comment)}`,
  };
}

/** How a database column's element is written. */
export function spellDatabase(database: HbaDatabase, version: PgMajor): string {
  if (typeof database === 'string') return spellName(database, version);
  if ('keyword' in database) return keyword(database.keyword, databaseKeywords);
  return spellPattern(database, version);
}

/** How a user column's element is written. */
export function spellUser(user: HbaUser, version: PgMajor): string {
  if (typeof user === 'string') return spellName(user, version);
  if ('keyword' in user) return keyword(user.keyword, ['all']);
  // A quote that is not the first character leaves the plus its meaning.
  if ('memberOf' in user) return `+${quoteWhere(!isBareWord(user.memberOf), user.memberOf)}`;
  return spellPattern(user, version);
}

/** How an address column is written. */
export function spellAddress(address: HbaAddress | string): string {
  if (typeof address === 'string') return spellAddressText(address);
  if ('keyword' in address) return keyword(address.keyword, addressKeywords);
  if ('prefix' in address) return `${ipText(address.ip)}/${address.prefix}`;
  if ('mask' in address) return `${ipText(address.ip)} ${ipText(address.mask)}`;
  return spellHostName(address.hostName);
}

/** How options are written. The name stands before the quotes, so that it can be found. */
export function spellOptions(options: readonly HbaOption[]): string {
  return options
    .map(({ name, value }) => {
      if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw invalid(`${JSON.stringify(name)} is no name of an option`);
      // Not shown, since it may be a secret.
      if (/[\n\0]|\p{Surrogate}/u.test(value)) {
        throw new PgHostsslError('text-invalid', `The value of the option ${name} is one that no line can hold`);
      }
      return `${name}=${quoteWhere(!isPlainValue(value), value)}`;
    })
    .join(' ');
}

function spellList<T>(what: string, elements: readonly T[], spell: (element: T) => string): string {
  if (elements.length === 0) throw invalid(`The list of ${what} is empty`);
  return elements.map(spell).join(',');
}

function spellName(name: string, version: PgMajor): string {
  if (name.startsWith('/') && scanRulesOf(version).regularExpressions) return spellRegex(regexOfName(name));
  return quoteWhere(!isBareWord(name), name);
}

function spellPattern(pattern: { readonly regex: string } | { readonly file: string }, version: PgMajor): string {
  if ('file' in pattern) {
    if (pattern.file === '') throw invalid('The path of an @file is empty');
    return `@${quoteWhere(!/^[\w./-]+$/.test(pattern.file), pattern.file)}`;
  }
  if (!scanRulesOf(version).regularExpressions) {
    throw invalid(`PostgreSQL ${version} takes /${pattern.regex} for a name: it knows no regular expressions here`);
  }
  return spellRegex(pattern.regex);
}

function spellAddressText(text: string): string {
  const word = addressKeywords.find((each) => each === text.toLowerCase());
  if (word !== undefined) {
    throw invalid(`The address '${text}' is ambiguous: give { keyword: '${word}' } or { hostName: '${text}' }`);
  }
  const address = parseIpAddress(text);
  if (address !== undefined) return `${ipText(text)}/${addressBits(address.family)}`;
  const slash = text.indexOf('/');
  if (slash === -1) return spellHostName(text);
  const prefix = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(prefix)) throw invalid(`${JSON.stringify(text)} is no address with a prefix length`);
  return `${ipText(text.slice(0, slash))}/${Number(prefix)}`;
}

/** An IP address in a form that people and all systems read alike; the oddities of `inet_aton` are not written anew. */
function ipText(text: string): string {
  const address = parseIpAddress(text);
  const plain = address?.family === 'ipv6' || /^(?:(?:0|[1-9]\d{0,2})(?:\.|$)){4}$/.test(text);
  if (address === undefined || !plain) throw invalid(`${JSON.stringify(text)} is no IP address`);
  return text;
}

function spellHostName(name: string): string {
  if (!isPossibleHostName(name) || parseIpAddress(name) !== undefined) {
    throw invalid(`${JSON.stringify(name)} is no IP address, and no client can have it as its host name`);
  }
  return quoteWhere(!isBareWord(name) && !/^\.[\w.-]+$/.test(name), name);
}

/** A word that needs no quotes in any column: it is no keyword and has no character with a meaning. */
function isBareWord(word: string): boolean {
  return (
    /^[\p{L}\p{N}_][\p{L}\p{N}_.$-]*$/u.test(word) && ![...databaseKeywords, ...addressKeywords].some((k) => k === word)
  );
}

function isPlainValue(value: string): boolean {
  return /^[\p{L}\p{N}_.:/=@$*+-]*$/u.test(value);
}

function keyword(word: string, known: readonly string[]): string {
  if (!known.includes(word)) throw invalid(`${JSON.stringify(word)} is none of the keywords ${known.join(', ')}`);
  return word;
}

function invalid(message: string): PgHostsslError {
  return new PgHostsslError('rule-invalid', message);
}
