import type { ScanRules } from '../auth-file/scan/scan-rules.ts';
import { type Field, namesFile, type Token } from '../auth-file/scan/token.ts';
import type { AddressKeyword } from './read/address.ts';
import type { HbaRecord } from './read/record.ts';
import type { AuthMethodFor, AuthOptionName, ConnectionType, HostConnectionType } from './tables/tables.ts';

/** A list that holds at least one element. */
export type NonEmptyList<T> = readonly [T, ...T[]];

/** The word that stands for every database, user or address. A string `'all'` is an object that is named so. */
export const all: {
  /** The word. */
  readonly keyword: 'all';
} = Object.freeze({ keyword: 'all' });

/** The words that mean more than a name in the database column, when they are not quoted. */
export const databaseKeywords = ['all', 'sameuser', 'samerole', 'samegroup', 'replication'] as const;

/** The elements of a database column that are no plain name. */
export type HbaDatabasePattern =
  | {
      /** A word with a meaning: `replication` stands for the connections of standbys, which `all` does not cover. */
      readonly keyword: 'all' | 'sameuser' | 'samerole' | 'samegroup' | 'replication';
    }
  | NamePattern;

/** What stands for names, in the columns for databases and users. */
export type NamePattern =
  | {
      /** A PostgreSQL regular expression, without its leading slash (16+). */
      readonly regex: string;
    }
  | {
      /** The path behind an `@`: a file with further elements. */
      readonly file: string;
    };

/**
 * An element of the database column. A string is the name of one database, whatever characters it has; `keyword` is a
 * word with a meaning; `regex` is a PostgreSQL regular expression without its leading slash (16+), `file` the path
 * behind an `@`.
 */
export type HbaDatabase = string | HbaDatabasePattern;

/** The elements of a user column that are no plain name. */
export type HbaUserPattern =
  | {
      /** Every user. */
      readonly keyword: 'all';
    }
  | {
      /** A role: its direct and indirect members, written `+role`. */
      readonly memberOf: string;
    }
  | NamePattern;

/**
 * An element of the user column. A string is the name of one role, whatever characters it has; `memberOf` stands for
 * the direct and indirect members of a role (`+role`); `regex` is a PostgreSQL regular expression without its leading
 * slash (16+), `file` the path behind an `@`.
 */
export type HbaUser = string | HbaUserPattern;

/**
 * The address of a rule: every address, or this machine's; a network with its prefix length or its netmask; a host
 * name, which with a leading dot stands for all names below it. Texts are as the file spells them.
 */
export type HbaAddress =
  | {
      /** Every address, or those of this machine or its networks. */
      readonly keyword: AddressKeyword;
    }
  | {
      /** An IPv4 or IPv6 address. */
      readonly ip: string;
      /** How many leading bits of it count. */
      readonly prefix: number;
    }
  | {
      /** An IPv4 or IPv6 address. */
      readonly ip: string;
      /** The netmask, in the form of an address. */
      readonly mask: string;
    }
  | {
      /** A host name, or with a leading dot all names below it. */
      readonly hostName: string;
    };

/** An option behind the method. */
export interface HbaOption {
  /** The option's name. */
  readonly name: AuthOptionName;
  /** The option's value, without the quotes that it may need in the file. */
  readonly value: string;
}

/** What every rule has, of one connection type. */
export interface HbaRuleBase<T extends ConnectionType> {
  /** The connection type. */
  readonly type: T;
  /** The databases. */
  readonly databases: NonEmptyList<HbaDatabase>;
  /** The users. */
  readonly users: NonEmptyList<HbaUser>;
  /** The authentication method, as the file says it. */
  readonly method: AuthMethodFor<T>;
  /** The options in their order; a repeated one overrides. */
  readonly options?: readonly HbaOption[];
  /** The text behind the `#` of the rule's own line. */
  readonly comment?: string;
}

/** A `local` rule to be written. */
export type LocalRuleInput = HbaRuleBase<'local'>;

/**
 * A rule over TCP to be written. The address can be given as text: `10.0.0.0/8`, `::1`, `db.example.com`,
 * `.example.com`.
 */
export type HostRuleInput = {
  [T in HostConnectionType]: HbaRuleBase<T> & {
    /** From where. */
    readonly address: HbaAddress | string;
  };
}[HostConnectionType];

/** A rule to be written: plain data, which survives JSON. */
export type HbaRuleInput = LocalRuleInput | HostRuleInput;

