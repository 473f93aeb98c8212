import childProcess from 'node:child_process';
import fs from 'node:fs';
import path, { dirname } from 'node:path';
import { PgHostsslError } from '../../errors.ts';
import { diskFiles } from '../disk-files.ts';
import { isBelow } from '../is-below.ts';
import { isDirectoryMark, isTransactionFile } from '../own-names.ts';
import { readPostmasterPid } from '../postmaster-pid.ts';
import type { ReadingPort } from '../reading-port.ts';
import type { TlsFiles } from '../tls-files.ts';
import { accountOf } from './account.ts';
import { type ChildFiles, startChildFiles } from './child.ts';
import { hangUp } from './postmaster.ts';
import { followPath, type PathOwner } from './trusted-path.ts';

/** The directories that a call works on. */
export interface OwnerRequest {
  /** The data directory, which belongs to the account of the server. */
  readonly dataDirectory?: string | undefined;
  /** The directory of a client. It need not exist. */
  readonly client?: { readonly directory: string; readonly uid?: number | undefined } | undefined;
  /** Whether the call only reads. If so, a link may lead to any file that the owner of the link can read. */
  readonly isReadOnly?: boolean;
  /** Paths that the caller named. Root itself works on those paths that only root can redirect. */
  readonly named?: readonly string[] | undefined;
}

/** A port in which each file is worked on with the rights of its owner. */
export interface OwnerFiles {
  /** The files. */
  readonly files: TlsFiles;
  /** The id of the process that works on the data directory. The lock holds this id. */
  readonly pid: number;
  /** Sends SIGHUP to the server of the data directory. */
  hangUp(dataDirectory: string): Promise<number>;
}

/**
 * Runs a function with a port that works on each file with the rights of its owner. An account other than root uses its
 * own rights for everything. Root itself works only on paths that no other account can redirect. Below a directory of
 * another account, a process with that account's rights does the work. A link, setting or journal of that account
 * therefore reaches only files that the account itself can reach.
 *
 * @throws PgHostsslError `account-unavailable`, `path-not-trusted`
 */
export async function withOwnerFiles<T>(request: OwnerRequest, use: (owner: OwnerFiles) => Promise<T>): Promise<T> {
  const modules = { fs, path, childProcess, readPid: readPostmasterPid };
  const hangUpHere = (directory: string): Promise<number> => hangUp(modules, directory);
  const here: OwnerFiles = { files: diskFiles, pid: process.pid, hangUp: hangUpHere };
  if (process.geteuid?.() !== 0) return await use(here);
  const children = new Children();
  try {
    const { dataDirectory, client, named = [], isReadOnly = false } = request;
    const uid = dataDirectory === undefined ? 0 : await ownerOf(dataDirectory);
    if (uid === 0) for (const name of named) await assertRootsOwn(name);
    const server = await children.of(uid);
    const clientRoutes = client === undefined ? [] : [await clientRoute(client, children)];
    const routes = [...clientRoutes, ...(await namedRoutes(named))];
    const files = routed(server?.files ?? diskFiles, routes, isReadOnly);
    return await use({
      files,
      pid: server?.pid ?? process.pid,
      hangUp: server === undefined ? hangUpHere : server.files.hangUp,
    });
  } finally {
    children.end();
  }
}

/**
 * Runs a function with a port that reads each file with the rights of the owner of its directory. Use it only for files
 * that the caller chooses. A file of another account must not choose them, because it could name the files of a third
 * account.
 */
export async function withDirectoryOwners<T>(use: (files: ReadingPort) => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return await use(diskFiles);
  const children = new Children();
  const at = async (directory: string): Promise<ReadingPort> =>
    (await children.of(await ownerOf(directory)))?.files ?? diskFiles;
  try {
    return await use({
      read: async (name) => (await at(dirname(name))).read(name),
      list: async (name) => (await at(name)).list(name),
      statDirectory: async (name) => (await at(name)).statDirectory(name),
      realPath: async (name) => (await at(dirname(name))).realPath(name),
    });
  } finally {
    children.end();
  }
}

/** The child processes of one call. Each account has at most one. */
class Children {
  readonly #started = new Map<number, Promise<ChildFiles>>();

  /** The process of an account; `undefined` for root, because this process already has root's rights. */
  async of(uid: number): Promise<ChildFiles | undefined> {
    if (uid === 0) return undefined;
    const known = this.#started.get(uid) ?? accountOf(uid).then(startChildFiles);
    this.#started.set(uid, known);
    return await known;
  }

  end(): void {
    for (const child of this.#started.values()) {
      child.then(
        ({ end }) => end(),
        () => undefined,
      );
    }
  }
}

/** The user id of the account that owns a directory. */
async function ownerOf(directory: string): Promise<number> {
  if ((await diskFiles.inspect(directory)) === undefined) {
    throw new PgHostsslError('data-directory-incomplete', 'The directory does not exist', { file: directory });
  }
  const { owner, isRootsAlone, isTrusted } = await follow(directory);
  if (owner.uid === 0 ? !isRootsAlone : !isTrusted) throw notTrusted(directory);
  return owner.uid;
}

