import childProcess from 'node:child_process';
import fs from 'node:fs';
import path, { basename, dirname, join, resolve } from 'node:path';
import { messageOf, PgHostsslError } from '../../errors.ts';
import { diskFiles } from '../disk-files.ts';
import { isBelow } from '../is-below.ts';
import { isDirectoryMark, isTransactionFile, ownPrefix } from '../own-names.ts';
import { readPostmasterPid } from '../postmaster-pid.ts';
import { readProcessStat } from '../process-stat.ts';
import type { ReadingPort } from '../reading-port.ts';
import { startByPs } from '../start-by-ps.ts';
import type { TlsFiles } from '../tls-files.ts';
import { accountOf } from './account.ts';
import { type ChildFiles, startChildFiles } from './child.ts';
import { hangUp } from './postmaster.ts';
import { rootFiles } from './root-files.ts';
import { followPath, type PathOwner } from './trusted-path.ts';

/** The parameters of {@link withOwnerFiles}: the directories and files that the function accesses. */
export interface OwnerRequest {
  /** The data directory, which belongs to the account of the server. */
  readonly dataDirectory?: string | undefined;
  /** The directory of a client, and the account that owns it or will own it. The directory need not exist. */
  readonly client?: { readonly directory: string; readonly uid?: number | undefined } | undefined;
  /**
   * Paths that the files of the server name, and that the function changes. They must not be in the client's directory,
   * unless one account owns both directories: the owner of the data directory would then work with the rights of the
   * client's account. For the same reason, they must not be beside a file of root's in `named`.
   */
  readonly ofServer?: readonly string[];
  /**
   * The path of postgresql.conf, if it is not in the data directory. If root owns the data directory, only root may be
   * able to change where this path leads, because root then reads all files that the settings name.
   */
  readonly conf?: string | undefined;
  /** Whether files are only read. If so, a symbolic link may lead to any file that the owner of the link can read. */
  readonly isReadOnly?: boolean;
  /**
   * Paths that the caller of the library named. Files at these paths are accessed with the rights of root, if only root
   * can change where the paths lead, and make files in their directories. A path that comes from a file of the server,
   * such as `hba_file` or `config_file` of the last start, is never one of them.
   */
  readonly named?: readonly string[] | undefined;
}

/** File operations that access each file with the rights of the file's owner. */
export interface OwnerFiles {
  /** The file operations. */
  readonly files: TlsFiles;
  /** The id of the process that accesses the data directory. The lock holds this id. */
  readonly pid: number;
  /** Sends SIGHUP to the server of the data directory. */
  hangUp(dataDirectory: string): Promise<number>;
}

/**
 * Calls a function with {@link TlsFiles} that access each file with the rights of the file's owner. If this process
 * does not run as root, all files are accessed with its own rights. If it runs as root, it accesses files itself only
 * if no other account can redirect their paths. Files below a directory of another account are accessed by a child
 * process with the rights of that account. A link, setting or journal of that account can therefore lead only to files
 * that the account itself can access.
 *
 * @throws PgHostsslError `account-unavailable`, `path-not-trusted`
 */
export async function withOwnerFiles<T>(request: OwnerRequest, use: (owner: OwnerFiles) => Promise<T>): Promise<T> {
  const modules = { fs, path, childProcess, readPid: readPostmasterPid, readProcessStat, startByPs };
  const hangUpHere = (directory: string): Promise<number> => hangUp(modules, resolve(directory));
  const here: OwnerFiles = { files: diskFiles, pid: process.pid, hangUp: hangUpHere };
  if (process.geteuid?.() !== 0) return await use(here);
  const children = new Children();
  try {
    const { dataDirectory, client, ofServer = [], conf, named = [], isReadOnly = false } = request;
    const uid = dataDirectory === undefined ? 0 : await ownerOf(dataDirectory);
    const mustBeRoots = uid !== 0 ? [] : conf === undefined ? named : [...named, conf];
    for (const name of mustBeRoots) await assertRootsOwn(name);
    const server = await children.of(uid);
    const serverFiles = server?.files ?? rootFiles;
    const ofClient = client && (await clientRoute(client, children));
    if (ofClient !== undefined && ofClient.files !== serverFiles) assertNotCovered(ofServer, ofClient);
    // If root owns the data directory, all files but those of the client are accessed with the rights of root anyway.
    const ofNamed = uid === 0 ? undefined : await namedRoute(named, ofServer);
    const routes = [ofClient, ofNamed].filter((route) => route !== undefined);
    return await use({
      files: routed(serverFiles, routes, { isReadOnly }),
      pid: server?.pid ?? process.pid,
      hangUp: server === undefined ? hangUpHere : server.files.hangUp,
    });
  } finally {
    children.end();
  }
}

