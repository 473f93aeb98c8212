import childProcess from 'node:child_process';
import fs from 'node:fs';
import path, { resolve } from 'node:path';
import { diskFiles } from '../disk-files.ts';
import { readPostmasterPid } from '../postmaster-pid.ts';
import { readProcessStat } from '../process-stat.ts';
import type { ReadingPort } from '../reading-port.ts';
import { startByPs } from '../start-by-ps.ts';
import type { TlsFiles } from '../tls-files.ts';
import { Children } from './children.ts';
import { assertRootsOwn, ownerOf } from './path-checks.ts';
import { hangUp } from './postmaster.ts';
import { rootFiles } from './root-files.ts';
import { assertNotCovered, type ClientDirectory, clientRoute, namedRoute, routed } from './route.ts';

/** The parameters of {@link withOwnerFiles}: the directories and files that the function accesses. */
export interface OwnerRequest {
  /** The data directory, which belongs to the account of the server. */
  readonly dataDirectory?: string | undefined;
  /** The directory of a client. */
  readonly client?: ClientDirectory | undefined;
  /**
   * Paths that the files of the server name, and that the function changes. They must not be in the client's directory,
   * unless one account owns both directories: the owner of the data directory would then work with the rights of the
   * client's account. For the same reason, they must not be beside a file in `named` that belongs to root.
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
