import { appendAll } from '../../append-all.ts';
import { absoluteConfigLocation, joinPathComponents } from '../../c/paths.ts';
import type { IncludeDirective } from '../../include/directive.ts';
import { configurationFiles, isBlankName } from '../../include/directory.ts';
import { openablePath, openFailure } from '../../include/open-failure.ts';
import type { ParseOptions } from '../../parse-options.ts';
import { countLineEnds } from '../../text/position.ts';
import { type Field, isRefused, namesFile, type ScannedLine, type Token } from '../scan/token.ts';
import type { RecordEntry } from './entry.ts';
import { includeEmpty, includeFailed, includeNotFollowed, tooLong } from './expand-errors.ts';
import { type ExpandedLine, isUnread } from './expanded-line.ts';
import { includeOf } from './include-line.ts';
import { IncludedFiles, type Outcome } from './included-files.ts';
import type { AuthLine } from './line.ts';
import type { LineDiagnostic } from './line-diagnostic.ts';
import type { FileContext } from './record-format.ts';
import { type ShownLine, ShownLines } from './shown-line.ts';

/** The lines of a file, and the options for reading its included files. */
export interface ExpandableFile<R, E extends RecordEntry> {
  /** The logical lines of the file. */
  readonly lines: readonly AuthLine<R, E>[];
  /** The format, the version and the encoding, which all lines share. */
  readonly context: FileContext<R, E>;
  /** The path of the file, and the functions that read included files. */
  readonly options: ParseOptions;
}

/** Receives the lines of a file and of its included files, one by one. */
type Visit<R, E extends RecordEntry> = (line: ExpandedLine<R, E>) => void;

/**
 * Visits the lines of a file and of all its included files, in the server's order (`tokenize_auth_file`). Empty lines
 * and comments of one physical line are not visited.
 *
 * @param skips returns whether to leave out a line of the parsed file. It is called only for lines of one physical
 * line, and never for the first line, which can contain a byte order mark
 */
export function expandLines<R, E extends RecordEntry>(
  file: ExpandableFile<R, E>,
  visit: Visit<R, E>,
  skips?: (line: AuthLine<R, E>) => boolean,
): void {
  new Expander(file).expand(file.lines, { file: file.options.file, depth: 0, visit }, skips);
}

/** The file whose lines are being visited. */
interface Nesting<R, E extends RecordEntry> {
  readonly file: string | undefined;
  readonly depth: number;
  readonly visit: Visit<R, E>;
}

/** A token that names another file, with the place of the token. */
interface Inclusion<R, E extends RecordEntry> extends Nesting<R, E> {
  readonly token: Token;
  readonly warnings: LineDiagnostic[];
}

/** A token that names an `@file`. */
interface WordInclusion<R, E extends RecordEntry> extends Inclusion<R, E> {
  /** The lines of the `@file`, and of the files that it includes, are added to this list. */
  readonly lines: ExpandedLine<R, E>[];
}

class Expander<R, E extends RecordEntry> {
  readonly #options: ParseOptions;
  readonly #context: FileContext<R, E>;
  readonly #files: IncludedFiles<R, E>;

  constructor({ options, context }: ExpandableFile<R, E>) {
    this.#options = options;
    this.#context = context;
    this.#files = new IncludedFiles(context, options);
  }

