import { AuthFile } from '../auth-file/file.ts';
import { type LineInsertion, LineList, notAsMeant } from '../auth-file/line-list.ts';
import { shownMessage } from '../auth-file/read/line-diagnostic.ts';
import { commentText } from '../auth-file/write/quote.ts';
import { applyChanges, commentChange, type TextChange } from '../auth-file/write/text-change.ts';
import { PgHostsslError } from '../errors.ts';
import type { ParseOptions } from '../parse-options.ts';
import { toFileText } from '../text/bytes.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { Place } from '../text/lines.ts';
import { checkFile } from './check/check.ts';
import { IdentLine } from './line.ts';
import type { IdentEntry, IdentMapping, IdentMappingInput } from './mapping.ts';
import { type IdentFileMappingsRow, rowsOf } from './view.ts';
import { type IdentColumnStyle, layOut, styleAround } from './write/layout.ts';
import { spellMap, spellPgUser, spellSystemUser, userMeaning } from './write/serialize.ts';

/** What can be put into a pg_ident.conf. */
export type IdentInsertion = IdentMappingInput | LineInsertion;

/** How a new mapping is laid out. */
export interface IdentInsertOptions {
  /** The widths of the columns, or what separates them; the style of the mappings around it if not given. */
  readonly columns?: IdentColumnStyle;
}

/** New values for some columns of a mapping; a column that is not named keeps its bytes. */
export interface IdentMappingChange extends Partial<Omit<IdentMappingInput, 'comment'>> {
  /** The text behind the `#`; null takes the comment away. */
  readonly comment?: string | null;
}

/** A pg_ident.conf as a server of one major reads it. */
export class IdentFile extends AuthFile<IdentEntry, IdentFile> implements Iterable<IdentMapping> {
  readonly #options: ParseOptions;
  readonly #list: LineList<IdentEntry, IdentLine>;
  #mappings: readonly IdentMapping[] | undefined;
  #diagnostics: readonly Diagnostic[] | undefined;

  private constructor(list: LineList<IdentEntry, IdentLine>, options: ParseOptions) {
    // An edit makes lines of the same class.
    super(list, (edited) => new IdentFile(edited as typeof list, options));
    this.#list = list;
    this.#options = options;
  }

  /** Reads a pg_ident.conf. Any text or bytes are taken; {@link IdentFile.diagnostics} tells what is wrong with them. */
  static parse(source: string | Uint8Array, options: ParseOptions = {}): IdentFile {
    return new IdentFile(LineList.parse(source, options, IdentLine), options);
  }

  /** The mappings of this file itself in their order; included files are not among them. */
  get mappings(): readonly IdentMapping[] {
    this.#mappings ??= this.entries.filter((entry) => entry.kind === 'mapping');
    return this.#mappings;
  }

  /**
   * Every problem of the file and of what it includes. An `error` means that the server refuses the file as a whole: on
   * reload it keeps the old mappings, and a start goes on without any.
   */
  get diagnostics(): readonly Diagnostic[] {
    this.#diagnostics ??= checkFile(this.#list.lines, this.#options);
    return this.#diagnostics;
  }

  /** The rows of `pg_ident_file_mappings`; see {@link identFileMappings}. @internal */
  fileMappings(): readonly IdentFileMappingsRow[] {
    return rowsOf(this.#list.lines, this.#options, this.version);
  }

  /** The mappings in their order. */
  [Symbol.iterator](): Iterator<IdentMapping> {
    return this.mappings[Symbol.iterator]();
  }

  /**
   * The file with a mapping, a comment or an empty line put in.
   *
   * @throws PgHostsslError `entry-unknown` for a place that is not in this file; `mapping-invalid` for a mapping that has
   * no spelling in this major; `text-invalid` for a text that no line can hold; `line-not-as-meant` where a server of this
   * major would take the line for something else
   */
  insert(insertion: IdentInsertion, place: Place<IdentEntry>, options: IdentInsertOptions = {}): IdentFile {
    const list = this.#list.insert<IdentMappingInput>(insertion, place, {
      spell: (mapping, index) => this.#spell(mapping, index, options),
      verify: (line, mapping) => verify(line, mapping, mapping.comment),
    });
    return new IdentFile(list, this.#options);
  }

