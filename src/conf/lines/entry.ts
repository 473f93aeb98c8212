import { pgAsciiToLower } from '../../c/ascii.ts';
import { type IncludeDirective, includeDirectives } from '../../include/directive.ts';
import { decodeText, type FileEncoding, tokenOfFileText } from '../../text/bytes.ts';
import type { Line } from '../../text/lines.ts';
import type { Span } from '../../text/span.ts';
import { dequoteValue } from './quote.ts';
import { hash, isLetter, newline, type ScannedLine, scanLine } from './scan.ts';

/** An active setting: `name = value`. */
export interface ConfSetting extends Line {
  /** The kind of the entry. */
  readonly kind: 'setting';
  /** The name as the file writes it. */
  readonly name: string;
  /**
   * The value without its quotes and escapes, as the server reads it. If a name, a value or a path is not UTF-8, each
   * byte above 0x7F is a lone surrogate: U+DC00 plus the byte.
   */
  readonly value: string;
}

/** A line that includes another file, or the files of a directory. */
export interface ConfInclude extends Line {
  /** The kind of the entry. */
  readonly kind: 'include';
  /** The include directive. */
  readonly directive: IncludeDirective;
  /** The path without its quotes and escapes. A relative path starts from the directory of the including file. */
  readonly path: string;
}

/**
 * A setting that is commented out as in PostgreSQL's sample file: `#`, directly followed by a name, `=`, a value, and
 * at most a comment. Any other comment is a {@link ConfComment}: for example, with blanks after the `#` (as in the
 * introduction of the sample file), without the `=`, or with more words. Each default that the sample file shows is
 * such a commented-out setting.
 */
export interface ConfCommentedSetting extends Line {
  /** The kind of the entry. */
  readonly kind: 'commented';
  /** The name as the file writes it. */
  readonly name: string;
  /** The value that the line would set if it were active. */
  readonly value: string;
}

/** A line that contains only a comment. */
export interface ConfComment extends Line {
  /** The kind of the entry. */
  readonly kind: 'comment';
}

/** An empty line. */
export interface ConfBlank extends Line {
  /** The kind of the entry. */
  readonly kind: 'blank';
}

/** A line that the server cannot read. The diagnostics of the file say why. */
export interface ConfInvalid extends Line {
  /** The kind of the entry. */
  readonly kind: 'invalid';
}

/** A line of a postgresql.conf. Each physical line is a logical line. */
export type ConfEntry = ConfSetting | ConfInclude | ConfCommentedSetting | ConfComment | ConfBlank | ConfInvalid;

/** The offsets of the fields in the line of a setting, active or commented out. */
export interface SettingSpans {
  /** The offset of the `#` in front of a commented setting. */
  readonly hash?: number;
  readonly name: Span;
  /** The value of the setting, with its quotes. */
  readonly value: Span;
  /** `true` if the value is quoted. */
  readonly quoted: boolean;
}

/** The lines of a file, and the encoding of their text. */
export interface ReadEntries {
  /** Every physical line of the file, in order. */
  readonly entries: readonly ConfEntry[];
  /** How the text of the lines represents the bytes of the file. */
  readonly encoding: FileEncoding;
}

/** Splits a file into physical lines. Each line ends with `\n`; the last line can lack it. */
export function readEntries(source: string | Uint8Array): ReadEntries {
  const { text, encoding } = decodeText(source);
  const entries: ConfEntry[] = [];
  for (let start = 0; start < text.length; ) {
    const lineEnd = text.indexOf('\n', start);
    const end = lineEnd === -1 ? text.length : lineEnd + 1;
    entries.push(readLine(text, start, end, encoding));
    start = end;
  }
  return { entries, encoding };
}

/** Returns the entry of a physical line. */
export function readEntry(text: string, encoding: FileEncoding): ConfEntry {
  return readLine(text, 0, text.length, encoding);
}

/**
 * Returns the entry of the physical line between two offsets of a file's text. The line is scanned inside this text,
 * because reading the characters of a substring takes longer.
 */
function readLine(file: string, start: number, end: number, encoding: FileEncoding): ConfEntry {
  const text = file.slice(start, end);
  const first = file.charCodeAt(start);
  // Most lines of a sample file begin with `#` or are empty, so the scanner is not needed for them.
  if (first === hash) return readComment(text, file, start, encoding);
  if (first === newline) return { kind: 'blank', text };
  const line = scanLine(file, start);
  switch (line.kind) {
    case 'setting':
      return readSetting(text, file, line, encoding);
    case 'comment':
      return readComment(text, file, line.start, encoding);
    default:
      return { kind: line.kind, text };
  }
}

/** Returns the spans of an active or commented setting. */
export function settingSpans(entry: ConfSetting | ConfCommentedSetting): SettingSpans {
  if (entry.kind === 'setting') return scanLine(entry.text) as Extract<ScannedLine, { kind: 'setting' }>;
  const hash = entry.text.indexOf('#');
  return { ...(scanLine(entry.text, hash + 1) as Extract<ScannedLine, { kind: 'setting' }>), hash };
}

function readSetting(
  text: string,
  file: string,
  { name, value }: SettingSpans,
  encoding: FileEncoding,
): ConfSetting | ConfInclude {
  const nameText = file.slice(name.start, name.end);
  const valueText = dequoteValue(file.slice(value.start, value.end), encoding);
  const directive = includeDirective(nameText);
  if (directive !== undefined) return { kind: 'include', text, directive, path: valueText };
  return { kind: 'setting', text, name: tokenOfFileText(nameText, encoding), value: valueText };
}

/**
 * Returns the entry of a line that contains only a comment. The comment begins at offset `start` of the file's text.
 */
function readComment(text: string, file: string, start: number, encoding: FileEncoding): ConfEntry {
  // Most comments have a blank after the `#`, so they are not commented-out settings and need no scanning.
  if (!isLetter(file.charCodeAt(start + 1))) return { kind: 'comment', text };
  const line = scanLine(file, start + 1);
  if (line.kind !== 'setting' || !line.hasEquals) return { kind: 'comment', text };
  const setting = readSetting(text, file, line, encoding);
  if (setting.kind === 'include') return { kind: 'comment', text };
  return { kind: 'commented', text, name: setting.name, value: setting.value };
}

/** Returns the include directive with this name; `undefined` if the name is not a directive. */
export function includeDirective(name: string): IncludeDirective | undefined {
  // Each directive begins with an `i`, so most names need no search. Comparing codes is faster than comparing texts.
  const first = name.charCodeAt(0);
  if (first !== 0x69 && first !== 0x49) return undefined;
  return includeDirectives.find((directive) => directive === pgAsciiToLower(name));
}
