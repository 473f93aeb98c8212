import type { AccessInput } from '../access/rules/input.ts';
import { assertRecord, assertSource } from '../arguments.ts';
import type { ConfTree } from '../conf/tree.ts';
import type { Owner } from '../disk/file-state.ts';
import { PgHostsslError } from '../errors.ts';
import type { HbaFile } from '../hba/file.ts';
import type { HostsFile } from '../hosts/file.ts';
import type { IdentFile } from '../ident/file.ts';
import type { ServerFacts } from '../parse-options.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { PgMajor } from '../version.ts';
import { type Assembled, assemble, type ConfigurationFile, crlDirectoryOf } from './assemble.ts';
import { checkConfiguration } from './check.ts';
import type { CheckedConfiguration, TlsFile } from './checked-configuration.ts';
import type { CrlDirectory } from './crl-directory.ts';
import { contentReaders, type FileContents, tlsFileIn } from './file-contents.ts';
import { type ConfigurationPlace, placeOf } from './place.ts';

/** Facts about a configuration in addition to the parsed files. */
export interface ConfigurationFacts {
  /** The files that the TLS settings and pg_hosts.conf (19) name, if `ssl` is on. */
  readonly tlsFiles: readonly TlsFile[];
  /** The directory that `ssl_crl_dir` names, if `ssl` is on. */
  readonly crlDirectory: CrlDirectory | undefined;
  /** The owner of the data directory: the account that runs the server. */
  readonly owner?: Owner | undefined;
  /** The path in `data_directory`, if it leads to the same directory by symbolic links. */
  readonly dataDirectoryAlias?: string | undefined;
}

/**
 * The configuration of one server: postgresql.conf with its includes, postgresql.auto.conf, the command line,
 * pg_hba.conf, pg_ident.conf and pg_hosts.conf. The settings name the files, as on the server. Every function of
 * `pg-hostssl/access` takes a configuration. A verdict that depends on an unread file is never an error.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { matchRule } from 'pg-hostssl/access';
 * import { Configuration } from 'pg-hostssl/configuration';
 *
 * const configuration = Configuration.fromContents(
 *   {
 *     '/data/PG_VERSION': '18\n',
 *     '/data/postgresql.conf': "hba_file = '/etc/pg_hba.conf'\nwal_level = minimal\n",
 *     '/data/postgresql.auto.conf': "max_wal_senders = '0'\n",
 *     '/etc/pg_hba.conf': 'hostssl all all all cert\n',
 *   },
 *   '/data',
 * );
 * assert.equal(configuration.version, 18);
 * const codes = configuration.diagnostics.map(({ code }) => code);
 * assert.ok(codes.includes('hba-hostssl-without-ssl') && !codes.includes('setting-conflict'));
 * const { hba } = configuration;
 * assert.equal(matchRule(hba, { transport: 'plain', address: '::1', database: 'a', user: 'a' }).kind, 'none');
 * ```
 */
export class Configuration implements AccessInput, CheckedConfiguration {
  /** The major version. */
  readonly version: PgMajor;
  /** The data directory. */
  readonly dataDirectory: string;
  /** The path in `data_directory`, if it leads to the same directory by symbolic links. */
  declare readonly dataDirectoryAlias?: string;
  /** The settings: postgresql.conf with its includes, postgresql.auto.conf and the command line. */
  readonly conf: ConfTree;
  /** The pg_ident.conf, if it exists and was read. */
  declare readonly ident?: IdentFile;
  /** The pg_hosts.conf (19 and later), if `ssl_sni` is on and the file was read. */
  declare readonly hosts?: HostsFile;
  /** The values of the settings that decide which authentication files the server accepts. */
  readonly serverFacts: ServerFacts;
  /** The files, each with its `state`. Included files are only in {@link ConfTree.files}. */
  readonly files: readonly ConfigurationFile[];
  /** The files that the TLS settings and pg_hosts.conf (19) name, if `ssl` is on. */
  readonly tlsFiles: readonly TlsFile[];
  /** The directory that `ssl_crl_dir` names (14 and later), if `ssl` is on. */
  declare readonly crlDirectory?: CrlDirectory;
  /** The owner of the data directory, if it is known. */
  declare readonly owner?: Owner;
  readonly #hba: HbaFile | undefined;
  #diagnostics: readonly Diagnostic[] | undefined;

  /** @internal */
  constructor(assembled: Assembled, { tlsFiles, crlDirectory, owner, dataDirectoryAlias }: ConfigurationFacts) {
    const { version, versionUnread, dataDirectory, conf, hba, ident, hosts, facts, files } = assembled;
    if (version === undefined) {
      const [reason, account] =
        versionUnread === undefined
          ? ['', '']
          : [`: ${versionUnread}`, 'Run the program as the account that owns the data directory, or as root. '];
      throw new PgHostsslError(
        'version-unknown',
        `The major version of ${dataDirectory} is not known, because its file PG_VERSION was not read${reason}`,
        {
          hint: `${account}Check that this is the path of a data directory (\`SHOW data_directory\` shows it), give the path of postgresql.conf as \`conf\`, or give the \`version\`.`,
        },
      );
    }
    this.version = version;
    this.dataDirectory = dataDirectory;
    this.conf = conf;
    this.#hba = hba;
    if (ident !== undefined) this.ident = ident;
    if (hosts !== undefined) this.hosts = hosts;
    this.serverFacts = facts;
    this.files = files;
    this.tlsFiles = tlsFiles;
    if (crlDirectory !== undefined) this.crlDirectory = crlDirectory;
    if (owner !== undefined) this.owner = owner;
    if (dataDirectoryAlias !== undefined) this.dataDirectoryAlias = dataDirectoryAlias;
  }

  /**
   * The configuration of a server from the contents of its files.
   *
   * @param contents the files by path; `null` means that the file does not exist
   * @param place the place of the files: the path of the data directory, or more facts
   * @throws PgHostsslError `version-unknown` if neither the place nor a PG_VERSION gives the version;
   * `argument-invalid`
   */
  static fromContents(contents: FileContents, place: string | ConfigurationPlace): Configuration {
    assertRecord(contents, 'contents of Configuration.fromContents');
    for (const [path, source] of Object.entries(contents)) if (source !== null) assertSource(source, path);
    const readers = contentReaders(contents);
    const assembled = assemble(placeOf(place, 'the place of Configuration.fromContents'), readers);
    const tlsFiles = assembled.tlsFiles.map((named) => tlsFileIn(readers, named));
    return new Configuration(assembled, { tlsFiles, crlDirectory: crlDirectoryOf(assembled, readers) });
  }

  /**
   * The pg_hba.conf.
   *
   * @throws PgHostsslError `file-not-readable` if the file was not read
   */
  get hba(): HbaFile {
    if (this.#hba !== undefined) return this.#hba;
    const file = this.files.find(({ setting }) => setting === 'hba_file');
    throw new PgHostsslError('file-not-readable', 'The pg_hba.conf was not read', {
      file: file!.path,
      hint: 'The `diagnostics` of the configuration say why.',
    });
  }

  /** Whether {@link Configuration.hba} was read. */
  get hasHba(): boolean {
    return this.#hba !== undefined;
  }

  /** The diagnostics of all files together: see {@link checkConfiguration}. */
  get diagnostics(): readonly Diagnostic[] {
    this.#diagnostics ??= checkConfiguration(this);
    return this.#diagnostics;
  }
}
