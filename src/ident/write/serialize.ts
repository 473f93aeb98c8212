import type { Reading } from '../../auth-file/read/line.ts';
import { quoteWhere, spellRegex } from '../../auth-file/write/quote.ts';
import { PgHostsslError } from '../../errors.ts';
import { regexOfName } from '../../hba/rule.ts';
import type { IdentMappingInput, IdentPgUser, IdentSystemUser } from '../mapping.ts';

/** How a map's name is written. */
export function spellMap(map: string): string {
  return spellLiteral(map);
}

/** How a system user is written. A name that begins with a slash is always a regular expression, whatever the quotes. */
export function spellSystemUser(user: IdentSystemUser): string {
  if (typeof user !== 'string') return spellRegex(user.regex);
  return user.startsWith('/') ? spellRegex(regexOfName(user)) : spellLiteral(user);
}

/**
 * How a database user is written.
 *
 * @throws PgHostsslError `mapping-invalid` for what this major has not, or what has no spelling
 */
export function spellPgUser({ pgUser, systemUser }: IdentMappingInput, { version, rules }: Reading): string {
  const patterns = rules.regularExpressions;
  const isPattern = typeof systemUser !== 'string' || systemUser.startsWith('/');
  if (typeof pgUser === 'string') {
    const isSubstituted = isPattern && pgUser.includes('\\1');
    if (!isSubstituted && !(patterns && pgUser.startsWith('/'))) return spellLiteral(pgUser);
    if (patterns) return spellRegex(regexOfName(pgUser));
    throw invalid(`PostgreSQL ${version} puts a part of the system user into the role ${JSON.stringify(pgUser)}`);
  }
  if ('substitute' in pgUser) return spellSubstitute(pgUser.substitute, isPattern, patterns);
  if (!patterns) throw invalid(`PostgreSQL ${version} knows only names as the database user of a mapping`);
  if ('keyword' in pgUser) return pgUser.keyword;
  if ('memberOf' in pgUser) return `+${spellLiteral(pgUser.memberOf)}`;
  return spellRegex(pgUser.regex);
}

/** The meaning of a mapping's user, equal for what only a regular expression can spell. */
export function userMeaning(user: IdentSystemUser | IdentPgUser): unknown {
  return typeof user === 'string' && /^\/|\\1/.test(user) ? { regex: regexOfName(user) } : user;
}

function spellSubstitute(text: string, isPattern: boolean, patterns: boolean): string {
  if (!isPattern || !text.includes('\\1')) {
    throw invalid(`A substitution holds \\1, and goes with a regular expression as the system user`);
  }
  if (patterns && /^[+/]/.test(text)) throw invalid(`A substitution cannot begin with ${text[0]}`);
  return spellLiteral(text);
}

function spellLiteral(text: string): string {
  return quoteWhere(!/^(?:[\p{L}\p{N}_.$@-]|\\1)+$/u.test(text) || text === 'all' || text.startsWith('@'), text);
}

function invalid(message: string): PgHostsslError {
  return new PgHostsslError('mapping-invalid', message);
}
