import { findSecrets, inOrder } from '../../find-secrets.ts';
import { fromFileText } from '../../text/bytes.ts';
import { maskSpans } from '../../text/mask.ts';
import type { Span } from '../../text/span.ts';
import { endOfContent, splitLogicalLines } from '../scan/logical-line.ts';
import { type Field, isRefused, namesFile, type ScannedLine, scanLine } from '../scan/token.ts';
import type { CommonEntry, RecordEntry } from './entry.ts';
import { includeOf } from './include-line.ts';
import type { FileContext } from './record-format.ts';
import type { LineReading } from './refusal.ts';

/** Splits a text into logical lines. */
export function linesOf<R, E extends RecordEntry>(text: string, context: FileContext<R, E>): AuthLine<R, E>[] {
  const { encoding, rules } = context;
  return splitLogicalLines(text, encoding, rules).map((line) => new AuthLine(line, context));
}

/**
 * The lines that gave warnings when they were read as records. Few lines do, so the set takes less memory than a
 * property of each line.
 */
const linesWithWarnings = new WeakSet<object>();

/**
 * A logical line of an authentication file. The line is stored as its exact text. The entry is read from the text once
 * and kept. The tokens are scanned again at each use, because keeping them would take many times the memory of the
 * text.
 */
export class AuthLine<R, E extends RecordEntry> {
  /** The exact text of the line, line end included. */
  readonly text: string;
  /** The format, the version and the encoding, which decide how the line is read. */
  readonly context: FileContext<R, E>;
  /**
   * The key by which `ensure` compares records: `''` if the line is not a record, `undefined` as long as no comparison
   * needed the key.
   */
  key: string | undefined = undefined;
  #entry: E | CommonEntry | undefined;

  /** Creates a line with this text. */
  constructor(text: string, context: FileContext<R, E>) {
    this.text = text;
    this.context = context;
  }

  /** The entry of the line: the line as a plain object. */
  get entry(): E | CommonEntry {
    this.#entry ??= this.#readEntry(this.scan());
    return this.#entry;
  }

  /** `true` if reading the line as a record gave warnings. Use this only after `entry` was read. */
  get hasWarnings(): boolean {
    return linesWithWarnings.has(this);
  }

  /** Scans the tokens of the line. */
  scan(): ScannedLine {
    return scanLine(this.text, this.context.encoding, this.context.rules);
  }

  /** Reads the line as a record, as the server does. An `@file` is treated as a name. */
  read({ fields }: ScannedLine = this.scan()): LineReading<R> {
    return this.context.format.readRecord(fields, this.context);
  }

  /** Returns the text after the `#`, without the line end, if the line has a comment. */
  commentOf({ commentStart }: ScannedLine): string | undefined {
    if (commentStart === undefined) return undefined;
    return fromFileText(this.text.slice(commentStart + 1, this.contentEnd), this.context.encoding);
  }

  /** The parts of the text that may be secrets, in order. */
  get secrets(): readonly Span[] {
    const { format } = this.context;
    const found = findSecrets(this.text, format.secretNames);
    const secret = format.secretOf?.(this.scan());
    return secret === undefined ? found : inOrder([...found, secret]);
  }

  /** The text in the form that errors show, with a star for each character of a secret. */
  get shownText(): string {
    return maskSpans(this.text, this.secrets);
  }

  /** The offset at which the line end begins. */
  get contentEnd(): number {
    return endOfContent(this.text, 0, this.text.length);
  }

  /** `true` if the line is one physical line without a byte order mark, a NUL or a lone carriage return. */
  get isPlain(): boolean {
    const { text } = this;
    const lineEnd = text.indexOf('\n');
    const isOne = lineEnd === -1 || lineEnd === text.length - 1;
    return isOne && !/\0|\r[^\r\n]/.test(text) && !text.startsWith('\ufeff');
  }

  #readEntry(scanned: ScannedLine): E | CommonEntry {
    return commonEntry(this, scanned) ?? this.#recordEntry(scanned);
  }

  #recordEntry(scanned: ScannedLine): E | CommonEntry {
    const { text, context } = this;
    const { format } = context;
    const { fields } = scanned;
    // Few lines contain an `@`, and a search for this character takes less time than examining each token.
    const hasFiles = text.includes('@') && fields.some(hasFile);
    if (hasFiles && format.showsFileOf === undefined) return { kind: 'indirect', text };
    const { record, warnings } = this.read(scanned);
    if (hasFiles && fields.some((field) => hasFile(field) && format.showsFileOf?.(field, record) !== true)) {
      return { kind: 'indirect', text };
    }
    if (record === undefined) return { kind: 'invalid', text };
    if (warnings.length > 0) linesWithWarnings.add(this);
    return format.entryOf(record, { text, comment: this.commentOf(scanned) }, context);
  }
}

/** Returns the entry of a line that cannot be a record; `undefined` if the line can be a record. */
export function commonEntry<R, E extends RecordEntry>(
  line: AuthLine<R, E>,
  scanned: ScannedLine,
): CommonEntry | undefined {
  const { text } = line;
  if (isRefused(scanned)) return { kind: 'invalid', text };
  const { fields } = scanned;
  const comment = fields.length === 0 ? line.commentOf(scanned) : undefined;
  if (fields.length === 0) return comment === undefined ? { kind: 'blank', text } : { kind: 'comment', comment, text };
  const include = line.context.rules.includes ? includeOf(fields) : undefined;
  return include === undefined ? undefined : { kind: 'include', ...include, text };
}

function hasFile(field: Field): boolean {
  return field.some(namesFile);
}
