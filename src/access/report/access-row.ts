import type { PlacedRule } from '../rules/access-rule.ts';
import type { Outcome } from '../rules/outcome.ts';
import type { Transport } from '../rules/transport.ts';

/** A way in: who can connect to what, from where, and by which method. */
export interface AccessRow {
  /** The transports of the connections. */
  readonly transport: readonly Transport[];
  /** Networks, host names, `samehost`, `samenet`; `all` for every address; empty for the Unix socket. */
  readonly from: readonly string[];
  /**
   * The databases in the notation of the column; names that look like keywords are quoted. For folded rules, the common
   * form of the names, such as `t‹n›`.
   */
  readonly databases: readonly string[];
  /** The users, in the same notation as the databases. */
  readonly users: readonly string[];
  /** What the server does with the connections. */
  readonly outcome: Outcome;
  /** The rules that the row summarizes. */
  readonly rules: readonly PlacedRule[];
  /** The number of folded rules; missing if no rules were folded. */
  readonly folded?: number;
}
