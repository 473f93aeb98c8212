import type { Bytes } from '../../src/asn1/bytes.ts';
import { der, derInteger, derSequence, derTime } from '../../src/asn1/der.ts';
import { encodePem } from '../../src/asn1/pem.ts';
import type { NameInput } from '../../src/names/distinguished-name.ts';
import { encodeName, parseName } from '../../src/names/name.ts';
import { certificatePem } from '../../src/pki/certificate/certificate.ts';
import { authorityKeyIdentifier, subjectKeyIdentifier } from '../../src/pki/certificate/extensions.ts';
import { keyIdentifier } from '../../src/pki/certificate/issuer.ts';
import { type PrivateKey, signerOf } from '../../src/pki/keys/private-key.ts';
import { signStructure } from '../../src/pki/keys/signature.ts';
import { signatureAlgorithm } from '../../src/pki/keys/signature-algorithm.ts';
import { buildCertificate } from './x509.ts';

/** A certificate that no CA of this library would issue. */
export interface Forgery {
  readonly subject: NameInput;
  readonly issuer: string;
  readonly key: PrivateKey;
  readonly issuerKey: PrivateKey;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** All extensions except the subject and authority key identifiers. */
  readonly extensions: readonly Bytes[];
  readonly withoutIdentifiers?: boolean;
  readonly serialNumber?: Bytes;
}

/** Signs the certificate that a forgery describes, and returns it in PEM. */
export async function forge(forgery: Forgery): Promise<string> {
  const day = 24 * 60 * 60 * 1000;
  const { publicKey } = signerOf(forgery.key);
  const issuer = signerOf(forgery.issuerKey);
  const identifiers =
    forgery.withoutIdentifiers === true
      ? []
      : [subjectKeyIdentifier(keyIdentifier(publicKey)), authorityKeyIdentifier(keyIdentifier(issuer.publicKey))];
  const der = await buildCertificate(
    {
      serialNumber:
        forgery.serialNumber ??
        crypto.getRandomValues(new Uint8Array(8)).map((octet, i) => (i === 0 ? (octet & 0x3f) | 0x40 : octet)),
      subject: encodeName(parseName(forgery.subject)),
      issuer: encodeName(parseName(forgery.issuer)),
      notBefore: forgery.notBefore ?? new Date(Date.now() - day),
      notAfter: forgery.notAfter ?? new Date(Date.now() + day),
      publicKey,
      extensions: [...forgery.extensions, ...identifiers],
    },
    forgery.issuerKey,
  );
  return certificatePem(der);
}

/** A CRL that no CA of this library would issue. */
export interface ListForgery {
  readonly issuer: string;
  readonly issuerKey: PrivateKey;
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date | undefined;
  readonly revoked: readonly { readonly serialNumber: Bytes; readonly extensions?: readonly Bytes[] }[];
  readonly extensions: readonly Bytes[];
}

/** Signs the CRL that a forgery describes, and returns it in PEM. */
export async function forgeList(forgery: ListForgery): Promise<string> {
  const signer = signerOf(forgery.issuerKey);
  const { thisUpdate, nextUpdate, revoked, extensions } = forgery;
  const sequences = (lists: readonly Bytes[]) => (lists.length === 0 ? [] : [derSequence(...lists)]);
  const entries = revoked.map((entry) =>
    derSequence(derInteger(entry.serialNumber), derTime(thisUpdate), ...sequences(entry.extensions ?? [])),
  );
  const content = derSequence(
    derInteger(1),
    signatureAlgorithm(signer.kind),
    encodeName(parseName(forgery.issuer)),
    derTime(thisUpdate),
    ...(nextUpdate === undefined ? [] : [derTime(nextUpdate)]),
    ...sequences(entries),
    ...sequences(extensions).map((list) => der(0xa0, list)),
  );
  return encodePem('X509 CRL', await signStructure(content, signer));
}
