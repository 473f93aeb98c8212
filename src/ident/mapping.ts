import { checkRegex } from '../auth-file/read/check-regex.ts';
import type { CommonEntry } from '../auth-file/read/entry.ts';
import type { AuthLine } from '../auth-file/read/line.ts';
import { type LineProblem, type LineReading, refuse, unlessRefused } from '../auth-file/read/line-diagnostic.ts';
import type { Field, Token } from '../auth-file/scan/token.ts';
import { nameOfRegex } from '../hba/rule.ts';

/**
 * The system user of a mapping. A string is one name, whatever characters it has; `regex` is a PostgreSQL regular
 * expression without its leading slash.
 */
export type IdentSystemUser =
  | string
  | {
      /** Without its leading slash. */
      readonly regex: string;
    };

/**
 * The database user of a mapping. A string is one role, whatever characters it has; `substitute` holds a `\1`, in the
 * place of which the first parenthesis of the system user's regular expression is put. From 16 on there are `all`, the
 * members of a role, and a regular expression without its leading slash.
 */
export type IdentPgUser =
  | string
  | {
      /** A role's name with `\1` in it. */
      readonly substitute: string;
    }
  | {
      /** Every role (16+). */
      readonly keyword: 'all';
    }
  | {
      /** A role: its direct and indirect members, written `+role` (16+). */
      readonly memberOf: string;
    }
  | {
      /** Without its leading slash (16+). */
      readonly regex: string;
    };

/** A mapping to be written: plain data, which survives JSON. */
export interface IdentMappingInput {
  /** The name of the map, which `map=` in pg_hba.conf names. */
  readonly map: string;
  /** The user as the authentication method knows it: a certificate's common name, a Kerberos principal. */
  readonly systemUser: IdentSystemUser;
  /** The role that it may log in as. */
  readonly pgUser: IdentPgUser;
  /** The text behind the `#` of the mapping's own line. */
  readonly comment?: string;
}

/** A mapping of a file: plain data, which survives JSON. */
export interface IdentMapping extends IdentMappingInput {
  /** What kind of entry it is. */
  readonly kind: 'mapping';
  /** The exact text of the line, line end included. It tells nothing when the mapping is written again. */
  readonly text: string;
}

/** A logical line of a pg_ident.conf, as data. */
export type IdentEntry = IdentMapping | CommonEntry;

/** A line of pg_ident.conf as the server holds it (`IdentLine`): the tokens of its three columns. */
export interface IdentRecord {
  /** The name of the map. */
  readonly map: Token;
  /** The system user. */
  readonly systemUser: Token;
  /** The database user. */
  readonly pgUser: Token;
  /** What stands behind the third column, which the server ignores. */
  readonly ignored: readonly Field[];
}

/** A line's reading, with what else is to be said of the line. */
export type IdentReading = LineReading<IdentRecord> & {
  /** What only a server can tell. */
  readonly notes: readonly LineProblem[];
};

/** Reads the fields of a line. Mirrors `parse_ident_line`. */
export function readMapping(fields: readonly Field[], rules: AuthLine['how']['rules']): IdentReading {
  const notes: LineProblem[] = [];
  const reading = unlessRefused(() => {
    const map = single(fields[0], 'map name');
    const systemUser = single(fields[1], 'system user');
    const pgUser = single(fields[2], 'database user');
    checkRegex(systemUser, notes);
    if (rules.regularExpressions) checkRegex(pgUser, notes);
    return { map, systemUser, pgUser, ignored: fields.slice(3) };
  });
  return { ...reading, notes };
}

/** The typed mapping of a record. */
export function mappingOfRecord(
  { map, systemUser, pgUser }: IdentRecord,
  { text, how }: AuthLine,
  comment: string | undefined,
): IdentMapping {
  return {
    kind: 'mapping',
    map: map.value,
    systemUser: systemUser.value.startsWith('/') ? nameOrRegex(systemUser) : systemUser.value,
    pgUser: pgUserOf(pgUser, systemUser, how.rules.regularExpressions),
    ...(comment === undefined ? {} : { comment }),
    text,
  };
}

/** What the database user of a mapping means; `patterns` says whether the major knows more than names there. */
function pgUserOf(token: Token, systemUser: Token, patterns: boolean): IdentPgUser {
  if (patterns && !token.quoted && token.value === 'all') return { keyword: 'all' };
  if (patterns && !token.quoted && token.value.startsWith('+')) return { memberOf: token.value.slice(1) };
  const isSubstituted = (name: string): boolean => systemUser.value.startsWith('/') && name.includes('\\1');
  if (patterns && token.value.startsWith('/')) {
    return nameOrRegex(token, (name) => name.startsWith('/') || isSubstituted(name));
  }
  return isSubstituted(token.value) ? { substitute: token.value } : token.value;
}

function nameOrRegex({ value }: Token, needsRegex?: (name: string) => boolean): string | { readonly regex: string } {
  const regex = value.slice(1);
  return nameOfRegex(regex, needsRegex) ?? { regex };
}

function single(field: Field | undefined, what: string): Token {
  if (field === undefined) {
    const message = `the line ends before the ${what}`;
    return refuse({
      code: 'ident-column-missing',
      token: undefined,
      serverText: 'missing entry at end of line',
      message,
    });
  }
  if (field.length === 1) return field[0];
  const message = `the ${what} cannot be a list; a comma joins it with the next word`;
  return refuse({
    code: 'ident-list-not-allowed',
    token: field[1],
    serverText: 'multiple values in ident field',
    message,
  });
}
