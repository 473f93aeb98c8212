import type { LineContext } from '../../auth-file/read/record-format.ts';
import { regexOfName } from '../../auth-file/read/regex-of-name.ts';
import { quoteIf, serializeRegex } from '../../auth-file/write/quote.ts';
import { PgHostsslError } from '../../errors.ts';
import { withAsciiLetters } from '../../text/letters.ts';
import type { IdentMappingInput, IdentPgUser, IdentSystemUser } from '../mapping.ts';

/**
 * Serializes the columns of a mapping for a server of this version.
 *
 * @throws PgHostsslError `mapping-invalid` if this version has no notation for the mapping; `text-invalid` for a text
 * that a line cannot contain
 */
export function serializeMapping(
  mapping: IdentMappingInput,
  context: LineContext,
): { readonly cells: readonly string[] } {
  const { map, systemUser } = mapping;
  return { cells: [serializeMap(map), serializeSystemUser(systemUser), serializePgUser(mapping, context)] };
}

/** Serializes the name of a map. */
export function serializeMap(map: string): string {
  return serializeLiteral(map);
}

/** Serializes a system user. The server reads a name with a leading slash as a regular expression, even in quotes. */
export function serializeSystemUser(user: IdentSystemUser): string {
  if (typeof user !== 'string') return serializeRegex(user.regex);
  return user.startsWith('/') ? serializeRegex(regexOfName(user)) : serializeLiteral(user);
}

/**
 * Serializes a database user.
 *
 * @throws PgHostsslError `mapping-invalid` if this version has no notation for the user
 */
export function serializePgUser({ pgUser, systemUser }: IdentMappingInput, { version, rules }: LineContext): string {
  const patterns = rules.regularExpressions;
  const isPattern = typeof systemUser !== 'string' || systemUser.startsWith('/');
  if (typeof pgUser === 'string') {
    const isSubstituted = isPattern && pgUser.includes('\\1');
    if (!isSubstituted && !(patterns && pgUser.startsWith('/'))) return serializeLiteral(pgUser);
    if (patterns) return serializeRegex(regexOfName(pgUser));
    throw invalid(
      `PostgreSQL ${version} replaces \\1 in the role ${JSON.stringify(pgUser)} and cannot take it as a name`,
    );
  }
  if ('substitute' in pgUser) return serializeSubstitute(pgUser.substitute, { isPattern, patterns });
  if (!patterns) throw invalid(`PostgreSQL ${version} knows only names as the database user of a mapping`);
  if ('keyword' in pgUser) return keyword(pgUser.keyword);
  if ('memberOf' in pgUser) return `+${serializeLiteral(pgUser.memberOf)}`;
  return serializeRegex(pgUser.regex);
}

/** Returns a key of a mapping. Two mappings that differ only in their notation have the same key. */
export function keyOfMapping({ map, systemUser, pgUser }: IdentMappingInput): string {
  return JSON.stringify([map, userKey(systemUser), userKey(pgUser)]);
}

/**
 * Returns the part of a mapping's key for the system user or the database user. A name that can only be written as a
 * regular expression has the key of this expression.
 */
function userKey(user: IdentSystemUser | IdentPgUser): unknown {
  return typeof user === 'string' && /^\/|\\1/.test(user) ? { regex: regexOfName(user) } : user;
}

function serializeSubstitute(
  text: string,
  { isPattern, patterns }: { readonly isPattern: boolean; readonly patterns: boolean },
): string {
  if (!isPattern || !text.includes('\\1')) {
    throw invalid('A substitution must contain \\1, and needs a regular expression as the system user');
  }
  if (patterns && /^[+/]/.test(text)) throw invalid(`A substitution cannot begin with ${text[0]}`);
  return serializeLiteral(text);
}

function serializeLiteral(text: string): string {
  const isBare = text !== '' && /^[\w.$@-]*$/.test(withAsciiLetters(text).replaceAll('\\1', ''));
  return quoteIf(!isBare || text === 'all' || text.startsWith('@'), text);
}

function keyword(word: string): string {
  if (word === 'all') return word;
  throw invalid(`The keyword ${JSON.stringify(word)} is not known; the only keyword is all`);
}

function invalid(message: string): PgHostsslError {
  return new PgHostsslError('mapping-invalid', message);
}
