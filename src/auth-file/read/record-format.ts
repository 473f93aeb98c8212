import type { SecretNames } from '../../find-secrets.ts';
import type { ParseOptions, ServerFacts } from '../../parse-options.ts';
import type { FileEncoding } from '../../text/bytes.ts';
import { defaultPgMajor, type PgMajor } from '../../version.ts';
import { type ScanRules, scanRulesOf } from '../scan/scan-rules.ts';
import type { Field, ScannedLine } from '../scan/token.ts';
import type { RecordEntry } from './entry.ts';
import type { Span } from './line-diagnostic.ts';
import type { LineReading } from './refusal.ts';

/** What decides how a line is read. */
export interface LineContext {
  /** The server's major version. */
  readonly version: PgMajor;
  /** The scanner's rules in that version. */
  readonly rules: ScanRules;
  /** How the text represents bytes. */
  readonly encoding: FileEncoding;
  /** Facts about the server. */
  readonly server: ServerFacts;
}

/** How the records of one authentication file are read: `R` as the server holds them, `E` as entries. */
export interface RecordFormat<R, E extends RecordEntry> {
  /** The `kind` of an entry that is a record. */
  readonly kind: E['kind'];
  /** The names whose values are secret. */
  readonly secretNames: SecretNames;
  /** Reads the fields of a line as the server does. */
  readRecord(fields: readonly Field[], context: LineContext): LineReading<R>;
  /** The entry of a record in a line with this text and this comment. */
  entryOf(record: R, line: RecordText, context: LineContext): E;
  /**
   * Whether an entry can show an `@file` of this field as it is written. If it cannot, or if the format has no such
   * function, the entry is `indirect`.
   */
  showsFileOf?(field: Field, record: R | undefined): boolean;
  /** The range of a value that is secret although no option name in front of it says so. */
  secretOf?(scanned: ScannedLine): Span | undefined;
}

/** The texts that the entry of a record keeps beside its fields. */
export interface RecordText {
  /** The exact text of the line, line end included. */
  readonly text: string;
  /** The text behind the `#`, if the line has a comment. */
  readonly comment: string | undefined;
}

/** What all lines of one file share: how they are read, and which records they hold. */
export interface FileContext<R, E extends RecordEntry> extends LineContext {
  /** How records are read. */
  readonly format: RecordFormat<R, E>;
}

/** The context of a file with this encoding. */
export function contextOf<R, E extends RecordEntry>(
  format: RecordFormat<R, E>,
  encoding: FileEncoding,
  { version = defaultPgMajor, server = {} }: ParseOptions,
): FileContext<R, E> {
  return { version, rules: scanRulesOf(version), encoding, server, format };
}
