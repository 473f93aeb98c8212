import { PgHostsslError } from '../errors.ts';
import type { ParseOptions } from '../parse-options.ts';
import { decodeText, encodeText, toFileText } from '../text/bytes.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { indexOfLine, indexOfPlace, joinLines, lineEndAt, type Place } from '../text/lines.ts';
import { defaultPgMajor, type PgMajor } from '../version.ts';
import { checkFile } from './check.ts';
import { type ColumnStyle, layOut, styleAround } from './columns.ts';
import { changedRuleText, type HbaRuleChange } from './edit-rule.ts';
import type { HbaEntry } from './entry.ts';
import { HbaLine, type Reading, readingFor } from './line.ts';
import { joinsNextLine, splitLogicalLines } from './logical-line.ts';
import { inCanonicalOrder, meaningOfRule } from './meaning.ts';
import type { HbaRule, HbaRuleInput } from './rule.ts';
import { lineText, spellRule } from './spelling.ts';

/** What can be put into a file: a rule, a line that is a comment, or an empty line. */
export type HbaInsertion =
  | HbaRuleInput
  | { readonly kind: 'comment'; readonly comment: string }
  | { readonly kind: 'blank' };

/** How a new line is laid out. */
export interface InsertOptions {
  /** The widths of the columns, or what separates them; the style of the rules around it if not given. */
  readonly columns?: ColumnStyle;
}

/**
 * A pg_hba.conf as a server of one major reads it. It is immutable: every edit gives a new file, which shares all other
 * lines with this one, and keeps every byte that the edit does not name.
 */
export class HbaFile implements Iterable<HbaRule> {
  /** The major that the file is read as. */
  readonly version: PgMajor;
  readonly #options: ParseOptions;
  readonly #how: Reading;
  readonly #lines: readonly HbaLine[];
  #entries: readonly HbaEntry[] | undefined;
  #rules: readonly HbaRule[] | undefined;
  #diagnostics: readonly Diagnostic[] | undefined;

  private constructor(lines: readonly HbaLine[], how: Reading, options: ParseOptions) {
    this.version = how.version;
    this.#how = how;
    this.#lines = lines;
    this.#options = options;
  }

  /** Reads a pg_hba.conf. Any text or bytes are taken; what is wrong with them is told by {@link HbaFile.diagnostics}. */
  static parse(source: string | Uint8Array, options: ParseOptions = {}): HbaFile {
    const { text, encoding } = decodeText(source);
    const how = readingFor(options.version ?? defaultPgMajor, encoding, options.server);
    const lines = splitLogicalLines(text, encoding, how.rules).map((line) => new HbaLine(line, how));
    return new HbaFile(lines, how, options);
  }

  /** All logical lines as data, in their order. */
  get entries(): readonly HbaEntry[] {
    this.#entries ??= this.#lines.map((line) => line.entry);
    return this.#entries;
  }

  /** The rules of this file itself, in the order in which the server tries them; included files are not among them. */
  get rules(): readonly HbaRule[] {
    this.#rules ??= this.entries.filter((entry) => entry.kind === 'rule');
    return this.#rules;
  }

  /**
   * Every problem of the file and of what it includes. An `error` means that the server refuses the file as a whole: on
   * reload it keeps the old rules, at start it does not start.
   */
  get diagnostics(): readonly Diagnostic[] {
    this.#diagnostics ??= checkFile(this.#lines, this.#how, this.#options);
    return this.#diagnostics;
  }

  /** The rules in their order. */
  [Symbol.iterator](): Iterator<HbaRule> {
    return this.rules[Symbol.iterator]();
  }

