import type { PlacedRule } from '../rules/access-rule.ts';
import type { Outcome } from '../rules/outcome.ts';
import type { Transport } from '../rules/transport.ts';

/** A table row: who can connect to which databases, from where, and by which method. */
export interface AccessRow {
  /** The transports of the row's connections. */
  readonly transport: readonly Transport[];
  /**
   * The addresses of the clients: networks, host names, `samehost`, `samenet`, or `all` for every address. The list is
   * empty for connections over the Unix socket.
   */
  readonly from: readonly string[];
  /**
   * The databases in the notation of the file; names that look like keywords are quoted. If the row sums up rules whose
   * names differ in their digits, this is the common form of the names, such as `t‹n›`.
   */
  readonly databases: readonly string[];
  /** The users, in the same notation as the databases. */
  readonly users: readonly string[];
  /** What the server does with the connections. */
  readonly outcome: Outcome;
  /** The rules that the row summarizes. */
  readonly rules: readonly PlacedRule[];
  /**
   * The number of rules, if the row sums up rules that differ in the digits of their names or in their networks;
   * otherwise missing.
   */
  readonly folded?: number;
}
