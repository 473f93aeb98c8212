import { chmodSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A saved file with all its paths (hard links), or a saved directory. */
interface SavedEntry {
  readonly paths: [string, ...string[]];
  readonly mode: number;
  /** The content of a file. */
  readonly content?: Uint8Array;
}

/**
 * Saves the content of a folder: files and directories with their modes. Restoring gives a file all its former names
 * (hard links) again, where a copy would make several files. A directory that still exists keeps its identity, because
 * a journal holds the identity.
 *
 * @returns a function that restores the folder
 */
export function saveFolder(folder: string): () => void {
  const saved = new Map<number, SavedEntry>();
  for (const path of pathsIn(folder)) {
    const facts = lstatSync(join(folder, path));
    const { ino, mode } = facts;
    const known = saved.get(ino);
    if (known !== undefined) known.paths.push(path);
    else {
      const content = facts.isFile() ? { content: readFileSync(join(folder, path)) } : {};
      saved.set(ino, { paths: [path], mode: mode & 0o7777, ...content });
    }
  }
  const directories = new Set([...saved.values()].filter(({ content }) => !content).map(({ paths }) => paths[0]));
  return () => {
    for (const path of pathsIn(folder).reverse()) {
      if (!directories.has(path)) rmSync(join(folder, path), { recursive: true, force: true });
    }
    for (const { paths, mode, content } of saved.values()) {
      const [first, ...others] = paths.map((path) => join(folder, path)) as [string, ...string[]];
      if (content === undefined) mkdirSync(first, { recursive: true });
      else writeFileSync(first, content, { flag: 'wx' });
      chmodSync(first, mode);
      for (const other of others) linkSync(first, other);
    }
  };
}

/** Returns the paths below a folder, each directory before its content. */
function pathsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}