/**
 * Calls a function with a function that returns the names in a directory. If this process runs as root, it reads each
 * directory with the rights of the directory's owner.
 */
export async function withDirectoryOwners<T>(use: (list: ReadingPort['list']) => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return await use(diskFiles.list);
  const children = new Children();
  try {
    return await use(async (name) => ((await children.of(await ownerOf(name)))?.files ?? rootFiles).list(name));
  } finally {
    children.end();
  }
}

/** The child processes of one call of {@link withOwnerFiles}, at most one for each account. */
class Children {
  readonly #started = new Map<number, Promise<ChildFiles>>();

  /**
   * The child process of an account, which is started if it does not run yet; `undefined` for root, because this
   * process has the rights of root.
   */
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
  if (!(await isThere(directory))) {
    throw new PgHostsslError('data-directory-incomplete', 'The directory does not exist', {
      file: directory,
      hint: 'Give the path of an existing directory: `SHOW data_directory` shows the data directory of a server.',
    });
  }
  const { owner, isTrusted } = await follow(directory);
  if (!isTrusted) throw notTrusted(directory);
  return owner.uid;
}

/** The file operations for some paths, for example for the paths of one account. */
interface Route {
  readonly covers: (path: string) => boolean;
  readonly files: TlsFiles;
  /**
   * The directory of a client, and the file operations of the account that may make and remove it: root if only root
   * can make a directory at the path that the caller named, otherwise the account of the client.
   */
  readonly made?: { readonly path: string; readonly maker: TlsFiles };
  /** Whether the caller of the library named the paths. If so, a symbolic link of another account may lead to them. */
  readonly isNamed?: boolean;
}

/**
 * The route to the directory of a client.
 *
 * @throws PgHostsslError `path-not-trusted`
 */
async function clientRoute(
  { directory, uid }: NonNullable<OwnerRequest['client']>,
  children: Children,
): Promise<Route> {
  const exists = await isThere(directory);
  const { owner, isRootsAlone, isTrusted } = await follow(directory, uid);
  if (!isTrusted) throw notTrusted(directory);
  // If the directory does not exist and its parent belongs to root, root makes the directory, and the account does
  // everything else in it.
  const account = isRootsAlone && exists ? 0 : (uid ?? owner.uid);
  const files = (await children.of(account))?.files ?? rootFiles;
  const real = await followed(directory, files.realPath(directory));
  const covers = (name: string): boolean => [directory, real].some((other) => name === other || isBelow(name, other));
  const maker = real === (await pathBelowRoot(directory)) ? rootFiles : files;
  return { covers, files, made: { path: real, maker } };
}

/**
 * The path of a directory without symbolic links, if only root can make the directory; otherwise `undefined`. A link at
 * the path itself is not followed. The account could make this link point to a missing name in any directory of root,
 * and root would make a directory with that name for the account.
 */
async function pathBelowRoot(directory: string): Promise<string | undefined> {
  const parent = dirname(resolve(directory));
  if (!(await follow(parent)).isRootsAlone) return undefined;
  return join(await followed(parent, rootFiles.realPath(parent)), basename(resolve(directory)));
}

/** The route to the files of root's that the caller named; `undefined` if there are none. */
async function namedRoute(named: readonly string[], ofServer: readonly string[]): Promise<Route | undefined> {
  const own: string[] = [];
  for (const name of named) {
    if (!(await isRootsOwn(name))) continue;
    const real = await followed(name, rootFiles.realPath(name));
    // A link may lead to a file of root's in a directory such as /tmp, where other accounts can make files.
    if (await isRootsOwn(real)) own.push(name, real);
  }
  for (const file of ofServer) assertNotBeside(file, own);
  const covers = (name: string): boolean => own.some((other) => isNameBeside(name, other));
  return own.length === 0 ? undefined : { covers, files: rootFiles, isNamed: true };
}

function follow(name: string, account?: number): Promise<PathOwner> {
  return followed(name, followPath(name, account));
}

/**
 * Whether something is at a path. A symbolic link is not followed.
 *
 * @throws PgHostsslError `file-not-readable`
 */
export async function isThere(name: string): Promise<boolean> {
  return (await followed(name, rootFiles.inspect(name))) !== undefined;
}

/** Waits for the result of following a path. A system error becomes a `PgHostsslError`. */
async function followed<T>(name: string, following: Promise<T>): Promise<T> {
  try {
    return await following;
  } catch (cause) {
    const message = `The path cannot be followed: ${messageOf(cause)}`;
    throw new PgHostsslError('file-not-readable', message, { file: name, cause });
  }
}

function notTrusted(directory: string): PgHostsslError {
  return new PgHostsslError('path-not-trusted', 'An account other than its owner can redirect this path', {
    file: directory,
    hint: 'Nothing was written. Run the program as the account that owns the path, not as root. Or remove the write permission of group and others (chmod go-w) from the path and all directories above it, and make root the owner of those directories.',
  });
}

