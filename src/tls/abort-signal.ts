import { assertMethods } from '../arguments.ts';
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
 * Checks an `AbortSignal` for callers without type checks. `undefined` is valid.
 *
 * @param what the name of the signal for error messages, such as "signal of applyPlan"
 * @throws PgHostsslError `argument-invalid`
 */
export function assertSignal(signal: unknown, what: string): void {
  const methods = ['throwIfAborted', 'addEventListener', 'removeEventListener'];
  if (signal !== undefined) assertMethods(signal, methods, what);
}

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
