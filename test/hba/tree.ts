import { posix } from 'node:path';
import type { ParseOptions } from '../../src/parse-options.ts';

/** Files by their paths below a directory. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Returns the reader callbacks for a tree of files below a directory. They throw as `node:fs` does. */
export function readersOf(tree: Files, directory: string): Pick<ParseOptions, 'readFile' | 'readDirectory'> {
  const files = new Map(Object.entries(tree).map(([path, text]) => [posix.join(directory, path), text]));
  const isDirectory = (name: string, path = posix.normalize(name)): boolean =>
    `${directory}/`.startsWith(path.endsWith('/') ? path : `${path}/`) ||
    [...files.keys()].some((file) => file.startsWith(`${path}/`));
  return {
    readFile(path) {
      const text = files.get(posix.normalize(path));
      if (text !== undefined) return typeof text === 'string' ? new TextEncoder().encode(text) : text;
      throw systemError(isDirectory(path) ? 'EISDIR' : 'ENOENT');
    },
    readDirectory(path) {
      if (!isDirectory(path)) throw systemError(files.has(path) ? 'ENOTDIR' : 'ENOENT');
      const names = [...files.keys()]
        .filter((file) => file.startsWith(`${path}/`))
        .map((file) => file.slice(path.length + 1));
      return [...new Set(names.map((name) => name.split('/')[0]!))];
    },
  };
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
