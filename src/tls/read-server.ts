import { resolve } from 'node:path';
import { assertPath, assertProperties, given, type PropertyNames } from '../arguments.ts';
import { isAbsolutePath, joinPathComponents, pathInDataDirectory } from '../c/paths.ts';
import { Configuration } from '../configuration/configuration.ts';
import { dataDirectoryFiles } from '../configuration/data-directory-files.ts';
import { type AuthFileSetting, aliasOfDataDirectory } from '../configuration/server-settings.ts';
import { versionIn } from '../configuration/version-file.ts';
import { withOwnerFiles } from '../disk/account/owner-files.ts';
import { checkedReadingPort } from '../disk/checked-files.ts';
import type { FileState, TargetFile } from '../disk/file-state.ts';
import type { ReadingPort } from '../disk/reading-port.ts';
import { PgHostsslError } from '../errors.ts';
import { parseHashedCrlName } from '../pki/revocation/file-name.ts';
import { absolutePath } from './absolute-path.ts';
import { defaultFiles } from './default-files.ts';
import { type FollowedFiles, followFiles, type StartPaths } from './follow-files.ts';
import { findInterrupted } from './interrupted.ts';
import { isOwnName } from './plan/pairs/own-files.ts';
import { setting } from './plan/settings/settings.ts';
import type { CrlDirectoryState, ServerState } from './state.ts';
import { readable, StateReader } from './state-reader.ts';

/** Paths of a server's files that differ from the usual ones, or that no setting names. */
export interface ServerPaths {
  /** The path of postgresql.conf; on Debian `/etc/postgresql/<major>/<cluster>/postgresql.conf`. */
  readonly conf?: string | undefined;
  /** The path of pg_hba.conf; if not given, the path in `hba_file`. */
  readonly hba?: string | undefined;
  /**
   * The path of the server's certificate; if not given, the path in `ssl_cert_file`. A plan sets `ssl_cert_file` to
   * this path.
   */
  readonly certificate?: string | undefined;
  /** The path of the server's private key; if not given, the path in `ssl_key_file`. */
  readonly privateKey?: string | undefined;
  /** The path of the roots for client certificates; if not given, the path in `ssl_ca_file`, or `root.crt`. */
  readonly ca?: string | undefined;
  /**
   * The directory of CRLs (14 and later); if not given, the path in `ssl_crl_dir`. A plan that writes a CRL sets
   * `ssl_crl_dir` to this path.
   */
  readonly crlDirectory?: string | undefined;
}

/**
 * The place of a server: its data directory and its postgresql.conf. The candidates that `locateConfiguration` returns
 * are such objects.
 */
export interface ServerPlace {
  /** The data directory. */
  readonly dataDirectory: string;
  /** The path of postgresql.conf, if it is not in the data directory. */
  readonly conf?: string | undefined;
}

/** Options of {@link readServer}. */
export interface ReadServerOptions {
  /** Paths other than the default ones, absolute or relative to the data directory. */
  readonly paths?: ServerPaths | undefined;
  /** The {@link ReadingPort} that reads the files; the file system of this machine if not given. */
  readonly files?: ReadingPort | undefined;
}

const pathNames: PropertyNames<ServerPaths> = {
  conf: true,
  hba: true,
  certificate: true,
  privateKey: true,
  ca: true,
  crlDirectory: true,
};

/**
 * Reads everything that a plan needs to know about a server from its data directory: the version from `PG_VERSION`, the
 * configuration with its included files, and the certificate files that the settings name. Nothing is written, and the
 * server need not run.
 *
 * If root calls this function, a process with the rights of the data directory's owner reads the files. Root itself
 * reads only the files that `paths` names, and only if nobody else can change where the paths lead.
 *
 * @param server the path of the data directory (`SHOW data_directory`), or a server that `pg-hostssl/configuration` has
 * found or read
 * @throws PgHostsslError `argument-invalid`; `data-directory-incomplete` if PG_VERSION, postgresql.conf or pg_hba.conf
 * is missing; `file-not-readable`; `version-unknown`; `path-not-trusted` or `account-unavailable` if root cannot read
 * with the owner's rights
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { fileState, type ReadingPort, readServer } from 'pg-hostssl/tls';
 *
 * // A server without a disk; `await readServer('/var/lib/postgresql/data')` reads this machine's.
 * const contents = new Map([
 *   ['/data/PG_VERSION', '18\n'],
 *   ['/data/postgresql.conf', "ssl_cert_file = 'db.crt'\n"],
 *   ['/data/pg_hba.conf', 'local all all peer\n'],
 * ]);
 * const files: ReadingPort = {
 *   read: async (path) => (contents.has(path) ? fileState(path, contents.get(path)!) : undefined),
 *   list: async () => [],
 *   statDirectory: async () => ({}),
 *   realPath: async (path) => path,
 * };
 * const server = await readServer('/data', { files });
 * assert.deepEqual([server.version, server.certificate], [18, { path: '/data/db.crt' }]);
 * ```
 */