  /**
   * The file with some columns of a mapping changed. All other bytes of the line stay.
   *
   * @throws PgHostsslError as {@link IdentFile.insert}, and `mapping-invalid` where the entry is no mapping
   */
  replace(entry: IdentEntry, change: IdentMappingChange): IdentFile {
    const { comment, ...columns } = change;
    const meant = { ...(entry as IdentMapping), ...columns };
    const list = this.#list.replace(entry, change, {
      changed: (line) => {
        if (entry.kind === 'mapping') return changedText(line, meant, change);
        const message = `An entry of kind '${entry.kind}' has no such columns to be changed`;
        throw new PgHostsslError('mapping-invalid', message);
      },
      verify: (line) => verify(line, meant, comment === undefined ? meant.comment : (comment ?? undefined)),
    });
    return new IdentFile(list, this.#options);
  }

  /**
   * The file with this mapping in it: the same file where it is there already, whatever its spelling, place and comment,
   * else one with the mapping put in at the given place.
   *
   * @throws PgHostsslError as {@link IdentFile.insert}
   */
  ensure(
    mapping: IdentMappingInput,
    place: Place<IdentEntry> = 'end',
    options: IdentInsertOptions = {},
  ): {
    /** The file that holds the mapping. */
    readonly file: IdentFile;
    /** Whether it held the mapping already. */
    readonly outcome: 'present' | 'added';
  } {
    const wanted = meaningOf(mapping);
    if (this.mappings.some((present) => meaningOf(present) === wanted)) return { file: this, outcome: 'present' };
    return { file: this.insert(mapping, place, options), outcome: 'added' };
  }

  #spell(mapping: IdentMappingInput, index: number, { columns }: IdentInsertOptions): string {
    const style = columns ?? styleAround(this.#list.lines, index);
    const { map, systemUser, comment } = mapping;
    const text = layOut(spellMap(map), spellSystemUser(systemUser), spellPgUser(mapping, this.#list.how), style);
    return comment === undefined ? text : `${text} #${commentText(comment)}`;
  }
}

/**
 * The rows of the view `pg_ident_file_mappings` for a file and what it includes, as a server of the file's major shows
 * them; of the majors before 15, which have no such view, as 15 shows them.
 */
export function identFileMappings(file: IdentFile): readonly IdentFileMappingsRow[] {
  return file.fileMappings();
}

function changedText(line: IdentLine, meant: IdentMappingInput, change: IdentMappingChange): string {
  const { map, systemUser, pgUser } = line.read().record!;
  const { how } = line;
  const changes: TextChange[] = [];
  const put = (token: { readonly start: number; readonly end: number }, text: string): void => {
    changes.push({ start: token.start, end: token.end, text: toFileText(text, how.encoding) });
  };
  if (change.map !== undefined) put(map, spellMap(change.map));
  if (change.systemUser !== undefined) put(systemUser, spellSystemUser(change.systemUser));
  if (change.pgUser !== undefined) put(pgUser, spellPgUser(meant, how));
  if (change.comment !== undefined) {
    const comment = change.comment === null ? null : toFileText(commentText(change.comment), how.encoding);
    const edit = commentChange(line, comment);
    if (edit !== undefined) changes.push(edit);
  }
  return applyChanges(line.text, changes);
}

/** Makes sure that a new line is accepted by the server, and reads back as what was meant. */
function verify(line: IdentLine, meant: IdentMappingInput, comment: string | undefined): void {
  const { entry } = line;
  const { problem } = line.read();
  if (problem !== undefined) throw new PgHostsslError('mapping-invalid', shownMessage(problem, line));
  if (entry.kind !== 'mapping' || meaningOf(entry) !== meaningOf(meant) || entry.comment !== comment) {
    throw notAsMeant(line);
  }
}

function meaningOf({ map, systemUser, pgUser }: IdentMappingInput): string {
  return JSON.stringify([map, userMeaning(systemUser), userMeaning(pgUser)]);
}
