import type { LineDiagnostic } from '../../auth-file/read/line-diagnostic.ts';
import type { LineContext, RecordText } from '../../auth-file/read/record-format.ts';
import { type LineReading, readUnlessRefused, refuse } from '../../auth-file/read/refusal.ts';
import { checkRegex } from '../../auth-file/read/regex.ts';
import { nameOfRegex } from '../../auth-file/read/regex-of-name.ts';
import type { Field, Token } from '../../auth-file/scan/token.ts';
import type { IdentMapping, IdentPgUser } from '../mapping.ts';

/** A line of pg_ident.conf in the server's form (`IdentLine`): the tokens of its three columns. */
export interface IdentRecord {
  /** The name of the map. */
  readonly map: Token;
  readonly systemUser: Token;
  /** The database user. */
  readonly pgUser: Token;
  /** The columns after the third column. The server ignores them. */
  readonly ignored: readonly Field[];
}

/** Reads the fields of a line (`parse_ident_line`). */
export function readMapping(fields: readonly Field[], { rules }: LineContext): LineReading<IdentRecord> {
  return readUnlessRefused((warnings: LineDiagnostic[]) => {
    const map = single(fields[0], 'map name');
    const systemUser = single(fields[1], 'system user');
    const pgUser = single(fields[2], 'database user');
    checkRegex(systemUser, warnings);
    if (rules.regularExpressions) checkRegex(pgUser, warnings);
    return { map, systemUser, pgUser, ignored: fields.slice(3) };
  });
}

/** Converts a record of pg_ident.conf to a mapping. */
export function mappingOfRecord(
  { map, systemUser, pgUser }: IdentRecord,
  { text, comment }: RecordText,
  { rules }: LineContext,
): IdentMapping {
  return {
    kind: 'mapping',
    map: map.value,
    systemUser: systemUser.value.startsWith('/') ? nameOrRegex(systemUser) : systemUser.value,
    pgUser: pgUserOf(pgUser, systemUser, rules),
    ...(comment === undefined ? {} : { comment }),
    text,
  };
}

/** Returns the database user of a mapping. This column has keywords, `+role` and regular expressions since 16. */
function pgUserOf(
  token: Token,
  systemUser: Token,
  { regularExpressions: patterns }: LineContext['rules'],
): IdentPgUser {
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
    const message = `The line ends before the ${what}. A mapping has three columns: map name, system user, database user`;
    return refuse({ code: 'ident-column-missing', serverText: 'missing entry at end of line', message });
  }
  if (field.length === 1) return field[0];
  const message = `A comma makes a list of the ${what}, which can hold one word only. Remove the comma`;
  return refuse({
    code: 'ident-list-not-allowed',
    span: field[1],
    serverText: 'multiple values in ident field',
    message,
  });
}
