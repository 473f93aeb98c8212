import { assertPath, assertPort, assertProperties, given } from '../arguments.ts';
import { canonicalizePath, parentDirectory } from '../c/paths.ts';
import type { ConfTree } from '../conf/tree.ts';
import { copyArgument } from '../copy-argument.ts';
import { withDirectoryOwners } from '../disk/account/owner-files.ts';
import { checkedReadingPort } from '../disk/checked-files.ts';
import type { FileState } from '../disk/file-state.ts';
import { readPostmasterPid } from '../disk/postmaster-pid.ts';
import type { ReadingPort } from '../disk/reading-port.ts';
import { PgHostsslError, unlessInvalid } from '../errors.ts';
import { defaultPgMajor, type PgMajor } from '../version.ts';
import { confPathOf } from './assemble.ts';
import { startSettings } from './command-line.ts';
import { dataDirectoryFiles } from './data-directory-files.ts';
import { type Layout, layouts, matchingPaths } from './layouts.ts';
import { Lookup } from './lookup.ts';
import type { ReadConfigurationOptions } from './read.ts';
import { withServerFiles } from './server-files.ts';
import { assignedText, dataDirectoryIn, serverSettings } from './server-settings.ts';
import { versionIn } from './version-file.ts';

/** The servers to look for. If no property is given, the function looks for all servers. */
export interface WantedServer {
  /** The data directory of the server. */
  readonly dataDirectory?: string | undefined;
  /** The port of the server. Servers whose port is not known are found, too. */
  readonly port?: number | undefined;
}

/** A file that is evidence for a candidate. */
export interface ConfigurationEvidence {
  /** The path of the file that is evidence. */
  readonly path: string;
  /** A description of the evidence for a person. */
  readonly says: string;
}

/**
 * Files that may be the configuration of a server, with the evidence for this. A candidate can be given to
 * `readConfiguration` as the place.
 */
export interface ConfigurationCandidate {
  /** The data directory. */
  readonly dataDirectory: string;
  /** The path of postgresql.conf. */
  readonly conf: string;
  /** The major version, if PG_VERSION names it. */
  readonly version?: PgMajor;
  /** The port, if a file names it. It is the port of the running server, or else the port at the next start. */
  readonly port?: number;
  /** The layout in whose paths the files were found; `given` for a data directory that the caller named. */
  readonly layout: Layout['name'] | 'given';
  /** The files that are evidence for this candidate. */
  readonly evidence: readonly ConfigurationEvidence[];
}

/**
 * Looks for the configurations of servers. If no data directory is given, it searches the usual places of Debian,
 * Docker, RPM packages and Homebrew. Each directory with a PG_VERSION or a postgresql.conf is a candidate.
 *
 * @returns all candidates, those with the most evidence first
 * @throws PgHostsslError `argument-invalid`; `path-not-trusted` or `account-unavailable` if root cannot read the given data
 * directory with the rights of its owner. Other places are then skipped.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { locateConfiguration } from 'pg-hostssl/configuration';
 * import { fileState, type ReadingPort } from 'pg-hostssl/tls';
 *
 * const contents = new Map([
 *   ['/var/lib/pgsql/data/PG_VERSION', '16\n'],
 *   ['/var/lib/pgsql/data/postgresql.conf', 'port = 5433\n'],
 * ]);
 * const files: ReadingPort = {
 *   read: async (path) => (contents.has(path) ? fileState(path, contents.get(path)!) : undefined),
 *   list: async () => [],
 *   statDirectory: async () => ({}),
 *   realPath: async (path) => path,
 * };
 * const [found] = await locateConfiguration({ port: 5433 }, { files });
 * assert.deepEqual([found?.layout, found?.version, found?.dataDirectory], ['rpm', 16, '/var/lib/pgsql/data']);
 * ```
 */
