import { encodeText, type FileEncoding } from './bytes.ts';

/** A replacement of a piece of a text. */
export interface TextChange {
  /** Offset of the first character that is replaced. */
  readonly start: number;
  /** Offset after the last character that is replaced. */
  readonly end: number;
  /** The replacement. */
  readonly text: string;
}

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

  /** The text with changes, which are in the order of their offsets and do not overlap. */
  change(changes: readonly TextChange[]): PieceText {
    const pieces: string[] = [];
    let next = 0;
    let used = 0;
    /** Moves past `count` characters of the old text. Copies them if `isCopied` is set. */
    const advance = (count: number, isCopied: boolean): void => {
      for (let left = count; left > 0; ) {
        const piece = this.#pieces[next]!;
        const taken = Math.min(left, piece.length - used);
        if (isCopied) pieces.push(piece.slice(used, used + taken));
        left -= taken;
        used += taken;
        if (used < piece.length) continue;
        next += 1;
        used = 0;
      }
    };
    let at = 0;
    for (const { start, end, text } of changes) {
      advance(start - at, true);
      advance(end - start, false);
      if (text !== '') pieces.push(text);
      at = end;
    }
    if (used > 0) pieces.push(this.#pieces[next++]!.slice(used));
    return new PieceText([...pieces, ...this.#pieces.slice(next)]);
  }

  /** The whole text. */
  toString(): string {
    return this.#pieces.join('');
  }

  /** The bytes that the text encodes. */
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
