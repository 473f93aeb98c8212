import { AuthFile } from '../auth-file/file.ts';
import { type LineInsertion, LineList, notAsMeant } from '../auth-file/line-list.ts';
import { shownMessage } from '../auth-file/read/line-diagnostic.ts';
import { PgHostsslError } from '../errors.ts';
import type { ParseOptions } from '../parse-options.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { Place } from '../text/lines.ts';
import { checkFile } from './check/check.ts';
import { type HbaEntry, HbaLine } from './line.ts';
import type { HbaRule, HbaRuleInput } from './rule.ts';
import { type HbaFileRulesRow, rowsOf } from './view.ts';
import { changedRuleText, type HbaRuleChange } from './write/change.ts';
import { type ColumnStyle, layOut, styleAround } from './write/columns.ts';
import { inCanonicalForm, meaningOfRule } from './write/normalize.ts';
import { spellRule } from './write/serialize.ts';

/** What can be put into a pg_hba.conf. */
export type HbaInsertion = HbaRuleInput | LineInsertion;

/** How a new line is laid out. */
export interface InsertOptions {
  /** The widths of the columns, or what separates them; the style of the rules around it if not given. */
  readonly columns?: ColumnStyle;
}

/** A pg_hba.conf as a server of one major reads it. */
export class HbaFile extends AuthFile<HbaEntry, HbaFile> implements Iterable<HbaRule> {
  readonly #options: ParseOptions;
  readonly #list: LineList<HbaEntry, HbaLine>;
  #rules: readonly HbaRule[] | undefined;
  #diagnostics: readonly Diagnostic[] | undefined;

  private constructor(list: LineList<HbaEntry, HbaLine>, options: ParseOptions) {
    // An edit makes lines of the same class.
    super(list, (edited) => new HbaFile(edited as typeof list, options));
    this.#list = list;
    this.#options = options;
  }

  /** Reads a pg_hba.conf. Any text or bytes are taken; what is wrong with them is told by {@link HbaFile.diagnostics}. */
  static parse(source: string | Uint8Array, options: ParseOptions = {}): HbaFile {
    return new HbaFile(LineList.parse(source, options, HbaLine), options);
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
    this.#diagnostics ??= checkFile(this.#list.lines, this.#options);
    return this.#diagnostics;
  }

  /**
   * The rows of the view `pg_hba_file_rules` (10+) for this file and what it includes, as that major shows them; see
   * {@link hbaFileRules}.
   *
   * @internal
   */
  fileRules(): readonly HbaFileRulesRow[] {
    return rowsOf(this.#list.lines, this.#options, this.version);
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
   * of this major would refuse; `text-invalid` for a text that no line can hold; `line-not-as-meant` where a server of
   * this major would take the line for something else
   */
  insert(insertion: HbaInsertion, place: Place<HbaEntry>, options: InsertOptions = {}): HbaFile {
    const list = this.#list.insert<HbaRuleInput>(insertion, place, {
      spell: (rule, index) => this.#spell(rule, index, options),
      verify: (line, rule) => verify(line, rule, rule.comment),
    });
    return this.#with(list);
  }

  /**
   * The file with some columns of a rule changed, or the text of a comment. All other bytes of the line stay.
   *
   * @throws PgHostsslError as {@link HbaFile.insert}, and `rule-invalid` where the entry is no rule
   */
  replace(entry: HbaEntry, change: HbaRuleChange): HbaFile {
    const list = this.#list.replace(entry, change, {
      changed: (line) => {
        const { record } = line.read();
        if (entry.kind === 'rule' && record !== undefined) return changedRuleText(line, record, change);
        throw new PgHostsslError('rule-invalid', `An entry of kind '${entry.kind}' has no such columns to be changed`);
      },
      verify: (line) => {
        const { comment = (entry as HbaRule).comment, ...columns } = change;
        verify(line, { ...entry, ...columns } as HbaRuleInput, comment ?? undefined);
      },
    });
    return this.#with(list);
  }

  /**
   * The file with this rule in it: the same file where a rule of the same meaning is there already, whatever its
   * spelling, place and comment, else one with the rule put in at the given place.
   *
   * @throws PgHostsslError as {@link HbaFile.insert}
   */
  ensure(
    rule: HbaRuleInput,
    place: Place<HbaEntry> = 'end',
    options: InsertOptions = {},
  ): {
    /** The file that holds the rule. */
    readonly file: HbaFile;
    /** Whether it held the rule already. */
    readonly outcome: 'present' | 'added';
  } {
    const meaning = (of: HbaRuleInput): string => meaningOfRule(inCanonicalForm(of));
    const wanted = meaning(rule);
    if (this.rules.some((present) => meaning(present) === wanted)) return { file: this, outcome: 'present' };
    return { file: this.insert(rule, place, options), outcome: 'added' };
  }

  #with(list: LineList<HbaEntry, HbaLine>): HbaFile {
    return new HbaFile(list, this.#options);
  }

  #spell(rule: HbaRuleInput, index: number, { columns }: InsertOptions): string {
    const cells = spellRule(rule, this.version);
    return layOut(cells, columns ?? styleAround(this.#list.lines, index, cells.address !== ''));
  }
}

/**
 * The rows of the view `pg_hba_file_rules` for a file and what it includes, exactly as a server of the file's major shows
 * them: arrays lose their quotes, defaults are not among the options, and a line that is refused can have no error.
 */
export function hbaFileRules(file: HbaFile): readonly HbaFileRulesRow[] {
  return file.fileRules();
}

/** Makes sure that a new line is accepted by the server, and reads back as what was meant. */
function verify(line: HbaLine, meant: HbaRuleInput, comment: string | undefined): void {
  const { entry } = line;
  const { problem } = line.read();
  if (problem !== undefined) throw new PgHostsslError('rule-invalid', shownMessage(problem, line));
  if (entry.kind !== 'rule' || meaningOfRule(entry) !== meaningOfRule(meant) || entry.comment !== comment) {
    throw notAsMeant(line);
  }
}
