import { decodeText, encodeText } from '../../text/bytes.ts';
import type { Fix } from '../../text/diagnostic.ts';
import { applyChanges } from '../../text/pieces.ts';
import { offsetsIn } from '../../text/position.ts';

/** Applies fixes to the bytes of a file. The ranges of the fixes must not overlap. */
export function withFixes(bytes: Uint8Array, fixes: readonly Fix[]): Uint8Array {
  const { text, encoding } = decodeText(bytes);
  const offsetOf = offsetsIn(text);
  const changes = fixes.map((fix) => {
    const { start, end } = fix.range;
    return { start: offsetOf(start), end: offsetOf(end), text: fix.text };
  });
  return encodeText(applyChanges(text, changes), encoding);
}
