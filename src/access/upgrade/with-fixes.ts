import { decodeText, encodeText } from '../../text/bytes.ts';
import type { Fix } from '../../text/diagnostic.ts';
import type { Position } from '../../text/position.ts';

/** Applies fixes to the bytes of a file. The ranges of the fixes must not overlap. */
export function withFixes(bytes: Uint8Array, fixes: readonly Fix[]): Uint8Array {
  const { text, encoding } = decodeText(bytes);
  const starts = [0];
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  const offsetOf = ({ line, column }: Position): number => starts[line - 1]! + column - 1;
  const ordered = fixes.toSorted((a, b) => offsetOf(a.range.start) - offsetOf(b.range.start));
  const parts: string[] = [];
  let end = 0;
  for (const { range, text: added } of ordered) {
    parts.push(text.slice(end, offsetOf(range.start)), added);
    end = offsetOf(range.end);
  }
  parts.push(text.slice(end));
  return encodeText(parts.join(''), encoding);
}
