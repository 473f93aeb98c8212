import { configurationFiles, isBlankName } from '../include/directory.ts';
import { type OpenFailure, openFailure } from '../include/open-failure.ts';
import { joinPath, resolvePath } from '../include/paths.ts';
import type { ParseOptions } from '../parse-options.ts';
import { decodeText } from '../text/bytes.ts';
import { countLineEnds } from '../text/position.ts';
import { defaultPgMajor } from '../version.ts';
import { AuthLine, readingFor } from './auth-line.ts';
import { includeOf } from './entry.ts';
import { splitLogicalLines } from './logical-line.ts';
import type { LineProblem } from './problem.ts';
import { maxNestingDepth, type ScanRules, scanRulesOf } from './scan-rules.ts';
import { type Field, namesFile, type Token } from './token.ts';

/** A line as the server takes it in: with the words of `@file`s in place, and of whatever file it comes from. */
export interface ExpandedLine<L extends AuthLine = AuthLine> {
  /** The line itself; one of an included file is no line of the file that was parsed. */
  readonly line: L | AuthLine;
  /** The path of its file, where it is known. */
  readonly file: string | undefined;
  /** The 1-based physical line in which it begins. */
  readonly firstLine: number;
  /** The number that the server gives it. */
  readonly serverLine: number;
  /** Its columns, with the words of `@file`s; the same object as the line's where it names none. */
  readonly fields: readonly Field[];
  /** Why it is refused before its columns are looked at. */
  readonly problem?: LineProblem;
  /** What is loaded nevertheless, or could not be followed; without columns and a problem the line is no record. */
  readonly notes: readonly LineProblem[];
}

/** How many lines are taken in from other files before it is given up: a few files can include each other without end. */
export const expansionLimit = 1_000_000;

/** The lines of a file with those of all files that it includes, in the server's order (`tokenize_auth_file`). */
export function expandLines<L extends AuthLine>(lines: readonly L[], options: ParseOptions): ExpandedLine<L>[] {
  const expander = new Expander(options);
  return expander.expand(lines, options.file, 0) as ExpandedLine<L>[];
}

class Expander {
  readonly #options: ParseOptions;
  readonly #rules: ScanRules;
  readonly #files = new Map<string, readonly AuthLine[] | OpenFailure>();
  readonly #open: string[] = [];
  #taken = 0;

  constructor(options: ParseOptions) {
    this.#options = options;
    this.#rules = scanRulesOf(options.version ?? defaultPgMajor);
    if (options.file !== undefined) this.#open.push(resolvePath(options.file, undefined));
  }

  expand(lines: readonly AuthLine[], file: string | undefined, depth: number): ExpandedLine[] {
    const expanded: ExpandedLine[] = [];
    let firstLine = 1;
    let serverLine = 1;
    for (const line of lines) {
      const place = { file, firstLine, serverLine };
      if (line.hasContent) this.#line(line, place, depth, expanded);
      else if (line.isOdd) expanded.push({ line, ...place, fields: [], notes: [] });
      firstLine += countLineEnds(line.text);
      serverLine += line.scanned.serverLines;
    }
    return expanded;
  }

