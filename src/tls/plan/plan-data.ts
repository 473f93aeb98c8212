import type { ClientBundle } from '../../client/index.ts';
import type { WithContent } from '../../disk/content.ts';
import type { Owner } from '../../disk/file-state.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { PgMajor } from '../../version.ts';

/**
 * The part of a change that a write belongs to:
 * - `new-file`: nothing reads this file before a later step names it
 * - `server-file`: a certificate or root file that the server reads already; it is replaced in one rename
 * - `client`: a file in the client's directory
 * - `postgresql.conf`, `pg_hba.conf`: the configuration, files that they include among them
 */
export type PlanStep = 'new-file' | 'server-file' | 'client' | 'postgresql.conf' | 'pg_hba.conf';

/** A file that a plan writes. */
export interface PlannedWrite extends WithContent {
  /** Its path. */
  readonly path: string;
  /** The path that symbolic links lead to, where it is known and differs from `path`. */
  readonly realPath?: string;
  /** The part of the change that it belongs to. */
  readonly step: PlanStep;
  /** The file in words for a person: `the server's private key`. */
  readonly what: string;
  /** Whether the file holds a private key. */
  readonly secret: boolean;
  /** Permission bits; those of the file that is there if not given. */
  readonly mode?: number;
  /** Owner. If not given: the owner of the file that is there, or else the account that applies the plan. */
  readonly owner?: Owner;
  /** SHA-256 (hexadecimal) of the content that the plan was made from; not given if no file was there. */
  readonly expected?: string;
}

/** A directory that a plan makes. */
export interface PlannedDirectory {
  /** Its path. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** Owner; the account that applies the plan if not given. */
  readonly owner?: Owner;
}

/** A file that a plan removes: always one that this library made under a name of its own. */
export interface PlannedRemoval {
  /** Its path. */
  readonly path: string;
  /** SHA-256 (hexadecimal) of its content. A file with another content stays. */
  readonly sha256: string;
  /** The file in words for a person: `the server's former private key`. */
  readonly what: string;
}

/** A file or directory that was read for a plan. The plan holds only as long as all of them are as they were. */
export interface Precondition {
  /** Its path. */
  readonly path: string;
  /** Whether the content of a file counts, or the names in a directory. */
  readonly kind: 'file' | 'directory';
  /** SHA-256 (hexadecimal) of the file's content, or of the sorted names in the directory; null if there was none. */
  readonly sha256: string | null;
}

/** What the server needs to take over a change: nothing, a reload (`pg_reload_conf()`), or a new start. */
export type ServerAction = 'none' | 'reload' | 'restart';

/**
 * A change of a server's and a client's files, as data: nothing has been written yet. A plan is applied in the process
 * that made it, because no serialized form contains its private keys. `JSON.stringify` gives a record for review. Its
 * JSON Schema is `pg-hostssl/plan.schema.json`.
 */
export interface TlsPlan {
  /** What the plan does, in one sentence without its full stop. */
  readonly summary: string;
  /** The server's major version, for which the plan was made. */
  readonly version: PgMajor;
  /** The server's data directory. */
  readonly dataDirectory: string;
  /** The client's directory, if the plan is about one. */
  readonly clientDirectory?: string;
  /** What was read for the plan, targets included, each path once. */
  readonly preconditions: readonly Precondition[];
  /** The directories to make, in order, before any file. */
  readonly directories: readonly PlannedDirectory[];
  /**
   * The files to write, in the order in which they replace their targets. A server that starts or reloads between two of
   * them works: new files come first, then the client's files, postgresql.conf and pg_hba.conf.
   */
  readonly writes: readonly PlannedWrite[];
  /** The files to remove after all writes, when the server is known to use the new files. */
  readonly removals: readonly PlannedRemoval[];
  /** What the server needs afterwards. */
  readonly action: ServerAction;
  /** The lines of pg_hba.conf that carry the plan, present before or not, without line ends. */
  readonly rules: readonly string[];
  /**
   * Diagnostics for the user of the plan: a `warning` is about who can log in, an `info` about what else is needed. Lines are
   * those of the files before the plan. A diagnostic about a whole file has an empty range at the start of the file.
   */
  readonly diagnostics: readonly Diagnostic[];
  /** The client's side, if the plan gives a client certificates. */
  readonly client?: ClientBundle;
  /** Requests for certificates that a CA elsewhere is to issue. */
  readonly requests?: readonly PlannedRequest[];
}

/** A certificate request of a plan. */
export interface PlannedRequest {
  /** Whose certificate it asks for. */
  readonly holder: 'server' | 'client';
  /** The request for the CA: PKCS#10, PEM. It holds no secret. */
  readonly request: string;
}

/** A plan that asks a CA for certificates. */
export interface CertificateRequestPlan extends TlsPlan {
  /** The requests, that of the server first. */
  readonly requests: readonly PlannedRequest[];
}

/** A plan that lets a user in with a client certificate. */
export interface ClientCertificatePlan extends TlsPlan {
  /** The client's side: that of the request's connection. */
  readonly client: ClientBundle;
  /** The sides of all clients: that of the connection, then those of `users`, in their order. */
  readonly clients: readonly ClientBundle[];
}
