import type { HbaFile } from '../hba/file.ts';
import { type Decision, decisionOf } from './diff/outcome-change.ts';
import type { FileRefused } from './match/match-rule.ts';
import { readClientRules } from './rules/client-rules.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { type AccessInput, inputOf } from './rules/input.ts';
import { refusalOf } from './rules/read-rules.ts';
import { findInScope, rulesInScope } from './scope/find-in-scope.ts';
import { assertScope, type Scope, type SearchScope } from './scope/scope.ts';
import { analysisOf } from './space/analysis.ts';
import { proofOf } from './space/proof.ts';
import type { Witness } from './space/witness.ts';

/** Connections of a scope that one rule decides, or that no rule matches. */
export interface FoundAccess extends Decision {
  /** An example of these connections; missing if none was found that the rules do not refute. */
  readonly witness?: Witness;
  /**
   * `maybe` if the answer depends on facts that were not given, if the rule is in a file that was not read, or if the
   * rule names a map of a pg_ident.conf that the server refuses.
   */
  readonly certainty: 'certain' | 'maybe';
}

/** The result of a search for connections. */
export type AccessSearch =
  | {
      /** The server accepts the files. */
      readonly kind: 'connections';
      /**
       * One element for each rule that decides connections of the scope. If no rule matches some connections of the
       * scope, the last element is for these connections and has no rule.
       */
      readonly found: readonly FoundAccess[];
    }
  | FileRefused;

/**
 * Searches for connections of a scope. For each rule that decides some connections of the scope, the result has one
 * connection as an example. An empty result proves that the scope contains no connection.
 *
 * @param input the authentication files of the server
 * @param scope the connections to search for; `outcome`, `method` and `certificate` restrict the deciding rule
 * @param facts facts about the server that are not in the files
 * @throws PgHostsslError `argument-invalid` for a scope with an unknown field or an invalid network
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { searchAccess } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const file = HbaFile.parse('hostssl all all all scram-sha-256\nhost app all 10.0.0.0/8 md5\n');
 * const search = searchAccess(file, { transport: ['plain'], outcome: 'way-in', not: { from: ['10.0.0.0/9'] } });
 * assert.ok(search.kind === 'connections');
 * assert.equal(search.found[0]?.rule?.line, 2);
 * assert.equal(search.found[0]?.witness?.connection.address, '10.128.0.0');
 * ```
 */
export function searchAccess(input: AccessInput | HbaFile, scope: Scope, facts: AccessFacts = {}): AccessSearch {
  const files = inputOf(input, 'the input of searchAccess');
  assertScope(scope, 'the scope of searchAccess');
  assertFacts(facts);
  return searchFiles(files, scope, facts);
}

/** @internal Does the search of {@link searchAccess}. The users of the scope can be exact names. */
export function searchFiles(files: AccessInput, scope: SearchScope, facts: AccessFacts): AccessSearch {
  const diagnostics = refusalOf(files);
  if (diagnostics !== undefined) return { kind: 'file-refused', diagnostics };
  const analysis = analysisOf(rulesInScope(readClientRules(files, facts), scope));
  const found = findInScope(analysis, scope).map(
    ({ rule, witnesses, certain }): FoundAccess => ({
      ...decisionOf(rule),
      ...proofOf(witnesses, certain, [{ rule, input: files, analysis }]),
    }),
  );
  return { kind: 'connections', found };
}
