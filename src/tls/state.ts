import type { FileState, Owner, TargetFile } from '../disk/file-state.ts';
import type { PgMajor } from '../version.ts';

/** What a plan has to know of a server: contents, not a connection. `readServer` reads it from a disk. */
export interface ServerState {
  /** The server's major. */
  readonly version: PgMajor;
  /** The data directory: where relative paths of `ssl_…_file` begin. */
  readonly dataDirectory: string;
  /** The account that the server runs as: the owner of the data directory. New files get it. */
  readonly owner?: Owner;
  /** postgresql.conf. */
  readonly conf: FileState;
  /** postgresql.auto.conf, whose settings win over those of postgresql.conf. */
  readonly autoConf?: FileState;
  /** pg_hba.conf. */
  readonly hba: FileState;
  /** The server's certificate (`ssl_cert_file`). */
  readonly certificate: TargetFile;
  /** The server's private key (`ssl_key_file`). */
  readonly privateKey: TargetFile;
  /** The authorities that client certificates are checked against (`ssl_ca_file`). */
  readonly ca: TargetFile;
}

/** The directory of a client's files as it was found. `readClient` reads it from a disk. */
export interface ClientState {
  /** The directory. */
  readonly directory: string;
  /** Whether it is there already. */
  readonly exists: boolean;
  /** Owner of new files; the account that applies the plan if not given. */
  readonly owner?: Owner;
  /** The client's certificate. */
  readonly certificate: TargetFile;
  /** The client's private key. */
  readonly privateKey: TargetFile;
  /** The authorities that the server's certificate is checked against. */
  readonly ca: TargetFile;
}
