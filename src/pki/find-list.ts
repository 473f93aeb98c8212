import type { Certificate } from './certificate.ts';
import { equalBytes } from './der.ts';
import type { CompleteEngine } from './engine.ts';
import { readAuthorityKeyIdentifier, readKeyUsage, readSubjectKeyIdentifier } from './extensions.ts';
import { canonicalName } from './hash-name.ts';
import type { RevocationList } from './revocation-list.ts';
import { verifyRevocationListSignature } from './x509.ts';

/** Why there is no list of an authority that counts. */
export type ListProblemCode =
  | 'list-missing'
  | 'list-not-signed'
  | 'list-not-yet-valid'
  | 'list-expired'
  | 'authority-lacks-crl-sign';

/**
 * The list that OpenSSL goes by for what an authority has issued: signed by its key, begun, and not ended. Of several,
 * the one that lasts longest.
 */
export async function findList(
  lists: readonly RevocationList[],
  authority: Certificate,
  at: Date,
  engine: CompleteEngine,
): Promise<{ readonly list: RevocationList } | { readonly problem: ListProblemCode; readonly message: string }> {
  if (readKeyUsage(authority.extensions)?.includes('cRLSign') === false) {
    const message = 'its certificate lacks the key usage cRLSign, so that no list of it counts';
    return { problem: 'authority-lacks-crl-sign', message };
  }
  const own = lists.filter((list) => isFor(list, authority));
  if (own.length === 0) {
    return { problem: 'list-missing', message: 'there is no list of it; issue one, even if nothing is revoked' };
  }
  const verdicts = await Promise.all(
    own.map((list) => verifyRevocationListSignature(list.der, authority.publicKey, engine)),
  );
  const signed = own.filter((_, i) => verdicts[i]);
  if (signed.length === 0) return { problem: 'list-not-signed', message: 'its list is not signed by its key' };
  const begun = signed.filter(({ thisUpdate }) => thisUpdate <= at);
  if (begun.length === 0) {
    const message = `its list begins only at ${signed[0]!.thisUpdate.toISOString()}`;
    return { problem: 'list-not-yet-valid', message };
  }
  const list = begun.reduce((longest, next) => (endOf(next) > endOf(longest) ? next : longest));
  if (endOf(list) >= at.getTime()) return { list };
  return { problem: 'list-expired', message: `its list ended at ${list.nextUpdate!.toISOString()}; issue a new one` };
}

function endOf({ nextUpdate }: RevocationList): number {
  return nextUpdate?.getTime() ?? Number.POSITIVE_INFINITY;
}

/** By name as OpenSSL compares names, and by key identifier where both have one. */
function isFor(list: RevocationList, authority: Certificate): boolean {
  const identifier = readAuthorityKeyIdentifier(list.extensions);
  const own = readSubjectKeyIdentifier(authority.extensions);
  return (
    equalBytes(canonicalName(list.issuer), canonicalName(authority.subject)) &&
    (identifier === undefined || own === undefined || equalBytes(identifier, own))
  );
}