  expand(
    lines: readonly AuthLine<R, E>[],
    nesting: Nesting<R, E>,
    skips: (line: AuthLine<R, E>) => boolean = () => false,
  ): void {
    const { file, depth, visit } = nesting;
    const isIncluded = depth > 0;
    let firstLine = 1;
    let serverLine = 1;
    const shownLines = new ShownLines(lines);
    // Visits a line. Written inside the loop, the closure `shownLine` would take time for each skipped line, too.
    const visitLine = (index: number, start: number): ScannedLine => {
      const line = lines[index]!;
      const scanned = line.scan();
      const shownLine = (): ShownLine => shownLines.at(index, start);
      const { fields } = scanned;
      // This is one object literal, because object spread would take a third of the time that the rows of a view take.
      const warnings: LineDiagnostic[] = [];
      const place = {
        line,
        scanned,
        file,
        isIncluded,
        firstLine: start,
        serverLine,
        shownLine,
        fields,
        encoding: line.context.encoding,
        error: undefined,
        warnings,
      };
      if (fields.length > 0 || isRefused(scanned)) this.#line(place, nesting);
      else if (!line.isPlain) visit(place);
      return scanned;
    };
    for (let index = 0; index < lines.length; index++) {
      const line = lines[index]!;
      if (firstLine > 1 && skips(line)) {
        firstLine += 1;
        serverLine += 1;
      } else {
        const { serverLines } = visitLine(index, firstLine);
        firstLine += countLineEnds(line.text);
        serverLine += serverLines;
      }
    }
  }

  /** Visits a line that is not a comment, or the lines of the file that it includes. */
  #line(place: ExpandedLine<R, E> & { readonly warnings: LineDiagnostic[] }, nesting: Nesting<R, E>): void {
    const { scanned, warnings } = place;
    let { fields, encoding, error } = place;
    if (fields.some((field) => field.some(namesFile))) {
      const lines: ExpandedLine<R, E>[] = [];
      ({ fields, error } = this.#withFileWords(fields, { ...nesting, warnings, lines }));
      if (lines.some((line) => line.encoding === 'bytes')) encoding = 'bytes';
    }
    error ??= isRefused(scanned) ? tooLong(scanned) : undefined;
    const isInclude = error === undefined && this.#context.rules.includes && !isUnread(warnings);
    const include = isInclude ? includeOf(fields) : undefined;
    if (include !== undefined) {
      const inclusion = { ...nesting, token: fields[1]![0], warnings };
      error =
        include.directive === 'include_dir'
          ? this.#includeDirectory(inclusion, (unread) => nesting.visit({ ...place, fields: [], warnings: unread }))
          : this.#includeFile(inclusion, include.directive);
      if (error === undefined) fields = [];
      if (error === undefined && warnings.length === 0) return;
    }
    const isChanged = fields !== place.fields || error !== place.error;
    nesting.visit(isChanged ? { ...place, fields, encoding, error } : place);
  }

