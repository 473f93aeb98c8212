import { assertProperties, type PropertyNames } from '../arguments.ts';
import { PgHostsslError } from '../errors.ts';
import type { AuthFormat, RecordInput } from './format.ts';
import type { RecordEntry } from './read/entry.ts';

/** A line to insert that is not a record: a comment or an empty line. */
export type LineInsertion =
  | {
      /** A line that contains only a comment. */
      readonly kind: 'comment';
      /** The text of the comment, after the `#`. */
      readonly comment: string;
    }
  | {
      /** An empty line. */
      readonly kind: 'blank';
    };

const lineProperties: PropertyNames<LineInsertion> = { kind: true, comment: true };

/** Returns whether the line to insert is a comment or an empty line, not a record. */
export function isLineInsertion(insertion: object): insertion is LineInsertion {
  const { kind } = insertion as { readonly kind?: unknown };
  return kind === 'comment' || kind === 'blank';
}

/**
 * Checks a record, a comment or an empty line that is to be inserted, for callers without type checks.
 *
 * @throws PgHostsslError `argument-invalid` for an invalid record, comment or empty line
 */
export function assertInsertion<R, E extends RecordEntry, Input extends RecordInput, Change>(
  insertion: Input | LineInsertion,
  format: AuthFormat<R, E, Input, Change>,
): void {
  if (typeof insertion === 'object' && insertion !== null && isLineInsertion(insertion)) {
    assertProperties(insertion, lineProperties, `${insertion.kind} given to ${format.className}`);
    return;
  }
  const what = `${format.kind} given to ${format.className}`;
  assertProperties<Input | E>(insertion as Input, format.inputProperties, what);
  for (const name of format.requiredProperties) {
    if ((insertion as Input)[name] !== undefined && (insertion as Input)[name] !== null) continue;
    throw new PgHostsslError('argument-invalid', `The ${what} must have the property ${JSON.stringify(name)}`);
  }
  const removed = Object.entries(insertion).find(([, value]) => value === null);
  if (removed !== undefined) {
    throw new PgHostsslError('argument-invalid', `The ${what} must not have ${JSON.stringify(removed[0])}: null`, {
      hint: 'Leave the property out. Only a change takes null, which removes the value.',
    });
  }
  format.assertValues(insertion as Input);
}

/**
 * Checks a place for callers without type checks. The function does not check whether the entry is in the file.
 *
 * @throws PgHostsslError `argument-invalid` for an invalid place
 */
export function assertPlace(place: unknown): void {
  if (place === 'start' || place === 'end') return;
  if (typeof place === 'object' && place !== null) {
    const names = Object.keys(place);
    if (names.length === 1 && (names[0] === 'before' || names[0] === 'after')) return;
  }
  throw new PgHostsslError('argument-invalid', 'The place of a line must be given', {
    hint: "Give 'start', 'end', { before: entry } or { after: entry }.",
  });
}
