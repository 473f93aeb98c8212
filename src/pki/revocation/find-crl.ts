import { sameName } from '../../names/canonical-name.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { readKeyUsage } from '../certificate/extensions.ts';
import { isNamedAuthority } from '../certificate/issuer.ts';
import { covers, isUsable } from '../certificate/list-scope.ts';
import { isOver } from '../certificate/validity.ts';
import { verifyCrlSignature } from '../keys/x509.ts';
import type { CompleteProvider } from '../provider/provider.ts';
import type { Crl } from './crl.ts';

/** Why there is no list of an authority that counts. */
export type CrlProblemCode =
  | 'crl-missing'
  | 'crl-out-of-scope'
  | 'crl-not-signed'
  | 'crl-not-yet-valid'
  | 'crl-expired'
  | 'crl-unknown-critical-extension'
  | 'authority-lacks-crl-sign';

/** What is looked for. */
export interface CrlSearch {
  readonly authority: Certificate;
  /** The certificate that the list is to be about; any that the authority issued if not given. */
  readonly certificate: Certificate | undefined;
  readonly at: Date;
}

/** The list, or why there is none. */
export type CrlFinding = { readonly list: Crl } | { readonly problem: CrlProblemCode; readonly message: string };

/**
 * The list that OpenSSL goes by for what an authority has issued (`get_crl_sk` and `check_crl` in
 * crypto/x509/x509_vfy.c). Of several it takes one that is readable to it, in scope and in time before others, then the
 * one that began last; only what it has taken is checked, so that one bad list can hide a good one.
 */
export async function findCrl(
  lists: readonly Crl[],
  search: CrlSearch,
  provider: CompleteProvider,
): Promise<CrlFinding> {
  const { authority, at } = search;
  if (readKeyUsage(authority.extensions)?.includes('cRLSign') === false) {
    return problem(
      'authority-lacks-crl-sign',
      'its certificate lacks the key usage cRLSign, so that no list of it counts',
    );
  }
  const own = lists.filter((list) => isFor(list, authority) && isUsable(list.extensions));
  if (own.length === 0) return problem('crl-missing', 'there is no list of it; issue one, even if nothing is revoked');
  const list = own.reduce((best, next) => (isBetter(next, best, search) ? next : best));
  const { thisUpdate, nextUpdate } = list;
  if (!isInScope(list, search)) return problem('crl-out-of-scope', 'its list is about other certificates only');
  if (thisUpdate > at) return problem('crl-not-yet-valid', `its list begins only at ${thisUpdate.toISOString()}`);
  if (nextUpdate !== undefined && isOver(nextUpdate, at)) {
    return problem('crl-expired', `its list ended at ${nextUpdate.toISOString()}; issue a new one`);
  }
  if (!(await verifyCrlSignature(list.der, authority.publicKey, provider))) {
    return problem('crl-not-signed', 'its list is not signed by its key');
  }
  if (!list.hasUnknownCritical) return { list };
  return problem('crl-unknown-critical-extension', 'its list has a critical extension that OpenSSL does not know');
}

function problem(code: CrlProblemCode, message: string): CrlFinding {
  return { problem: code, message };
}

function isBetter(one: Crl, other: Crl, search: CrlSearch): boolean {
  const difference = rank(one, search) - rank(other, search);
  return difference > 0 || (difference === 0 && one.thisUpdate > other.thisUpdate);
}

function rank(list: Crl, search: CrlSearch): number {
  const isInTime =
    list.thisUpdate <= search.at && (list.nextUpdate === undefined || !isOver(list.nextUpdate, search.at));
  return (list.hasUnknownCritical ? 0 : 4) + (isInScope(list, search) ? 2 : 0) + (isInTime ? 1 : 0);
}

function isInScope(list: Crl, { certificate }: CrlSearch): boolean {
  return certificate === undefined || covers(list.extensions, certificate.extensions);
}

/** By name as OpenSSL compares names, and by what its authority key identifier says. */
function isFor(list: Crl, authority: Certificate): boolean {
  return sameName(list.issuer, authority.subject) && isNamedAuthority(authority, list.extensions);
}
