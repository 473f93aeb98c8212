import { assertKnownValue, assertList, assertRecord, assertText } from '../arguments.ts';
import type { DiagnosticCode } from '../codes.ts';
import { PgHostsslError } from '../errors.ts';
import { withoutControls, withoutControlsInColumns } from './control-characters.ts';
import { asStars } from './mask.ts';
import { type Range, startOfFile } from './position.ts';
import { trimEndOf } from './trim-end.ts';

/**
 * The severity of a diagnostic. `error`: a server of this major version refuses the file (pg_hba.conf) or the setting
 * (postgresql.conf). `warning`: the server loads the line, but certainly not as its author meant, or a fact that was
 * not given decides whether the server loads the line. `info`: advice, or a verdict that does not depend on the file
 * alone.
 */
export type Severity = 'error' | 'warning' | 'info';

/** A change of the text that corrects the problem of a diagnostic, and changes nothing else. */
export interface Fix {
  /** The effect of the change, as an imperative: `write the network address 10.0.0.0/8`. */
  readonly title: string;
  /** The range to replace. It is empty if `text` is only inserted. */
  readonly range: Range;
  /** The text that replaces the range. */
  readonly text: string;
}

/** A problem in the content of a file. */
export interface Diagnostic {
  /** The stable name of the problem. {@link diagnosticCodes} lists all codes. */
  readonly code: DiagnosticCode;
  /** The severity of the diagnostic. */
  readonly severity: Severity;
  /** The problem and how to correct it, in words for a person. The words can change between releases. */
  readonly message: string;
  /** The part of the file that the diagnostic is about. */
  readonly range: Range;
  /** The path of the file, if known: an included file, or the `file` of the parse options. */
  readonly file?: string;
  /** `true` if the file is included by the parsed file. {@link range} is then a range of the included file. */
  readonly isIncluded?: boolean;
  /** A change that corrects the file, if there is a safe one. */
  readonly fix?: Fix;
  /** The ranges to mask when the diagnostic is rendered: possible secrets in the physical lines of {@link range}. */
  readonly secrets?: readonly Range[];
  /** Other places that belong to the problem, such as the earlier rule that makes a rule unreachable. */
  readonly related?: readonly RelatedPlace[];
  /**
   * `true` if a comment on the line, `# pg-hostssl: allow CODE`, allows the problem. The diagnostic stays in the list
   * of diagnostics. An error is never suppressed.
   */
  readonly suppressed?: boolean;
}

/** The place of a diagnostic, and the secrets to mask there. */
export type DiagnosticPlace = Pick<Diagnostic, 'range' | 'file' | 'isIncluded' | 'secrets'>;

/** A place that a diagnostic refers to. */
export interface RelatedPlace {
  /** The relation of the place to the diagnostic. */
  readonly message: string;
  /** The part of the file at this place. */
  readonly range: Range;
  /** The path of the file, if known. */
  readonly file?: string;
}

/** Returns whether a diagnostic is an error: whether the server refuses the file or the setting. */
export function isError({ severity }: Pick<Diagnostic, 'severity'>): boolean {
  return severity === 'error';
}

/**
 * The place of a diagnostic about a whole file, or about no file. {@link renderDiagnostic} shows the first line of the
 * file, and masks this line, because it was not searched for secrets.
 */
export const wholeFile: Required<Pick<Diagnostic, 'range' | 'secrets'>> = Object.freeze({
  range: startOfFile,
  secrets: Object.freeze([
    Object.freeze({ start: Object.freeze({ line: 1, column: 1 }), end: Object.freeze({ line: 2, column: 1 }) }),
  ]),
});

/** Inserts a diagnostic into a sorted list: after the diagnostics of the same file whose ranges start earlier. */
export function insertInOrder(diagnostics: Diagnostic[], added: Diagnostic): void {
  const { start } = added.range;
  const isBehind = ({ file, range }: Diagnostic): boolean =>
    file === added.file &&
    (range.start.line > start.line || (range.start.line === start.line && range.start.column > start.column));
  const index = diagnostics.findIndex(isBehind);
  diagnostics.splice(index === -1 ? diagnostics.length : index, 0, added);
}

/**
 * The texts of the files of some diagnostics: the text of the parsed file, a map from paths to texts, or a function
 * from a path to a text. The path is `undefined` for a file that was parsed without a path.
 */
export type DiagnosticTexts =
  | string
  | ReadonlyMap<string | undefined, string>
  | ((path: string | undefined) => string | undefined);

