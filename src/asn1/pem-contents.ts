import { assertSource } from '../arguments.ts';
import { PgHostsslError } from '../errors.ts';
import { derTag } from './der.ts';
import { decodePem, encodePem, isCertificateBlock, isEncryptedBlock, isPrivateKeyBlock, pemText } from './pem.ts';
import { DerError, readChildren, readFirst } from './reader.ts';

/**
 * Returns the CERTIFICATE blocks of a PEM text, or one DER certificate as PEM. The rest of the text is dropped, because
 * certificate files are readable by everybody, and the rest can contain data that not everybody should read.
 *
 * @param what the name of the argument for error messages, such as "clientBundle({ ca })"
 * @throws PgHostsslError `private-key-misplaced` if the source contains a private key, also in DER or in a CERTIFICATE
 * block; `certificate-invalid` if it contains no certificate or a damaged block; `argument-invalid` for another type of
 * value
 */
export function certificatesOnly(source: string | Uint8Array, what: string): string {
  assertSource(source, what);
  const text = pemText(source);
  const blocks = text === undefined ? [] : decodePem(text);
  const certificates = text === undefined ? [{ der: source as Uint8Array }] : blocks.filter(isCertificateBlock);
  const kinds = certificates.map(({ der }) => kindOfDer(der));
  if (blocks.some(isPrivateKeyBlock) || kinds.includes('private-key')) {
    throw new PgHostsslError('private-key-misplaced', `${what} holds a private key`, {
      hint: kinds.every((kind) => kind === 'private-key')
        ? 'Certificate and private key seem to be swapped.'
        : 'Give only the CERTIFICATE blocks, and give the private key as `privateKey`.',
    });
  }
  if (certificates.length === 0 || (text === undefined && kinds[0] !== 'certificate')) {
    throw new PgHostsslError('certificate-invalid', `${what} holds no certificate`, {
      hint: 'Give the content of a PEM file (-----BEGIN CERTIFICATE-----) or the bytes of a DER file, not a path.',
    });
  }
  if (certificates.some(({ der }) => der.length === 0)) {
    throw new PgHostsslError('certificate-invalid', `${what} holds a damaged CERTIFICATE block`);
  }
  return certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}

/**
 * Returns what DER holds, judged by the tags of its first elements. The content of a PEM block is judged, too, because a
 * label can be wrong.
 */
function kindOfDer(source: Uint8Array): 'certificate' | 'private-key' | undefined {
  try {
    const der = Uint8Array.from(source);
    const outer = readFirst(der);
    const [first, ...rest] = readChildren(outer, derTag.sequence);
    // PKCS#8, PKCS#1 and SEC 1 begin with a version, which is 0 or 1.
    const isVersion = first?.tag === derTag.integer && first.content.length === 1 && first.content[0]! < 2;
    if (isVersion) return 'private-key';
    if (first?.tag !== derTag.sequence) return undefined;
    // EncryptedPrivateKeyInfo of PKCS#8
    if (rest[0]?.tag === derTag.octetString) return 'private-key';
    // RFC 5280 §4.1
    const isCertificate = rest.length === 2 && rest[0]!.tag === derTag.sequence && rest[1]!.tag === derTag.bitString;
    return isCertificate && outer.end === der.length ? 'certificate' : undefined;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** A private key block of a PEM text. */
export interface PrivateKeyText {
  /** The block of the key, with a final newline. */
  readonly pem: string;
  /** `true` if a passphrase encrypts the key. */
  readonly isEncrypted: boolean;
}

/**
 * Returns the only private key block of a PEM text. Certificates in the text are not returned.
 *
 * @param what the name of the argument for error messages, such as "clientBundle({ privateKey })"
 * @throws PgHostsslError `private-key-invalid` if the text contains no private key, several keys or a damaged key;
 * `argument-invalid` for another type of value
 */
export function privateKeyOnly(source: string | Uint8Array, what: string): PrivateKeyText {
  assertSource(source, what);
  const blocks = decodePem(pemText(source) ?? '');
  const [key, ...others] = blocks.filter(isPrivateKeyBlock);
  if (key === undefined) {
    throw new PgHostsslError('private-key-invalid', `${what} holds no private key in PEM`, {
      hint: blocks.some(isCertificateBlock)
        ? 'Certificate and private key seem to be swapped.'
        : 'Give the content of a PEM file, not a path. `PrivateKey.read` reads DER.',
    });
  }
  if (others.length > 0) {
    throw new PgHostsslError('private-key-invalid', `${what} holds ${others.length + 1} private keys`, {
      hint: 'Give the one key that belongs to the certificate.',
    });
  }
  if (key.der.length === 0) throw new PgHostsslError('private-key-invalid', `${what} is damaged`);
  return { pem: key.text, isEncrypted: isEncryptedBlock(key) };
}
