import type { ParseOptions } from '../parse-options.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { countLineEnds, rangeAt } from '../text/position.ts';
import type { HbaLine, Reading } from './line.ts';
import type { LineProblem } from './problem.ts';

/** Every problem of a pg_hba.conf. */
export function checkFile(lines: readonly HbaLine[], _how: Reading, options: ParseOptions): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const file = options.file === undefined ? {} : { file: options.file };
  let firstLine = 1;
  let records = 0;
  for (const line of lines) {
    const { fields, problem: scanProblem } = line.scanned;
    if (fields.length > 0 || scanProblem !== undefined) records += 1;
    const { problem, record } = line.record;
    const contentEnd = line.text.replace(/[\r\n]+$/, '').length;
    const put = (found: LineProblem, severity: 'error' | 'warning'): void => {
      const range = rangeAt(line.text, found.token?.start ?? 0, found.token?.end ?? contentEnd, firstLine);
      diagnostics.push({ code: found.code, severity, message: found.message, range, ...file });
    };
    if (fields.length > 0 && line.entry.kind !== 'include' && line.entry.kind !== 'indirect') {
      if (problem !== undefined) put(problem, 'error');
      for (const note of record?.notes ?? []) put(note, 'warning');
    }
    firstLine += countLineEnds(line.text);
  }
  if (records === 0) {
    const start = { line: 1, column: 1 };
    const message = 'the file holds no rule, and a server refuses such a file; add at least one';
    diagnostics.push({ code: 'hba-no-entries', severity: 'error', message, range: { start, end: start }, ...file });
  }
  return diagnostics;
}
