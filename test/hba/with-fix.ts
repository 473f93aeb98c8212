import type { Fix } from '../../src/text/diagnostic.ts';
import type { Position } from '../../src/text/position.ts';

/** Returns the text of a file with a fix applied. */
export function withFix(file: string, { range, text }: Fix): string {
  return file.slice(0, offsetOf(file, range.start)) + text + file.slice(offsetOf(file, range.end));
}

function offsetOf(text: string, { line, column }: Position): number {
  const before = text.split('\n').slice(0, line - 1);
  return before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
}
