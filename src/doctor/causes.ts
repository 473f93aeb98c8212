import { type CauseCode, causeCodes } from '../codes.ts';
import { causeRows } from './causes/table.ts';

/** A cause that {@link explain} knows. */
export interface CauseInfo {
  /** The stable name of the cause. */
  readonly code: CauseCode;
  /** A typical error text, for a person to compare with. */
  readonly looksLike: string;
  /** The cause in one sentence. */
  readonly cause: string;
  /** The way to confirm the cause. */
  readonly confirm: string;
  /** The solution: the function to call or the line to write. */
  readonly wayOut: string;
}

/**
 * All causes that {@link explain} knows, as data. The page "Troubleshooting" of the documentation is made from this
 * list.
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
export const causes: readonly CauseInfo[] = causeRows.map(({ code, looksLike, confirm, wayOut }) =>
  Object.freeze({ code, looksLike, cause: causeCodes[code], confirm, wayOut }),
);
Object.freeze(causes);
