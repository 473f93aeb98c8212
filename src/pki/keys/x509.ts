// The polyfill must be there before the library is loaded; it throws otherwise. This is the only door to the library.
import './reflect.ts';

import {
  Extension,
  Name,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  X509Certificate,
  X509CertificateGenerator,
  X509Crl,
} from '@peculiar/x509';
import type { Bytes } from '../../asn1/der.ts';
import { toHex } from '../../asn1/der.ts';
import type { CompleteProvider } from '../provider/provider.ts';
import { kindOfKey } from './key-algorithms.ts';
import type { Signer } from './private-key.ts';
import { isSignatureDer } from './signature.ts';

/** What a certificate is to say, in DER where it has a choice. */
export interface CertificateContent {
  /** Big-endian, positive, without a sign octet. */
  readonly serialNumber: Bytes;
  readonly issuer: Bytes;
  readonly subject: Bytes;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Bytes;
  readonly extensions: readonly Bytes[];
}

/** The certificate in DER, signed. */
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

/** Whether a certificate's signature was made with the private half of this key; says nothing of dates. */
export async function verifyCertificateSignature(
  certificate: Bytes,
  publicKey: Bytes,
  provider: CompleteProvider,
): Promise<boolean> {
  return isVerified(certificate, () =>
    new X509Certificate(certificate).verify({ publicKey, signatureOnly: true }, provider.crypto as never),
  );
}

/** A certificate request in DER, signed with the key that it is about. */
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

/** Whether a certificate request was signed with the private half of the key that it is about. */
export async function verifyRequestSignature(request: Bytes, provider: CompleteProvider): Promise<boolean> {
  return isVerified(request, () => new Pkcs10CertificateRequest(request).verify(provider.crypto as never));
}

/** Whether a revocation list's signature was made with the private half of this key; says nothing of dates. */
export async function verifyCrlSignature(list: Bytes, publicKey: Bytes, provider: CompleteProvider): Promise<boolean> {
  return isVerified(list, async () => {
    const parsed = new X509Crl(list);
    // Imported here, because the library would do it with the global WebCrypto.
    const algorithm = { ...kindOfKey(publicKey).key, ...parsed.signatureAlgorithm };
    const key = await provider.crypto.subtle.importKey('spki', publicKey, algorithm, true, ['verify']);
    return parsed.verify({ publicKey: key as never }, provider.crypto as never);
  });
}

/** A signature of a kind, or by a key, that the library or the provider does not know is not one that was verified. */
async function isVerified(structure: Bytes, verify: () => Promise<boolean>): Promise<boolean> {
  try {
    return isSignatureDer(structure) && (await verify());
  } catch {
    return false;
  }
}