  #line(
    line: AuthLine,
    place: Pick<ExpandedLine, 'file' | 'firstLine' | 'serverLine'>,
    depth: number,
    expanded: ExpandedLine[],
  ): void {
    const notes: LineProblem[] = [];
    let fields: readonly Field[] = line.scanned.fields;
    let problem: LineProblem | undefined;
    if (fields.some((field) => field.some(namesFile))) {
      ({ fields, problem } = this.#withFileWords(fields, place.file, depth, notes));
    }
    problem ??= scanProblem(line);
    const include = problem === undefined && line.how.rules.includes ? includeOf(fields) : undefined;
    if (include !== undefined) {
      const token = fields[1]![0];
      const taken =
        include.directive === 'include_dir'
          ? this.#includeDirectory(token, place.file, depth, notes)
          : this.#includeFile(token, place.file, depth, include.directive === 'include_if_exists', notes);
      for (const inner of taken.lines) expanded.push(inner);
      problem = taken.problem;
      if (problem === undefined && notes.length === 0) return;
      if (problem === undefined) fields = [];
    }
    expanded.push({ line, ...place, fields, notes, ...(problem === undefined ? {} : { problem }) });
  }

  /** The columns with each `@file` replaced by its words (`next_field_expand`, `tokenize_expand_file`). */
  #withFileWords(
    fields: readonly Field[],
    file: string | undefined,
    depth: number,
    notes: LineProblem[],
  ): { fields: Field[]; problem: LineProblem | undefined } {
    const expanded: Field[] = [];
    let problem: LineProblem | undefined;
    for (const field of fields) {
      const tokens: Token[] = [];
      for (const token of field) {
        if (problem !== undefined) break;
        if (!namesFile(token)) tokens.push(token);
        else problem = this.#takeWords(token, file, depth, tokens, notes);
      }
      const [first, ...others] = tokens;
      if (first !== undefined) expanded.push([first, ...others]);
      if (problem !== undefined) break;
    }
    return { fields: expanded, problem };
  }

  #takeWords(
    token: Token,
    file: string | undefined,
    depth: number,
    tokens: Token[],
    notes: LineProblem[],
  ): LineProblem | undefined {
    if (this.#options.readFile === undefined) {
      tokens.push(token);
      notes.push(notFollowed(token, 'no readFile is given'));
      return undefined;
    }
    const path = resolvePath(token.value.slice(1), file);
    const opened = this.#nested(path, depth + 1, token, `@${token.value.slice(1)}`, notes);
    if (opened.problem !== undefined) {
      // 9.6 only logs that a file is missing, and goes on without its words.
      if (!this.#rules.missingWordsIgnored || opened.isRecursion === true) return opened.problem;
      notes.push(opened.problem);
      return undefined;
    }
    const before = tokens.length;
    for (const inner of opened.lines) {
      if (inner.problem !== undefined) return { ...inner.problem, token };
      for (const field of inner.fields) for (const word of field) tokens.push(at(word, token));
    }
    if (tokens.length === before) notes.push(emptyFile(token, path));
    return undefined;
  }

  #includeFile(token: Token, file: string | undefined, depth: number, ifExists: boolean, notes: LineProblem[]): Taken {
    if (this.#options.readFile === undefined) return skip(notes, notFollowed(token, 'no readFile is given'));
    const taken = this.#nested(resolvePath(token.value, file), depth + 1, token, undefined, notes);
    return ifExists && taken.isMissing ? { lines: [] } : taken;
  }

  #includeDirectory(token: Token, file: string | undefined, depth: number, notes: LineProblem[]): Taken {
    if (isBlankName(token.value)) {
      const serverText = 'empty configuration directory name';
      return { lines: [], problem: { ...failed(token, serverText), message: 'the name of the directory is empty' } };
    }
    const { readDirectory } = this.#options;
    if (readDirectory === undefined) return skip(notes, notFollowed(token, 'no readDirectory is given'));
    const directory = resolvePath(token.value, file);
    let names: readonly string[];
    try {
      names = readDirectory(directory);
    } catch (error) {
      const serverText = `could not open directory "${directory}"`;
      const message = `${serverText}: ${openFailure(error).text}`;
      return { lines: [], problem: { ...failed(token, serverText), message } };
    }
    const lines: ExpandedLine[] = [];
    const problems: LineProblem[] = [];
    for (const name of configurationFiles(names)) {
      const taken = this.#nested(joinPath(directory, name), depth + 1, token, undefined, notes);
      lines.push(...taken.lines);
      if (taken.problem !== undefined) problems.push(taken.problem);
    }
    if (problems.length === 0) return { lines };
    const serverText = problems.map((problem) => problem.serverText).join('\n');
    return { lines, problem: { ...problems[0]!, serverText } };
  }

  /** The lines of another file, or why there are none. */
  #nested(path: string, depth: number, token: Token, words: string | undefined, notes: LineProblem[]): Taken {
    const rules = this.#rules;
    if (rules.depthLimit && depth > maxNestingDepth) {
      return { lines: [], problem: failed(token, `could not open file "${path}": maximum nesting depth exceeded`) };
    }
    if (!rules.depthLimit && this.#open.includes(path)) {
      return { lines: [], problem: recursion(token, path), isRecursion: true };
    }
    if (this.#taken > expansionLimit) {
      return skip(notes, notFollowed(token, `more than ${expansionLimit} lines are included already`));
    }
    const opened = this.#read(path);
    if ('text' in opened) {
      const secondary = words !== undefined && rules.namesSecondaryFile && !opened.isDirectory;
      const what = secondary ? `secondary authentication file "${words}" as "${path}"` : `file "${path}"`;
      const problem = failed(token, `could not ${opened.isDirectory ? 'read' : 'open'} ${what}: ${opened.text}`);
      return { lines: [], problem, isMissing: opened.isMissing };
    }
    this.#taken += opened.length;
    this.#open.push(path);
    const lines = this.expand(opened, path, depth);
    this.#open.pop();
    return { lines };
  }

  #read(path: string): readonly AuthLine[] | OpenFailure {
    let file = this.#files.get(path);
    if (file === undefined) {
      file = this.#readAnew(path);
      this.#files.set(path, file);
    }
    return file;
  }

  #readAnew(path: string): readonly AuthLine[] | OpenFailure {
    try {
      const { text, encoding } = decodeText(this.#options.readFile!(path));
      const how = readingFor(encoding, this.#options);
      return splitLogicalLines(text, encoding, how.rules).map((line) => new AuthLine(line, how));
    } catch (error) {
      const failure = openFailure(error);
      // Since 14 a read error, which a directory gives, is logged and makes an empty file.
      return failure.isDirectory && this.#rules.directoryIsEmpty ? [] : failure;
    }
  }
}

