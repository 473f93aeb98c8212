import type { Diagnostic } from '../../src/text/diagnostic.ts';
import type { Line } from '../../src/text/lines.ts';
import { countLineEnds } from '../../src/text/position.ts';

interface CheckedFile {
  readonly entries: readonly Line[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Returns the first physical line of each entry with an error in the file at this path. The numbers are those of the server,
 * except after a NUL.
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
