/**
 * Typed, lossless readers and editors for PostgreSQL's configuration files, with the errors, diagnostics and major
 * versions that all subpaths share. It also works in browsers.
 *
 * The views, tables and types of one file are in `pg-hostssl/hba`, `pg-hostssl/ident`, `pg-hostssl/hosts` and
 * `pg-hostssl/conf`. Certificates are in `pg-hostssl/pki`, the client's side in `pg-hostssl/client`, and the plan that
 * joins both in `pg-hostssl/tls`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { HbaFile, parsePgVersion } from 'pg-hostssl';
 *
 * const version = parsePgVersion('PostgreSQL 17.2 on x86_64-pc-linux-gnu');
 * const file = HbaFile.parse('hostssl app webadmin 10.0.0.0/8 cert\n', { version });
 * assert.equal(file.rules[0]?.method, 'cert');
 * assert.deepEqual(file.diagnostics, []);
 * ```
 * @module pg-hostssl
 */

export {
  type CauseCode,
  causeCodes,
  type DiagnosticCode,
  diagnosticCodes,
  type ErrorCode,
  errorCodes,
  type ProblemCode,
  problemCodes,
} from './codes.ts';
export { ConfFile } from './conf/file.ts';
export { ConfTree } from './conf/tree.ts';
export { PgHostsslError, type PgHostsslErrorDetails } from './errors.ts';
export { HbaFile } from './hba/file.ts';
export { HostsFile } from './hosts/file.ts';
export { IdentFile } from './ident/file.ts';
export type { ParseOptions, ServerFacts, ServerFeature } from './parse-options.ts';
export {
  type Diagnostic,
  type DiagnosticTexts,
  type Fix,
  type RelatedPlace,
  renderDiagnostic,
  type Severity,
} from './text/diagnostic.ts';
export type { Place } from './text/lines.ts';
export type { Position, Range } from './text/position.ts';
export { defaultPgMajor, type PgMajor, type PgMajorSpan, parsePgVersion, pgMajors } from './version.ts';
