import type { crlProblemTable } from '../../codes.ts';
import { sameName } from '../../names/canonical-name.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { isNamedAuthority } from '../certificate/issuer.ts';
import { readKeyUsage } from '../certificate/key-usage.ts';
import { isOver } from '../certificate/validity.ts';
import { verifySignature } from '../keys/verify-signature.ts';
import type { CompleteProvider } from '../provider/provider.ts';
import type { Crl } from './crl.ts';
import { covers, isUsable } from './crl-scope.ts';

/** Why a CA has no CRL that OpenSSL accepts. */
export type CrlProblemCode = keyof typeof crlProblemTable;

/** The CRL to find. */
export interface CrlSearch {
  readonly authority: Certificate;
  /** The certificate that the CRL must be about; if not given, any that the CA issued. */
  readonly certificate: Certificate | undefined;
  readonly at: Date;
}

/** The CRL, or why there is none. */
export type CrlFinding = { readonly crl: Crl } | { readonly problem: CrlProblemCode; readonly message: string };

/**
 * Chooses the CRL that OpenSSL uses for the certificates of a CA: `get_crl_sk` and `check_crl` in crypto/x509/x509_vfy.c.
 * Of several CRLs it prefers one without unknown critical extensions, in scope and in time, then the one that begins
 * last. It checks only the CRL that it chose, so a bad CRL can hide a good one.
 */
export async function findCrl(
  crls: readonly Crl[],
  search: CrlSearch,
  provider: CompleteProvider,
): Promise<CrlFinding> {
  const { authority, at } = search;
  if (readKeyUsage(authority.extensions)?.includes('cRLSign') === false) {
    return problem(
      'authority-lacks-crl-sign',
      'its certificate lacks the key usage cRLSign, so OpenSSL accepts no CRL of this CA',
    );
  }
  const own = crls.filter((crl) => isFor(crl, authority) && isUsable(crl.extensions));
  if (own.length === 0) return problem('crl-missing', 'its CRL is missing; issue one, even if nothing is revoked');
  const crl = own.reduce((best, next) => (isBetter(next, best, search) ? next : best));
  const { thisUpdate, nextUpdate } = crl;
  if (!isInScope(crl, search)) return problem('crl-out-of-scope', 'its CRL is about other certificates only');
  if (thisUpdate > at) return problem('crl-not-yet-valid', `its CRL is valid only from ${thisUpdate.toISOString()} on`);
  if (nextUpdate !== undefined && isOver(nextUpdate, at)) {
    return problem('crl-expired', `its CRL expired at ${nextUpdate.toISOString()}; issue a new one`);
  }
  const verdict = await verifySignature(crl.der, authority.publicKey, provider);
  if (verdict === 'invalid') return problem('crl-not-signed', 'its CRL was not signed by the key of the CA');
  if (verdict === 'unsupported') {
    return problem('crl-signature-unsupported', 'the signature of its CRL is of an unknown kind');
  }
  if (!crl.hasUnknownCritical) return { crl };
  return problem('crl-unknown-critical-extension', 'its CRL has a critical extension that OpenSSL does not know');
}

function problem(code: CrlProblemCode, message: string): CrlFinding {
  return { problem: code, message };
}

function isBetter(one: Crl, other: Crl, search: CrlSearch): boolean {
  const difference = rank(one, search) - rank(other, search);
  return difference > 0 || (difference === 0 && one.thisUpdate > other.thisUpdate);
}

function rank(crl: Crl, search: CrlSearch): number {
  const isInTime = crl.thisUpdate <= search.at && (crl.nextUpdate === undefined || !isOver(crl.nextUpdate, search.at));
  return (crl.hasUnknownCritical ? 0 : 4) + (isInScope(crl, search) ? 2 : 0) + (isInTime ? 1 : 0);
}

function isInScope(crl: Crl, { certificate }: CrlSearch): boolean {
  return certificate === undefined || covers(crl.extensions, certificate.extensions);
}

/** Whether a CRL names a CA as its issuer: by name, and by its authority key identifier. */
function isFor(crl: Crl, authority: Certificate): boolean {
  return sameName(crl.issuer, authority.subject) && isNamedAuthority(authority, crl.extensions);
}
