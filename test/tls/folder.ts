import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '../../src/disk/system-error.ts';

/** Runs a function with a new empty folder, which is removed afterwards. */
export function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  return withFolderIn(tmpdir(), use);
}

/**
 * Runs a function with a new empty folder in a memory file system, if there is one, because flushing files is fast
 * there.
 */
export function withFolderInMemory<T>(use: (folder: string) => Promise<T>): Promise<T> {
  return withFolderIn(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), use);
}

async function withFolderIn<T>(base: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = realpathSync(mkdtempSync(join(base, 'pg-hostssl-tls-')));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Copies a folder. Unlike `cpSync` of Node 22 and 24, the copy also has the modes of the directories. */
export function copyFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
  for (const path of ['', ...readdirSync(from, { recursive: true, encoding: 'utf8' })]) {
    const facts = lstatSync(join(from, path));
    if (facts.isDirectory()) chmodSync(join(to, path), facts.mode);
  }
}

/**
 * Returns the state of a folder: for each path below it, the kind, mode, owner, inode number and content. Temporary
 * files that a running server removes meanwhile are left out.
 */
export function snapshot(folder: string): Readonly<Record<string, string>> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    paths.flatMap((path) => {
      const file = join(folder, path);
      try {
        const { mode, uid, gid, ino } = lstatSync(file);
        return [[path, `${mode.toString(8)} ${uid}:${gid} #${ino} ${contentOf(file)}`]];
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return [];
        throw error;
      }
    }),
  );
}

function contentOf(file: string): string {
  const facts = lstatSync(file);
  if (facts.isSymbolicLink()) return readlinkSync(file);
  return facts.isFile() ? readFileSync(file, 'latin1') : '';
}

/**
 * Runs a function with the rights of an ordinary account, if this process runs as root, because root may write
 * everywhere.
 */
export async function asOrdinaryUser<T>(use: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return use();
  process.setegid!(65534);
  process.seteuid!(65534);
  try {
    return await use();
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
  }
}
