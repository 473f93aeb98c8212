import type { CauseCode } from '../../codes.ts';
import type { Pattern } from './patterns.ts';

/**
 * A row of the table of causes: the error texts that a cause produces, and its solution. {@link causeCodes} describes
 * the cause itself.
 */
export interface CauseRow {
  /** The stable name of the cause. */
  readonly code: CauseCode;
  /** A typical error text, for a person to compare with. */
  readonly looksLike: string;
  /** The way to confirm the cause. */
  readonly confirm: string;
  /** The solution: the function to call or the line to write. */
  readonly wayOut: string;
  /** Patterns of the error texts and codes that clients show. */
  readonly client?: readonly Pattern[];
  /** Patterns of the texts in the server's log. */
  readonly server?: readonly Pattern[];
  /** Patterns of texts of clients or servers that fit this cause, but usually have another cause. */
  readonly maybe?: readonly Pattern[];
  /**
   * True if the text in the server's log only says that the client refused the server. The error of the client then
   * says more than the log.
   */
  readonly isRefusalByClient?: true;
}
