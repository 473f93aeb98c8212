import { shownValue } from '../arguments.ts';
import { PgHostsslError } from '../errors.ts';

/** The longest delay of `setTimeout` in milliseconds, 24.8 days. A timer with a longer delay fires at once. */
const longestTimer = 2 ** 31 - 1;

/**
 * Checks a time limit. A caller without type checks may pass another value.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertLimit(limit: unknown, what: string): void {
  if (limit === undefined || (typeof limit === 'number' && limit >= 0)) return;
  throw new PgHostsslError('argument-invalid', `${what} must be a number of milliseconds; got ${shownValue(limit)}`, {
    hint: 'Give a number that is not negative, or Infinity.',
  });
}

/** A step that may take a limited time. */
interface LimitedStep {
  /** The name of the step for the error, such as "verify". */
  readonly name: string;
  /** The time limit in milliseconds. */
  readonly limit: number;
  /** A signal that stops the waiting. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls a function, and waits for its result until the time limit ends or the signal is aborted. In both cases, the
 * signal that the function gets is aborted.
 *
 * @throws Error that names the time limit, or the reason with which the signal was aborted
 */
export async function withinLimit<T>(step: LimitedStep, run: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(step.signal?.reason);
  const timer = setTimeout(
    () => {
      controller.abort(new Error(`${step.name} took longer than ${step.limit} ms`));
    },
    Math.min(step.limit, longestTimer),
  );
  step.signal?.addEventListener('abort', abort, { once: true });
  if (step.signal?.aborted) abort();
  try {
    const aborted = new Promise<never>((_, reject) => {
      const fail = (): void => reject(controller.signal.reason);
      controller.signal.addEventListener('abort', fail, { once: true });
      if (controller.signal.aborted) fail();
    });
    aborted.catch(() => undefined);
    controller.signal.throwIfAborted();
    return await Promise.race([Promise.resolve(run(controller.signal)), aborted]);
  } finally {
    clearTimeout(timer);
    step.signal?.removeEventListener('abort', abort);
  }
}
