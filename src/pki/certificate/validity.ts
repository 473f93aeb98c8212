import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';

/** A period of validity to ask for. */
export interface Validity {
  /** First moment; if not given, an hour before now, because clocks differ, but not before that of the issuer. */
  readonly notBefore?: Date;
  /** Last moment; if not given, `days` from now on. */
  readonly notAfter?: Date;
  /** Days from now on, at most up to the end of the issuer; if not given, each kind of certificate has its own default. */
  readonly days?: number;
}

/** A period of validity, both ends in whole seconds. */
export interface Period {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const validityNames: PropertyNames<Validity> = { notBefore: true, notAfter: true, days: true };
const clockSkew = 60 * 60 * 1000;
const day = 24 * 60 * 60 * 1000;

/**
 * Chooses the period of validity. An end that is given in days is cut to the end of the issuer. One that is given as a
 * moment must not be after it.
 *
 * @throws PgHostsslError `issuer-expired`, `validity-invalid`, `argument-invalid`
 */
export function choosePeriod(validity: Validity, defaultDays: number, now: Date, issuer?: Period): Period {
  if (issuer !== undefined && (now < issuer.notBefore || now > issuer.notAfter)) {
    throw new PgHostsslError(
      'issuer-expired',
      `The CA certificate is valid from ${issuer.notBefore.toISOString()} to ${issuer.notAfter.toISOString()}, and now is ${now.toISOString()}`,
      { hint: 'Renew the CA first. Nobody accepts a certificate that it issues now.' },
    );
  }
  assertProperties(validity, validityNames, 'validity');
  const { days = defaultDays } = validity;
  if (typeof days !== 'number' || Number.isNaN(days)) throw invalid('days must be a number');
  const start =
    validity.notBefore ?? new Date(Math.max(now.getTime() - clockSkew, issuer?.notBefore.getTime() ?? -Infinity));
  const end = validity.notAfter ?? new Date(now.getTime() + days * day);
  const notBefore = wholeSeconds(start);
  const isCut = validity.notAfter === undefined && issuer !== undefined && end > issuer.notAfter;
  const notAfter = isCut ? issuer.notAfter : wholeSeconds(end);
  if (notBefore >= notAfter || notAfter <= now) {
    throw invalid(
      `The period from ${text(notBefore)} to ${text(notAfter)} is ${notBefore >= notAfter ? 'empty' : 'in the past'}`,
    );
  }
  if (issuer !== undefined && (notAfter > issuer.notAfter || notBefore < issuer.notBefore)) {
    throw invalid(
      `The period from ${text(notBefore)} to ${text(notAfter)} is not inside that of the CA, ${text(issuer.notBefore)} to ${text(issuer.notAfter)}`,
      'Ask for a shorter period, or renew the CA first.',
    );
  }
  return { notBefore, notAfter };
}

/**
 * Whether a certificate or CRL that is valid until `end` has expired. RFC 5280 includes the last second. OpenSSL
 * (`X509_cmp_time`) does not, and compares whole seconds.
 */
export function isOver(end: Date, at: Date): boolean {
  return Math.floor(at.getTime() / 1000) >= Math.floor(end.getTime() / 1000);
}

/**
 * Cuts a time to whole seconds.
 *
 * @throws PgHostsslError `validity-invalid` for a time that no certificate can hold
 */
export function wholeSeconds(time: Date): Date {
  if (!(time instanceof Date)) throw invalid('A time must be a Date');
  const year = time.getUTCFullYear();
  // UTCTime and GeneralizedTime together hold the years from 1950 to 9999 (RFC 5280 §4.1.2.5).
  if (!(year >= 1950 && year <= 9999)) throw invalid(`A certificate cannot hold the time ${text(time)}`);
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}

function invalid(what: string, hint?: string): PgHostsslError {
  return new PgHostsslError('validity-invalid', what, hint ? { hint } : {});
}

function text(time: Date): string {
  return Number.isNaN(time.getTime()) ? 'an invalid date' : time.toISOString();
}
