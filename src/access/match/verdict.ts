import type { AccessFacts, NeededFact } from '../rules/facts.ts';
import type { MatchedConnection } from './connection.ts';

/** Whether something matches; facts that would have to be known for that are listed instead. */
export type Verdict = boolean | readonly NeededFact[];

/** Whether one element of a column matches: yes if one does, else what would have to be known for it. */
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
