import type { ClientBundle } from '../../client/index.ts';
import type { DiagnosticCode } from '../../codes.ts';
import type { PgMajor } from '../../version.ts';
import type { Owner } from '../state.ts';

/** A file that a plan writes. */
export interface PlannedWrite {
  /** Its path. */
  readonly path: string;
  /** What it is, for a person: `the server's private key`. */
  readonly what: string;
  /** Its whole new content. Not enumerable where it is secret: neither `util.inspect` nor JSON shows it. */
  readonly content: Uint8Array;
  /** Whether it holds a private key. */
  readonly secret: boolean;
  /** Permission bits; those of the file that is there if not given. */
  readonly mode?: number;
  /** Owner; that of the file that is there, else of who applies the plan, if not given. */
  readonly owner?: Owner;
  /** SHA-256 (hexadecimal) of the content that the plan was made from; not given where no file was there. */
  readonly expected?: string;
}

/** A directory that a plan makes. */
export interface PlannedDirectory {
  /** Its path. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** Owner; who applies the plan if not given. */
  readonly owner?: Owner;
}

/** What the server needs to see a change: nothing, to read its files anew (`pg_reload_conf()`), or a new start. */
export type ServerAction = 'none' | 'reload' | 'restart';

/** Something that whoever applies a plan should know. */
export interface PlanNote {
  /** Stable name of the matter. */
  readonly code: DiagnosticCode;
  /** A `warning` is about who can get in; an `info` about what else is needed. */
  readonly severity: 'warning' | 'info';
  /** What it is, and what to do. May be reworded between releases. */
  readonly message: string;
  /** The file that it is about. */
  readonly file?: string;
  /** 1-based line in that file as it was before the plan. */
  readonly line?: number;
}

/**
 * What is to be done, as data: nothing has been written yet. A plan is applied in the process that made it, since the
 * private keys in it are not part of what `JSON.stringify` shows.
 */
export interface TlsPlan {
  /** The server's major, for which the plan was made. */
  readonly version: PgMajor;
  /** The directories to make, in order, before any file. */
  readonly directories: readonly PlannedDirectory[];
  /** The files to write, in the order in which they are put in place: pg_hba.conf comes last. */
  readonly writes: readonly PlannedWrite[];
  /** What the server needs afterwards. */
  readonly action: ServerAction;
  /** The lines of pg_hba.conf that carry the plan, present before or not, without line ends. */
  readonly rules: readonly string[];
  /** What to know about it. */
  readonly notes: readonly PlanNote[];
  /** The client's side; its private key is not enumerable. */
  readonly client: ClientBundle;
}
