import { applyChanges } from '../../text/pieces.ts';
import type { LineFix, Span } from '../../text/span.ts';
import { trimEndOf } from '../../text/trim-end.ts';
import type { PgMajor } from '../../version.ts';
import { type SettingDefinition, settingDefinition } from '../catalogue/catalogue.ts';
import { acceptanceOf } from './acceptance.ts';

/** The reason why the server cannot read a line, and a change after which the server accepts the line. */
export interface SyntaxHint {
  /** The reason and how to correct the line, as part of a sentence. */
  readonly hint: string;
  /**
   * The change of the line, if every server of the major version certainly accepts the changed line when it loads the
   * file. A line with a time zone or a locale that only the server knows has no fix.
   */
  readonly fix?: LineFix | undefined;
}

/** A line that the server cannot read. */
export interface BrokenLine {
  /** The text without its line end. */
  readonly text: string;
  /** The first token that the server does not accept; an empty span if the line ends too early. */
  readonly near: Span;
  /** The offset at which the value starts: after the name and the `=`. */
  readonly valueStart: number;
  /** The value, up to the blanks before a comment. */
  readonly value: string;
  /** `true` if the line can contain a secret. If so, no message shows the value. */
  readonly isSecret: boolean;
  readonly version: PgMajor;
}

/** Explains one kind of mistake; returns `undefined` for a line without this mistake. */
export type HintRule = (line: BrokenLine) => SyntaxHint | undefined;

/** Returns a hint with a fix, if the server certainly accepts the changed line; otherwise a hint alone. */
export function hintWithFix({ text, version }: BrokenLine, hint: string, fix: LineFix): SyntaxHint {
  return acceptanceOf(applyChanges(text, [fix]), version) === 'accepted' ? { hint, fix } : { hint };
}

/** Returns a hint to replace the whole line; see {@link hintWithFix}. */
export function wholeLineHint(line: BrokenLine, hint: string, changed: string, title: string): SyntaxHint {
  return hintWithFix(line, hint, { title, start: 0, end: line.text.length, text: changed });
}

/** Returns a text without a character of `marks` at its end, and without the blanks around this character. */
export function withoutMark(text: string, marks: string): string {
  const end = trimEndOf(text, ' \t');
  return end !== '' && marks.includes(end.at(-1)!) ? trimEndOf(end.slice(0, -1), ' \t') : text;
}

/** Returns a double-quoted value in single quotes instead; `undefined` for a value that is not in double quotes. */
export function singleQuoted(value: string): string | undefined {
  return /^"[^"']*"$/.test(value) ? `'${value.slice(1, -1).replaceAll('\\', '\\\\')}'` : undefined;
}

/** Returns the definition of the setting that the line begins with. */
export function settingOf({ text, version }: BrokenLine): SettingDefinition | undefined {
  return settingDefinition(/\w[\w.]*/.exec(text)?.[0] ?? '', version);
}
