import { indexOfPlace, type LineChange, type Place } from '../text/lines.ts';
import type { AuthFileEdit } from './edit.ts';
import {
  changedLine,
  commentedOutLine,
  commentLine,
  type RecordChange,
  recordLine,
  uncommentedLine,
} from './edited-line.ts';
import type { AuthFormat, RecordInput } from './format.ts';
import { isLineInsertion } from './insertion.ts';
import type { LineList } from './line-list.ts';
import type { CommonEntry, RecordEntry } from './read/entry.ts';
import type { AuthLine } from './read/line.ts';
import type { AnyColumnStyle } from './write/columns.ts';

/**
 * Returns the changes of the lines of a file that one edit makes.
 *
 * @param indexes the indexes of the entries that the edit names
 */
export function lineChangesOf<
  Entry extends RecordEntry & Input,
  Input extends RecordInput,
  Change extends RecordChange,
  Options extends { readonly columns?: AnyColumnStyle | undefined },
>(
  edit: AuthFileEdit<Entry, Input, Change, Options>,
  list: LineList<unknown, Entry>,
  indexes: ReadonlyMap<Entry | CommonEntry, number>,
  format: AuthFormat<unknown, Entry, Input, Change>,
): readonly LineChange<AuthLine<unknown, Entry>>[] {
  const indexOfNew = (place: Place<Entry | CommonEntry>): number =>
    indexOfPlace(place, list.lines, (entry) => indexes.get(entry)!);
  if (edit.kind === 'insert') {
    const { insertion, options } = edit;
    const index = indexOfNew(edit.place);
    const line = isLineInsertion(insertion)
      ? commentLine(list, insertion, index)
      : recordLine(format, list, insertion, index, options?.columns);
    return [{ index, deleted: 0, added: [line] }];
  }
  const index = indexes.get(edit.entry)!;
  const line = list.lines[index]!;
  const replaced = (...added: readonly AuthLine<unknown, Entry>[]) => ({ index, deleted: 1, added }) as const;
  switch (edit.kind) {
    case 'replace':
      return [replaced(changedLine(format, list, line, edit.change))];
    case 'remove':
      return [replaced()];
    case 'move':
      return [replaced(), { index: indexOfNew(edit.place), deleted: 0, added: [line] }];
    case 'commentOut':
      return [replaced(commentedOutLine(list, line))];
    case 'uncomment':
      return [replaced(uncommentedLine(list, line))];
  }
}