export async function locateConfiguration(
  wanted: WantedServer = {},
  options: ReadConfigurationOptions = {},
): Promise<readonly ConfigurationCandidate[]> {
  assertProperties(wanted, { dataDirectory: true, port: true }, 'the argument of locateConfiguration');
  assertProperties(options, { files: true }, 'options of locateConfiguration');
  const given = checkedReadingPort(options.files, 'the files of locateConfiguration');
  wanted = copyArgument(wanted);
  const { dataDirectory, port } = wanted;
  if (dataDirectory !== undefined) assertPath(dataDirectory, 'The data directory of locateConfiguration');
  if (port !== undefined) assertPort(port, 'port of locateConfiguration');
  if (given !== undefined) {
    const list = (path: string) => given.list(path);
    return await candidates(wanted, { list, read: (_, use) => use(new Lookup(given)) });
  }
  return await withDirectoryOwners((list) => candidates(wanted, { list, read: readAsOwner }));
}

/** The functions with which a search reads. */
interface Search {
  /** Returns the names in a directory of a layout. */
  readonly list: ReadingPort['list'];
  /**
   * Calls a function with the files of the server at a place.
   *
   * @throws PgHostsslError if this process is root, and cannot read with the rights of the data directory's owner
   */
  readonly read: <T>(place: SearchPlace, use: (files: Lookup) => Promise<T>) => Promise<T>;
}

/** A place where a server may be: a data directory, or a postgresql.conf that names one. */
type SearchPlace = { readonly dataDirectory: string } | { readonly conf: string };

/** Reads a server with the rights of the data directory's owner, so that its files name only files of that account. */
async function readAsOwner<T>(place: SearchPlace, use: (files: Lookup) => Promise<T>): Promise<T> {
  const directoryOf = (files: ReadingPort): Promise<string> =>
    'conf' in place ? directoryNamedIn(place.conf, new Lookup(files)) : Promise.resolve(place.dataDirectory);
  return await withServerFiles(place, directoryOf, (files) => use(new Lookup(files)));
}

/** Lets a search skip a place that root cannot read with the rights of its owner. */
function skipUnreadable(error: unknown): undefined {
  if (!(error instanceof PgHostsslError)) throw error;
}

interface Found {
  readonly candidate: ConfigurationCandidate;
  /** The path of the data directory, without symbolic links. */
  readonly realPath: string;
}

async function candidates(
  { dataDirectory: wanted, port }: WantedServer,
  { list, read }: Search,
): Promise<readonly ConfigurationCandidate[]> {
  const dataDirectory = wanted === undefined ? undefined : canonicalizePath(wanted, defaultPgMajor);
  const found: Found[] = [];
  const search = async (place: SearchPlace, layout: ConfigurationCandidate['layout']): Promise<void> => {
    const reading = read(place, (files) => foundAt(place, layout, files));
    const each = await (layout === 'given' ? reading : reading.catch(skipUnreadable));
    if (each === undefined || found.some(({ candidate }) => isSame(candidate, each.candidate))) return;
    found.push(each);
  };
  if (dataDirectory !== undefined) await search({ dataDirectory }, 'given');
  for (const { name, confs = [], dataDirectories = [] } of layouts) {
    for (const conf of await matchingPaths(confs, list)) await search({ conf }, name);
    if (dataDirectory !== undefined) continue;
    for (const each of await matchingPaths(dataDirectories, list)) await search({ dataDirectory: each }, name);
  }
  const wantedPath =
    dataDirectory && ((await read({ dataDirectory }, (files) => files.realPath(dataDirectory))) ?? dataDirectory);
  const hasConf = ({ candidate: { conf, evidence } }: Found): boolean => evidence.some(({ path }) => path === conf);
  // On Debian, postgresql.conf is in another directory than the data directory. The data directory alone does not
  // count as a further server.
  const withConf = new Set(found.filter(hasConf).map(({ realPath }) => realPath));
  return found
    .filter((each) => hasConf(each) || !withConf.has(each.realPath))
    .filter(({ realPath }) => wantedPath === undefined || realPath === wantedPath)
    .map(({ candidate }) => candidate)
    .filter((each) => port === undefined || each.port === undefined || each.port === port)
    .sort((a, b) => b.evidence.length - a.evidence.length);
}

