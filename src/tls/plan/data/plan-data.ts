import type { ClientBundle } from '../../../client/bundle/bundle.ts';
import type { Owner } from '../../../disk/file-state.ts';
import type { Diagnostic } from '../../../text/diagnostic.ts';
import type { PgMajor } from '../../../version.ts';
import type { WithContent } from '../../../with-content.ts';

/**
 * The part of a change to which a write belongs:
 * - `new-file`: a file that nobody reads before a later write names it
 * - `server-file`: a certificate or root file that the server already reads; one rename replaces it
 * - `client`: a file in the client's directory
 * - `postgresql.conf`, `pg_hba.conf`: the configuration, including files that these two include
 */
export type PlanStep = 'new-file' | 'server-file' | 'client' | 'postgresql.conf' | 'pg_hba.conf';

/** A file that a plan writes. */
export interface PlannedWrite extends WithContent {
  /** The path of the file. */
  readonly path: string;
  /** The path with all symbolic links resolved, if it is known and differs from `path`. */
  readonly realPath?: string;
  /** The part of the change to which the write belongs. */
  readonly step: PlanStep;
  /** A description of the file for a person, such as `the server's private key`. */
  readonly what: string;
  /** Whether the file holds a private key. */
  readonly secret: boolean;
  /** The permission bits. If not given, the file keeps the permission bits of the existing file. */
  readonly mode?: number;
  /** The owner. If not given, the owner of the existing file, or else the account that applies the plan. */
  readonly owner?: Owner;
  /** SHA-256 (hexadecimal) of the file's content at the time of planning. Not given if the file did not exist. */
  readonly expected?: string;
}

/** A directory that a plan makes. */
export interface PlannedDirectory {
  /** The path of the directory. */
  readonly path: string;
  /** The permission bits. */
  readonly mode: number;
  /** The owner; the account that applies the plan if not given. */
  readonly owner?: Owner;
}

/** A file that a plan removes. It is always a file that an earlier plan of this library wrote. */
export interface PlannedRemoval {
  /** The path of the file. */
  readonly path: string;
  /**
   * SHA-256 (hexadecimal) of the file's content. If the file has another content when the plan is applied, the file
   * stays.
   */
  readonly sha256: string;
  /** A description of the file for a person, such as `the server's former private key`. */
  readonly what: string;
}

/** A file or directory that was read for a plan. The plan can be applied only while all of them are unchanged. */
export interface Precondition {
  /** The path of the file or directory. */
  readonly path: string;
  /** `file`: the content of the file must be unchanged. `directory`: the names in the directory must be unchanged. */
  readonly kind: 'file' | 'directory';
  /**
   * SHA-256 (hexadecimal) of the file's content, or of the sorted names in the directory. `null` if the file or
   * directory did not exist.
   */
  readonly sha256: string | null;
}

/** The action that makes the server use a change: none, a reload (`pg_reload_conf()`), or a restart. */
export type ServerAction = 'none' | 'reload' | 'restart';

/**
 * A change of a server's and a client's files, as data. Nothing has been written yet. A plan must be applied in the
 * process that made it, because no serialized form of a plan contains its private keys. `JSON.stringify` makes a record
 * for review, whose JSON Schema is `pg-hostssl/plan.schema.json`.
 */
export interface TlsPlan {
  /** One sentence that says what the plan does, without a full stop. */
  readonly summary: string;
  /** The server's major version. The plan is valid only for this version. */
  readonly version: PgMajor;
  /** The path of the server's data directory. */
  readonly dataDirectory: string;
  /** The path of the client's directory, if the plan includes a client. */
  readonly clientDirectory?: string;
  /** The files and directories that were read for the plan, including target files. Each path occurs once. */
  readonly preconditions: readonly Precondition[];
  /** The directories to make before any file is written, in order. */
  readonly directories: readonly PlannedDirectory[];
  /**
   * The files to write, in the order in which they replace their targets. A server works if it starts or reloads
   * between two writes: new files come first, then files that the server already reads, the client's files,
   * postgresql.conf and pg_hba.conf.
   */
  readonly writes: readonly PlannedWrite[];
  /** The files to remove after all writes, once it is known that the server uses the new files. */
  readonly removals: readonly PlannedRemoval[];
  /** The action that makes the server use the changed files: none, a reload or a restart. */
  readonly action: ServerAction;
  /** The lines of pg_hba.conf that the plan needs, whether they existed before or not. They have no line ends. */
  readonly rules: readonly string[];
  /**
   * Diagnostics for the user of the plan. An `error` says that the server refuses a file or setting as before the plan,
   * and may not load the plan's files because of it. A `warning` is about who can log in. An `info` names something
   * else that the user must do. Line numbers refer to the files before the plan. A diagnostic about a whole file has an
   * empty range at the start of the file.
   */
  readonly diagnostics: readonly Diagnostic[];
  /** The client's bundle, if the plan gives a client certificates. */
  readonly client?: ClientBundle;
  /**
   * The bundles of all clients, if the plan gives clients certificates for a `connection` and for `users`: first the
   * bundle for `connection`, then the bundles for `users`, in their order.
   */
  readonly clients?: readonly ClientBundle[];
  /** Requests for certificates that a CA on another machine has to issue. */
  readonly requests?: readonly PlannedRequest[];
}

/** A certificate request of a plan. */
export interface PlannedRequest {
  /** The holder of the requested certificate. */
  readonly holder: 'server' | 'client';
  /** The request for the CA: PKCS#10, PEM. It holds no secret. */
  readonly request: string;
}

/** A plan that requests certificates from a CA. */
export interface CertificateRequestPlan extends TlsPlan {
  /** The requests, the server's request first. */
  readonly requests: readonly PlannedRequest[];
}

/** A plan that lets a user in with a client certificate. */
export interface ClientCertificatePlan extends TlsPlan {
  /** The client's bundle for the `connection` of the request. */
  readonly client: ClientBundle;
  /** The bundles of all clients: first the bundle for `connection`, then the bundles for `users`, in their order. */
  readonly clients: readonly ClientBundle[];
}
