import { pgAsciiToLower } from '../../c/ascii.ts';
import { type IncludeDirective, includeDirectives } from '../../include/directive.ts';
import { decodeText, type FileEncoding, fromFileText } from '../../text/bytes.ts';
import type { Line } from '../../text/lines.ts';
import { dequoteValue } from './quote.ts';
import { type ScannedLine, type Span, scanLine } from './scan.ts';

/** An active setting: `name = value`. */
export interface ConfSetting extends Line {
  /** Tells the kinds of entries apart. */
  readonly kind: 'setting';
  /** The name as it is spelt in the file. */
  readonly name: string;
  /** The value without its quotes and escapes, as the server sees it. */
  readonly value: string;
}

/** A line that has another file, or all of a directory's files, read in its place. */
export interface ConfInclude extends Line {
  /** Tells the kinds of entries apart. */
  readonly kind: 'include';
  /** Which of the three directives it is. */
  readonly directive: IncludeDirective;
  /** The path without its quotes and escapes; a relative one starts from the including file's directory. */
  readonly path: string;
}

/**
 * A setting that is commented out, in the style in which PostgreSQL's own sample file gives the defaults: `#`, directly
 * behind it a name, `=` and a value, and nothing else but a comment. With a blank behind the `#`, without the `=`, or
 * with more words it is prose, and a plain {@link ConfComment}: so the sample's own `#   name = value` and its column of
 * units are prose, and each of its commented defaults is none.
 */
export interface ConfCommentedSetting extends Line {
  /** Tells the kinds of entries apart. */
  readonly kind: 'commented';
  /** The name as it is spelt in the file. */
  readonly name: string;
  /** The value that the line would give if it was active. */
  readonly value: string;
}

/** A line that is a comment and nothing else. */
export interface ConfComment extends Line {
  /** Tells the kinds of entries apart. */
  readonly kind: 'comment';
}

/** A line without any content. */
export interface ConfBlank extends Line {
  /** Tells the kinds of entries apart. */
  readonly kind: 'blank';
}

/** A line that the server cannot read; it is kept as it is. */
export interface ConfInvalid extends Line {
  /** Tells the kinds of entries apart. */
  readonly kind: 'invalid';
}

/** A physical line of a postgresql.conf, which is always a logical one, too. */
export type ConfEntry = ConfSetting | ConfInclude | ConfCommentedSetting | ConfComment | ConfBlank | ConfInvalid;

/** Where the fields of a setting's line are, commented out or not. */
export interface SettingSpans {
  /** Offset of the `#` that comments it out. */
  readonly hash?: number;
  /** The name. */
  readonly name: Span;
  /** The value, with its quotes. */
  readonly value: Span;
  /** Whether the value stands in quotes. */
  readonly quoted: boolean;
}

/** The lines of a file, and how its text stands for bytes. */
export interface ReadEntries {
  /** Every physical line, in order. */
  readonly entries: readonly ConfEntry[];
  /** How the text stands for bytes. */
  readonly encoding: FileEncoding;
}

/** Takes a file apart into its physical lines, each of which ends with `\n`, but perhaps the last. */
export function readEntries(source: string | Uint8Array): ReadEntries {
  const { text, encoding } = decodeText(source);
  const entries: ConfEntry[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline + 1;
    entries.push(readEntry(text.slice(start, end), encoding));
    start = end;
  }
  return { entries, encoding };
}

/** The entry that a physical line's exact text is. */
export function readEntry(text: string, encoding: FileEncoding): ConfEntry {
  const line = scanLine(text);
  switch (line.kind) {
    case 'setting':
      return readSetting(text, line, encoding);
    case 'comment':
      return readComment(text, line.start, encoding);
    default:
      return { kind: line.kind, text };
  }
}

/** The spans of a line that {@link readEntry} made a setting or a commented one. */
export function settingSpans(entry: ConfSetting | ConfCommentedSetting): SettingSpans {
  if (entry.kind === 'setting') return scanLine(entry.text) as Extract<ScannedLine, { kind: 'setting' }>;
  const hash = entry.text.indexOf('#');
  return { ...(scanLine(entry.text, hash + 1) as Extract<ScannedLine, { kind: 'setting' }>), hash };
}

function readSetting(text: string, { name, value }: SettingSpans, encoding: FileEncoding): ConfEntry {
  const nameText = text.slice(name.start, name.end);
  const valueText = dequoteValue(text.slice(value.start, value.end), encoding);
  const directive = includeDirective(nameText);
  if (directive !== undefined) return { kind: 'include', text, directive, path: valueText };
  return { kind: 'setting', text, name: fromFileText(nameText, encoding), value: valueText };
}

function readComment(text: string, hash: number, encoding: FileEncoding): ConfEntry {
  const inner = scanLine(text, hash + 1);
  if (inner.kind !== 'setting' || inner.name.start !== hash + 1) return { kind: 'comment', text };
  const name = text.slice(inner.name.start, inner.name.end);
  const hasEquals = text.slice(inner.name.end, inner.value.start).includes('=');
  if (!hasEquals || includeDirective(name) !== undefined) return { kind: 'comment', text };
  const value = dequoteValue(text.slice(inner.value.start, inner.value.end), encoding);
  return { kind: 'commented', text, name: fromFileText(name, encoding), value };
}

/** The include directive that a name is, if it is one. */
export function includeDirective(name: string): IncludeDirective | undefined {
  if (name.charCodeAt(0) !== 0x69 && name.charCodeAt(0) !== 0x49) return undefined;
  return includeDirectives.find((directive) => directive === pgAsciiToLower(name));
}
