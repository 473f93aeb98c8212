import 'reflect-metadata';
import { Extension, Name, Pkcs10CertificateRequestGenerator, X509CertificateGenerator } from '@peculiar/x509';
import { type Bytes, toHex } from '../../src/asn1/bytes.ts';
import type { CertificateContent } from '../../src/pki/issue/sign-certificate.ts';
import type { Signer } from '../../src/pki/keys/private-key.ts';

export { X509Certificate, X509Crl } from '@peculiar/x509';

/** Returns a certificate that @peculiar/x509 builds and signs. */
export async function buildCertificate(content: CertificateContent, signer: Signer): Promise<Bytes> {
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: toHex(content.serialNumber),
      issuer: new Name(content.issuer),
      subject: new Name(content.subject),
      notBefore: content.notBefore,
      notAfter: content.notAfter,
      publicKey: content.publicKey,
      signingKey: signer.key as never,
      signingAlgorithm: signer.kind.signature,
      extensions: content.extensions.map((der) => new Extension(der)),
    },
    signer.provider.crypto as never,
  );
  return new Uint8Array(certificate.rawData);
}

/** Returns a certificate request that @peculiar/x509 builds and signs. */
export async function buildRequest(
  { subject, extensions }: Pick<CertificateContent, 'subject' | 'extensions'>,
  { kind, key, publicKey, provider }: Signer,
): Promise<Bytes> {
  const publicHalf = await provider.crypto.subtle.importKey('spki', publicKey, kind.key, true, ['verify']);
  const request = await Pkcs10CertificateRequestGenerator.create(
    {
      name: new Name(subject),
      keys: { privateKey: key, publicKey: publicHalf } as never,
      signingAlgorithm: kind.signature as never,
      extensions: extensions.map((der) => new Extension(der)),
    },
    provider.crypto as never,
  );
  return new Uint8Array(request.rawData);
}
