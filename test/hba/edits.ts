import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LineInsertion } from '../../src/auth-file/insertion.ts';
import { decodeText } from '../../src/text/bytes.ts';
import type { Diagnostic } from '../../src/text/diagnostic.ts';
import type { Line, Place } from '../../src/text/lines.ts';
import { anyComment, assertOthersKept, edited } from './property.ts';

interface AnyEntry extends Line {
  readonly kind: string;
}

/**
 * The methods that the classes of all authentication files have. `F` is the class of the file, and `E` is the type of
 * its entries.
 */
interface Editable<F, E extends AnyEntry, Input, Change> {
  readonly entries: readonly E[];
  insert(insertion: Input | LineInsertion, place: Place<E>): F;
  ensure(input: Input, place?: Place<E>): { readonly file: F; readonly outcome: 'present' | 'added' };
  replace(entry: E, change: Change | { readonly comment: string }): F;
  remove(entry: E): F;
  move(entry: E, place: Place<E>): F;
  commentOut(entry: E): F;
  uncomment(entry: E): F;
  edit(edits: readonly AnyEdit<E, Input, Change>[]): F;
}

type AnyEdit<E extends Line, Input, Change> =
  | { readonly kind: 'insert'; readonly insertion: Input | LineInsertion; readonly place: Place<E> }
  | { readonly kind: 'replace'; readonly entry: E; readonly change: Change }
  | { readonly kind: 'move'; readonly entry: E; readonly place: Place<E> }
  | { readonly kind: 'remove' | 'commentOut' | 'uncomment'; readonly entry: E };

interface Wanted<Input, Change> {
  readonly kind: AnyEdit<Line, Input, Change>['kind'];
  readonly at: number;
  readonly to: number;
  readonly insertion: Input | LineInsertion;
  readonly change: Change;
}

/**
 * Returns generators of random edits of a file. The edits insert the given records and make the given changes of
 * records. After each edit, the test asserts that everything else in the file is unchanged.
 */