/** Checks that no file that the server's files name is in the directory of a client of another account. */
function assertNotCovered(ofServer: readonly string[], { covers }: Route): void {
  const file = ofServer.find(covers);
  if (file === undefined) return;
  throw new PgHostsslError('path-not-trusted', 'The files of the server name a file of another account', {
    file,
    hint: 'Nothing was written. Correct the setting or include line that names the file, so that it names a file in a directory of the server.',
  });
}

/**
 * Checks that a file of a plan is not in the directory of a file of root's that the caller named, unless the caller
 * named it, too. A setting of the server could otherwise make root write any file there.
 */
function assertNotBeside(file: string, own: readonly string[]): void {
  if (own.includes(file) || !own.some((other) => dirname(other) === dirname(file))) return;
  throw new PgHostsslError('path-not-trusted', 'A setting of the server names a file in a directory of root', {
    file,
    hint: 'Nothing was written. Correct the setting, or name the file in `paths`, too.',
  });
}

/**
 * Checks that only root can change where a path leads. This is needed if root owns the data directory, because all
 * files are then accessed with the rights of root.
 */
async function assertRootsOwn(name: string): Promise<void> {
  if (!(await follow(name)).isRootsAlone) throw notTrusted(name);
}

/** Whether only root can change where a path leads, and only root can make files beside it. */
async function isRootsOwn(name: string): Promise<boolean> {
  return (await follow(name)).isRootsAlone && (await follow(dirname(name))).isRootsAlone;
}

/**
 * Whether `name` is the path that the caller named, the directory of that path, or a file of a transaction in that
 * directory.
 */
function isNameBeside(name: string, path_: string): boolean {
  return name === path_ || (dirname(name) === dirname(path_) && isTransactionFile(name)) || name === dirname(path_);
}

/**
 * Creates {@link TlsFiles} that pass each call to the account that is responsible for the path of the call. If a call
 * has several paths, they are in one directory.
 */
function routed(
  others: TlsFiles,
  routes: readonly Route[],
  { isReadOnly }: { readonly isReadOnly: boolean },
): TlsFiles {
  const routeOf = (name: string): Route | undefined => routes.find(({ covers }) => covers(name));
  /** The account that makes the directory at a path, or that owns the mark file of the directory at a path. */
  const makerOf = (name: string): TlsFiles | undefined =>
    routes.map(({ made }) => made).find((made) => made && (name === made.path || isDirectoryMark(name, made.path)))
      ?.maker;
  /** The account that flushes the names in a directory. The name of a client's directory is flushed by its maker. */
  const syncerOf = (name: string): TlsFiles =>
    routes.map(({ made }) => made).find((made) => made && name === dirname(made.path))?.maker ?? at(name);
  const at = (name: string): TlsFiles =>
    (isTransactionFile(name) ? makerOf(name) : undefined) ?? routeOf(name)?.files ?? others;
  /** The account of two paths. A file of a transaction belongs to the target that it replaces. */
  const atBoth = (name: string, other: string): TlsFiles => at(isTransactionFile(name) ? other : name);
  /** Throws if a symbolic link leads to a file that needs the rights of another account. */
  const realPath = async (name: string): Promise<string> => {
    const real = await at(name).realPath(name);
    // Files of a transaction are made beside a file. Beside a file that the caller named, root would make them.
    const isBesideNamed = routeOf(join(dirname(real), `${ownPrefix}.`))?.isNamed === true;
    if (isReadOnly || (at(real) === at(name) && !isBesideNamed) || routeOf(real)?.isNamed === true) return real;
    throw new PgHostsslError('path-not-trusted', 'A symbolic link of this account leads to files of another account', {
      file: name,
      hint: 'Nothing was written. Run the program as the account that owns the link, or replace the link by a file.',
    });
  };
  return {
    read: (name) => at(name).read(name),
    list: (name) => at(name).list(name),
    statDirectory: (name) => at(name).statDirectory(name),
    realPath,
    inspect: (name) => at(name).inspect(name),
    makeDirectory: (name, options) => (makerOf(name) ?? at(name)).makeDirectory(name, options),
    removeDirectory: (name) => (makerOf(name) ?? at(name)).removeDirectory(name),
    create: (file) => at(file.path).create(file),
    link: (name, other) => atBoth(name, other).link(name, other),
    rename: (from, to) => atBoth(from, to).rename(from, to),
    replace: (replacement) => at(replacement.target).replace(replacement),
    remove: (name) => at(name).remove(name),
    sync: (name) => syncerOf(name).sync(name),
    append: async (text) => (await at(text.path).append?.(text)) ?? false,
  };
}
