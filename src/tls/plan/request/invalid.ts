import { errorFrom, PgHostsslError } from '../../../errors.ts';

/** The error for an invalid property of a request. */
export function invalid(name: string, what: string, hint?: string): PgHostsslError {
  return new PgHostsslError('argument-invalid', `The property ${name} of the request ${what}`, { hint });
}

/**
 * Reads the value of a property of a request.
 *
 * @throws PgHostsslError with the code of the error that the function throws; the message names the property
 */
export function inProperty<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw naming(name, error);
  }
}

/** Does the same as {@link inProperty} with a function that returns a promise. */
export async function readInProperty<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw naming(name, error);
  }
}

function naming(name: string, error: unknown): unknown {
  if (!(error instanceof PgHostsslError)) return error;
  return errorFrom(error, { before: `The property ${name} of the request is not usable: ` });
}
