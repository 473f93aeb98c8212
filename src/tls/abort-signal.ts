import { PgHostsslError } from '../errors.ts';

/** The properties of an `AbortSignal` that this library reads. */
export interface AbortState {
  /** Whether the signal is aborted. */
  readonly aborted: boolean;
  /** The reason that the caller gave to `abort`. */
  readonly reason: unknown;
}

/** `globalThis` in a program whose type libraries declare `AbortSignal`: those of Node or of browsers. */
export interface WithAbortSignal<T> {
  /** The class `AbortSignal`. */
  readonly AbortSignal: {
    /** The type of its instances. */
    readonly prototype: T;
  };
}

/** `AbortSignal` if the program's type libraries declare it. The types of this library need neither Node's nor a browser's. */
export type Signal = typeof globalThis extends WithAbortSignal<infer T> ? T : AbortState;

/**
 * Throws if the signal is aborted. An error of this library says more than the abort, and is left to the caller.
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
