import { encodeText, type FileEncoding } from './bytes.ts';

/**
 * An immutable text as the pieces that edits have made of it. Cutting and inserting share what they do not touch, and
 * printing copies each piece once: joining a large file's lines would take many times that.
 */
export class PieceText {
  readonly #pieces: readonly string[];

  /** The text of these pieces, which end where lines end. */
  constructor(pieces: readonly string[]) {
    this.#pieces = pieces;
  }

  /** The text with the characters from offset `start` to `end` replaced. */
  splice(start: number, end: number, inserted: string): PieceText {
    const before: string[] = [];
    const behind: string[] = [];
    let from = 0;
    for (const piece of this.#pieces) {
      const to = from + piece.length;
      if (from < start) before.push(to <= start ? piece : piece.slice(0, start - from));
      if (to > end) behind.push(from >= end ? piece : piece.slice(end - from));
      from = to;
    }
    return new PieceText([...before, ...(inserted === '' ? [] : [inserted]), ...behind]);
  }

  /** The whole text. */
  toString(): string {
    return this.#pieces.join('');
  }

  /** The bytes that the text stands for. */
  toBytes(encoding: FileEncoding): Uint8Array {
    return this.#encodeAscii() ?? encodeText(this.toString(), encoding);
  }

  /** The bytes of a text that is ASCII throughout; undefined for any other. */
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
