import { derInteger } from '../../src/asn1/der.ts';
import { extension } from '../../src/pki/certificate/extensions.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { forgeList } from './forge.ts';
import { openssl, withoutOpenssl } from './openssl.ts';

/** Whether the openssl command ignores delta CRLs, as new versions do. Versions up to 3.0.20 take them for complete. */
export const ignoresDeltas: boolean = withoutOpenssl === false && !(await acceptsDelta());

async function acceptsDelta(): Promise<boolean> {
  const authority = await CertificateAuthority.create({ subject: '/CN=Root' });
  const { chain } = await authority.issueClientCertificate({ user: 'alice' });
  const delta = await forgeList({
    issuer: 'CN=Root',
    issuerKey: authority.privateKey,
    thisUpdate: new Date(Date.now() - 60_000),
    nextUpdate: new Date(Date.now() + 60_000),
    revoked: [],
    extensions: [extension('2.5.29.27', derInteger(1), { critical: true })],
  });
  const files = { root: authority.certificate, leaf: chain, delta };
  return openssl(['verify', '-CAfile', 'root', '-crl_check', '-CRLfile', 'delta', 'leaf'], files).ok;
}
