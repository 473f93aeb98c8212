import type { DiagnosticCode } from '../../codes.ts';
import { secretSettings } from '../../conf/catalogue/secret-names.ts';
import { findSecrets } from '../../find-secrets.ts';
import { secretOptions } from '../../hba/tables/secret-names.ts';
import type { Diagnostic, Severity } from '../../text/diagnostic.ts';
import { type Range, rangeAt } from '../../text/position.ts';

/** The place of a plan's diagnostic: a line of a file, or the whole file. */
export interface DiagnosticPlace {
  /** The path of the file. */
  readonly file: string;
  /** The number of the line in which `text` begins, counted from 1. */
  readonly line?: number;
  /** The text of the line. */
  readonly text?: string;
}

/**
 * Makes a diagnostic of a plan. Its range is the line without its line end. Without a line, the range is empty, at the
 * start of the file.
 */
export function diagnosticAt(
  { file, line = 1, text }: DiagnosticPlace,
  code: DiagnosticCode,
  severity: Exclude<Severity, 'error'>,
  message: string,
): Diagnostic {
  const content = text?.replace(/[\r\n]+$/, '') ?? '';
  const secrets = text === undefined ? [wholeFirstLine] : secretsOf(content, line);
  return {
    code,
    severity,
    message,
    file,
    range: rangeAt(content, 0, content.length, line),
    ...(secrets.length === 0 ? {} : { secrets }),
  };
}

/**
 * The first line of the file is masked if a diagnostic is about the whole file, because that line was not searched for
 * secrets.
 */
const wholeFirstLine: Range = { start: { line: 1, column: 1 }, end: { line: 2, column: 1 } };

/** The ranges of secrets in a line of pg_hba.conf or postgresql.conf. */
function secretsOf(text: string, line: number): readonly Range[] {
  return [...findSecrets(text, secretOptions), ...findSecrets(text, secretSettings)].map(({ start, end }) =>
    rangeAt(text, start, end, line),
  );
}
