import type { DiagnosticCode } from '../../codes.ts';
import { secretSettings } from '../../conf/catalogue/secret-names.ts';
import { findSecrets } from '../../find-secrets.ts';
import { secretOptions } from '../../hba/tables/secret-names.ts';
import type { Diagnostic, Severity } from '../../text/diagnostic.ts';
import { type Range, rangeAt } from '../../text/position.ts';

/** The place of a plan's diagnostic: a line of a file, or a file as a whole. */
export interface DiagnosticPlace {
  /** The file. */
  readonly file: string;
  /** 1-based number of the line in which `text` begins. */
  readonly line?: number;
  /** The text of the line. */
  readonly text?: string;
}

/** A diagnostic of a plan. Its range is the line without its line end, or empty at the start of the file. */
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

/** Masks the first line of a file that a diagnostic is about as a whole: the line was not searched for secrets. */
const wholeFirstLine: Range = { start: { line: 1, column: 1 }, end: { line: 2, column: 1 } };

/** The secrets of a line of pg_hba.conf or postgresql.conf. */
function secretsOf(text: string, line: number): readonly Range[] {
  return [...findSecrets(text, secretOptions), ...findSecrets(text, secretSettings)].map(({ start, end }) =>
    rangeAt(text, start, end, line),
  );
}
