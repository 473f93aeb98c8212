import { refuse } from '../../auth-file/read/refusal.ts';
import type { Field, Token } from '../../auth-file/scan/token.ts';
import type { PgMajor } from '../../version.ts';
import { missingColumns } from './misplaced-columns.ts';

/** The columns of one line, which are read from left to right. */
export class Columns {
  readonly #fields: readonly Field[];
  readonly #version: PgMajor;
  #next = 0;

  /** Creates the columns from the fields of a line, for a server of the given version. */
  constructor(fields: readonly Field[], version: PgMajor) {
    this.#fields = fields;
    this.#version = version;
  }

  /** The index of the next column. */
  get next(): number {
    return this.#next;
  }

  /** `true` if all columns were read. */
  get isAtEnd(): boolean {
    return this.#next >= this.#fields.length;
  }

  /**
   * Returns the next column. Refuses the line if it has no more columns.
   *
   * @param serverText the server's error text for a line without this column; `''` if the server reports no text
   * @param what the words for the column in the message of the diagnostic
   */
  take(serverText: string, what: string): Field {
    const field = this.#fields[this.#next];
    this.#next += 1;
    if (field !== undefined) return field;
    return refuse({
      code: 'hba-column-missing',
      serverText: serverText === '' ? undefined : serverText,
      message: `The line ends before ${what}${missingColumns(this.#fields, this.#version)}`,
    });
  }

  /**
   * Returns the single word of the next column. Refuses the line if it has no more columns or if the column is a list.
   *
   * @param serverWhat the words for the column in the error text of the server
   * @param what the words for the column in the message of the diagnostic
   * @param missing the server's error text for a line without this column; `''` if the server reports no text
   */
  takeWord(serverWhat: string, what: string, missing = ''): Token {
    const field = this.take(missing, what);
    if (field.length === 1) return field[0];
    return refuse({
      code: 'hba-list-not-allowed',
      span: field[1],
      serverText: `multiple values specified for ${serverWhat}`,
      message: `A comma makes a list of ${what}, which can hold one word only. Remove the comma`,
    });
  }

  /** Returns the tokens of the columns from index `from` up to, but not including, index `to`. */
  tokensBetween(from: number, to: number): readonly Token[] {
    if (to - from === 1) return this.#fields[from]!;
    if (to <= from) return noTokens;
    const tokens: Token[] = [];
    for (let i = from; i < to; i++) for (const token of this.#fields[i]!) tokens.push(token);
    return tokens;
  }

  /** Returns the tokens of all columns that were not read yet. */
  rest(): readonly Token[] {
    return this.tokensBetween(this.#next, this.#fields.length);
  }
}

const noTokens: readonly Token[] = [];