/** What a line that was read has beside the typed values. */
export interface HbaRuleText {
  /** What kind of entry it is. */
  readonly kind: 'rule';
  /** The exact text of the line, line end included. It tells nothing when the rule is written again. */
  readonly text: string;
  /** The options in their order; a repeated one overrides. */
  readonly options: readonly HbaOption[];
}

/** A `local` rule of a file. */
export type LocalRule = LocalRuleInput & HbaRuleText;

/** A rule over TCP of a file. */
export type HostRule = {
  [T in HostConnectionType]: HbaRuleBase<T> &
    HbaRuleText & {
      /** From where. */
      readonly address: HbaAddress;
    };
}[HostConnectionType];

/** A rule of a file: plain data, which survives JSON. */
export type HbaRule = LocalRule | HostRule;

/** The typed rule of a record. */
export function ruleOfRecord(record: HbaRecord, text: string, comment: string | undefined, rules: ScanRules): HbaRule {
  const { type, address, methodToken } = record;
  const databases = mapField(record.databases, databaseOfToken, rules);
  const users = mapField(record.users, userOfToken, rules);
  // Where it is the same, the tables' own string, since a piece of the line would hold on to memory of its own.
  const method = methodToken.value === record.method ? record.method : methodToken.value;
  const options = record.options.length === 0 ? noOptions : record.options.map(({ name, value }) => ({ name, value }));
  // Whole literals, which are many times faster than spreading what is there.
  const rule =
    address === undefined
      ? { kind: 'rule', type, databases, users, method, options, text }
      : { kind: 'rule', type, databases, users, address: addressOfRecord(record), method, options, text };
  // The record's reading has checked that type, method and address go together.
  return (comment === undefined ? rule : { ...rule, comment }) as HbaRule;
}

const noOptions: readonly HbaOption[] = Object.freeze([]);

/** One object for all rules that have the keyword. */
const databasePatterns = databaseKeywords.map((keyword) => (keyword === 'all' ? all : Object.freeze({ keyword })));

/** What a token of the database column means. */
export function databaseOfToken(token: Token, rules: ScanRules): HbaDatabase {
  const pattern = token.quoted ? undefined : databasePatterns.find(({ keyword }) => keyword === token.value);
  return pattern ?? nameOfToken(token, rules);
}

/** What a token of the user column means. */
export function userOfToken(token: Token, rules: ScanRules): HbaUser {
  if (!token.quoted && token.value === 'all') return all;
  if (!token.quoted && token.value.startsWith('+')) return { memberOf: token.value.slice(1) };
  return nameOfToken(token, rules);
}

/**
 * The regular expression that matches this name and nothing else. On 16+ a name that begins with a slash can be spelled
 * in no other way, whatever the quotes.
 */
export function regexOfName(name: string): string {
  return `^${name.replace(/[^\p{L}\p{N}_]/gu, '\\$&')}$`;
}

/** The name that a regular expression is the spelling of, where it is nothing but that and `needsRegex` says so. */
export function nameOfRegex(
  regex: string,
  needsRegex: (name: string) => boolean = (name) => name.startsWith('/'),
): string | undefined {
  const name = regex.slice(1, -1).replace(/\\([^\p{L}\p{N}_])/gu, '$1');
  return needsRegex(name) && regexOfName(name) === regex ? name : undefined;
}

function nameOfToken(token: Token, rules: ScanRules): string | { regex: string } | { file: string } {
  if (namesFile(token)) return { file: token.value.slice(1) };
  if (!rules.regularExpressions || !token.value.startsWith('/')) return token.value;
  const regex = token.value.slice(1);
  return nameOfRegex(regex) ?? { regex };
}

function addressOfRecord({ address, addressTokens }: HbaRecord): HbaAddress {
  if (address?.kind === 'keyword') return { keyword: address.keyword };
  if (address?.kind === 'host-name') return { hostName: address.hostName };
  const [first, mask] = addressTokens;
  if (mask !== undefined) return { ip: first!.value, mask: mask.value };
  const slash = first!.value.indexOf('/');
  return { ip: first!.value.slice(0, slash), prefix: Number(first!.value.slice(slash + 1)) };
}

/** One list for all columns that say no more, which most do. */
const justAll: NonEmptyList<typeof all> = Object.freeze([all]);

function mapField<T>(field: Field, map: (token: Token, rules: ScanRules) => T, rules: ScanRules): NonEmptyList<T> {
  const first = map(field[0], rules);
  if (field.length === 1 && first === all) return justAll as NonEmptyList<typeof first>;
  const list: [T, ...T[]] = [first];
  for (let i = 1; i < field.length; i++) list.push(map(field[i]!, rules));
  return list;
}