/** What another file gives. */
interface Taken {
  readonly lines: readonly ExpandedLine[];
  readonly problem?: LineProblem;
  readonly isMissing?: boolean;
  readonly isRecursion?: boolean;
}

function scanProblem(line: AuthLine): LineProblem | undefined {
  const { problem } = line.scanned;
  if (problem === undefined || !line.isRefusedByScanner) return undefined;
  const what = problem.kind === 'line-too-long' ? 'line' : 'token';
  return {
    code: what === 'line' ? 'line-too-long' : 'token-too-long',
    token: { value: '', quoted: false, start: problem.start, end: problem.end },
    serverText: `authentication file ${what} too long`,
    message: `the ${what === 'line' ? 'line' : 'word'} is longer than this major can read`,
  };
}

function at(word: Token, token: Token): Token {
  return { value: word.value, quoted: word.quoted, start: token.start, end: token.end };
}

function failed(token: Token, serverText: string): LineProblem {
  return { code: 'include-failed', token, serverText, message: serverText };
}

function recursion(token: Token, path: string): LineProblem {
  const message = `"${path}" includes itself, which makes a server of this major crash`;
  return { code: 'include-recursion', token, serverText: null, message };
}

function emptyFile(token: Token, path: string): LineProblem {
  const message = `"${path}" holds no word, so that the columns behind it move to the left where it stands alone`;
  return { code: 'include-empty', token, serverText: null, message };
}

function notFollowed(token: Token, why: string): LineProblem {
  return { code: 'include-not-followed', token, serverText: null, message: `"${token.value}" is not followed: ${why}` };
}

function skip(notes: LineProblem[], note: LineProblem): Taken {
  notes.push(note);
  return { lines: [] };
}
