import { dirname, resolve } from 'node:path';
import { assertRecord, assertSource } from '../../arguments.ts';
import { joinBytes } from '../../asn1/bytes.ts';
import { systemError } from '../../disk/system-error.ts';
import type { EntryFacts, NewFile, TlsFiles } from '../../disk/tls-files.ts';
import { withContent } from '../../with-content.ts';

/** A file in memory. Hard links give it several names. */
interface Inode {
  readonly id: string;
  readonly content: Uint8Array;
  readonly mode: number;
}

/**
 * Creates {@link TlsFiles} whose files are in memory, for tests, or to see the files that a plan would write. There are
 * no symbolic links and no owners.
 *
 * @param contents the initial files by absolute path; their directories are created
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { memoryFiles } from 'pg-hostssl/tls';
 *
 * const files = memoryFiles({ '/data/PG_VERSION': '18\n' });
 * assert.deepEqual(await files.list('/data'), ['PG_VERSION']);
 * ```
 */
export function memoryFiles(contents: Readonly<Record<string, string | Uint8Array>> = {}): TlsFiles {
  assertRecord(contents, 'contents of memoryFiles');
  const files = new Map<string, Inode>();
  const directories = new Map([['/', '0']]);
  let count = 0;
  const newId = (): string => String(++count);
  for (const [path, content] of Object.entries(contents)) {
    makeParents(resolve(path));
    assertSource(content, `The content of ${path} in memoryFiles`);
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content);
    files.set(resolve(path), { id: newId(), content: bytes, mode: 0o600 });
  }

  function makeParents(path: string): void {
    const folder = dirname(path);
    if (directories.has(folder)) return;
    makeParents(folder);
    directories.set(folder, newId());
  }

  function existing(path: string): Inode {
    const file = files.get(resolve(path));
    if (file === undefined) throw systemError('ENOENT', `there is no file ${path}`);
    return file;
  }

  function assertFree(path: string): void {
    if (!directories.has(dirname(path))) throw systemError('ENOENT', `there is no directory ${dirname(path)}`);
    if (files.has(path) || directories.has(path)) throw systemError('EEXIST', `there is ${path} already`);
  }

  function add(path: string, file: Inode): void {
    assertFree(path);
    files.set(path, file);
  }

  function move(from: string, to: string): void {
    const file = existing(from);
    if (directories.has(to)) throw systemError('EISDIR', `${to} is a directory`);
    // As in rename(2), nothing happens if the old and the new name belong to the same file.
    if (files.get(to)?.id === file.id) return;
    files.set(to, file);
    files.delete(from);
  }

  function namesIn(path: string): string[] {
    const folder = resolve(path);
    if (!directories.has(folder)) throw systemError('ENOENT', `there is no directory ${path}`);
    return [...files.keys(), ...directories.keys()]
      .filter((name) => name !== '/' && dirname(name) === folder)
      .map((name) => name.slice(folder.length).replace(/^\//, ''))
      .sort();
  }

  function inspected(path: string): EntryFacts | undefined {
    const file = files.get(path);
    if (file !== undefined) return { kind: 'file', id: file.id, mode: file.mode };
    const directory = directories.get(path);
    return directory === undefined ? undefined : { kind: 'directory', id: directory };
  }

  return {
    read: async (path) => {
      if (directories.has(resolve(path))) throw systemError('EISDIR', `${path} is a directory`);
      const file = files.get(resolve(path));
      return file && withContent({ path, mode: file.mode }, new Uint8Array(file.content));
    },
    list: async (path) => namesIn(path),
    statDirectory: async (path) => {
      if (files.has(resolve(path))) throw systemError('ENOTDIR', `${path} is not a directory`);
      return directories.has(resolve(path)) ? {} : undefined;
    },
    realPath: async (path) => resolve(path),
    inspect: async (path) => inspected(resolve(path)),
    makeDirectory: async (path) => {
      assertFree(resolve(path));
      directories.set(resolve(path), newId());
    },
    removeDirectory: async (path) => {
      if (namesIn(path).length > 0) throw systemError('ENOTEMPTY', `${path} is not empty`);
      directories.delete(resolve(path));
    },
    create: async (file: NewFile) => {
      add(resolve(file.path), { id: newId(), content: new Uint8Array(file.content()), mode: file.mode });
      return { carriedOver: true };
    },
    link: async (path, name) => add(resolve(name), existing(path)),
    rename: async (from, to) => move(resolve(from), resolve(to)),
    replace: async ({ target, by, keep }) => {
      add(resolve(keep), existing(target));
      move(resolve(by), resolve(target));
    },
    remove: async (path) => {
      existing(path);
      files.delete(resolve(path));
    },
    sync: async () => undefined,
    append: async (text) => {
      const path = resolve(text.path);
      const file = files.get(path);
      if (file?.content.at(-1) !== 10) return false;
      files.set(path, { ...file, content: joinBytes([file.content, text.content()]) });
      return true;
    },
  };
}
