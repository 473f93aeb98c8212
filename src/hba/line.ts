import type { ServerFacts } from '../parse-options.ts';
import { type FileEncoding, fromFileText } from '../text/bytes.ts';
import type { PgMajor } from '../version.ts';
import { type HbaEntry, includeDirectives } from './entry.ts';
import { type RecordReading, readRecord } from './record.ts';
import { namesFile, ruleOfRecord } from './rule.ts';
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

/** How the lines of a file are read by a server of this major. */
export function readingFor(version: PgMajor, encoding: FileEncoding, server: ServerFacts = {}): Reading {
  return { version, rules: scanRulesOf(version), encoding, server };
}

/** A logical line: its text is the truth, and each reading of it is made when it is first asked for. */
export class HbaLine {
  /** The exact text, line end included. */
  readonly text: string;
  readonly #how: Reading;
  #scanned: ScannedLine | undefined;
  #record: RecordReading | undefined;
  #entry: HbaEntry | undefined;

  /** A line with this text. */
  constructor(text: string, how: Reading) {
    this.text = text;
    this.#how = how;
  }

  /** Its columns. */
  get scanned(): ScannedLine {
    this.#scanned ??= scanLine(this.text, this.#how.encoding, this.#how.rules);
    return this.#scanned;
  }

  /** What the server makes of it, where it is neither blank nor an include line, and `@file` apart. */
  get record(): RecordReading {
    this.#record ??= readRecord(this.scanned.fields, this.#how.version, this.#how.server);
    return this.#record;
  }

  /** The line as data. */
  get entry(): HbaEntry {
    this.#entry ??= this.#readEntry();
    return this.#entry;
  }

  #readEntry(): HbaEntry {
    const { text, scanned } = this;
    const { fields, problem } = scanned;
    const comment = this.#comment();
    if (problem !== undefined && problem.kind !== 'token-cut') return { kind: 'invalid', text };
    if (fields.length === 0)
      return comment === undefined ? { kind: 'blank', text } : { kind: 'comment', comment, text };
    const [first, second] = fields;
    if (this.#how.rules.includes && first !== undefined && second !== undefined && fields.length === 2) {
      const directive = includeDirectives.find((word) => word === first[0].value);
      if (directive !== undefined) return { kind: 'include', directive, path: second[0].value, text };
    }
    const { record } = this.record;
    const names = record === undefined ? [] : [...record.databases, ...record.users];
    const files = fields.flat().filter(namesFile);
    if (files.some((token) => !names.includes(token))) return { kind: 'indirect', text };
    return record === undefined ? { kind: 'invalid', text } : ruleOfRecord(record, text, comment, this.#how.rules);
  }

  /** The text behind the `#`, without the line end. */
  #comment(): string | undefined {
    const start = this.scanned.commentStart;
    if (start === undefined) return undefined;
    return fromFileText(this.text.slice(start + 1).replace(/[\r\n]+$/, ''), this.#how.encoding);
  }
}
