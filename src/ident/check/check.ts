import { diagnosticsOf, type Finding, findingsOfReading } from '../../auth-file/check/diagnostics.ts';
import { lintLine } from '../../auth-file/check/lint-line.ts';
import { expandLines } from '../../auth-file/read/expand.ts';
import type { AuthLine } from '../../auth-file/read/line.ts';
import type { ParseOptions } from '../../parse-options.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { type IdentRecord, readMapping } from '../mapping.ts';
import { readingOf } from '../view.ts';

/** Every problem of a pg_ident.conf and of what it includes. */
export function checkFile(lines: readonly AuthLine[], options: ParseOptions): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  expandLines(lines, options, (expanded) => {
    const reading = readingOf(expanded);
    const findings = findingsOfReading(expanded, reading);
    if (reading?.record !== undefined) lintMapping(reading.record, findings);
    lintLine(expanded, findings, (fields) => readMapping(fields, expanded.line.how.rules).problem !== undefined);
    for (const diagnostic of diagnosticsOf(findings, expanded)) diagnostics.push(diagnostic);
  });
  return diagnostics;
}

function lintMapping({ ignored }: IdentRecord, findings: Finding[]): void {
  const start = ignored[0]?.[0].start;
  const end = ignored.at(-1)?.at(-1)?.end;
  if (start === undefined || end === undefined) return;
  const message = 'the server ignores what stands behind the third column';
  findings.push({ code: 'ident-ignored-columns', severity: 'warning', message, start, end });
}