function isSame(a: ConfigurationCandidate, b: ConfigurationCandidate): boolean {
  return a.conf === b.conf && a.dataDirectory === b.dataDirectory;
}

async function foundAt(
  place: SearchPlace,
  layout: ConfigurationCandidate['layout'],
  files: Lookup,
): Promise<Found | undefined> {
  const dataDirectory = 'conf' in place ? await directoryNamedIn(place.conf, files) : place.dataDirectory;
  const started = await startOf(dataDirectory, files);
  const conf = 'conf' in place ? place.conf : confPathOf({ dataDirectory }, started?.settings);
  const candidate = await candidateFrom({ dataDirectory, conf, layout }, started, files);
  return candidate && { candidate, realPath: await files.realPath(dataDirectory) };
}

/** The data directory that a postgresql.conf sets; if it sets none, the directory of the postgresql.conf. */
async function directoryNamedIn(conf: string, files: Lookup): Promise<string> {
  const main = await files.file(conf);
  const named = main && (await files.withIncludes((readers) => dataDirectoryIn(main, defaultPgMajor, readers)));
  return named === undefined ? parentDirectory(conf) : canonicalizePath(named, defaultPgMajor);
}

interface Start {
  readonly path: string;
  readonly settings: Readonly<Record<string, string>>;
}

async function startOf(dataDirectory: string, files: Lookup): Promise<Start | undefined> {
  const path = dataDirectoryFiles(dataDirectory).startOptions;
  const file = await files.file(path);
  return file && { path, settings: startSettings(file.content()) };
}

/** The candidate for a place; `undefined` if no file is evidence for a server there. */
async function candidateFrom(
  { dataDirectory, conf, layout }: Pick<ConfigurationCandidate, 'dataDirectory' | 'conf' | 'layout'>,
  started: Start | undefined,
  files: Lookup,
): Promise<ConfigurationCandidate | undefined> {
  const evidence: ConfigurationEvidence[] = [];
  const versionPath = dataDirectoryFiles(dataDirectory).version;
  const version = majorIn(await files.file(versionPath));
  if (version !== undefined)
    evidence.push({ path: versionPath, says: `the data directory belongs to PostgreSQL ${version}` });
  const main = await files.file(conf);
  if (main !== undefined) evidence.push({ path: conf, says: 'postgresql.conf exists' });
  if (evidence.length === 0) return undefined;
  const running = await portOfRunning(dataDirectory, files);
  if (running !== undefined) {
    const path = dataDirectoryFiles(dataDirectory).pid;
    evidence.push({ path, says: `a server runs, or ran until a crash, on port ${running}` });
  }
  if (started !== undefined)
    evidence.push({ path: started.path, says: 'a server was started with this data directory' });
  const settings = main && (await settingsOf({ dataDirectory, main, started, version }, files));
  const port = running ?? portIn(settings && assignedText(settings, 'port'));
  return given({ dataDirectory, conf, layout, version, port, evidence });
}

/** The settings at the server's next start, as far as their files can be read. */
async function settingsOf(
  { dataDirectory, main, started, version = defaultPgMajor }: SettingsPlace,
  files: Lookup,
): Promise<ConfTree> {
  const autoConf = await files.file(dataDirectoryFiles(dataDirectory).autoConf);
  const sources = { version, conf: main, autoConf, commandLine: started?.settings };
  return files.withIncludes((readers) => serverSettings(sources, readers));
}

interface SettingsPlace {
  readonly dataDirectory: string;
  readonly main: FileState;
  readonly started: Start | undefined;
  readonly version: PgMajor | undefined;
}

async function portOfRunning(dataDirectory: string, files: Lookup): Promise<number | undefined> {
  const file = await files.file(dataDirectoryFiles(dataDirectory).pid);
  return file && portIn(readPostmasterPid(new TextDecoder().decode(file.content())).port);
}

function portIn(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : undefined;
}

/** The version in a PG_VERSION file; `undefined` if the file is missing or names no known version. */
function majorIn(file: FileState | undefined): PgMajor | undefined {
  return file && unlessInvalid(() => versionIn(file));
}
