import type { Diagnostic } from '../../src/text/diagnostic.ts';
import type { Line } from '../../src/text/lines.ts';
import { countLineEnds } from '../../src/text/position.ts';

interface CheckedFile {
  readonly entries: readonly Line[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Returns the line numbers of the entries that have errors in the file at the given path. The server reports the same
 * numbers, except for lines after a NUL.
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
