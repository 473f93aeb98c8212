import { posix } from 'node:path';
import { fileState } from '../../src/disk/file-state.ts';
import type { ReadingPort } from '../../src/disk/reading-port.ts';
import { systemError } from '../../src/disk/system-error.ts';

/**
 * Returns a ReadingPort for files that are given by their absolute paths. `null` stands for a file that only its owner
 * may read.
 */
export function treePort(tree: Readonly<Record<string, string | null>>): ReadingPort {
  const below = (path: string): string[] =>
    Object.keys(tree).flatMap((each) => (each.startsWith(`${path === '/' ? '' : path}/`) ? [each] : []));
  return {
    async read(path) {
      const text = tree[posix.normalize(path)];
      if (text === null) throw systemError('EACCES', path);
      if (text !== undefined) return fileState(path, text);
      if (below(path).length > 0) throw systemError('EISDIR', path);
      return undefined;
    },
    async list(path) {
      const names = below(posix.normalize(path)).map((each) => posix.relative(path, each).split('/')[0]!);
      if (names.length === 0) throw systemError('ENOENT', path);
      return [...new Set(names)];
    },
    async statDirectory(path) {
      return below(path).length > 0 ? {} : undefined;
    },
    async realPath(path) {
      return path;
    },
  };
}
