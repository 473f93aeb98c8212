import type { ParseOptions } from '../parse-options.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { rangeAt } from '../text/position.ts';
import type { ConfEntry } from './entry.ts';
import { scanLine } from './scan.ts';

/** What a server of the options' version says against a file's own lines. */
export function diagnose(entries: readonly ConfEntry[], options: ParseOptions): readonly Diagnostic[] {
  return entries.flatMap((entry, index) =>
    entry.kind === 'invalid' ? [syntaxError(entry.text, index + 1, options.file)] : [],
  );
}

function syntaxError(text: string, line: number, file: string | undefined): Diagnostic {
  const scanned = scanLine(text);
  if (scanned.kind !== 'invalid') throw new TypeError('a valid line was given as an invalid one');
  const { near, atEnd } = scanned;
  const place = atEnd ? 'end of line' : `token ${JSON.stringify(text.slice(near.start, near.end))}`;
  return {
    code: 'conf-syntax',
    severity: 'error',
    message: `Syntax error near ${place}; the server does not load the file`,
    range: rangeAt(text, near.start, near.end, line),
    ...(file === undefined ? {} : { file }),
  };
}