/** A port, and the paths that it works on. */
interface Route {
  readonly covers: (path: string) => boolean;
  readonly files: TlsFiles;
  /** A client's directory that does not exist yet. The owner of the directory above it makes, marks and removes it. */
  readonly made?: { readonly path: string; readonly maker: TlsFiles };
  /** Whether the caller named the paths. If so, a link of another account may lead to them. */
  readonly isNamed?: boolean;
}

async function clientRoute(
  { directory, uid }: NonNullable<OwnerRequest['client']>,
  children: Children,
): Promise<Route> {
  const isThere = (await diskFiles.inspect(directory)) !== undefined;
  const { owner, isRootsAlone, isTrusted } = await follow(directory);
  const isRoots = owner.uid === 0 && isRootsAlone;
  if (!isRoots && uid === undefined && (owner.uid === 0 || !isTrusted)) throw notTrusted(directory);
  // Root makes the directory for the account, and does nothing else in it.
  const account = isRoots ? (isThere ? 0 : (uid ?? 0)) : (uid ?? owner.uid);
  const files = (await children.of(account))?.files ?? diskFiles;
  if (account === 0 && !isRoots) throw notTrusted(directory);
  const real = await files.realPath(directory);
  const covers = (name: string): boolean => [directory, real].some((other) => name === other || isBelow(name, other));
  const above = await follow(dirname(real));
  const maker = above.owner.uid === 0 && above.isRootsAlone ? diskFiles : files;
  return { covers, files, made: { path: real, maker } };
}

async function namedRoutes(named: readonly string[]): Promise<Route[]> {
  const own: string[] = [];
  for (const name of named) if (await isRootsOwn(name)) own.push(name, await diskFiles.realPath(name));
  const covers = (name: string): boolean => own.some((other) => isNameBeside(name, other));
  return own.length === 0 ? [] : [{ covers, files: diskFiles, isNamed: true }];
}

async function follow(name: string): Promise<PathOwner> {
  try {
    return await followPath(name);
  } catch (cause) {
    const message = `The path cannot be followed: ${(cause as Error).message}`;
    throw new PgHostsslError('file-not-readable', message, { file: name, cause });
  }
}

function notTrusted(directory: string): PgHostsslError {
  return new PgHostsslError('path-not-trusted', 'An account other than its owner can redirect this path', {
    file: directory,
    hint: 'Nothing was written. Run this as the account that owns the path, not as root. Or remove the write permission of group and others (chmod go-w) from the path and all directories above it, and make root the owner of those directories.',
  });
}

/**
 * Root does all the work in a directory that belongs to root. A file of another account must not name a file that root
 * then reads.
 */
async function assertRootsOwn(name: string): Promise<void> {
  if (!(await follow(name)).isRootsAlone) throw notTrusted(name);
}

async function isRootsOwn(name: string): Promise<boolean> {
  const { owner, isRootsAlone } = await follow(name);
  return owner.uid === 0 && isRootsAlone && (await follow(dirname(name))).isRootsAlone;
}

/**
 * Whether a name is a path that the caller named, the directory of that path, or a file of a transaction in that
 * directory.
 */
function isNameBeside(name: string, path_: string): boolean {
  return name === path_ || (dirname(name) === dirname(path_) && isTransactionFile(name)) || name === dirname(path_);
}

/** A port that passes each call to the port for its path. All paths of a call are in one directory. */
function routed(others: TlsFiles, routes: readonly Route[], isReadOnly: boolean): TlsFiles {
  const routeOf = (name: string): Route | undefined => routes.find(({ covers }) => covers(name));
  const maker = (name: string): TlsFiles | undefined =>
    routes.find(({ made }) => made !== undefined && (name === made.path || isDirectoryMark(name, made.path)))?.made
      ?.maker;
  const at = (name: string): TlsFiles =>
    (isTransactionFile(name) ? maker(name) : undefined) ?? routeOf(name)?.files ?? others;
  /** A link of one account must not choose a file on which another account works. */
  const realPath = async (name: string): Promise<string> => {
    const real = await at(name).realPath(name);
    if (isReadOnly || at(real) === at(name) || routeOf(real)?.isNamed === true) return real;
    throw new PgHostsslError('path-not-trusted', 'A symbolic link of this account leads to files of another account', {
      file: name,
      hint: 'Nothing was written. Run this as the account that owns the link, or replace the link by a file.',
    });
  };
  return {
    read: (name) => at(name).read(name),
    list: (name) => at(name).list(name),
    statDirectory: (name) => at(name).statDirectory(name),
    realPath,
    inspect: (name) => at(name).inspect(name),
    makeDirectory: (name, options) => (maker(name) ?? at(name)).makeDirectory(name, options),
    removeDirectory: (name) => (maker(name) ?? at(name)).removeDirectory(name),
    create: (file) => at(file.path).create(file),
    link: (name, other) => at(name).link(name, other),
    rename: (from, to) => at(from).rename(from, to),
    replace: (replacement) => at(replacement.target).replace(replacement),
    remove: (name) => at(name).remove(name),
    sync: (name) => at(name).sync(name),
    append: async (text) => (await at(text.path).append?.(text)) ?? false,
  };
}
