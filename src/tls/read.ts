import { clientFilePaths } from '../client/index.ts';
import { diskReader } from '../disk/disk-reader.ts';
import type { FileState, Owner, TargetFile } from '../disk/file-state.ts';
import type { DirectoryFacts, ReadingPort } from '../disk/reading-port.ts';
import { PgHostsslError } from '../errors.ts';
import { parsePgVersion } from '../version.ts';
import { inFile } from './plan/in-file.ts';
import {
  defaultCertificateFiles,
  isAbsolute,
  resolvePath,
  type ServerSettings,
  serverSettings,
  setting,
} from './plan/settings.ts';
import type { ClientState, ServerState } from './state.ts';

/** Where a server's files are, as far as not in the data directory and not said by its settings. */
export interface ServerPaths {
  /** postgresql.conf; on Debian `/etc/postgresql/<major>/<cluster>/postgresql.conf`. */
  readonly conf?: string;
  /** pg_hba.conf; else what `hba_file` says. */
  readonly hba?: string;
  /** The server's certificate; else what `ssl_cert_file` says. A plan then sets `ssl_cert_file` to it. */
  readonly certificate?: string;
  /** The server's private key; else what `ssl_key_file` says. */
  readonly privateKey?: string;
  /** The authorities of client certificates; else what `ssl_ca_file` says, else `root.crt`. */
  readonly ca?: string;
}

/** Options of {@link readServer}. */
export interface ReadServerOptions {
  /** Paths that are not the usual ones, absolute or relative to the data directory. */
  readonly paths?: ServerPaths;
  /** Where the files are; this machine's disk if not given. */
  readonly files?: ReadingPort;
}

/**
 * What a plan has to know of a server, read from its data directory: the version from `PG_VERSION`, the configuration
 * files, and the certificate files that the settings name. Nothing is written, and the server need not run.
 *
 * @throws PgHostsslError `data-directory-incomplete` where one of PG_VERSION, postgresql.conf and pg_hba.conf is not
 * there; `file-not-readable`; `version-unknown`.
 */
export async function readServer(dataDirectory: string, options: ReadServerOptions = {}): Promise<ServerState> {
  const { paths = {}, files = diskReader } = options;
  const at = (path: string): string => resolvePath(dataDirectory, path);
  const directory = await readDirectory(dataDirectory, files);
  if (directory === undefined) throw incomplete(dataDirectory, 'There is no such directory');
  const versionFile = await required(at('PG_VERSION'), files);
  const version = await inFile(versionFile.path, () => parsePgVersion(new TextDecoder().decode(versionFile.content())));
  const conf = await required(at(paths.conf ?? 'postgresql.conf'), files);
  const autoConf = await readFile(at('postgresql.auto.conf'), files);
  const settings = serverSettings({ version, conf, ...(autoConf && { autoConf }) });
  return {
    version,
    dataDirectory,
    ...directory,
    conf,
    ...(autoConf && { autoConf }),
    hba: await required(at(paths.hba ?? hbaPath(settings, conf.path)), files),
    certificate: await slot(
      at(paths.certificate ?? setting(settings, 'ssl_cert_file') ?? defaultCertificateFiles.ssl_cert_file),
      files,
    ),
    privateKey: await slot(
      at(paths.privateKey ?? setting(settings, 'ssl_key_file') ?? defaultCertificateFiles.ssl_key_file),
      files,
    ),
    ca: await slot(at(paths.ca ?? setting(settings, 'ssl_ca_file') ?? 'root.crt'), files),
  };
}

/** Options of {@link readClient}. */
export interface ReadClientOptions {
  /** Who shall own the files; the owner of the directory if not given, or who applies the plan if there is none yet. */
  readonly owner?: Owner;
  /** Where the files are; this machine's disk if not given. */
  readonly files?: ReadingPort;
}

/**
 * What a plan has to know of a client's directory, which need not exist yet: its `postgresql.crt`, `postgresql.key` and
 * `root.crt`.
 *
 * @throws PgHostsslError `client-directory-invalid`, `file-not-readable`.
 */
export async function readClient(directory: string, options: ReadClientOptions = {}): Promise<ClientState> {
  const { owner, files = diskReader } = options;
  const paths = clientFilePaths(directory);
  const found = await readDirectory(directory, files);
  return {
    directory,
    exists: found !== undefined,
    ...found,
    ...(owner && { owner }),
    certificate: await slot(paths.certificate, files),
    privateKey: await slot(paths.privateKey, files),
    ca: await slot(paths.ca, files),
  };
}

/**
 * The file at a path, if there is one.
 *
 * @throws PgHostsslError `file-not-readable`
 */
export function readFile(path: string, files: ReadingPort): Promise<FileState | undefined> {
  return readable(path, files.read(path));
}

function readDirectory(path: string, files: ReadingPort): Promise<DirectoryFacts | undefined> {
  return readable(path, files.statDirectory(path));
}

async function readable<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PgHostsslError('file-not-readable', `This cannot be read: ${reason}`, {
      file: path,
      hint: 'Run this as root or as the account that the server runs as.',
      cause,
    });
  }
}

async function required(path: string, files: ReadingPort): Promise<FileState> {
  const file = await readFile(path, files);
  if (file === undefined) throw incomplete(path, 'There is no such file');
  return file;
}

async function slot(path: string, files: ReadingPort): Promise<TargetFile> {
  return (await readFile(path, files)) ?? { path };
}

function hbaPath(settings: ServerSettings, confPath: string): string {
  const path = setting(settings, 'hba_file') ?? 'pg_hba.conf';
  if (path === 'pg_hba.conf' || isAbsolute(path)) return path;
  // make_absolute_path in SelectConfigFiles: unlike ssl_…_file it begins where the server was started.
  throw incomplete(confPath, `hba_file is ${JSON.stringify(path)}, relative to wherever the server was started`);
}

function incomplete(path: string, what: string): PgHostsslError {
  return new PgHostsslError('data-directory-incomplete', what, {
    file: path,
    hint: 'Give the data directory of an initialised server, and in `paths` what lies elsewhere (on Debian in /etc/postgresql).',
  });
}