/**
 * Formats a diagnostic for a person: place, severity, code and message, then the line with carets under the range. Each
 * character of a password or another secret in the line is shown as `*`. If the text of the file is not given, the line
 * and the carets are left out.
 *
 * @param texts the whole text of the file, or the texts of all files
 * @returns three lines, or four if the diagnostic has a fix, without a final line end; without the text, one or two
 * lines
 *
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { HbaFile, renderDiagnostic } from 'pg-hostssl';
 *
 * const text = 'host app all 10.0.0.1/8 scram-sha-256\n';
 * const [diagnostic] = HbaFile.parse(text, { file: 'pg_hba.conf' }).diagnostics;
 * const [place, line, carets, fix] = renderDiagnostic(diagnostic!, text).split('\n');
 * assert.match(place!, /^pg_hba\.conf:1:14: warning\[address-host-bits\]: /);
 * assert.equal(line, '1 | host app all 10.0.0.1/8 scram-sha-256');
 * assert.equal(carets, '  |              ^^^^^^^^^^');
 * assert.equal(fix, '  = fix: write 10.0.0.0/8');
 * ```
 */
export function renderDiagnostic(diagnostic: Diagnostic, texts: DiagnosticTexts): string {
  assertDiagnostic(diagnostic, 'the diagnostic of renderDiagnostic');
  const { start, end } = diagnostic.range;
  const place = `${diagnostic.file === undefined ? '' : `${diagnostic.file}:`}${start.line}:${start.column}`;
  const head = withoutControls(`${place}: ${diagnostic.severity}[${diagnostic.code}]: ${diagnostic.message}`);
  const number = String(start.line);
  const blank = ' '.repeat(number.length);
  const fix = diagnostic.fix === undefined ? [] : [`${blank} = fix: ${withoutControls(diagnostic.fix.title)}`];
  const found = textOf(diagnostic, texts)?.split('\n')[start.line - 1];
  if (found === undefined) return [head, ...fix].join('\n');
  const line = shownLine(found, start.line, diagnostic.secrets);
  const stop = end.line === start.line ? end.column : line.length + 1;
  // The margin contains the tabs of the line, so that the caret is under the right character with any tab width.
  const margin = line.slice(0, start.column - 1).replace(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, stop - start.column));
  return [head, `${number} | ${line}`, `${blank} | ${margin}${carets}`, ...fix].join('\n');
}

/**
 * @internal Checks a diagnostic for callers without type checks.
 *
 * @param what the name of the diagnostic for error messages, such as "a diagnostic of toSarif"
 * @throws PgHostsslError `argument-invalid`
 */
export function assertDiagnostic(diagnostic: Diagnostic, what: string): void {
  assertRecord(diagnostic, what);
  const { code, severity, message, file, fix, range, secrets = [], related = [] } = diagnostic;
  for (const [name, text] of Object.entries({ code, message })) assertText(text, `${name} of ${what}`);
  assertKnownValue(severity, severities, `severity of ${what}`);
  if (file !== undefined) assertText(file, `file of ${what}`);
  if (fix !== undefined) assertText(fix?.title, `title of the fix of ${what}`);
  assertList(secrets, `secrets of ${what}`);
  assertList(related, `related of ${what}`);
  for (const place of related) {
    assertRecord(place, `a related place of ${what}`);
    assertText(place.message, `message of a related place of ${what}`);
  }
  for (const each of [range, ...secrets, ...related.map((place) => place.range)]) {
    const { start, end } = each ?? {};
    if ([start?.line, start?.column, end?.line, end?.column].every(Number.isSafeInteger)) continue;
    throw new PgHostsslError('argument-invalid', `A range of ${what} has no start or no end`);
  }
}

const severities: readonly Severity[] = ['error', 'warning', 'info'];

function textOf({ file, isIncluded }: Diagnostic, texts: DiagnosticTexts): string | undefined {
  if (typeof texts === 'function') return texts(file);
  if (typeof texts === 'string') return isIncluded === true ? undefined : texts;
  if (typeof (texts as typeof texts | undefined)?.get === 'function') return texts.get(file);
  throw new PgHostsslError('argument-invalid', 'The texts of renderDiagnostic must be a string, a Map or a function');
}

/** Returns a physical line without its line end, with a star for each character of a secret. */
function shownLine(line: string, number: number, secrets: readonly Range[] = []): string {
  let shown = trimEndOf(line, '\r');
  for (const { start, end } of secrets) {
    if (start.line > number || end.line < number) continue;
    const from = start.line === number ? start.column - 1 : 0;
    const to = end.line === number ? end.column - 1 : shown.length;
    shown = shown.slice(0, from) + asStars(shown.slice(from, to)) + shown.slice(to);
  }
  return withoutControlsInColumns(shown);
}
