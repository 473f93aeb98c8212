import { appendAll } from '../../append-all.ts';
import type { AccessFacts, NeededFact } from '../rules/facts.ts';
import type { MatchedConnection } from './connection.ts';

/**
 * Whether a rule or a part of a rule matches a connection: `true`, `false`, or the missing facts on which the answer
 * depends.
 */
export type Verdict = boolean | readonly NeededFact[];

/**
 * Returns `true` if an element of a column certainly matches. Otherwise, returns the missing facts with which an
 * element can match, or `false` if no element can match.
 */
export function matchColumn<E>(
  column: readonly E[],
  connection: MatchedConnection,
  facts: AccessFacts,
  verdictOf: (element: E, connection: MatchedConnection, facts: AccessFacts) => Verdict,
): Verdict {
  let needs: NeededFact[] | undefined;
  for (let i = 0; i < column.length; i++) {
    const verdict = verdictOf(column[i]!, connection, facts);
    if (verdict === true) return true;
    if (verdict === false) continue;
    needs ??= [];
    appendAll(needs, verdict);
  }
  return needs ?? false;
}
