import { PgHostsslError } from '../errors.ts';

/** What is used of an `AbortSignal`. */
export interface AbortState {
  /** Whether it is aborted. */
  readonly aborted: boolean;
  /** Why. */
  readonly reason: unknown;
}

/** The global object of a program whose types have an `AbortSignal`: those of Node or of browsers. */
export interface WithAbortSignal<T> {
  /** The class. */
  readonly AbortSignal: {
    /** Its instances. */
    readonly prototype: T;
  };
}

/** An `AbortSignal`, where the program's types have one; the library's own types need neither Node's nor a browser's. */
export type Signal = typeof globalThis extends WithAbortSignal<infer T> ? T : AbortState;

/**
 * Ends the work if the signal is aborted, and nothing better is known.
 *
 * @throws PgHostsslError `apply-aborted`
 */
export function assertNotAborted(signal: AbortState | undefined, error?: unknown): void {
  if (!signal?.aborted || error instanceof PgHostsslError) return;
  throw new PgHostsslError('apply-aborted', 'The work was ended', {
    hint: 'Nothing was written.',
    cause: error ?? signal.reason,
  });
}
