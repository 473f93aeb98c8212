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
  /** The class `AbortSignal`. */
  readonly AbortSignal: {
    /** The type of the instances of the class. */
    readonly prototype: T;
  };
}

/**
 * `AbortSignal` if the program's type libraries declare it, otherwise {@link AbortState}. The types of this library
 * therefore need neither Node's nor a browser's type libraries.
 */
export type Signal = typeof globalThis extends WithAbortSignal<infer T> ? T : AbortState;

/**
 * Throws if the signal is aborted. If `error` is an error of this library, the function does not throw, because that
 * error tells more.
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
