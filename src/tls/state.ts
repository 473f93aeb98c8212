import type { FileState, Owner, TargetFile } from '../disk/file-state.ts';
import type { DirectoryState, IncludedFiles } from '../disk/included-files.ts';
import type { PgMajor } from '../version.ts';

/** A change of a server's files that has begun and not ended. */
export interface InterruptedApply {
  /**
   * The progress of the change. `staging`: new files are being created beside their targets. `switching`: targets are
   * being replaced. `back`: targets are getting their former files back. `finishing`: all targets are as planned, and
   * former files are being removed.
   */
  readonly state: 'staging' | 'switching' | 'back' | 'finishing';
  /** The time at which the change began, in ISO 8601. */
  readonly started: string;
  /** The files that the change creates, replaces or removes. */
  readonly paths: readonly string[];
  /** Whether the process that makes the change is still running. If so, wait until it ends. */
  readonly isRunning: boolean;
  /** The directions that `recoverApply` can take. */
  readonly directions: readonly ('complete' | 'rollback')[];
}

/** A directory of certificate revocation lists (`ssl_crl_dir`, 14 and later). */
export interface CrlDirectoryState extends DirectoryState {
  /** The path with symbolic links resolved, if it is known and differs from `path`. */
  readonly realPath?: string;
  /** The files whose names OpenSSL looks for: `<hash of the issuer>.r0` and so on. */
  readonly files: readonly FileState[];
}

/**
 * All facts about a server that a plan needs. They come from the server's files, not from a connection. `readServer`
 * reads them.
 */
export interface ServerState {
  /** The server's major version. */
  readonly version: PgMajor;
  /** The file PG_VERSION, if the version was read from it. */
  readonly versionFile?: FileState;
  /**
   * The path of the data directory. Relative paths in `ssl_…_file` start from it, and new certificates and keys are
   * written to it.
   */
  readonly dataDirectory: string;
  /** The path in `data_directory`, if it leads to the same directory by symbolic links. */
  readonly dataDirectoryAlias?: string;
  /** The owner of the data directory: the account that runs the server. New files get this owner. */
  readonly owner?: Owner;
  /** The file postgresql.conf. */
  readonly conf: FileState;
  /** The file postgresql.auto.conf. Its settings override the settings in postgresql.conf. */
  readonly autoConf?: FileState;
  /**
   * The file postmaster.opts: the command line of the server's last start. Its settings override the settings in all
   * files.
   */
  readonly startOptions?: TargetFile;
  /** The file pg_hba.conf. */
  readonly hba: FileState;
  /** The file pg_ident.conf. */
  readonly ident?: TargetFile;
  /**
   * The files and directories named by include lines and by `@files`. If not given, the plan warns that it did not
   * follow them.
   */
  readonly included?: IncludedFiles;
  /** The server's certificate (`ssl_cert_file`). */
  readonly certificate: TargetFile;
  /** The server's private key (`ssl_key_file`). */
  readonly privateKey: TargetFile;
  /** The root certificates that the server trusts for client certificates (`ssl_ca_file`). */
  readonly ca: TargetFile;
  /** The file of CRLs (`ssl_crl_file`). If the setting is empty, `root.crl` in the data directory. */
  readonly crl?: TargetFile;
  /**
   * The directory that `ssl_crl_dir` names (14 and later), or a directory that the caller of `readServer` gave for
   * CRLs. If this property is given, plans write new CRLs into this directory.
   */
  readonly crlDirectory?: CrlDirectoryState;
  /** Files in the data directory with names that this library uses: `server-<8 hexadecimal digits>.crt` and `.key`. */
  readonly ownFiles?: readonly FileState[];
  /** An unfinished change of the files, if there is one. No plan is possible until it is completed or rolled back. */
  readonly interrupted?: InterruptedApply;
}

/** The state of a client's directory, as `readClient` reads it. */
export interface ClientState {
  /** The path of the directory. */
  readonly directory: string;
  /** Whether the directory exists. */
  readonly exists: boolean;
  /** The owner of new files; the account that applies the plan if not given. */
  readonly owner?: Owner;
  /** The client's certificate. */
  readonly certificate: TargetFile;
  /** The client's private key. */
  readonly privateKey: TargetFile;
  /** The root certificates that the client trusts for the server's certificate. */
  readonly ca: TargetFile;
}
