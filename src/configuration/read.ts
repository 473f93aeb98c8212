import { assertProperties, given } from '../arguments.ts';
import { copyArgument } from '../copy-argument.ts';
import { checkedReadingPort } from '../disk/checked-files.ts';
import type { FileState, TargetFile } from '../disk/file-state.ts';
import {
  type IncludedFiles,
  includeReaders,
  namesIn,
  readIncludedFiles,
  type UnreadFile,
} from '../disk/included-files.ts';
import { limitedRead } from '../disk/limited-read.ts';
import type { ReadingPort } from '../disk/reading-port.ts';
import { hasCode } from '../disk/system-error.ts';
import type { EntryFacts } from '../disk/tls-files.ts';
import { messageOf } from '../errors.ts';
import { withContent } from '../with-content.ts';
import { assemble, crlDirectoryOf, readIncludes } from './assemble.ts';
import type { TlsFile } from './checked-configuration.ts';
import { Configuration } from './configuration.ts';
import type { NamedTlsFile } from './hosts-files.ts';
import { type ConfigurationPlace, placeOf } from './place.ts';
import { type ServerFiles, withServerFiles } from './server-files.ts';
import { aliasOfDataDirectory } from './server-settings.ts';

/** Options of {@link readConfiguration} and `locateConfiguration`. */
export interface ReadConfigurationOptions {
  /**
   * The {@link ReadingPort} that reads the files. If not given, the file system of this machine, with the rights of the
   * data directory's owner.
   */
  readonly files?: ReadingPort | undefined;
}

/**
 * Reads the configuration of a server from disk. It follows the settings as the server does: `hba_file`, `ident_file`,
 * includes, postgresql.auto.conf, and the command line of the last start. The server need not run, and nothing is
 * written. If a file cannot be read, `configuration.diagnostics` has a diagnostic, and the other files are read
 * nevertheless.
 *
 * If root calls this function, a process with the rights of the data directory's owner reads the files. A link, setting
 * or include line of that account therefore cannot make root read a file that the account cannot read. If the place has
 * no data directory, root itself reads a postgresql.conf that belongs to root.
 *
 * @param place the path of the data directory, or the place of the files
 * @throws PgHostsslError `version-unknown` if there is no PG_VERSION and no version is given; `path-not-trusted` or
 * `account-unavailable` if root cannot read with the owner's rights; `data-directory-incomplete` if root gives a
 * postgresql.conf and a data directory that does not exist; `argument-invalid`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { readConfiguration } from 'pg-hostssl/configuration';
 * import { fileState, type ReadingPort } from 'pg-hostssl/tls';
 *
 * // A server without a disk; `await readConfiguration('/var/lib/postgresql/data')` reads this machine's.
 * const contents = new Map([
 *   ['/data/PG_VERSION', '18\n'],
 *   ['/data/postgresql.conf', "include_dir = 'conf.d'\n"],
 *   ['/data/conf.d/tls.conf', 'ssl = on\n'],
 *   ['/data/pg_hba.conf', 'hostssl all all all cert\n'],
 * ]);
 * const files: ReadingPort = {
 *   read: async (path) => (contents.has(path) ? fileState(path, contents.get(path)!) : undefined),
 *   list: async () => ['tls.conf'],
 *   statDirectory: async () => ({}),
 *   realPath: async (path) => path,
 * };
 * const configuration = await readConfiguration('/data', { files });
 * assert.equal(configuration.conf.effective('ssl')?.file?.options.file, '/data/conf.d/tls.conf');
 * assert.deepEqual(
 *   configuration.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code),
 *   ['configuration-file-missing', 'configuration-file-missing'],
 * );
 * ```
 */