export async function readServer(
  server: string | Configuration | ServerPlace,
  options: ReadServerOptions = {},
): Promise<ServerState> {
  const place = placeIn(server);
  assertPath(place.dataDirectory, 'The data directory of readServer');
  assertProperties(options, { paths: true, files: true }, 'the options of readServer');
  const { paths: ofCaller = {} } = options;
  const port = checkedReadingPort(options.files, 'the files of readServer');
  const { dataDirectory, ...found } = absolutePlace(place, port);
  assertProperties(ofCaller, pathNames, 'the paths of readServer');
  const paths = given({ ...found, ...given(ofCaller) });
  for (const [name, path] of Object.entries(paths)) assertPath(path, `paths.${name}`);
  if (port !== undefined) return await readServerFiles(dataDirectory, paths, port);
  // If root calls this function, a process with the rights of the data directory's owner reads the files. The paths of
  // a place are not paths that the caller named, because they may come from `hba_file` or from postmaster.opts.
  const { crlDirectory: _, ...ofFiles } = given(ofCaller);
  const named = Object.values(ofFiles).map((path) => pathInDataDirectory(dataDirectory, path));
  const { conf } = paths;
  const owners = { dataDirectory, conf: conf && pathInDataDirectory(dataDirectory, conf), named, isReadOnly: true };
  return await withOwnerFiles(owners, ({ files }) => readServerFiles(dataDirectory, paths, files));
}

type FoundPlace = Pick<ServerPaths, 'conf' | 'hba'> & ServerPlace;

/**
 * Makes the paths of a place absolute. If the data directory is a relative path, the other paths are relative to the
 * working directory, too.
 */
function absolutePlace({ dataDirectory, ...found }: FoundPlace, port: ReadingPort | undefined): FoundPlace {
  if (isAbsolutePath(dataDirectory)) return { dataDirectory, ...found };
  const files = Object.entries(given(found)).map(([name, path]) => [name, isAbsolutePath(path) ? path : resolve(path)]);
  return {
    dataDirectory: absolutePath(dataDirectory, 'The data directory of readServer', port),
    ...Object.fromEntries(files),
  };
}

/**
 * The data directory of a server, and the paths of its postgresql.conf and pg_hba.conf as far as the argument tells
 * them.
 */
function placeIn(server: string | Configuration | ServerPlace): FoundPlace {
  if (typeof server !== 'object' || server === null) return { dataDirectory: server };
  const { dataDirectory, conf } = server;
  if (!(server instanceof Configuration)) return { dataDirectory, ...(typeof conf === 'string' && { conf }) };
  const hba = server.files.find(({ setting }) => setting === 'hba_file')?.path;
  const main = server.conf.main.options.file;
  return given({ dataDirectory, conf: main, hba });
}