  /** Returns the fields with each `@file` replaced by its words (`next_field_expand`, `tokenize_expand_file`). */
  #withFileWords(
    fields: readonly Field[],
    inclusion: Omit<WordInclusion<R, E>, 'token'>,
  ): { fields: Field[]; error: LineDiagnostic | undefined } {
    const expanded: Field[] = [];
    let error: LineDiagnostic | undefined;
    for (const field of fields) {
      const tokens: Token[] = [];
      for (const token of field) {
        if (error !== undefined) break;
        if (!namesFile(token)) tokens.push(token);
        else error = this.#takeWords({ ...inclusion, token }, tokens);
      }
      const [first, ...others] = tokens;
      if (first !== undefined) expanded.push([first, ...others]);
      if (error !== undefined) break;
    }
    return { fields: expanded, error };
  }

  #takeWords(inclusion: WordInclusion<R, E>, tokens: Token[]): LineDiagnostic | undefined {
    const { token, file, warnings, lines } = inclusion;
    if (this.#options.readFile === undefined) {
      tokens.push(token);
      warnings.push(includeNotFollowed(token, 'give the option readFile, which reads included files'));
      return undefined;
    }
    const name = token.value.slice(1);
    const path = absoluteConfigLocation(name, file, this.#options.version);
    const inner: ExpandedLine<R, E>[] = [];
    const visit = (line: ExpandedLine<R, E>): void => {
      inner.push(line);
    };
    const found: LineDiagnostic[] = [];
    const outcome = this.#nested(path, { ...inclusion, warnings: found, visit }, `@${name}`);
    if (outcome.error !== undefined) {
      // A server of 9.6 logs that it cannot open an `@file`, and continues without the words of this file.
      if (!this.#context.rules.missingWordsIgnored || outcome.isRecursion === true) return outcome.error;
      warnings.push({ ...outcome.error, severity: 'warning' });
      return undefined;
    }
    appendAll(lines, inner);
    const before = tokens.length;
    for (const { error, fields, warnings: ofLine } of inner) {
      if (error !== undefined) return { ...error, span: token };
      for (const word of fields.flat()) if (!namesFile(word)) tokens.push(at(word, token));
      appendAll(found, ofLine);
    }
    for (const warning of found) warnings.push({ ...warning, span: token });
    // The token stands for the words that are unknown.
    if (isUnread(found)) tokens.push(token);
    else if (tokens.length === before) warnings.push(includeEmpty(token, path));
    return undefined;
  }

  #includeFile(inclusion: Inclusion<R, E>, directive: IncludeDirective): LineDiagnostic | undefined {
    const { token, file, warnings } = inclusion;
    if (this.#options.readFile === undefined) {
      warnings.push(includeNotFollowed(token, 'give the option readFile, which reads included files'));
      return undefined;
    }
    const path = absoluteConfigLocation(token.value, file, this.#options.version);
    const { error, isMissing } = this.#nested(path, inclusion, undefined);
    return directive === 'include_if_exists' && isMissing === true ? undefined : error;
  }

  /**
   * Visits the lines of the files in a directory.
   *
   * @param visitUnread is called at the place of each file that was not read, before the lines of the next file
   */
  #includeDirectory(
    inclusion: Inclusion<R, E>,
    visitUnread: (warnings: readonly LineDiagnostic[]) => void,
  ): LineDiagnostic | undefined {
    const { token, file, warnings } = inclusion;
    if (isBlankName(token.value)) {
      return includeFailed(token, 'empty configuration directory name', 'The name of the directory is empty');
    }
    const { readDirectory } = this.#options;
    if (readDirectory === undefined) {
      warnings.push(includeNotFollowed(token, 'give the option readDirectory, which lists included directories'));
      return undefined;
    }
    const directory = absoluteConfigLocation(token.value, file, this.#options.version);
    let names: readonly string[];
    try {
      names = readDirectory(openablePath(directory));
    } catch (error) {
      if (openFailure(error).isUnread) {
        warnings.push(includeNotFollowed(token, `this process could not read ${directory}`));
        return undefined;
      }
      const serverText = `could not open directory "${directory}"`;
      return includeFailed(token, serverText, `Could not open directory "${directory}": ${openFailure(error).text}`);
    }
    this.#files.noteDirectory();
    const errors: LineDiagnostic[] = [];
    for (const name of configurationFiles(names)) {
      const ofFile: LineDiagnostic[] = [];
      const path = joinPathComponents(directory, name);
      const { error } = this.#nested(path, { ...inclusion, warnings: ofFile }, undefined);
      if (error !== undefined) errors.push(error);
      if (ofFile.length > 0) visitUnread(ofFile);
    }
    if (errors[0] === undefined) return undefined;
    return { ...errors[0], serverText: errors.map(({ serverText }) => serverText).join('\n') };
  }

  /**
   * Visits the lines of another file.
   *
   * @param words the `@file` in the notation of the server's messages; `undefined` for the file of an include line
   */
  #nested(path: string, inclusion: Inclusion<R, E>, words: string | undefined): Outcome {
    const { depth, visit } = inclusion;
    return this.#files.open(path, { ...inclusion, words }, (lines) => {
      this.expand(lines, { file: path, depth: depth + 1, visit });
    });
  }
}

function at(word: Token, token: Token): Token {
  return { value: word.value, quoted: word.quoted, start: token.start, end: token.end };
}
