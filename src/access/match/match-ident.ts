import { appendAll } from '../../append-all.ts';
import { assertInstance, assertProperties, assertText } from '../../arguments.ts';
import { regexOfName } from '../../auth-file/read/regex-of-name.ts';
import { IdentFile } from '../../ident/file.ts';
import type { IdentMapping, IdentPgUser } from '../../ident/mapping.ts';
import { type Diagnostic, isError } from '../../text/diagnostic.ts';
import type { PgMajor } from '../../version.ts';
import { captureOf } from '../regex/capture.ts';
import { type AccessFacts, assertFacts, type NeededFact } from '../rules/facts.ts';
import { substitutedName } from '../rules/map-key.ts';
import { pathOfUnread } from '../rules/path-of-unread.ts';
import { readMappings } from '../rules/read-mappings.ts';
import { isSameName, matchRegex, matchUser } from './match-names.ts';
import type { Verdict } from './verdict.ts';

/** A question about a map: may a system user log in as a role? */
export interface IdentQuestion {
  /** The name of the map. If the name is missing or empty, the two user names must be equal. */
  readonly map?: string | undefined;
  /** The user name from the authentication method, such as the certificate's name or the operating-system user. */
  readonly systemUser: string;
  /** The role that the client asks for. */
  readonly pgUser: string;
}

/** Whether a map of pg_ident.conf lets a system user log in as a role. */
export type IdentMatch =
  | {
      /** `admitted`: the system user may log in as the role. `refused`: the system user may not log in as the role. */
      readonly kind: 'admitted' | 'refused';
      /** The number of the deciding line, if a line decides. */
      readonly line?: number;
      /** The path of the file that holds the line, if known. */
      readonly file?: string;
      /** The message that the server logs when it refuses the user. */
      readonly reason?: string;
    }
  | {
      /** The answer depends on facts that were not given. */
      readonly kind: 'unknown';
      /** The facts that the caller must give for a certain answer. */
      readonly needs: readonly NeededFact[];
    }
  | {
      /** The server refuses the file. A reloading server keeps its old maps; a starting server has no maps. */
      readonly kind: 'file-refused';
      /** The errors for which the server refuses the file. */
      readonly diagnostics: readonly Diagnostic[];
    };

/**
 * Returns whether a map of pg_ident.conf lets a system user log in as a role (`check_usermap`).
 *
 * @param file the file
 * @param question the map, the system user and the role
 * @param facts the members of roles, for `+role` (16+)
 * @returns `admitted` with the line that admits the user, or `refused` with the message that the server logs
 * @throws PgHostsslError `argument-invalid` for values of the wrong kind
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { matchIdent } from 'pg-hostssl/access';
 * import { IdentFile } from 'pg-hostssl/ident';
 *
 * const file = IdentFile.parse('certs  /^(.*)@example\\.com$  \\1\n');
 * const match = matchIdent(file, { map: 'certs', systemUser: 'alice@example.com', pgUser: 'alice' });
 * assert.deepEqual(match, { kind: 'admitted', line: 1 });
 * ```
 */
export function matchIdent(file: IdentFile, question: IdentQuestion, facts: AccessFacts = {}): IdentMatch {
  assertInstance(file, IdentFile, 'the file of matchIdent');
  assertProperties(question, { map: true, systemUser: true, pgUser: true }, 'the question of matchIdent');
  for (const name of ['systemUser', 'pgUser'] as const) assertText(question[name], `${name} of matchIdent`);
  if (question.map !== undefined) assertText(question.map, 'map of matchIdent');
  assertFacts(facts);
  const diagnostics = file.diagnostics.filter(isError);
  if (diagnostics.length > 0) return { kind: 'file-refused', diagnostics };
  return checkMap(file, question, facts);
}

/** A question about a map, with the rule for upper and lower case of the authentication method. */
export interface MapQuestion extends IdentQuestion {
  /** `true` if names are compared without regard to case, as for method `gss` with `krb_caseins_users`. */
  readonly isAnyCase?: boolean;
}

/** Tries the mappings of a map in order. The first mapping that admits the user decides. */
export function checkMap(file: IdentFile | undefined, question: MapQuestion, facts: AccessFacts): IdentMatch {
  const { map = '', systemUser, pgUser, isAnyCase = false } = question;
  if (map === '') {
    if (isSameName(systemUser, pgUser, { isAnyCase })) return { kind: 'admitted' };
    return {
      kind: 'refused',
      reason: `provided user name (${pgUser}) and authenticated user name (${systemUser}) do not match`,
    };
  }
  if (file === undefined) return { kind: 'unknown', needs: [{ kind: 'file', path: 'pg_ident.conf' }] };
  const needs: NeededFact[] = [];
  const reason = `no match in usermap "${map}" for user "${pgUser}" authenticated as "${systemUser}"`;
  for (const each of readMappings(file)) {
    const { file: path, line } = each;
    const mapping = each.kind === 'record' ? each.entry : undefined;
    const place = { line, ...(path === undefined ? {} : { file: path }) };
    if (mapping === undefined) {
      needs.push({ kind: 'file', path: pathOfUnread(each.own, each.text) });
      continue;
    }
    if (mapping.map !== map) continue;
    const verdict = matchLine(mapping, question, facts, file.version);
    if (verdict === true && needs.length === 0) return { kind: 'admitted', ...place };
    if (verdict === true) break;
    if (typeof verdict === 'object' && 'stop' in verdict) {
      if (needs.length === 0) return { kind: 'refused', ...place, reason: verdict.stop };
      break;
    }
    if (verdict !== false) appendAll(needs, verdict);
  }
  return needs.length > 0 ? { kind: 'unknown', needs } : { kind: 'refused', reason };
}

/** An error in a mapping at which the server stops its search. */
interface Stop {
  readonly stop: string;
}

/** Returns whether a mapping admits the user (`check_ident_usermap`). */
function matchLine(
  { systemUser: system, pgUser: element }: Pick<IdentMapping, 'systemUser' | 'pgUser'>,
  { systemUser, pgUser, isAnyCase = false }: MapQuestion,
  facts: AccessFacts,
  version: PgMajor,
): Verdict | Stop {
  if (typeof element !== 'object' || !('substitute' in element)) {
    const matches =
      typeof system === 'string' ? isSameName(system, systemUser, { isAnyCase }) : matchRegex(system.regex, systemUser);
    return matches === true ? matchPgUser(element, { user: pgUser, isAnyCase }, facts) : matches;
  }
  // The server replaces `\1` only if the system user is a regular expression. A name here is the only name that a
  // regular expression without a parenthesis matches.
  if (typeof system === 'string') return system === systemUser && withoutSubexpression(regexOfName(system), element);
  const capture = captureOf(system.regex, systemUser);
  if (capture === undefined) return [{ kind: 'regex', regex: system.regex, name: systemUser }];
  if (capture.kind === 'no-match') return false;
  const { text } = capture;
  if (text === undefined) return withoutSubexpression(system.regex, element);
  return isSameName(substitutedName(element.substitute, text, version), pgUser, { isAnyCase });
}

function withoutSubexpression(regex: string, { substitute }: { readonly substitute: string }): Stop {
  return {
    stop: `regular expression "${regex}" has no subexpressions as requested by backreference in "${substitute}"`,
  };
}

function matchPgUser(
  element: Exclude<IdentPgUser, { readonly substitute: string }>,
  { user, isAnyCase }: { readonly user: string; readonly isAnyCase: boolean },
  facts: AccessFacts,
): Verdict {
  if (typeof element === 'string') return isSameName(element, user, { isAnyCase });
  return matchUser(element, { user }, facts);
}
