import { absoluteConfigLocation, canonicalizePath, joinPathComponents } from '../../c/paths.ts';
import { configurationFiles, isBlankName } from '../../include/directory.ts';
import { type OpenFailure, openFailure } from '../../include/open-failure.ts';
import type { ParseOptions } from '../../parse-options.ts';
import { decodeText } from '../../text/bytes.ts';
import { countLineEnds } from '../../text/position.ts';
import { defaultPgMajor } from '../../version.ts';
import { splitLogicalLines } from '../scan/logical-line.ts';
import { maxNestingDepth, type ScanRules, scanRulesOf } from '../scan/scan-rules.ts';
import { type Field, isRefused, namesFile, type ScannedLine, type Token } from '../scan/token.ts';
import { includeOf } from './entry.ts';
import { AuthLine, readingFor } from './line.ts';
import type { LineProblem } from './line-diagnostic.ts';

/** A line as the server takes it in: with the words of `@file`s in place, and of whatever file it comes from. */
export interface ExpandedLine {
  /** The line itself; one of an included file is no line of the file that was parsed. */
  readonly line: AuthLine;
  /** The line as it is scanned. */
  readonly scanned: ScannedLine;
  /** The path of its file, where it is known. */
  readonly file: string | undefined;
  /** The 1-based physical line in which it begins. */
  readonly firstLine: number;
  /** The number that the server gives it. */
  readonly serverLine: number;
  /** Its columns, with the words of `@file`s; the same object as the line's where it names none. */
  readonly fields: readonly Field[];
  /** Why it is refused before its columns are looked at. */
  readonly problem: LineProblem | undefined;
  /** What is loaded nevertheless, or could not be followed; without columns and a problem the line is no record. */
  readonly notes: readonly LineProblem[];
}

/** How many lines are taken in from other files before it is given up: a few files can include each other without end. */
export const expansionLimit = 100_000;

/** Takes the lines of a file and of all files that it includes, one after the other. */
type Visit = (line: ExpandedLine) => void;

/**
 * Visits the lines of a file and of all files that it includes, in the server's order (`tokenize_auth_file`). Plain
 * comments and empty lines are left out, and so are lines of the file itself, none of which is its first, that are quiet:
 * such a line takes one line end.
 */
