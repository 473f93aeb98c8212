import type { HbaEntry } from '../../hba/file.ts';
import type { Place } from '../../text/lines.ts';

/**
 * Returns the place above an entry and above the comments directly before the entry. The heading comment of the file
 * stays on top.
 */
export function aboveComment(entries: readonly HbaEntry[], index: number): Place<HbaEntry> {
  if (index === entries.length) return 'end';
  let top = index;
  while (top > 0 && entries[top - 1]!.kind === 'comment') top -= 1;
  return { before: entries[top === 0 ? index : top]! };
}
