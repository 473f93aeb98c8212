import { appendAll } from '../../append-all.ts';
import type { HbaFile } from '../../hba/file.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { AccessRule, PlacedRule } from '../rules/access-rule.ts';
import { type AccessFacts, assertFacts, type NeededFact } from '../rules/facts.ts';
import { type AccessInput, inputOf } from '../rules/input.ts';
import { pathOfUnread } from '../rules/path-of-unread.ts';
import { readRules, refusalOf } from '../rules/read-rules.ts';
import { type Connection, type MatchedConnection, readConnection } from './connection.ts';
import { matchAddress } from './match-address.ts';
import { matchDatabase, matchUser } from './match-names.ts';
import { matchColumn } from './verdict.ts';

/** The first column that does not match a connection, in the server's order of comparison. */
export type Mismatch = 'type' | 'address' | 'database' | 'user';

/** A rule above the deciding rule that does not match the connection. */
export interface SkippedRule extends PlacedRule {
  /** The first column of the rule that does not match the connection. */
  readonly because: Mismatch;
}

/** The rule that decides a connection. */
export type RuleMatch =
  | {
      /** A rule certainly matches the connection and decides it. */
      readonly kind: 'rule';
      /** The deciding rule. */
      readonly rule: NonNullable<PlacedRule['rule']>;
      /** The path of the file that holds the line, if known. */
      readonly file?: string;
      /** The line number of the deciding rule in its file. */
      readonly line: number;
      /** The rules above the deciding rule, each with the first column that does not match. */
      readonly skipped: readonly SkippedRule[];
    }
  | {
      /** No rule matches, so the server refuses the connection. */
      readonly kind: 'none';
      /** All rules, each with the first column that does not match. */
      readonly skipped: readonly SkippedRule[];
    }
  | {
      /** The deciding rule depends on facts that were not given. */
      readonly kind: 'unknown';
      /**
       * The rules of which one can be the deciding rule, in file order. If `mayBeNone` is `false`, the last of these
       * rules certainly matches the connection.
       */
      readonly possible: readonly PlacedRule[];
      /** `true` if it is possible that no rule matches. */
      readonly mayBeNone: boolean;
      /** The facts that the caller must give for a certain answer. */
      readonly needs: readonly NeededFact[];
      /** The rules that certainly do not match. */
      readonly skipped: readonly SkippedRule[];
    }
  | FileRefused;

/**
 * The server refuses the whole file. A reloading server keeps its old rules, and a server does not start with the file.
 */
export interface FileRefused {
  /** The server refuses the file because of errors. */
  readonly kind: 'file-refused';
  /** The errors for which the server refuses the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Returns the rule of pg_hba.conf that decides a connection, and for each rule above it the column that does not match
 * (`check_hba`). Included files and `@file`s are read with the callbacks of the file.
 *
 * @param file the file, or an {@link AccessInput} that contains the file
 * @param connection the connection; names longer than 63 bytes are cut as the server cuts them
 * @param facts facts about the server that are not in the files
 * @returns the rule with its file and line; `unknown` with the missing facts if the deciding rule depends on missing
 * facts
 * @throws PgHostsslError `argument-invalid` if no client can make the connection
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { matchRule } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const file = HbaFile.parse('hostssl all +staff 10.0.0.0/8 scram-sha-256\nhost all all all reject\n');
 * const connection = { transport: 'ssl', address: '10.1.2.3', database: 'app', user: 'alice' } as const;
 * const match = matchRule(file, connection, { memberOf: (user, role) => user === 'alice' && role === 'staff' });
 * assert.equal(match.kind === 'rule' && match.line, 1);
 * assert.deepEqual(matchRule(file, connection).kind, 'unknown');
 * ```
 */
export function matchRule(file: HbaFile | AccessInput, connection: Connection, facts: AccessFacts = {}): RuleMatch {
  const input = inputOf(file, 'the file of matchRule');
  assertFacts(facts);
  const asked = readConnection(connection, input);
  const diagnostics = refusalOf(input);
  if (diagnostics !== undefined) return { kind: 'file-refused', diagnostics };
  const skipped: SkippedRule[] = [];
  const { found, possible, needs } = findRules(readRules({ hba: input.hba }).rules, asked, facts, skipped);
  if (possible.length > 0) {
    const all = found === undefined ? possible : [...possible, found];
    return {
      kind: 'unknown',
      possible: all.map(({ placed }) => placed),
      mayBeNone: found === undefined,
      needs,
      skipped,
    };
  }
  if (found?.rule === undefined) return { kind: 'none', skipped };
  return { kind: 'rule', ...found.placed, rule: found.rule, skipped };
}

function skippedRule({ rule, file, line }: PlacedRule, because: Mismatch): SkippedRule {
  // Here an object literal is many times faster than object spread.
  return file === undefined ? { rule, line, because } : { rule, file, line, because };
}

/** The rules that can decide a connection. */
export interface FoundRules {
  /** The first rule that certainly matches. */
  readonly found: AccessRule | undefined;
  /**
   * The rules above `found` that match or not, depending on missing facts. If `found` is `undefined`, these rules come
   * from the whole file.
   */
  readonly possible: readonly AccessRule[];
  /** The facts on which the rules of `possible` depend. */
  readonly needs: readonly NeededFact[];
}

/**
 * Examines the rules in order and stops at the first rule that certainly matches (`check_hba`).
 *
 * @param skipped receives the rules above `found` that do not match, each with the first column that does not match
 */
export function findRules(
  rules: readonly AccessRule[],
  connection: MatchedConnection,
  facts: AccessFacts,
  skipped?: SkippedRule[],
): FoundRules {
  const possible: AccessRule[] = [];
  const needs: NeededFact[] = [];
  for (const rule of rules) {
    const verdict = matchOne(rule, connection, facts);
    if (verdict === true) return { found: rule, possible, needs };
    if (typeof verdict === 'string') skipped?.push(skippedRule(rule.placed, verdict));
    else {
      possible.push(rule);
      appendAll(needs, verdict);
    }
  }
  return { found: undefined, possible, needs };
}

/**
 * Returns `true` if the rule matches the connection. Otherwise, returns the first column that does not match, or the
 * missing facts on which the match depends.
 */
function matchOne(
  rule: AccessRule,
  connection: MatchedConnection,
  facts: AccessFacts,
): true | Mismatch | readonly NeededFact[] {
  if ((rule.transports & connection.transport) === 0) return 'type';
  if (rule.rule === undefined) return [{ kind: 'file', path: pathOfUnread(rule.entry, rule.text) }];
  const address = rule.address === undefined || matchAddress(rule.address, connection, facts);
  if (address === false) return 'address';
  const database = matchColumn(rule.databases, connection, facts, matchDatabase);
  if (database === false) return 'database';
  const user = matchColumn(rule.users, connection, facts, matchUser);
  if (user === false) return 'user';
  if (address === true && database === true && user === true) return true;
  return [address, database, user].flatMap((verdict) => (verdict === true ? [] : verdict));
}
