import { encodeText, type FileEncoding } from './bytes.ts';
import type { TextChange } from './span.ts';

/** Returns the text with all changes applied. The changes must not overlap. */
export function applyChanges(text: string, changes: readonly TextChange[]): string {
  let result = '';
  let offset = 0;
  for (const { start, end, text: replacement } of [...changes].sort((a, b) => a.start - b.start)) {
    result += text.slice(offset, start) + replacement;
    offset = end;
  }
  return result + text.slice(offset);
}

/**
 * An immutable text, stored as a list of pieces. After an edit, the new text shares the unchanged pieces with the old
 * text. Joining these pieces is many times faster than joining the lines of a large file.
 */
export class PieceText {
  readonly #pieces: readonly string[];

  /** Creates a text from pieces that end at line ends. */
  constructor(pieces: readonly string[]) {
    this.#pieces = pieces;
  }

  /** Returns the text after changes. The changes must be sorted by offset and must not overlap. */
  change(changes: readonly TextChange[]): PieceText {
    const pieces: string[] = [];
    let next = 0;
    let used = 0;
    /**
     * Moves past `count` characters of the old text, and copies these characters to the new text or leaves them out.
     */
    const advance = (count: number, effect: 'copy' | 'leave-out'): void => {
      for (let left = count; left > 0; ) {
        const piece = this.#pieces[next]!;
        const taken = Math.min(left, piece.length - used);
        if (effect === 'copy') pieces.push(piece.slice(used, used + taken));
        left -= taken;
        used += taken;
        if (used < piece.length) continue;
        next += 1;
        used = 0;
      }
    };
    let at = 0;
    for (const { start, end, text } of changes) {
      advance(start - at, 'copy');
      advance(end - start, 'leave-out');
      if (text !== '') pieces.push(text);
      at = end;
    }
    if (used > 0) pieces.push(this.#pieces[next++]!.slice(used));
    return new PieceText([...pieces, ...this.#pieces.slice(next)]);
  }

  toString(): string {
    return this.#pieces.join('');
  }

  toBytes(encoding: FileEncoding): Uint8Array {
    return this.#encodeAscii() ?? encodeText(this.toString(), encoding);
  }

  /** Returns the bytes of the text if all of its characters are ASCII; otherwise `undefined`. */
  #encodeAscii(): Uint8Array | undefined {
    const encoder = new TextEncoder();
    const bytes = new Uint8Array(this.#pieces.reduce((length, piece) => length + piece.length, 0));
    let at = 0;
    for (const piece of this.#pieces) {
      const { read, written } = encoder.encodeInto(piece, at === 0 ? bytes : bytes.subarray(at));
      if (read < piece.length || written > read) return undefined;
      at += written;
    }
    return bytes;
  }
}
