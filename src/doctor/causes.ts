import { type CauseCode, causeCodes } from '../codes.ts';
import { causeRows } from './causes/table.ts';

/** A cause that {@link explain} knows. */
export interface CauseInfo {
  /** Stable name of the cause. */
  readonly code: CauseCode;
  /** A typical text, for a person who compares. */
  readonly looksLike: string;
  /** What is wrong, in a sentence. */
  readonly cause: string;
  /** What confirms the cause. */
  readonly confirm: string;
  /** The call or the line that mends it. */
  readonly wayOut: string;
}

/**
 * All causes that {@link explain} knows, as data; the page "Troubleshooting" is made from them.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { causes } from 'pg-hostssl/doctor';
 *
 * const cause = causes.find(({ code }) => code === 'ca-file-unset');
 * assert.match(cause?.wayOut ?? '', /ssl_ca_file/);
 * ```
 */
export const causes: readonly CauseInfo[] = causeRows.map(({ code, looksLike, confirm, wayOut }) => {
  return { code, looksLike, cause: causeCodes[code], confirm, wayOut };
});
