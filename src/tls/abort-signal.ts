import { PgHostsslError } from '../errors.ts';

/** The properties of an `AbortSignal` that this library uses. */
export interface AbortState {
  /** Whether the signal is aborted. */
  readonly aborted: boolean;
  /** The reason that the caller gave to `abort`. */
  readonly reason: unknown;
}

/** `globalThis` in a program whose type libraries (Node's or a browser's) declare `AbortSignal`. */
export interface WithAbortSignal<T> {
  /** The global class `AbortSignal`. */
  readonly AbortSignal: {
    /** The type of an `AbortSignal` object. */
    readonly prototype: T;
  };
}

/**
 * `AbortSignal` if the type libraries of the program declare this class, otherwise {@link AbortState}. A program
 * therefore needs neither Node's nor a browser's type libraries to compile with the types of this library.
 */
export type Signal = typeof globalThis extends WithAbortSignal<infer T> ? T : AbortState;

/**
 * Throws if the signal is aborted. If `error` is a `PgHostsslError`, the function does not throw, because that error
 * says more than the abort.
 *
 * @throws PgHostsslError `apply-aborted`
 */
export function assertNotAborted(signal: AbortState | undefined, error?: unknown): void {
  if (!signal?.aborted || error instanceof PgHostsslError) return;
  throw new PgHostsslError('apply-aborted', 'The work was aborted', {
    hint: 'Nothing was written.',
    cause: error ?? signal.reason,
  });
}
