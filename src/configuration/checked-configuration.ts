import { assertInstance, assertList, assertRecord } from '../arguments.ts';
import { ConfTree } from '../conf/tree.ts';
import type { Owner } from '../disk/file-state.ts';
import type { HbaFile } from '../hba/file.ts';
import type { HostsFile } from '../hosts/file.ts';
import type { IdentFile } from '../ident/file.ts';
import type { ConfigurationFile } from './assemble.ts';
import type { CrlDirectory } from './crl-directory.ts';
import type { NamedTlsFile } from './hosts-files.ts';

/** A file that a TLS setting or pg_hosts.conf names. */
export interface TlsFile extends ConfigurationFile, NamedTlsFile {
  /** The setting that names the file, or `hosts_file` if pg_hosts.conf names it. */
  readonly setting: string;
  /**
   * Returns the content of the file, if the file was read. This is a method and no property, so that printing the
   * object never shows a private key.
   */
  content?(): Uint8Array;
  /** The permission bits, if they are known. */
  readonly mode?: number;
  /** The owner, if it is known. */
  readonly owner?: Owner;
  /**
   * What is at the path, if it is no regular file: a directory, or for example a named pipe. For a directory, `state`
   * is `missing`; for anything else, it is `unread`.
   */
  readonly kind?: 'directory' | 'other';
}

/** The parts of a configuration that `checkConfiguration` checks. A `Configuration` has all of them. */
export interface CheckedConfiguration {
  /** The data directory, if it is known. */
  readonly dataDirectory?: string | undefined;
  /** The path in `data_directory`, if it leads to the same directory by symbolic links. */
  readonly dataDirectoryAlias?: string | undefined;
  /** The settings. */
  readonly conf: ConfTree;
  /** The files, each with its `state`. */
  readonly files: readonly ConfigurationFile[];
  /** The pg_hba.conf. */
  readonly hba: HbaFile;
  /** Whether pg_hba.conf was read. */
  readonly hasHba: boolean;
  /** The pg_ident.conf, if it was read. */
  readonly ident?: IdentFile | undefined;
  /** The pg_hosts.conf, if the server uses the file and it was read. */
  readonly hosts?: HostsFile | undefined;
  /** The files that the TLS settings name. */
  readonly tlsFiles: readonly TlsFile[];
  /** The directory that `ssl_crl_dir` names, if `ssl` is on. */
  readonly crlDirectory?: CrlDirectory | undefined;
  /** The owner of the data directory, if it is known. */
  readonly owner?: Owner | undefined;
}

/**
 * @internal Checks that a value is a configuration. A caller without type checks may pass another value.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertConfiguration(configuration: CheckedConfiguration, what: string): void {
  assertRecord(configuration, what);
  assertInstance(configuration.conf, ConfTree, `conf in ${what}`);
  assertList(configuration.files, `files in ${what}`);
  assertList(configuration.tlsFiles, `tlsFiles in ${what}`);
}
