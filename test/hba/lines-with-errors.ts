import type { Diagnostic } from '../../src/text/diagnostic.ts';
import type { Line } from '../../src/text/lines.ts';
import { countLineEnds } from '../../src/text/position.ts';

interface CheckedFile {
  readonly entries: readonly Line[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The physical lines in which the entries begin that a file at this path has errors in, as the server numbers them but
 * behind a NUL.
 */
export function linesWithErrors({ entries, diagnostics }: CheckedFile, path: string): Set<number> {
  let line = 1;
  const starts = entries.map(({ text }) => {
    const start = line;
    line += countLineEnds(text);
    return start;
  });
  const errors = diagnostics.filter(
    ({ code, severity, file }) => severity === 'error' && code !== 'hba-no-entries' && file === path,
  );
  return new Set(errors.map(({ range }) => starts.findLast((start) => start <= range.start.line)!));
}
