import type { DiagnosticCode } from '../codes.ts';
import { asStars } from './mask.ts';
import type { Range } from './position.ts';

/**
 * How bad it is. `error` means exactly: a server of this major refuses the file (pg_hba.conf) or the setting
 * (postgresql.conf). A `warning` loads but surely is not what was meant, or hangs on a fact that was not given. An
 * `info` could not be judged from the file.
 */
export type Severity = 'error' | 'warning' | 'info';

/** A change of the text that mends a problem without changing anything else. */
export interface Fix {
  /** What it does, as an imperative: `write the network address 10.0.0.0/8`. */
  readonly title: string;
  /** The text to replace; empty where `text` is to be inserted. */
  readonly range: Range;
  /** The replacement. */
  readonly text: string;
}

/** A problem in the content of a file. */
export interface Diagnostic {
  /** Stable name of the problem; the table of all codes is {@link diagnosticCodes}. */
  readonly code: DiagnosticCode;
  /** How bad it is. */
  readonly severity: Severity;
  /** What is wrong and what to do, for a person. May be reworded between releases. */
  readonly message: string;
  /** Where it is. */
  readonly range: Range;
  /** The file that it is in, where the path is known: an included file, or the `file` of the parse options. */
  readonly file?: string;
  /** A change that mends it, where there is one. */
  readonly fix?: Fix;
  /**
   * Ranges to mask when the diagnostic is rendered: what may be a secret in the physical lines that {@link range} touches.
   */
  readonly secrets?: readonly Range[];
  /** Other places that belong to it, such as the rule that takes the connections of an unreachable one. */
  readonly related?: readonly RelatedPlace[];
  /** Whether a comment on its line allows it. It stays in the list; an error is never suppressed. */
  readonly suppressed?: boolean;
}

/** A place that a diagnostic refers to. */
export interface RelatedPlace {
  /** What the place has to do with the diagnostic. */
  readonly message: string;
  /** Where it is. */
  readonly range: Range;
  /** The file that it is in, where the path is known. */
  readonly file?: string;
}

/**
 * Formats a diagnostic for a person: place, severity, code and message, then the line with carets under the range. Each
 * character of a password or another secret in the line is shown as `*`.
 *
 * @param text the whole text of the file that the diagnostic is about
 * @returns three lines, or four if the diagnostic has a fix, without a final line end
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { HbaFile, renderDiagnostic } from 'pg-hostssl';
 *
 * const text = 'host all all 10.0.0.1/8 scram-sha-256\n';
 * const [diagnostic] = HbaFile.parse(text, { file: 'pg_hba.conf' }).diagnostics;
 * const [place, line, carets, fix] = renderDiagnostic(diagnostic!, text).split('\n');
 * assert.match(place!, /^pg_hba\.conf:1:14: warning\[address-host-bits\]: /);
 * assert.equal(line, '1 | host all all 10.0.0.1/8 scram-sha-256');
 * assert.equal(carets, '  |              ^^^^^^^^^^');
 * assert.equal(fix, '  = fix: write 10.0.0.0/8');
 * ```
 */
export function renderDiagnostic(diagnostic: Diagnostic, text: string): string {
  const { start, end } = diagnostic.range;
  const place = `${diagnostic.file === undefined ? '' : `${diagnostic.file}:`}${start.line}:${start.column}`;
  const line = shownLine(text.split('\n')[start.line - 1]!, start.line, diagnostic.secrets);
  const stop = end.line === start.line ? end.column : line.length + 1;
  // Tabs are kept before the caret, so that it stands under its text whatever the width of a tab.
  const margin = line.slice(0, start.column - 1).replace(/[^\t]/g, ' ');
  const number = String(start.line);
  const fix = diagnostic.fix === undefined ? '' : `\n${' '.repeat(number.length)} = fix: ${diagnostic.fix.title}`;
  return [
    `${place}: ${diagnostic.severity}[${diagnostic.code}]: ${diagnostic.message}`,
    `${number} | ${line}`,
    `${' '.repeat(number.length)} | ${margin}${'^'.repeat(Math.max(1, stop - start.column))}${fix}`,
  ].join('\n');
}

/** A physical line without its line end, and with a star for each character of a secret. */
function shownLine(line: string, number: number, secrets: readonly Range[] = []): string {
  let shown = line.replace(/\r+$/, '');
  for (const { start, end } of secrets) {
    if (start.line > number || end.line < number) continue;
    const from = start.line === number ? start.column - 1 : 0;
    const to = end.line === number ? end.column - 1 : shown.length;
    shown = shown.slice(0, from) + asStars(shown.slice(from, to)) + shown.slice(to);
  }
  return shown;
}