export function editsOf<F extends Editable<F, E, Input, Change>, E extends AnyEntry, Input, Change>(
  kind: E['kind'],
  input: fc.Arbitrary<Input>,
  change: fc.Arbitrary<Change>,
  codes: readonly string[],
): fc.Arbitrary<(file: F) => F> {
  type Edit = (file: F) => F;
  const at = fc.nat(99);
  const insertion: fc.Arbitrary<Input | LineInsertion> = fc.oneof(
    { weight: 3, arbitrary: input },
    { weight: 1, arbitrary: anyComment.map((comment) => ({ kind: 'comment', comment }) as const) },
    { weight: 1, arbitrary: fc.constant({ kind: 'blank' } as const) },
  );
  const entryAt = ({ entries }: F, at: number): E | undefined => entries[at % entries.length];
  const placeAt = (file: F, at: number): Place<E> => {
    const entry = entryAt(file, at);
    if (entry === undefined || at % 5 === 4) return at % 2 === 0 ? 'start' : 'end';
    return at % 2 === 0 ? { before: entry } : { after: entry };
  };
  const indexOfPlace = ({ entries }: F, place: Place<E>): number => {
    if (typeof place === 'string') return place === 'start' ? 0 : entries.length;
    return 'before' in place ? entries.indexOf(place.before) : entries.indexOf(place.after) + 1;
  };
  const onEntry = (file: F, entry: E | undefined, added: 0 | 1, edit: (entry: E) => F): F => {
    if (entry === undefined) return file;
    const after = edit(entry);
    assertOthersKept(file.entries, after.entries, { index: file.entries.indexOf(entry), deleted: 1, added });
    return after;
  };
  /** Returns those of the wanted edits that the file accepts one by one, at most one for each entry. */
  const batchOf = (file: F, wanted: readonly Wanted<Input, Change>[]): readonly AnyEdit<E, Input, Change>[] => {
    const free = new Set(file.entries);
    return wanted.flatMap(({ kind, at, to, insertion, change }) => {
      const place = placeAt(file, to);
      if (kind === 'insert') return editedAlone(file, { kind, insertion, place });
      const entry = entryAt(file, at);
      if (entry === undefined || !free.has(entry)) return [];
      const more = kind === 'replace' ? { kind, change } : kind === 'move' ? { kind, place } : { kind };
      const taken = editedAlone(file, { ...more, entry });
      if (taken.length > 0) free.delete(entry);
      return taken;
    });
  };
  const editedAlone = (file: F, edit: AnyEdit<E, Input, Change>): readonly AnyEdit<E, Input, Change>[] =>
    edited(() => file.edit([edit]), codes) === undefined ? [] : [edit];
  /**
   * Returns the lines that a call of `edit` must produce, computed from the single edits. New lines at the same place
   * are in the order of the edits.
   */
  const linesAfter = (file: F, edits: readonly AnyEdit<E, Input, Change>[]): readonly string[] => {
    const cells = [...file.entries, undefined].map((entry) => ({ added: [] as string[], own: entry && [entry.text] }));
    for (const edit of edits) {
      const after = file.edit([edit]).entries;
      const index = 'place' in edit ? indexOfPlace(file, edit.place) : file.entries.indexOf(edit.entry);
      if (edit.kind === 'insert') cells[index]!.added.push(after[index]!.text);
      else if (edit.kind === 'move') cells[index]!.added.push(edit.entry.text);
      else cells[index]!.own = edit.kind === 'remove' ? [] : [after[index]!.text];
      if (edit.kind === 'move') cells[file.entries.indexOf(edit.entry)]!.own = [];
    }
    return cells.flatMap(({ added, own = [] }) => [...added, ...own]).map((text) => text.trim());
  };
  const wanted: fc.Arbitrary<Wanted<Input, Change>> = fc.record({
    kind: fc.constantFrom('insert', 'replace', 'move', 'remove', 'commentOut', 'uncomment'),
    at,
    to: at,
    insertion,
    change,
  });
  return fc.oneof(
    fc.array(wanted, { maxLength: 6 }).map((wanted): Edit => {
      return (file) => {
        const edits = batchOf(file, wanted);
        const after = file.edit(edits);
        assert.deepEqual(
          after.entries.map(({ text }) => text.trim()),
          linesAfter(file, edits),
        );
        return after;
      };
    }),
    fc.tuple(insertion, at).map(([insertion, at]): Edit => {
      return (file) => {
        const place = placeAt(file, at);
        const after = file.insert(insertion, place);
        assertOthersKept(file.entries, after.entries, { index: indexOfPlace(file, place), deleted: 0, added: 1 });
        return after;
      };
    }),
    fc.tuple(input, at).map(([input, at]): Edit => {
      return (file) => {
        const { file: after, outcome } = file.ensure(input, placeAt(file, at));
        assert.equal(after === file, outcome === 'present');
        assert.deepEqual(after.ensure(input), { file: after, outcome: 'present' });
        return after;
      };
    }),
    fc.tuple(change, at).map(([change, at]): Edit => {
      return (file) => {
        const records = file.entries.filter((entry) => entry.kind === kind);
        return onEntry(file, records[at % records.length], 1, (entry) => file.replace(entry, change));
      };
    }),
    fc.tuple(anyComment, at).map(([comment, at]): Edit => {
      return (file) =>
        onEntry(file, entryAt(file, at), 1, (entry) => {
          const after = file.replace(entry, { comment });
          const changed = after.entries[file.entries.indexOf(entry)]!;
          assert.ok('comment' in changed && changed.comment === comment && changed.kind === entry.kind);
          return after;
        });
    }),
    at.map(
      (at): Edit =>
        (file) =>
          onEntry(file, entryAt(file, at), 0, (entry) => file.remove(entry)),
    ),
    at.map(
      (at): Edit =>
        (file) =>
          onEntry(file, entryAt(file, at), 1, (entry) => file.commentOut(entry)),
    ),
    at.map(
      (at): Edit =>
        (file) =>
          onEntry(file, entryAt(file, at), 1, (entry) => file.uncomment(entry)),
    ),
    fc.tuple(at, at).map(([from, to]): Edit => {
      return (file) => {
        const entry = entryAt(file, from);
        if (entry === undefined) return file;
        const place = placeAt(file, to);
        const others = file.entries.filter((each) => each !== entry).map(({ text }) => text.trim());
        const index = indexOfPlace(file, place);
        const target = file.entries.indexOf(entry) < index ? index - 1 : index;
        const after = file.move(entry, place).entries.map(({ text }) => text.trim());
        assert.deepEqual(after, others.toSpliced(target, 0, entry.text.trim()));
        return file.move(entry, place);
      };
    }),
  );
}

/** The part of a file class that {@link assertModelHolds} compares: its text and its entries. */
interface Checked {
  readonly entries: readonly Line[];
  readonly diagnostics: readonly Diagnostic[];
  toString(): string;
  toBytes(): Uint8Array;
}

/**
 * Makes edits one after another. Asserts that an edit does not change the old file object, and that the new file object
 * equals a new parse of its bytes. An edit may throw an error with one of the given codes. Returns the number of edits
 * that did not throw.
 */
export function assertModelHolds<F extends Checked>(
  bytes: Uint8Array,
  edits: readonly ((file: F) => F)[],
  parse: (bytes: Uint8Array) => F,
  codes: readonly string[],
): number {
  let file = parse(bytes);
  let done = 0;
  for (const edit of edits) {
    const before = [file.toString(), ...file.entries];
    const after = edited(() => edit(file), codes);
    assert.deepEqual([file.toString(), ...file.entries], before);
    if (after === undefined) continue;
    done += 1;
    file = after;
    const again = parse(file.toBytes());
    assert.deepEqual(again.toBytes(), file.toBytes());
    // If an edit removes the last byte that is not UTF-8, a new parse decodes the file as UTF-8 and gets another text.
    // The comparison ends there.
    if (decodeText(bytes).encoding !== decodeText(file.toBytes()).encoding) break;
    assert.deepEqual(again.entries, file.entries);
    assert.deepEqual(again.diagnostics, file.diagnostics);
  }
  return done;
}
