import { decodePem, isCertificateBlock } from '../../asn1/pem.ts';
import { certificatesOnly } from '../../asn1/pem-contents.ts';
import type { FileState, TargetFile } from '../../disk/file-state.ts';
import { errorFrom, PgHostsslError, unlessInvalid } from '../../errors.ts';
import { parseCertificate } from '../../pki/certificate/certificate.ts';

/**
 * The certificates in a file that must not hold anything else, as PEM.
 *
 * @throws PgHostsslError `private-key-misplaced` if the file holds a private key; `certificate-invalid`
 */
export function onlyCertificatesIn(file: FileState): Promise<string> {
  return inFile(file.path, () => certificatesOnly(file.content(), 'This file'));
}

/** The certificates in a PEM text that may also hold other blocks. */
export function certificatesOf(text: string): string {
  return decodePem(text)
    .filter(isCertificateBlock)
    .map((block) => block.text)
    .join('');
}

/** The certificates in a file, which may also hold other PEM blocks; an empty string if the file is missing. */
export function presentCertificates(file: TargetFile): string {
  return file.content === undefined ? '' : certificatesOf(textOf(file.content()));
}

/**
 * Refuses roots with a damaged certificate. OpenSSL refuses the whole file because of that certificate.
 *
 * @throws PgHostsslError `plan-refused`
 */
export function assertRootsLoad(file: string, pem: string): void {
  const isDamaged = decodePem(pem)
    .filter(isCertificateBlock)
    .some(({ der }) => unlessInvalid(() => parseCertificate(der), 'certificate-invalid') === undefined);
  if (!isDamaged) return;
  throw new PgHostsslError(
    'plan-refused',
    'A certificate in this file of roots is damaged, so the server or client that loads the file refuses the whole file',
    { file, hint: 'Nothing was planned. Restore the file, or remove the damaged certificate, then plan again.' },
  );
}

/** The text of a PEM file. Bytes that are not UTF-8 are allowed outside the PEM blocks. */
export function textOf(content: Uint8Array): string {
  return new TextDecoder().decode(content);
}

/**
 * Calls a function that reads the content of a file. If the function throws an error, the path of the file is added to
 * the error.
 */
export async function inFile<T>(file: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof PgHostsslError)) throw error;
    throw errorFrom(error, { file });
  }
}
