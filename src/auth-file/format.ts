import type { PropertyNames } from '../arguments.ts';
import type { ErrorCode } from '../codes.ts';
import type { TextChange } from '../text/span.ts';
import type { FileCheck } from './check/check-file.ts';
import type { RecordEntry } from './read/entry.ts';
import type { AuthLine } from './read/line.ts';
import type { LineContext, RecordFormat } from './read/record-format.ts';
import type { ColumnLayout } from './write/columns.ts';

/** A record from a caller: its fields, and the text of the comment on its line. */
export interface RecordInput {
  /** The text after the `#` on the record's line. */
  readonly comment?: string | undefined;
}

/**
 * The properties in which pg_hba.conf, pg_ident.conf and pg_hosts.conf differ: how a record is read (`R`, `E`), written
 * (`Input`), changed, compared and checked. `AuthFile` has everything that the three files have in common.
 */
export interface AuthFormat<R, E extends RecordEntry, Input extends RecordInput, Change> extends RecordFormat<R, E> {
  /** The name of the class of the file, for messages, such as `HbaFile`. */
  readonly className: string;
  /** The code of the error for a record that cannot be written. */
  readonly invalidCode: ErrorCode;
  /** The properties that a caller's record can have, including the properties of an entry. */
  readonly inputProperties: PropertyNames<Input | E>;
  /** The properties that a change of a record can have. */
  readonly changeProperties: PropertyNames<Change>;
  /** The properties that a record to be written must have. */
  readonly requiredProperties: readonly (keyof Input & string)[];
  /** The column layout of a record. The last column is included. */
  readonly layout: ColumnLayout<R>;
  /**
   * `true` if a new record has its columns at the same positions as the nearest record; `false` if one blank separates
   * the columns of a new record.
   */
  readonly followsNeighbours: boolean;
  /** Checks the values of a record or a change, as TypeScript's compiler does. */
  assertValues(values: Partial<Input> | Change): void;
  /** Returns the text of each column, empty for a missing column, and the text after the columns. */
  serialize(input: Input, context: LineContext): { readonly cells: readonly string[]; readonly rest?: string };
  /**
   * Returns the changes of a line's text that turn its record into the record `changed`. They do not change the
   * comment on the line.
   */
  changes(line: AuthLine<R, E>, change: Change, changed: Input): readonly TextChange[];
  /** Returns the normalized form of a record. Equivalent records have the same normalized form. */
  normalize(input: Input): Input;
  /** Returns a key of a record. Equivalent records have equal keys. The comment is ignored. */
  keyOf(input: Input): string;
  /**
   * Returns the reason why a record must not be written although the server accepts it: the record does not do what it
   * says, such as `clientcert=verify-full` up to major version 11. Returns `undefined` for any other record.
   */
  trapOf?(input: Input, context: LineContext): string | undefined;
  /**
   * Returns the functions that check one file. They keep what they learn about the file until `checkWhole` is called.
   */
  startCheck(): FileCheck<R, E>;
}
