import type { AccessFacts, NeededFact } from '../rules/facts.ts';
import type { MatchedConnection } from './connection.ts';

/** `true` or `false` if it is certain whether something matches; otherwise the missing facts. */
export type Verdict = boolean | readonly NeededFact[];

/** Returns `true` if one element of a column matches; otherwise the missing facts, or `false`. */
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
    if (verdict !== false) needs = needs === undefined ? [...verdict] : [...needs, ...verdict];
  }
  return needs ?? false;
}
