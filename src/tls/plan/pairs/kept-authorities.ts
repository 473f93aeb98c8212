import { unlessInvalid } from '../../../errors.ts';
import { type Certificate, certificatePem, damageOf, loadCertificates } from '../../../pki/certificate/certificate.ts';
import { isIssuerOf, isSameHolder, isSelfSigned } from '../../../pki/certificate/issuer.ts';
import { isOver } from '../../../pki/certificate/validity.ts';
import { maxPathLength } from '../../../pki/verify/find-path.ts';

/**
 * A new chain, followed by the CA certificates of the present chain that belong above the new chain and that the
 * request's CA was loaded without: its cross certificates, and the intermediate CA certificates up to the root. A peer
 * that trusts only the root above them needs them. If the new chain has a certificate of a CA, it replaces the present
 * certificate of this CA. Certificates behind the longest path that OpenSSL follows are left out.
 */
export function withAuthoritiesOf(present: string, chain: string, now: Date): string {
  const sent = loadCertificates(chain);
  const found: Certificate[] = [];
  let rest = (unlessInvalid(() => loadCertificates(present)) ?? [])
    .slice(1, maxPathLength)
    .filter(
      (one) =>
        damageOf(one) === undefined &&
        !isSelfSigned(one) &&
        !isOver(one.notAfter, now) &&
        !sent.some((other) => isSameHolder(one, other)),
    );
  for (let above: readonly Certificate[] = sent; above.length > 0; found.push(...above)) {
    const below = above;
    above = rest.filter((one) => below.some((other) => isIssuerOf(one, other)));
    rest = rest.filter((one) => !above.includes(one));
  }
  return chain + found.map(({ der }) => certificatePem(der)).join('');
}
