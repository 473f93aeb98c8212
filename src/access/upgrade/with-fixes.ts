import { decodeText, encodeText } from '../../text/bytes.ts';
import type { Fix } from '../../text/diagnostic.ts';
import type { Position } from '../../text/position.ts';

/** Applies fixes to the bytes of a file. The ranges of the fixes must not overlap. */
export function withFixes(bytes: Uint8Array, fixes: readonly Fix[]): Uint8Array {
  const { text, encoding } = decodeText(bytes);
  const starts = [0];
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  const offsetOf = ({ line, column }: Position): number => starts[line - 1]! + column - 1;
  // The last fix is applied first, so that the offsets of the other fixes stay valid.
  const backwards = fixes.toSorted((a, b) => offsetOf(b.range.start) - offsetOf(a.range.start));
  const fixed = backwards.reduce((rest, { range, text: added }) => {
    return rest.slice(0, offsetOf(range.start)) + added + rest.slice(offsetOf(range.end));
  }, text);
  return encodeText(fixed, encoding);
}
