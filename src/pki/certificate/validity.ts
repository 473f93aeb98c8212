import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import type { OpensslRules } from './openssl-rules.ts';

/** The period of validity that a caller asks for. */
export interface Validity {
  /**
   * First moment of validity. If not given, one hour before now, because clocks differ, but not before the first moment
   * of the issuer's validity.
   */
  readonly notBefore?: Date | undefined;
  /** Last moment of validity; if not given, `days` from now. */
  readonly notAfter?: Date | undefined;
  /**
   * The number of days of validity from now. The end of the issuer's validity limits it. If not given, each kind of
   * certificate has its own default.
   */
  readonly days?: number | undefined;
}

/** A period of validity. Start and end are whole seconds. */
export interface Period {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const validityNames: PropertyNames<Validity> = { notBefore: true, notAfter: true, days: true };
const clockSkew = 60 * 60 * 1000;
/** A day in milliseconds. */
export const day: number = 24 * 60 * 60 * 1000;

/**
 * Chooses the period of validity. If `days` gives an end after the end of the issuer, the end of the issuer is used
 * instead. If `notAfter` is after the end of the issuer, the function throws.
 *
 * @throws PgHostsslError `issuer-expired`, `validity-invalid`, `argument-invalid`
 */
export function choosePeriod(validity: Validity, defaultDays: number, now: Date, issuer?: Period): Period {
  if (issuer !== undefined && (now < issuer.notBefore || now > issuer.notAfter)) {
    throw new PgHostsslError(
      'issuer-expired',
      `The CA certificate is valid from ${issuer.notBefore.toISOString()} to ${issuer.notAfter.toISOString()}, and now is ${now.toISOString()}`,
      { hint: 'Renew the CA certificate first. Nobody would accept a certificate that the CA issues now.' },
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
    const isEmpty = notBefore >= notAfter;
    throw invalid(
      `The period from ${text(notBefore)} to ${text(notAfter)} is ${isEmpty ? 'empty' : 'in the past'}`,
      isEmpty
        ? undefined
        : 'Give a later end. For a test with an expired certificate or CRL, give an earlier clock (`provider.now`).',
    );
  }
  if (issuer !== undefined && (notAfter > issuer.notAfter || notBefore < issuer.notBefore)) {
    throw invalid(
      `The period from ${text(notBefore)} to ${text(notAfter)} is not within the validity of the CA certificate, ${text(issuer.notBefore)} to ${text(issuer.notAfter)}`,
      'Ask for a shorter period, or renew the CA first.',
    );
  }
  return { notBefore, notAfter };
}

/**
 * Whether a certificate or CRL that is valid until `end` has expired at a moment. RFC 5280 counts the second of `end`
 * as valid, as OpenSSL 4 does. Older versions (`X509_cmp_time`) do not, and neither does this function without rules.
 */
export function isOver(end: Date, at: Date, rules?: Pick<OpensslRules, 'includesLastSecond'>): boolean {
  const since = Math.floor(at.getTime() / 1000) - Math.floor(end.getTime() / 1000);
  return rules?.includesLastSecond === true ? since > 0 : since >= 0;
}

/**
 * Cuts the fraction of a second off a time.
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
  return new PgHostsslError('validity-invalid', what, { hint });
}

function text(time: Date): string {
  return Number.isNaN(time.getTime()) ? 'an invalid date' : time.toISOString();
}
