import type { DiagnosticCode } from '../../codes.ts';
import { secretSettings } from '../../conf/catalogue/secret-names.ts';
import { findSecrets } from '../../find-secrets.ts';
import { secretOptions } from '../../hba/tables/secret-names.ts';
import { withoutControls } from '../../text/control-characters.ts';
import { type Diagnostic, type Severity, wholeFile } from '../../text/diagnostic.ts';
import { type Range, rangeAt } from '../../text/position.ts';
import { trimEndOf } from '../../text/trim-end.ts';

/** The place to which a diagnostic of a plan refers: a line of a file, or the whole file. */
export interface DiagnosticPlace {
  /** The path of the file. */
  readonly file: string;
  /** The number of the line in which `text` begins, counted from 1. */
  readonly line?: number;
  /** The text of the line. */
  readonly text?: string;
}

/**
 * Creates a diagnostic of a plan. Its range is the text of the line, without the line end. If no text is given, the
 * range is empty and at the start of the line.
 */
export function planDiagnostic(
  { file, line = 1, text }: DiagnosticPlace,
  code: DiagnosticCode,
  severity: Exclude<Severity, 'error'>,
  message: string,
): Diagnostic {
  const content = trimEndOf(text ?? '', '\r\n');
  const secrets = text === undefined ? wholeFile.secrets : secretsOf(content, line);
  return {
    code,
    severity,
    message: withoutControls(message),
    file,
    range: rangeAt(content, 0, content.length, line),
    ...(secrets.length === 0 ? {} : { secrets }),
  };
}

/** The ranges of secrets in a line of pg_hba.conf or postgresql.conf. */
function secretsOf(text: string, line: number): readonly Range[] {
  return [...findSecrets(text, secretOptions), ...findSecrets(text, secretSettings)].map(({ start, end }) =>
    rangeAt(text, start, end, line),
  );
}