export async function readConfiguration(
  place: string | ConfigurationPlace,
  options: ReadConfigurationOptions = {},
): Promise<Configuration> {
  const given = copyArgument(placeOf(place, 'the place of readConfiguration'));
  assertProperties(options, { files: true }, 'options of readConfiguration');
  const files = checkedReadingPort(options.files, 'the files of readConfiguration');
  if (files !== undefined) return await readFiles(given, files);
  return await withServerFiles(
    given,
    async (port) => assemble(given, includeReaders(await filesOf(given, port, limitedRead(port)))!).dataDirectory,
    (port) => readFiles(given, port),
  );
}

async function readFiles(given: ConfigurationPlace, port: ServerFiles): Promise<Configuration> {
  const read = limitedRead(port);
  const readers = includeReaders(await filesOf(given, port, read))!;
  const assembled = assemble(given, readers);
  const tlsFiles = await Promise.all(assembled.tlsFiles.map((file) => tlsFile(file, port, read)));
  const directory = await port.statDirectory(assembled.dataDirectory).catch(() => undefined);
  const crlDirectory = crlDirectoryOf(assembled, readers);
  const dataDirectoryAlias = await aliasOfDataDirectory(assembled.conf, assembled.dataDirectory, port);
  return new Configuration(assembled, { tlsFiles, crlDirectory, dataDirectoryAlias, owner: directory?.owner });
}

/** Reads all files of a server. */
async function filesOf(
  given: ConfigurationPlace,
  port: ReadingPort,
  read: ReadingPort['read'],
): Promise<IncludedFiles> {
  return await readIncludedFiles(
    (readers) => {
      const assembled = assemble(given, readers);
      readIncludes(assembled);
      void crlDirectoryOf(assembled, readers);
    },
    (path) => fileAt(path, read),
    async (path) => unlessUnread(path, async () => ({ path, names: await namesIn(path, port) })),
  );
}

/** The file at a path, or the reason why it could not be read. A directory counts as a missing file. */
function fileAt(path: string, read: ReadingPort['read']): Promise<TargetFile | UnreadFile> {
  return unlessUnread(path, async () => (await readUnlessDirectory(path, read)) ?? { path });
}

async function readUnlessDirectory(path: string, read: ReadingPort['read']): Promise<FileState | undefined> {
  try {
    return await read(path);
  } catch (error) {
    if (hasCode(error, 'EISDIR', 'ENOTDIR')) return undefined;
    throw error;
  }
}

async function unlessUnread<T>(path: string, read: () => Promise<T>): Promise<T | UnreadFile> {
  try {
    return await read();
  } catch (error) {
    return { path, reason: messageOf(error) };
  }
}

/** Reads a TLS file. The content may be a private key. */
async function tlsFile(file: NamedTlsFile, port: ServerFiles, read: ReadingPort['read']): Promise<TlsFile> {
  const found = await fileAt(file.path, read);
  if ('reason' in found) {
    const facts = await inspectTarget(file.path, port);
    return { ...file, state: 'unread', ...(facts?.kind === 'file' && rightsOf(facts)) };
  }
  if (found.content === undefined) {
    const isDirectory = (await port.statDirectory(file.path).catch(() => undefined)) !== undefined;
    if (isDirectory) return { ...file, state: 'missing', kind: 'directory' };
    const isOther = (await inspectTarget(file.path, port))?.kind === 'other';
    return isOther ? { ...file, state: 'unread', kind: 'other' } : { ...file, state: 'missing' };
  }
  return withContent({ ...file, state: 'read' as const, ...rightsOf(found as FileState) }, found.content());
}

/**
 * The facts about a file that cannot be read. Links are followed. An account may see the owner of a key file that it
 * cannot read.
 */
async function inspectTarget(path: string, port: ServerFiles): Promise<EntryFacts | undefined> {
  try {
    return await port.inspect?.(await port.realPath(path));
  } catch {
    return undefined;
  }
}

function rightsOf({ mode, owner }: Pick<FileState, 'mode' | 'owner'>): Pick<TlsFile, 'mode' | 'owner'> {
  return given({ mode, owner });
}