async function readServerFiles(dataDirectory: string, paths: ServerPaths, port: ReadingPort): Promise<ServerState> {
  const at = (path: string): string => pathInDataDirectory(dataDirectory, path);
  const reader = await StateReader.in(dataDirectory, port);
  const directory = await reader.directory();
  if (directory === undefined) throw incomplete(dataDirectory, 'The directory does not exist');
  const interrupted = await readable(dataDirectory, findInterrupted(dataDirectory, port));
  const confPath = at(paths.conf ?? 'postgresql.conf');
  const hbaPath = paths.hba === undefined ? undefined : at(paths.hba);
  const followed = await followFiles({ dataDirectory, confPath, hbaPath }, reader);
  const { conf: settings } = followed.assembled;
  const named = (name: keyof typeof defaultFiles): string => at(setting(settings, name) ?? defaultFiles[name]);
  const crlDirectory = paths.crlDirectory ?? setting(settings, 'ssl_crl_dir');
  const dataDirectoryAlias = await aliasOfDataDirectory(settings, dataDirectory, port);
  return {
    dataDirectory,
    ...(dataDirectoryAlias !== undefined && { dataDirectoryAlias }),
    ...directory,
    ...(await configurationFiles(followed, { dataDirectory, confPath, reader })),
    certificate: await reader.target(at(paths.certificate ?? named('ssl_cert_file'))),
    privateKey: await reader.target(at(paths.privateKey ?? named('ssl_key_file'))),
    ca: await reader.target(at(paths.ca ?? named('ssl_ca_file'))),
    crl: await reader.target(at(named('ssl_crl_file'))),
    ...(crlDirectory !== undefined && { crlDirectory: await readCrlDirectory(at(crlDirectory), reader) }),
    ownFiles: await ownFiles(dataDirectory, reader),
    ...(interrupted && { interrupted }),
  };
}

type ConfigurationFiles = Pick<
  ServerState,
  'version' | 'versionFile' | 'conf' | 'autoConf' | 'startOptions' | 'hba' | 'ident' | 'included'
>;

/**
 * The files of the configuration, and the major version of the server.
 *
 * @throws PgHostsslError `data-directory-incomplete` if a file is missing without which no server starts
 */
async function configurationFiles(
  { found, assembled, included }: FollowedFiles,
  {
    dataDirectory,
    confPath,
    reader,
  }: Pick<StartPaths, 'dataDirectory' | 'confPath'> & { readonly reader: StateReader },
): Promise<ConfigurationFiles> {
  const ofDirectory = dataDirectoryFiles(dataDirectory);
  // A missing file is looked for again with the reader, which throws if the path does not lead to a file.
  const fileAt = async (path: string): Promise<TargetFile> => {
    const file = found.get(path);
    return file?.content === undefined ? await reader.target(path) : file;
  };
  const required = async (path: string): Promise<FileState> => {
    const file = await fileAt(path);
    if (file.content === undefined) throw incomplete(path, 'The file does not exist');
    return file;
  };
  const configuredPath = (name: AuthFileSetting): string => {
    const { path } = assembled.files.find((file) => file.setting === name)!;
    if (found.has(path)) return path;
    throw incomplete(confPath, `${name} is a path relative to the directory in which the server was started`);
  };
  const versionFile = await required(ofDirectory.version);
  const conf = await required(confPath);
  const autoConf = await fileAt(ofDirectory.autoConf);
  return {
    version: versionIn(versionFile),
    versionFile,
    conf,
    ...(autoConf.content && { autoConf }),
    startOptions: await fileAt(ofDirectory.startOptions),
    hba: await required(configuredPath('hba_file')),
    ident: await fileAt(configuredPath('ident_file')),
    included,
  };
}

/** Reads the directory of CRLs. A name that leads to no file, such as a broken link, is left out of `files`. */
async function readCrlDirectory(path: string, reader: StateReader): Promise<CrlDirectoryState> {
  const directory = await reader.names(path);
  const names = (directory.names ?? []).filter((name) => parseHashedCrlName(name) !== undefined);
  const files = await Promise.all(names.map((name) => reader.included(joinPathComponents(path, name))));
  return {
    ...directory,
    ...(await reader.linkOf(path)),
    files: files.filter((file) => file.content !== undefined),
  };
}

async function ownFiles(dataDirectory: string, reader: StateReader): Promise<readonly FileState[]> {
  const { names = [] } = await reader.names(dataDirectory);
  const files = names.filter(isOwnName).map((name) => reader.file(joinPathComponents(dataDirectory, name)));
  return (await Promise.all(files)).filter((file) => file !== undefined);
}

function incomplete(path: string, what: string): PgHostsslError {
  return new PgHostsslError('data-directory-incomplete', what, {
    file: path,
    hint: 'Give the data directory of an initialized server, and in `paths` the files that are elsewhere (on Debian in /etc/postgresql). `readServer(await readConfiguration(directory))` finds the postgresql.conf with which the server was last started.',
  });
}