export function expandLines<L extends AuthLine>(
  lines: readonly L[],
  options: ParseOptions,
  visit: Visit,
  isQuiet?: (line: L) => boolean,
): void {
  new Expander(options).expand(lines, options.file, 0, visit, isQuiet);
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
    if (options.file !== undefined) this.#open.push(identityOf(options.file));
  }

  expand<L extends AuthLine>(
    lines: readonly L[],
    file: string | undefined,
    depth: number,
    visit: Visit,
    isQuiet: (line: L) => boolean = () => false,
  ): void {
    let firstLine = 1;
    let serverLine = 1;
    for (const line of lines) {
      // A file's first line can have a byte order mark, and so is never left out.
      if (firstLine > 1 && isQuiet(line)) {
        firstLine += 1;
        serverLine += 1;
        continue;
      }
      const scanned = line.scan();
      if (scanned.fields.length > 0 || isRefused(scanned)) {
        this.#line({ line, scanned, file, firstLine, serverLine }, depth, visit);
      } else if (!line.isPlain) {
        visit({ line, scanned, file, firstLine, serverLine, fields: [], problem: undefined, notes: [] });
      }
      firstLine += countLineEnds(line.text);
      serverLine += scanned.serverLines;
    }
  }

  #line(place: Omit<ExpandedLine, 'fields' | 'problem' | 'notes'>, depth: number, visit: Visit): void {
    const { line, scanned, file, firstLine, serverLine } = place;
    const notes: LineProblem[] = [];
    let fields: readonly Field[] = scanned.fields;
    let problem: LineProblem | undefined;
    if (fields.some((field) => field.some(namesFile))) {
      ({ fields, problem } = this.#withFileWords(fields, file, depth, notes));
    }
    problem ??= isRefused(scanned) ? scanProblem(scanned) : undefined;
    const include = problem === undefined && this.#rules.includes ? includeOf(fields) : undefined;
    if (include !== undefined) {
      const token = fields[1]![0];
      const from = { token, file, depth, notes, visit };
      problem =
        include.directive === 'include_dir'
          ? this.#includeDirectory(from)
          : this.#includeFile(from, include.directive === 'include_if_exists');
      if (problem === undefined) fields = [];
      if (problem === undefined && notes.length === 0) return;
    }
    visit({ line, scanned, file, firstLine, serverLine, fields, problem, notes });
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
    const path = absoluteConfigLocation(token.value.slice(1), file, this.#options.version);
    const inner: ExpandedLine[] = [];
    const from = { token, file, depth, notes, visit: (line: ExpandedLine) => inner.push(line) };
    const outcome = this.#nested(path, from, `@${token.value.slice(1)}`);
    if (outcome.problem !== undefined) {
      // 9.6 only logs that a file is missing, and goes on without its words.
      if (!this.#rules.missingWordsIgnored || outcome.isRecursion === true) return outcome.problem;
      notes.push(outcome.problem);
      return undefined;
    }
    const before = tokens.length;
    for (const { problem, fields } of inner) {
      if (problem !== undefined) return { ...problem, token };
      for (const field of fields) for (const word of field) tokens.push(at(word, token));
    }
    if (tokens.length === before) notes.push(emptyFile(token, path));
    return undefined;
  }

  #includeFile(from: Inclusion, ifExists: boolean): LineProblem | undefined {
    const { token, file, notes } = from;
    if (this.#options.readFile === undefined) {
      notes.push(notFollowed(token, 'no readFile is given'));
      return undefined;
    }
    const { problem, isMissing } = this.#nested(absoluteConfigLocation(token.value, file, this.#options.version), from, undefined);
    return ifExists && isMissing === true ? undefined : problem;
  }

  #includeDirectory(from: Inclusion): LineProblem | undefined {
    const { token, file, notes } = from;
    if (isBlankName(token.value)) {
      const serverText = 'empty configuration directory name';
      return { ...failed(token, serverText), message: 'the name of the directory is empty' };
    }
    const { readDirectory } = this.#options;
    if (readDirectory === undefined) {
      notes.push(notFollowed(token, 'no readDirectory is given'));
      return undefined;
    }
    const directory = absoluteConfigLocation(token.value, file, this.#options.version);
    let names: readonly string[];
    try {
      names = readDirectory(directory);
    } catch (error) {
      const serverText = `could not open directory "${directory}"`;
      return { ...failed(token, serverText), message: `${serverText}: ${openFailure(error).text}` };
    }
    const problems = configurationFiles(names)
      .map((name) => this.#nested(joinPathComponents(directory, name), from, undefined).problem)
      .filter((problem) => problem !== undefined);
    if (problems[0] === undefined) return undefined;
    return { ...problems[0], serverText: problems.map((problem) => problem.serverText).join('\n') };
  }

  /** Visits the lines of another file. */
  #nested(path: string, { token, depth, notes, visit }: Inclusion, words: string | undefined): Outcome {
    const rules = this.#rules;
    if (rules.depthLimit && depth >= maxNestingDepth) {
      return { problem: failed(token, `could not open file "${path}": maximum nesting depth exceeded`) };
    }
    if (!rules.depthLimit && this.#open.includes(identityOf(path))) {
      return { problem: recursion(token, path), isRecursion: true };
    }
    if (this.#taken > expansionLimit) {
      notes.push(notFollowed(token, `more than ${expansionLimit} lines are included already`));
      return {};
    }
    const opened = this.#read(path);
    if ('text' in opened) {
      const secondary = words !== undefined && rules.namesSecondaryFile && !opened.isDirectory;
      const what = secondary ? `secondary authentication file "${words}" as "${path}"` : `file "${path}"`;
      const problem = failed(token, `could not ${opened.isDirectory ? 'read' : 'open'} ${what}: ${opened.text}`);
      return { problem, isMissing: opened.isMissing };
    }
    this.#taken += opened.length;
    this.#open.push(identityOf(path));
    this.expand(opened, path, depth + 1, visit);
    this.#open.pop();
    return {};
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

/** What two paths have in common that lead to one file, though this major names it in another way. */
function identityOf(path: string): string {
  return canonicalizePath(path, defaultPgMajor);
}

/** A token that names another file, and where it stands. */
interface Inclusion {
  readonly token: Token;
  readonly file: string | undefined;
  readonly depth: number;
  readonly notes: LineProblem[];
  readonly visit: Visit;
}

/** Why another file gave nothing, if it did not. */
interface Outcome {
  readonly problem?: LineProblem;
  readonly isMissing?: boolean;
  readonly isRecursion?: boolean;
}

function scanProblem({ problem }: ScannedLine): LineProblem {
  const { kind, start, end } = problem!;
  const what = kind === 'line-too-long' ? 'line' : 'token';
  return {
    code: what === 'line' ? 'line-too-long' : 'token-too-long',
    token: { value: '', quoted: false, start, end },
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
