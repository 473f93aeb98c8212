import type { ParseOptions, ServerFacts } from '../parse-options.ts';
import { type FileEncoding, fromFileText } from '../text/bytes.ts';
import { defaultPgMajor, type PgMajor } from '../version.ts';
import { endOfContent } from './logical-line.ts';
import { type ScanRules, scanRulesOf } from './scan-rules.ts';
import { type ScannedLine, scanLine } from './token.ts';

/** How the lines of one file are read. */
export interface Reading {
  /** The server's major. */
  readonly version: PgMajor;
  /** The scanner's rules of that major. */
  readonly rules: ScanRules;
  /** How the text stands for bytes. */
  readonly encoding: FileEncoding;
  /** Facts of the server. */
  readonly server: ServerFacts;
}

/** How the lines of a file in this encoding are read with these options. */
export function readingFor(encoding: FileEncoding, { version = defaultPgMajor, server = {} }: ParseOptions): Reading {
  return { version, rules: scanRulesOf(version), encoding, server };
}

/**
 * A logical line of pg_hba.conf, pg_ident.conf or pg_hosts.conf, which one tokenizer reads. Its text is the truth, and
 * each reading of it is made when it is first asked for.
 */
export class AuthLine {
  /** The exact text, line end included. */
  readonly text: string;
  /** How it is read. */
  readonly how: Reading;
  #scanned: ScannedLine | undefined;

  /** A line with this text. */
  constructor(text: string, how: Reading) {
    this.text = text;
    this.how = how;
  }

  /** Its columns. */
  get scanned(): ScannedLine {
    this.#scanned ??= scanLine(this.text, this.how.encoding, this.how.rules);
    return this.#scanned;
  }

  /** Whether it is a record or an include line: it is neither blank nor a comment. */
  get hasContent(): boolean {
    return this.scanned.fields.length > 0 || this.isRefusedByScanner;
  }

  /** Whether a line without content is more than a plain comment or an empty line. */
  get isOdd(): boolean {
    const { text, contentEnd } = this;
    const strange = text.slice(0, contentEnd).search(/[\n\r\0]/);
    return strange !== -1 || text.startsWith('\ufeff');
  }

  /** Whether it, or a word of it, is too long for the server. */
  get isRefusedByScanner(): boolean {
    const { problem } = this.scanned;
    return problem !== undefined && problem.kind !== 'token-cut';
  }

  /** The text behind the `#`, without the line end, where it has a comment. */
  get comment(): string | undefined {
    const start = this.scanned.commentStart;
    return start === undefined
      ? undefined
      : fromFileText(this.text.slice(start + 1, this.contentEnd), this.how.encoding);
  }

  /** The offset at which its line end begins. */
  get contentEnd(): number {
    return endOfContent(this.text, 0, this.text.length);
  }
}
