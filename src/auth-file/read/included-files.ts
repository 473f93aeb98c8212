import { canonicalizePath } from '../../c/paths.ts';
import { maxNestingDepth } from '../../include/directive.ts';
import { type OpenFailure, openablePath, openFailure } from '../../include/open-failure.ts';
import { mostIncluded, parsedSize, tooMuchIncluded } from '../../include/parsed-size.ts';
import type { ParseOptions } from '../../parse-options.ts';
import { decodeText } from '../../text/bytes.ts';
import { defaultPgMajor } from '../../version.ts';
import type { Token } from '../scan/token.ts';
import type { RecordEntry } from './entry.ts';
import { includeFailed, includeNotFollowed, includeRecursion } from './expand-errors.ts';
import { type AuthLine, linesOf } from './line.ts';
import type { LineDiagnostic } from './line-diagnostic.ts';
import type { FileContext } from './record-format.ts';

/**
 * The depth up to which files are followed for versions without a depth limit. A thousand nested files would overflow
 * the call stack.
 */
const followedDepth = 100;

/** The result of opening an included file. The object is empty if the server could open the file. */
export interface Outcome {
  /** The error for which the server refuses the line that names the file. */
  readonly error?: LineDiagnostic;
  /** `true` if the server takes the file as missing, so that `include_if_exists` ignores the error. */
  readonly isMissing?: boolean;
  /** `true` if the file includes itself. */
  readonly isRecursion?: boolean;
}

/** The place at which an included file is named. */
interface Naming {
  /** The token that names the file. */
  readonly token: Token;
  /** The nesting depth of the file that contains the token; 0 for the parsed file. */
  readonly depth: number;
  /** The `@file` in the notation of the server's messages; `undefined` for the file of an include line. */
  readonly words: string | undefined;
  /** Receives the warnings about files that are not read. */
  readonly warnings: LineDiagnostic[];
}

/** The lines of a file, and the size of the parsed file. */
interface OpenedFile<R, E extends RecordEntry> {
  readonly lines: readonly AuthLine<R, E>[];
  readonly size: number;
}

/** The files that a parsed file includes. Each file is read only once. */
export class IncludedFiles<R, E extends RecordEntry> {
  readonly #context: FileContext<R, E>;
  readonly #options: ParseOptions;
  readonly #files = new Map<string, OpenedFile<R, E> | OpenFailure>();
  /** The files that are being read, including the parsed file. */
  readonly #open: string[] = [];
  /** The size of all files that were opened. */
  #taken = 0;
  /** `true` if the last system call that failed in the server found no file, so that `errno` is `ENOENT`. */
  #lastIsMissing = false;

  /** Creates a reader for the included files of a file that was parsed with these options. */
  constructor(context: FileContext<R, E>, options: ParseOptions) {
    this.#context = context;
    this.#options = options;
    if (options.file !== undefined) this.#open.push(identityOf(options.file));
  }

  /**
   * Opens a file as `open_auth_file` does, and passes its lines to `take`. Until `take` returns, the file counts as
   * open, so that a file which includes itself is found.
   */
  open(
    path: string,
    { token, depth, words, warnings }: Naming,
    take: (lines: readonly AuthLine<R, E>[]) => void,
  ): Outcome {
    const { rules } = this.#context;
    if (rules.depthLimit && depth >= maxNestingDepth) {
      const error = includeFailed(token, `could not open file "${path}": maximum nesting depth exceeded`);
      // `open_auth_file` then opens nothing, and its caller looks at the `errno` of an earlier file.
      return { error, isMissing: this.#lastIsMissing };
    }
    if (!rules.depthLimit && this.#open.includes(identityOf(path))) {
      return { error: includeRecursion(token, path), isRecursion: true };
    }
    if (depth >= followedDepth) {
      warnings.push(includeNotFollowed(token, `more than ${followedDepth} files are nested`));
      return {};
    }
    const isTooMuch = (size: number): boolean => {
      if (this.#taken + size <= mostIncluded) return false;
      warnings.push(includeNotFollowed(token, tooMuchIncluded));
      return true;
    };
    if (isTooMuch(0)) return {};
    const opened = this.#read(path);
    if ('text' in opened && opened.isUnread) {
      warnings.push(includeNotFollowed(token, `this process could not read ${path}`));
      return {};
    }
    if ('text' in opened) {
      this.#lastIsMissing = opened.isMissing;
      const secondary = words !== undefined && rules.namesSecondaryFile && !opened.isDirectory;
      const what = secondary ? `secondary authentication file "${words}" as "${path}"` : `file "${path}"`;
      const error = includeFailed(token, `could not ${opened.isDirectory ? 'read' : 'open'} ${what}: ${opened.text}`);
      return { error, isMissing: opened.isMissing };
    }
    // The words of an `@file` become words of one line, so a file of too many words is not followed at all.
    if (words !== undefined && isTooMuch(opened.size)) return {};
    this.#taken += opened.size;
    this.#open.push(identityOf(path));
    take(opened.lines);
    this.#open.pop();
    return {};
  }

  /** Notes that the server lists a directory: `ReadDir` sets `errno` to 0. */
  noteDirectory(): void {
    this.#lastIsMissing = false;
  }

  #read(path: string): OpenedFile<R, E> | OpenFailure {
    let file = this.#files.get(path);
    if (file === undefined) {
      file = this.#readAnew(path);
      this.#files.set(path, file);
    }
    return file;
  }

  #readAnew(path: string): OpenedFile<R, E> | OpenFailure {
    try {
      const content = this.#options.readFile!(openablePath(path));
      const { text, encoding } = decodeText(content);
      return { lines: linesOf(text, { ...this.#context, encoding }), size: parsedSize(content) };
    } catch (error) {
      const failure = openFailure(error);
      // Since 14, the server only logs a read error and continues with an empty file. A directory gives such an error.
      return failure.isDirectory && this.#context.rules.directoryIsEmpty ? { lines: [], size: 0 } : failure;
    }
  }
}

/** Returns a normalized path. Two ways of writing the same path have the same normalized path. */
function identityOf(path: string): string {
  return canonicalizePath(path, defaultPgMajor);
}
