import type { FileState, TargetFile } from '../disk/file-state.ts';
import {
  type DirectoryState,
  type IncludeReaders,
  includeReaders,
  namesIn,
  readIncludedFiles,
} from '../disk/included-files.ts';
import { limitedRead } from '../disk/limited-read.ts';
import type { ReadingPort } from '../disk/reading-port.ts';

/** Reads the files of a server, and treats an unreadable file as a missing one. */
export class Lookup {
  readonly #port: ReadingPort;
  readonly #read: ReadingPort['read'];

  constructor(port: ReadingPort) {
    this.#port = port;
    this.#read = limitedRead(port);
  }

  /** The file at a path; `undefined` if it cannot be read. */
  file(path: string): Promise<FileState | undefined> {
    return this.#read(path).catch(() => undefined);
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
}