  /**
   * The file with a rule, a comment or an empty line put in. The first rule that matches a connection decides, so the
   * place of a rule is part of its meaning.
   *
   * @throws PgHostsslError `entry-unknown` for a place that is not in this file; `rule-invalid` for a rule that a server
   * of this major would refuse or take for another; `text-invalid` for a text that no line can hold
   */
  insert(insertion: HbaInsertion, place: Place<HbaEntry>, options: InsertOptions = {}): HbaFile {
    const index = indexOfPlace(this.entries, place);
    const content = this.#spell(insertion, index, options);
    const line = new HbaLine(content + lineEndAt(this.#lines, index), this.#how);
    if (isRule(insertion)) this.#verify(line, insertion, insertion.comment);
    else if (line.entry.kind !== insertion.kind || joinsNextLine(line.text, this.#how.rules)) throw notAsMeant(content);
    return this.#splice(index, 0, line);
  }

  /**
   * The file with some columns of a rule changed, or the text of a comment. All other bytes of the line stay.
   *
   * @throws PgHostsslError as {@link HbaFile.insert}
   */
  replace(entry: HbaEntry, change: HbaRuleChange): HbaFile {
    const index = indexOfLine(this.entries, entry);
    const old = this.#lines[index]!;
    const { record } = old.record;
    if (entry.kind !== 'rule' || record === undefined) {
      throw new PgHostsslError('rule-invalid', `The entry to be changed is no rule, but of kind '${entry.kind}'`);
    }
    const line = new HbaLine(changedRuleText(old, record, change, this.#how), this.#how);
    const { comment = entry.comment, ...columns } = change;
    this.#verify(line, { ...entry, ...columns } as HbaRuleInput, comment ?? undefined);
    return this.#splice(index, 1, line);
  }

  /**
   * The file without this entry, its comment included.
   *
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file
   */
  remove(entry: HbaEntry): HbaFile {
    return this.#splice(indexOfLine(this.entries, entry), 1);
  }

  /**
   * The file with this rule in it: the same file where a rule of the same meaning is there already, whatever its
   * spelling, else one with the rule put in at the given place.
   *
   * @throws PgHostsslError as {@link HbaFile.insert}
   */
  ensure(
    rule: HbaRuleInput,
    place: Place<HbaEntry> = 'end',
    options: InsertOptions = {},
  ): { readonly file: HbaFile; readonly outcome: 'present' | 'added' } {
    const meaning = (of: HbaRuleInput): string => meaningOfRule(inCanonicalOrder(of));
    const wanted = meaning(rule);
    if (this.rules.some((present) => meaning(present) === wanted)) return { file: this, outcome: 'present' };
    return { file: this.insert(rule, place, options), outcome: 'added' };
  }

  /** The text of the file. */
  toString(): string {
    return joinLines(this.#lines);
  }

  /** The bytes of the file. */
  toBytes(): Uint8Array {
    return encodeText(this.toString(), this.#how.encoding);
  }

  #spell(insertion: HbaInsertion, index: number, { columns }: InsertOptions): string {
    if (isRule(insertion)) {
      const cells = spellRule(insertion, this.version);
      return toFileText(
        layOut(cells, columns ?? styleAround(this.#lines, index, cells.address !== '')),
        this.#how.encoding,
      );
    }
    return insertion.kind === 'blank' ? '' : toFileText(`#${lineText(insertion.comment)}`, this.#how.encoding);
  }

  #splice(index: number, deleted: number, ...added: HbaLine[]): HbaFile {
    const lines = [...this.#lines.slice(0, index), ...added, ...this.#lines.slice(index + deleted)];
    const before = lines[index - 1];
    if (before !== undefined && index < lines.length && !before.text.endsWith('\n')) {
      const lineEnd = lineEndAt(this.#lines, index - 1);
      // An open continuation at the end of the file would take in the new line: an empty line ends it.
      const closed = joinsNextLine(before.text + lineEnd, this.#how.rules) ? lineEnd + lineEnd : lineEnd;
      lines[index - 1] = new HbaLine(before.text + closed, this.#how);
    }
    return new HbaFile(lines, this.#how, this.#options);
  }

  /** Makes sure that a new line is one line, is accepted by the server, and reads back as what was meant. */
  #verify(line: HbaLine, meant: HbaRuleInput, comment: string | undefined): void {
    const { text, entry } = line;
    const { problem } = line.record;
    if (problem !== undefined) throw new PgHostsslError('rule-invalid', problem.message);
    const pieces = splitLogicalLines(text, this.#how.encoding, this.#how.rules);
    const isOneLine = pieces.length === 1 && !joinsNextLine(text, this.#how.rules);
    if (isOneLine && entry.kind === 'rule' && meaningOfRule(entry) === meaningOfRule(meant)) {
      if (entry.comment === comment) return;
    }
    throw notAsMeant(text);
  }
}

function isRule(insertion: HbaInsertion): insertion is HbaRuleInput {
  return 'type' in insertion;
}

function notAsMeant(text: string): PgHostsslError {
  return new PgHostsslError(
    'line-not-as-meant',
    `${JSON.stringify(text)} would not be read back as what was asked for`,
    {
      hint: 'No spelling of it is read so by this major; a comment must not end in a backslash from PostgreSQL 14 on.',
    },
  );
}
