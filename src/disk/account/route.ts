import { basename, dirname, join, resolve } from 'node:path';
import { PgHostsslError } from '../../errors.ts';
import { isBelow } from '../is-below.ts';
import { isDirectoryMark, isTransactionFile, ownPrefix } from '../own-names.ts';
import type { TlsFiles } from '../tls-files.ts';
import type { Children } from './children.ts';
import { follow, followed, isRootsOwn, isThere, notTrusted } from './path-checks.ts';
import { rootFiles } from './root-files.ts';

/** The directory of a client, which need not exist, and the account that owns it or will own it. */
export interface ClientDirectory {
  readonly directory: string;
  readonly uid?: number | undefined;
}

/** The file operations for some paths, for example for the paths of one account. */
export interface Route {
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
export async function clientRoute({ directory, uid }: ClientDirectory, children: Children): Promise<Route> {
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

/** The route to the files that the caller named and that belong to root; `undefined` if there are none. */
export async function namedRoute(named: readonly string[], ofServer: readonly string[]): Promise<Route | undefined> {
  const own: string[] = [];
  for (const name of named) {
    if (!(await isRootsOwn(name))) continue;
    const real = await followed(name, rootFiles.realPath(name));
    // A link may lead to a file that belongs to root, in a directory such as /tmp, where other accounts can make files.
    if (await isRootsOwn(real)) own.push(name, real);
  }
  for (const file of ofServer) assertNotBeside(file, own);
  const covers = (name: string): boolean => own.some((other) => isNameBeside(name, other));
  return own.length === 0 ? undefined : { covers, files: rootFiles, isNamed: true };
}

/** Checks that no file that the server's files name is in the directory of a client of another account. */
export function assertNotCovered(ofServer: readonly string[], { covers }: Route): void {
  const file = ofServer.find(covers);
  if (file === undefined) return;
  throw new PgHostsslError('path-not-trusted', 'The files of the server name a file of another account', {
    file,
    hint: 'Nothing was written. Correct the setting or include line that names the file, so that it names a file in a directory of the server.',
  });
}

/**
 * Checks that a file of a plan is not in the directory of a file that belongs to root and that the caller named, unless
 * the caller named both files. A setting of the server could otherwise make root write any file there.
 */
function assertNotBeside(file: string, own: readonly string[]): void {
  if (own.includes(file) || !own.some((other) => dirname(other) === dirname(file))) return;
  throw new PgHostsslError('path-not-trusted', 'A setting of the server names a file in a directory of root', {
    file,
    hint: 'Nothing was written. Correct the setting, or name the file in `paths`, too.',
  });
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
 * has several paths, they are in one directory. The first sentence of this list that is about the path decides:
 *
 * 1. The maker of a client's directory makes and removes the directory, flushes its name, and has its mark file.
 * 2. The account of the client accesses this directory and everything below it.
 * 3. Root accesses the files that the caller named and that belong to root, the directories of these files, and the
 *    files of a transaction beside them.
 * 4. `others`, the account of the data directory, accesses all other paths, and so all paths that only a setting, a
 *    link, an include line or a journal names.
 */
export function routed(
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
