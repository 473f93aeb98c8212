// The only door to @peculiar/x509. The Reflect polyfill must be loaded before it, or it throws. A stub would not do:
// `reflect-metadata` of the host application would find the stub in its place, and break.
import 'reflect-metadata';

import { Pkcs10CertificateRequest, X509Certificate, X509Crl } from '@peculiar/x509';
import type { Bytes } from '../../asn1/bytes.ts';
import type { CompleteProvider } from '../provider/provider.ts';
import { kindOfKey } from './key-algorithms.ts';
import { isSignatureDer } from './signature.ts';

/** Whether the private half of this key signed a certificate. Dates are not checked. */
export async function verifyCertificateSignature(
  certificate: Bytes,
  publicKey: Bytes,
  provider: CompleteProvider,
): Promise<boolean> {
  return isVerified(certificate, () =>
    new X509Certificate(certificate).verify({ publicKey, signatureOnly: true }, provider.crypto as never),
  );
}

/** Whether the private half of the key in a certificate request signed the request. */
export async function verifyRequestSignature(request: Bytes, provider: CompleteProvider): Promise<boolean> {
  return isVerified(request, () => new Pkcs10CertificateRequest(request).verify(provider.crypto as never));
}

/** Whether the private half of this key signed a CRL. Dates are not checked. */
export async function verifyCrlSignature(crl: Bytes, publicKey: Bytes, provider: CompleteProvider): Promise<boolean> {
  return isVerified(crl, async () => {
    const parsed = new X509Crl(crl);
    // The library would import the key with the global WebCrypto.
    const algorithm = { ...kindOfKey(publicKey).key, ...parsed.signatureAlgorithm };
    const key = await provider.crypto.subtle.importKey('spki', publicKey, algorithm, true, ['verify']);
    return parsed.verify({ publicKey: key as never }, provider.crypto as never);
  });
}

/** A signature of a kind, or by a key, that the library or the provider does not know counts as not verified. */
async function isVerified(structure: Bytes, verify: () => Promise<boolean>): Promise<boolean> {
  try {
    return isSignatureDer(structure) && (await verify());
  } catch {
    return false;
  }
}
