import type { FileState, Owner, TargetFile } from '../disk/file-state.ts';
import type { DirectoryState, IncludedFiles } from '../disk/included-files.ts';
import type { PgMajor } from '../version.ts';

/** A change of a server's files that has begun and not ended. */
export interface InterruptedApply {
  /**
   * How far the change got. `staging`: new files are created beside their targets. `switching`: targets are replaced. `back`:
   * targets get their former files back. `finishing`: all targets are as planned, and former files are removed.
   */
  readonly state: 'staging' | 'switching' | 'back' | 'finishing';
  /** When the change began, in ISO 8601. */
  readonly started: string;
  /** The files that the change creates, replaces or removes. */
  readonly paths: readonly string[];
  /** Whether the process that makes the change still runs. If so, wait until it ends. */
  readonly isRunning: boolean;
  /** The directions that `recoverApply` can take. */
  readonly directions: readonly ('complete' | 'rollback')[];
}

/** A directory of certificate revocation lists (`ssl_crl_dir`, 14 and later). */
export interface CrlDirectoryState extends DirectoryState {
  /** The path that symbolic links lead to, where it is known and differs from `path`. */
  readonly realPath?: string;
  /** The files whose names OpenSSL looks for: `<hash of the issuer>.r0` and so on. */
  readonly files: readonly FileState[];
}

/** All facts about a server that a plan needs: contents of files, not a connection. `readServer` reads them from a disk. */
export interface ServerState {
  /** The server's major version. */
  readonly version: PgMajor;
  /** PG_VERSION, if the version was read from it. */
  readonly versionFile?: FileState;
  /** The data directory, from which relative paths of `ssl_…_file` start. New certificates and keys are planned here. */
  readonly dataDirectory: string;
  /** The account that the server runs as: the owner of the data directory. New files get it. */
  readonly owner?: Owner;
  /** postgresql.conf. */
  readonly conf: FileState;
  /** postgresql.auto.conf, whose settings win over those of postgresql.conf. */
  readonly autoConf?: FileState;
  /** postmaster.opts, the command line of the server's last start. Its settings win over those of all files. */
  readonly startOptions?: TargetFile;
  /** pg_hba.conf. */
  readonly hba: FileState;
  /** pg_ident.conf. */
  readonly ident?: TargetFile;
  /**
   * The files and directories that include lines and `@files` name. Without it the plan warns that it did not follow
   * them.
   */
  readonly included?: IncludedFiles;
  /** The server's certificate (`ssl_cert_file`). */
  readonly certificate: TargetFile;
  /** The server's private key (`ssl_key_file`). */
  readonly privateKey: TargetFile;
  /** The root certificates that client certificates are checked against (`ssl_ca_file`). */
  readonly ca: TargetFile;
  /** The certificate revocation lists (`ssl_crl_file`); `root.crl` in the data directory if the setting is empty. */
  readonly crl?: TargetFile;
  /** The directory in `ssl_crl_dir` (14 and later), or the directory that plans set it to. Plans then write new CRLs there. */
  readonly crlDirectory?: CrlDirectoryState;
  /** Files in the data directory with names that this library gives: `server-<8 hexadecimal digits>.crt` and `.key`. */
  readonly ownFiles?: readonly FileState[];
  /** A change of its files that has begun and not ended, if there is one. No plan is made then. */
  readonly interrupted?: InterruptedApply;
}

/** The directory of a client's files as it was found. `readClient` reads it from a disk. */
export interface ClientState {
  /** The directory. */
  readonly directory: string;
  /** Whether the directory exists. */
  readonly exists: boolean;
  /** Owner of new files; the account that applies the plan if not given. */
  readonly owner?: Owner;
  /** The client's certificate. */
  readonly certificate: TargetFile;
  /** The client's private key. */
  readonly privateKey: TargetFile;
  /** The root certificates that the server's certificate is checked against. */
  readonly ca: TargetFile;
}
