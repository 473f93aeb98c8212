import { assertList, assertProperties, type PropertyNames } from '../arguments.ts';
import { PgHostsslError } from '../errors.ts';
import type { Place } from '../text/lines.ts';
import type { AuthFormat, RecordInput } from './format.ts';
import { assertInsertion, assertPlace, type LineInsertion } from './insertion.ts';
import type { CommonEntry, RecordEntry } from './read/entry.ts';

/**
 * One edit of a list of edits. Entries and places refer to the file before the first edit of the list.
 *
 * @typeParam Entry a record as the file lists it
 * @typeParam Input a record to be inserted
 * @typeParam Change new values for columns of a record
 * @typeParam Options the layout of a new line
 */
export type AuthFileEdit<Entry, Input, Change, Options> =
  | {
      /** Inserts a record, a comment or an empty line. */
      readonly kind: 'insert';
      /** The record, the comment or the empty line. */
      readonly insertion: Input | LineInsertion;
      /** The place of the new line. */
      readonly place: Place<Entry | CommonEntry>;
      /** The layout of the new line. */
      readonly options?: Options | undefined;
    }
  | {
      /** Changes some columns of a record, or the text of a comment. */
      readonly kind: 'replace';
      /** The entry to change. */
      readonly entry: Entry | CommonEntry;
      /** The new values of the record, by column. */
      readonly change: Change;
    }
  | {
      /** Moves an entry to another place. */
      readonly kind: 'move';
      /** The entry to move. */
      readonly entry: Entry | CommonEntry;
      /** The new place of the entry. */
      readonly place: Place<Entry | CommonEntry>;
    }
  | {
      /** Removes an entry, turns its line into a comment, or removes the first `#` of a comment. */
      readonly kind: 'remove' | 'commentOut' | 'uncomment';
      /** The entry to remove, comment out or uncomment. */
      readonly entry: Entry | CommonEntry;
    };

type AnyEdit = AuthFileEdit<unknown, unknown, unknown, unknown>;

const editProperties: Readonly<Record<AnyEdit['kind'], Partial<PropertyNames<AnyEdit>>>> = {
  insert: { kind: true, insertion: true, place: true, options: true },
  replace: { kind: true, entry: true, change: true },
  move: { kind: true, entry: true, place: true },
  remove: { kind: true, entry: true },
  commentOut: { kind: true, entry: true },
  uncomment: { kind: true, entry: true },
};

/**
 * Checks a list of edits for callers without type checks. The function does not check whether the entries are in the
 * file.
 *
 * @throws PgHostsslError `argument-invalid` for an invalid list of edits
 */
export function assertEdits<E extends RecordEntry, Input extends RecordInput, Change, Options>(
  edits: readonly AuthFileEdit<E, Input, Change, Options>[],
  format: AuthFormat<unknown, E, Input, Change>,
): void {
  const { className } = format;
  assertList(edits, `edits given to ${className}.edit`);
  for (const edit of edits) {
    const kind = (edit as { readonly kind?: unknown } | null | undefined)?.kind;
    if (typeof kind !== 'string' || !Object.hasOwn(editProperties, kind)) {
      throw new PgHostsslError('argument-invalid', `Each edit given to ${className}.edit must have a known kind`, {
        hint: `The kinds are ${Object.keys(editProperties).join(', ')}.`,
      });
    }
    assertProperties<object>(edit, editProperties[edit.kind], `edit given to ${className}.edit`);
    if (edit.kind === 'insert') assertInsertion(edit.insertion, format);
    if (edit.kind === 'insert' || edit.kind === 'move') assertPlace(edit.place);
    if (edit.kind === 'replace') {
      assertProperties<object>(edit.change as object, format.changeProperties, `change given to ${className}.replace`);
    }
  }
}

/** Returns the entries that the edits refer to, either as the entry to edit or in a place before or after an entry. */
export function namedEntries<E>(edits: readonly AuthFileEdit<E, unknown, unknown, unknown>[]): Set<E | CommonEntry> {
  const named = new Set<E | CommonEntry>();
  for (const edit of edits) {
    if (edit.kind !== 'insert') named.add(edit.entry);
    if ('place' in edit && typeof edit.place === 'object') {
      named.add('before' in edit.place ? edit.place.before : edit.place.after);
    }
  }
  return named;
}
