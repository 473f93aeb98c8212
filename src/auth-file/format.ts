import type { PropertyNames } from '../arguments.ts';
import type { ErrorCode } from '../codes.ts';
import type { TextChange } from '../text/pieces.ts';
import type { FileCheck } from './check/check-file.ts';
import type { RecordEntry } from './read/entry.ts';
import type { AuthLine } from './read/line.ts';
import type { LineContext, RecordFormat } from './read/record-format.ts';
import type { ColumnLayout } from './write/columns.ts';

/** A record as a caller gives it: its fields, and the text of the comment behind it. */
export interface RecordInput {
  /** The text behind the `#` of the record's own line. */
  readonly comment?: string;
}

/**
 * All that distinguishes pg_hba.conf, pg_ident.conf and pg_hosts.conf from each other, as one plain object: how a record is
 * read (`R`, `E`), written (`Input`), changed, compared and checked. `AuthFile` does everything else.
 */
export interface AuthFormat<R, E extends RecordEntry, Input extends RecordInput, Change> extends RecordFormat<R, E> {
  /** The name of the class, for messages. */
  readonly className: string;
  /** The code of the error for a record that cannot be written. */
  readonly invalidCode: ErrorCode;
  /** The properties that a record given by a caller may have; those of an entry are among them. */
  readonly inputProperties: PropertyNames<Input | E>;
  /** The properties that a change of a record may have. */
  readonly changeProperties: PropertyNames<Change>;
  /** The properties that a record to be written must have. */
  readonly requiredProperties: readonly (keyof Input & string)[];
  /** The columns of a record, the last one included. */
  readonly layout: ColumnLayout<R>;
  /** Whether the layout of a new record follows its neighbours; if not, one blank separates its columns. */
  readonly followsNeighbours: boolean;
  /** Checks the values within a record or a change, as far as the compiler checks them in TypeScript. */
  assertValues(values: Partial<Input> | Change): void;
  /** The text of each column, empty for a missing one, and of what follows the columns. */
  serialize(input: Input, context: LineContext): { readonly cells: readonly string[]; readonly rest?: string };
  /** The changes of a line's text that make its record the given one; the comment is not among them. */
  changes(line: AuthLine<R, E>, change: Change, changed: Input): readonly TextChange[];
  /** The one record for all that are equivalent to the server. */
  normalize(input: Input): Input;
  /** A text that is equal for records that differ in their serialization only; the comment is ignored. */
  keyOf(input: Input): string;
  /**
   * Why a record that the server takes must not be written: it does not do what it says. `undefined` if it does, or for a
   * format without such records.
   */
  trapOf?(input: Input, context: LineContext): string | undefined;
  /** A new check of one file. */
  startCheck(): FileCheck<R, E>;
}
