import 'reflect-metadata';
import { Extension, Name, Pkcs10CertificateRequestGenerator, X509CertificateGenerator } from '@peculiar/x509';
import { type Bytes, toHex } from '../../src/asn1/bytes.ts';
import type { CertificateContent } from '../../src/pki/issue/sign-certificate.ts';
import { type PrivateKey, signerOf } from '../../src/pki/keys/private-key.ts';

export { X509Certificate, X509Crl } from '@peculiar/x509';

/** Returns a certificate that @peculiar/x509 builds and signs. */
export async function buildCertificate(content: CertificateContent, key: PrivateKey): Promise<Bytes> {
  const { kind, crypto, signingKey } = await webCryptoOf(key);
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: toHex(content.serialNumber),
      issuer: new Name(content.issuer),
      subject: new Name(content.subject),
      notBefore: content.notBefore,
      notAfter: content.notAfter,
      publicKey: content.publicKey,
      signingKey,
      signingAlgorithm: kind.signature,
      extensions: content.extensions.map((der) => new Extension(der)),
    },
    crypto as never,
  );
  return new Uint8Array(certificate.rawData);
}

/** Returns a certificate request that @peculiar/x509 builds and signs. */
export async function buildRequest(
  { subject, extensions }: Pick<CertificateContent, 'subject' | 'extensions'>,
  key: PrivateKey,
): Promise<Bytes> {
  const { kind, crypto, signingKey } = await webCryptoOf(key);
  const publicHalf = await crypto.subtle.importKey('spki', signerOf(key).publicKey, kind.key, true, ['verify']);
  const request = await Pkcs10CertificateRequestGenerator.create(
    {
      name: new Name(subject),
      keys: { privateKey: signingKey, publicKey: publicHalf } as never,
      signingAlgorithm: kind.signature as never,
      extensions: extensions.map((der) => new Extension(der)),
    },
    crypto as never,
  );
  return new Uint8Array(request.rawData);
}

/** Returns the WebCrypto of a private key, and the private key as a CryptoKey of this WebCrypto. */
async function webCryptoOf(key: PrivateKey) {
  const { kind, provider } = signerOf(key);
  const crypto = await provider.webCrypto();
  const pkcs8 = Uint8Array.from(key.toDer());
  return {
    kind,
    crypto,
    signingKey: (await crypto.subtle.importKey('pkcs8', pkcs8, kind.key, true, ['sign'])) as never,
  };
}
