/**
 * Explains why a TLS connection to PostgreSQL failed. `explain` finds the causes from the error text of a client or
 * from the server's log. For each cause it says how to confirm the cause, and how to solve the problem.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { explain } from 'pg-hostssl/doctor';
 *
 * const error = Object.assign(new Error('self-signed certificate in certificate chain'), {
 *   code: 'SELF_SIGNED_CERT_IN_CHAIN',
 * });
 * const { causes } = await explain(error);
 * assert.deepEqual(causes.map(({ code }) => code), ['ssl-options-replaced', 'server-issuer-unknown']);
 * ```
 * @module pg-hostssl/doctor
 */

export type { CauseCode } from '../codes.ts';
export { type CauseInfo, causes } from './causes.ts';
export { type Cause, type ExplainOptions, type Explanation, explain } from './explain.ts';
