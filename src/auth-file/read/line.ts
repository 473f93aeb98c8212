import type { ParseOptions, ServerFacts } from '../../parse-options.ts';
import { type FileEncoding, fromFileText } from '../../text/bytes.ts';
import { maskSecrets } from '../../text/secrets.ts';
import { defaultPgMajor, type PgMajor } from '../../version.ts';
import { endOfContent } from '../scan/logical-line.ts';
import { type ScanRules, scanRulesOf } from '../scan/scan-rules.ts';
import { type ScannedLine, scanLine } from '../scan/token.ts';

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
 * all else is a reading of it.
 */
export class AuthLine {
  /** The exact text, line end included. */
  readonly text: string;
  /** How it is read. */
  readonly how: Reading;

  /** A line with this text. */
  constructor(text: string, how: Reading) {
    this.text = text;
    this.how = how;
  }

  /** The text as messages and errors show it: of the same length, with stars for what may be a secret. */
  get shownText(): string {
    return maskSecrets(this.text);
  }

  /** Reads its columns. Nothing of it is kept, since many times the memory of the text would go into it. */
  scan(): ScannedLine {
    return scanLine(this.text, this.how.encoding, this.how.rules);
  }

  /** The text behind the `#`, without the line end, where it has a comment. */
  commentOf({ commentStart }: ScannedLine): string | undefined {
    if (commentStart === undefined) return undefined;
    return fromFileText(this.text.slice(commentStart + 1, this.contentEnd), this.how.encoding);
  }

  /** The offset at which its line end begins. */
  get contentEnd(): number {
    return endOfContent(this.text, 0, this.text.length);
  }

  /** Whether it takes one line end at most, as it seems to, and holds neither a byte order mark nor a lone return. */
  get isPlain(): boolean {
    const { text } = this;
    const lineEnd = text.indexOf('\n');
    const isOne = lineEnd === -1 || lineEnd === text.length - 1;
    return isOne && !/[\r\0]/.test(text.slice(0, this.contentEnd)) && !text.startsWith('\ufeff');
  }
}
