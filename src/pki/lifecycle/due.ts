import { shownValue } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import type { Period } from '../certificate/validity.ts';

/** The default of the option `lifePart`. */
const defaultLifePart = 2 / 3;

/**
 * Checks the option `lifePart`: the part of its period of validity after which a certificate or CRL is due for renewal.
 * At 1, a certificate would be due only at its end.
 *
 * @param what the name of the option for the error message
 * @throws PgHostsslError `argument-invalid`
 */
export function assertLifePart(lifePart: unknown, what: string): void {
  if (lifePart === undefined || (typeof lifePart === 'number' && lifePart > 0 && lifePart < 1)) return;
  const message = `${what} must be a number that is more than 0 and less than 1; got ${shownValue(lifePart)}`;
  throw new PgHostsslError('argument-invalid', message);
}

/** The moment from which on a certificate or CRL is due for renewal. */
export function dueFrom({ notBefore, notAfter }: Period, lifePart: number = defaultLifePart): Date {
  const life = notAfter.getTime() - notBefore.getTime();
  return new Date(notBefore.getTime() + life * lifePart);
}

/**
 * Whether a plan renews a certificate or CRL: it is due, or its period has not begun, because a clock was wrong when it
 * was issued. An earlier end of its CA does not count, because the CA issues nothing that is valid longer than the CA.
 */
export function needsRenewal(period: Period, now: Date, lifePart?: number): boolean {
  return now < period.notBefore || now >= dueFrom(period, lifePart);
}
