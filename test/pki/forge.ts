import { certificatePem } from '../../src/pki/certificate.ts';
import type { Bytes } from '../../src/pki/der.ts';
import { completeEngine } from '../../src/pki/engine.ts';
import { authorityKeyIdentifier, subjectKeyIdentifier } from '../../src/pki/extensions.ts';
import { keyIdentifier } from '../../src/pki/issue.ts';
import { encodeName, parseName } from '../../src/pki/name.ts';
import { type PrivateKey, signerOf } from '../../src/pki/private-key.ts';
import { buildCertificate } from '../../src/pki/x509.ts';

/** A certificate that no authority here would issue, signed without a question. */
export interface Forgery {
  readonly subject: string;
  readonly issuer: string;
  readonly key: PrivateKey;
  readonly issuerKey: PrivateKey;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Beside the key identifiers. */
  readonly extensions: readonly Bytes[];
  readonly withoutIdentifiers?: boolean;
}

/** The certificate in PEM. */
export async function forge(forgery: Forgery): Promise<string> {
  const engine = await completeEngine();
  const day = 24 * 60 * 60 * 1000;
  const { publicKey } = signerOf(forgery.key);
  const issuer = signerOf(forgery.issuerKey);
  const identifiers =
    forgery.withoutIdentifiers === true
      ? []
      : [
          subjectKeyIdentifier(await keyIdentifier(publicKey, engine)),
          authorityKeyIdentifier(await keyIdentifier(issuer.publicKey, engine)),
        ];
  const der = await buildCertificate(
    {
      serialNumber: crypto
        .getRandomValues(new Uint8Array(8))
        .map((octet, i) => (i === 0 ? (octet & 0x3f) | 0x40 : octet)),
      subject: encodeName(parseName(forgery.subject)),
      issuer: encodeName(parseName(forgery.issuer)),
      notBefore: forgery.notBefore ?? new Date(Date.now() - day),
      notAfter: forgery.notAfter ?? new Date(Date.now() + day),
      publicKey,
      extensions: [...forgery.extensions, ...identifiers],
    },
    issuer,
  );
  return certificatePem(der);
}
