import { PgHostsslError } from '../../errors.ts';

/** From when until when a certificate is to be valid. */
export interface Validity {
  /** First moment; if not given, an hour before now, since clocks differ, but not before the issuer's. */
  readonly notBefore?: Date;
  /** Last moment; if not given, it follows from `days`. */
  readonly notAfter?: Date;
  /** Days from now on; each kind of certificate has its own number if not given. */
  readonly days?: number;
}

/** A span of time, both ends in whole seconds. */
export interface Period {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const clockSkew = 60 * 60 * 1000;
const day = 24 * 60 * 60 * 1000;

/**
 * The period that was asked for, inside the issuer's: what was not asked for is cut to it, what was asked for must fit.
 *
 * @throws PgHostsslError `issuer-expired`, `validity-invalid`
 */
export function choosePeriod(validity: Validity, defaultDays: number, now: Date, issuer?: Period): Period {
  if (issuer !== undefined && (now < issuer.notBefore || now > issuer.notAfter)) {
    throw new PgHostsslError(
      'issuer-expired',
      `The authority's certificate is valid from ${issuer.notBefore.toISOString()} to ${issuer.notAfter.toISOString()}, and it is ${now.toISOString()}`,
      { hint: 'Renew the authority first: nobody would accept what it issues now.' },
    );
  }
  const asked = validity.notAfter !== undefined || validity.days !== undefined;
  const start =
    validity.notBefore ?? new Date(Math.max(now.getTime() - clockSkew, issuer?.notBefore.getTime() ?? -Infinity));
  const end = validity.notAfter ?? new Date(now.getTime() + (validity.days ?? defaultDays) * day);
  const notBefore = wholeSeconds(start);
  const notAfter = !asked && issuer !== undefined && end > issuer.notAfter ? issuer.notAfter : wholeSeconds(end);
  if (notBefore >= notAfter || notAfter <= now) {
    throw invalid(
      `the certificate would be valid from ${text(notBefore)} to ${text(notAfter)}, which is ${notBefore >= notAfter ? 'no time' : 'past'}`,
    );
  }
  if (issuer !== undefined && (notAfter > issuer.notAfter || notBefore < issuer.notBefore)) {
    throw invalid(
      `${text(notBefore)} to ${text(notAfter)} reaches past the authority's own ${text(issuer.notBefore)} to ${text(issuer.notAfter)}`,
      'Ask for less, or renew the authority first.',
    );
  }
  return { notBefore, notAfter };
}

/**
 * Whether a certificate or list that is valid until `end` is over. RFC 5280 counts its last second in, OpenSSL does not
 * (`X509_cmp_time`), and knows whole seconds only.
 */
export function isOver(end: Date, at: Date): boolean {
  return Math.floor(at.getTime() / 1000) >= Math.floor(end.getTime() / 1000);
}

/**
 * A time cut to whole seconds.
 *
 * @throws PgHostsslError `validity-invalid` for one that no certificate can hold
 */
export function wholeSeconds(time: Date): Date {
  const year = time.getUTCFullYear();
  // Certificates have two ways to write a year, and together they reach from 1950 to 9999 (RFC 5280 §4.1.2.5).
  if (!(year >= 1950 && year <= 9999)) throw invalid(`${text(time)} is no time that a certificate can hold`);
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}

function invalid(what: string, hint?: string): PgHostsslError {
  return new PgHostsslError('validity-invalid', `Validity: ${what}`, hint ? { hint } : {});
}

function text(time: Date): string {
  return Number.isNaN(time.getTime()) ? 'an invalid date' : time.toISOString();
}
