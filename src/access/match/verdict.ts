import type { NeededFact } from '../rules/facts.ts';

/** Whether something matches; facts that would have to be known for that are listed instead. */
export type Verdict = boolean | readonly NeededFact[];

/** Whether one of several matches: yes if one does, else what would have to be known for it. */
export function anyOf<T>(list: readonly T[], verdictOf: (element: T) => Verdict): Verdict {
  let needs: NeededFact[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const verdict = verdictOf(list[i]!);
    if (verdict === true) return true;
    if (verdict !== false) needs = [...(needs ?? []), ...verdict];
  }
  return needs ?? false;
}
