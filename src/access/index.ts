/**
 * Answers who gets in: which rule decides a connection, which rules are unreachable, which connections a change lets
 * in. Every answer follows the server's own matching. If an answer is uncertain, it names the missing facts.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { matchRule, unreachableRules } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const file = HbaFile.parse('host all all 0.0.0.0/0 md5\nhostssl app webadmin 10.0.0.0/8 cert\n', { version: 18 });
 * const match = matchRule(file, { transport: 'ssl', address: '10.0.0.1', database: 'app', user: 'webadmin' });
 * assert.equal(match.kind === 'rule' && match.line, 1);
 * const found = unreachableRules(file);
 * assert.deepEqual(found.kind === 'rules' && found.unreachable.map(({ line }) => line), [2]);
 * ```
 * @module pg-hostssl/access
 */

export { type AccessTable, accessTable } from './access-table.ts';
export { checkUpgrade } from './check-upgrade.ts';
export type { Decision } from './diff/outcome-change.ts';
export { type AccessChange, type AccessDifference, diffAccess, type FoldedChange, newAccess } from './diff.ts';
export { type LintOptions, lintAccess } from './lint-access.ts';
export { type Authentication, authenticate, type ClientConnection } from './match/authenticate.ts';
export type { ClientCertificate } from './match/certificate-name.ts';
export type { Connection } from './match/connection.ts';
export type { RefusalCause } from './match/judge-client.ts';
export { type IdentMatch, type IdentQuestion, matchIdent } from './match/match-ident.ts';
export { type FileRefused, type Mismatch, matchRule, type RuleMatch, type SkippedRule } from './match/match-rule.ts';
export type { TlsScope } from './place/tls-editor.ts';
export {
  type PlacedResult,
  type PlaceOptions,
  placeRule,
  type RemoveOptions,
  type RuleComparison,
  removeRule,
} from './place-rule.ts';
export type { Policy, PolicyConnections, PolicyLevel, PolicyScope, PolicyStatement } from './policy/policy-data.ts';
export { checkPolicy, type PolicyCheck, type PolicyViolation, type StatementResult } from './policy.ts';
export type { CrossingRules, Crossings } from './reach/crossing.ts';
export type { UnreachableReason } from './reach/find-unreachable.ts';
export type { AccessRow } from './report/access-row.ts';
export { toGithubAnnotations } from './report/github.ts';
export { type SarifLog, toSarif } from './report/sarif.ts';
export { type RequireTlsOptions, type RequireTlsResult, requireTls } from './require-tls.ts';
export type { PlacedRule } from './rules/access-rule.ts';
export type { AccessFacts, InterfaceAddress, NeededFact } from './rules/facts.ts';
export type { AccessInput } from './rules/input.ts';
export type { CertificateLevel, Comparison, Outcome } from './rules/outcome.ts';
export type { Transport } from './rules/transport.ts';
export type { ConnectionScope, Scope } from './scope/scope.ts';
export { type AccessSearch, type FoundAccess, searchAccess } from './search.ts';
export type { Supposition, Witness } from './space/witness.ts';
export { type Reachability, type UnreachableRule, unreachableRules } from './unreachable.ts';
