import type { SecretNames } from '../../find-secrets.ts';
import type { ParseOptions, ServerFacts } from '../../parse-options.ts';
import type { FileEncoding } from '../../text/bytes.ts';
import type { Span } from '../../text/span.ts';
import { defaultPgMajor, type PgMajor } from '../../version.ts';
import { type ScanRules, scanRulesOf } from '../scan/scan-rules.ts';
import type { Field, ScannedLine } from '../scan/token.ts';
import type { RecordEntry } from './entry.ts';
import type { LineReading } from './refusal.ts';

/** The data that decide how a line is read. */
export interface LineContext {
  /** The server's major version. */
  readonly version: PgMajor;
  /** The scanner's rules in this version. */
  readonly rules: ScanRules;
  /** How the text of the line represents the bytes of the file. */
  readonly encoding: FileEncoding;
  /** Facts about the server that decide whether it accepts the line. */
  readonly server: ServerFacts;
}

/** How the records of an authentication file are read: `R` in the server's form, `E` as entries. */
export interface RecordFormat<R, E extends RecordEntry> {
  /** The `kind` of an entry that is a record. */
  readonly kind: E['kind'];
  /** The names of options whose values are secret. */
  readonly secretNames: SecretNames;
  /** Reads the fields of a line as the server does. */
  readRecord(fields: readonly Field[], context: LineContext): LineReading<R>;
  /** Returns the entry of a record on a line with this text and this comment. */
  entryOf(record: R, line: RecordText, context: LineContext): E;
  /**
   * Returns whether an entry can contain an `@file` of this field as an element of a list. If the result is `false`, or
   * if the format has no such function, the entry of a line with an `@file` is `indirect`.
   */
  showsFileOf?(field: Field, record: R | undefined): boolean;
  /**
   * Returns the range of a value that is secret although no option name precedes it, such as the passphrase command in
   * pg_hosts.conf.
   */
  secretOf?(scanned: ScannedLine): Span | undefined;
}

/** The texts that the entry of a record has in addition to its fields. */
export interface RecordText {
  /** The exact text of the line, line end included. */
  readonly text: string;
  /** The text after the `#`, if the line has a comment. */
  readonly comment: string | undefined;
}

/** The format, the version and the encoding, which all lines of a file share. */
export interface FileContext<R, E extends RecordEntry> extends LineContext {
  /** The format of the file: how its records are read. */
  readonly format: RecordFormat<R, E>;
}

/** Makes the context of a file: the data that decide how its lines are read. */
export function contextOf<R, E extends RecordEntry>(
  format: RecordFormat<R, E>,
  encoding: FileEncoding,
  { version = defaultPgMajor, server = {} }: ParseOptions,
): FileContext<R, E> {
  return { version, rules: scanRulesOf(version), encoding, server, format };
}
