import type { FileState, TargetFile } from '../disk/file-state.ts';
import {
  type DirectoryState,
  type IncludeReaders,
  includeReaders,
  namesIn,
  readIncludedFiles,
} from '../disk/included-files.ts';
import type { ReadingPort } from '../disk/reading-port.ts';

/** Reads files, and treats an unreadable file as a missing one. */
export class Lookup {
  readonly #port: ReadingPort;

  constructor(port: ReadingPort) {
    this.#port = port;
  }

  /** The file at a path; `undefined` if it cannot be read. */
  file(path: string): Promise<FileState | undefined> {
    return this.#port.read(path).catch(() => undefined);
  }

  /** The path without symbolic links; the path itself if it cannot be followed. */
  realPath(path: string): Promise<string> {
    return this.#port.realPath(path).catch(() => path);
  }

  /** Calls `parse` again and again until all files that it includes have been read, and returns its last result. */
  async withIncludes<T>(parse: (readers: IncludeReaders) => T): Promise<T> {
    const readOne = async (path: string): Promise<TargetFile> => (await this.file(path)) ?? { path };
    const list = async (path: string): Promise<DirectoryState> => ({
      path,
      names: await namesIn(path, this.#port).catch(() => undefined),
    });
    const found = await readIncludedFiles((readers) => void parse(readers), readOne, list);
    return parse(includeReaders(found)!);
  }

  /** The existing paths that match these patterns. */
  async expand(patterns: readonly string[]): Promise<readonly string[]> {
    const found = await Promise.all(patterns.map((pattern) => this.#expand('', pattern.split('/').slice(1))));
    return found.flat();
  }

  async #expand(folder: string, [part, ...rest]: readonly string[]): Promise<readonly string[]> {
    if (part === undefined) return [folder];
    if (!part.includes('*')) return this.#expand(`${folder}/${part}`, rest);
    const [before, after] = part.split('*') as [string, string];
    const names = await this.#port.list(folder === '' ? '/' : folder).catch(() => []);
    const fitting = names.filter(
      (name) => name.startsWith(before) && name.endsWith(after) && name.length >= part.length - 1,
    );
    const found = await Promise.all(fitting.sort().map((name) => this.#expand(`${folder}/${name}`, rest)));
    return found.flat();
  }
}
