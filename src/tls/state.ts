import type { PgMajor } from '../version.ts';

/** An owner of files, as Unix knows it. */
export interface Owner {
  /** User id. */
  readonly uid: number;
  /** Group id. */
  readonly gid: number;
}

/** A file as it was found. */
export interface FileState {
  /** Its path. */
  readonly path: string;
  /** Its content. Not enumerable where it was read from disk, since it may be a private key. */
  readonly content: Uint8Array;
  /** Its permission bits, where they are known. */
  readonly mode?: number;
  /** Its owner, where it is known. */
  readonly owner?: Owner;
}

/** The path of a file that is not there (yet). */
export interface AbsentFile {
  /** The path at which it is missed. */
  readonly path: string;
  /** Nothing. */
  readonly content?: undefined;
}

/** A path, with the file that is there, if there is one. */
export type FileSlot = FileState | AbsentFile;

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
  readonly certificate: FileSlot;
  /** The server's private key (`ssl_key_file`). */
  readonly privateKey: FileSlot;
  /** The authorities that client certificates are checked against (`ssl_ca_file`). */
  readonly ca: FileSlot;
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
  readonly certificate: FileSlot;
  /** The client's private key. */
  readonly privateKey: FileSlot;
  /** The authorities that the server's certificate is checked against. */
  readonly ca: FileSlot;
}
