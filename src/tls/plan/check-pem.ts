import { decodePem } from '../../asn1/pem.ts';
import { certificatesOnly, privateKeyOnly } from '../../asn1/pem-contents.ts';
import { trimSpaces } from '../../c/ascii.ts';
import { PgHostsslError } from '../../errors.ts';
import { inspectCertificate } from '../../pki/certificate/inspect.ts';
import { givenCrls } from './given-crls.ts';

/**
 * Checks that a property of a request holds certificates that can be read. Text without content counts as not given.
 *
 * @throws PgHostsslError `certificate-invalid`, `private-key-misplaced`; the message names the property
 */
export function assertCertificatesIn(name: string, text: string | Uint8Array): void {
  if (isBlank(text)) return;
  inProperty(name, () => {
    for (const block of decodePem(certificatesOnly(text, name))) inspectCertificate(block.text);
  });
}

/**
 * Checks that a property of a request holds CRLs that can be read.
 *
 * @throws PgHostsslError `crl-invalid`, `private-key-misplaced`; the message names the property
 */
export function assertCrlsIn(name: string, text: string): void {
  inProperty(name, () => givenCrls(text));
}

/**
 * Checks that a property of a request holds one private key. An encrypted key is not decrypted.
 *
 * @throws PgHostsslError `private-key-invalid`; the message names the property
 */
export function assertPrivateKeyIn(name: string, text: string): void {
  inProperty(name, () => privateKeyOnly(text, name));
}

function isBlank(text: string | Uint8Array): boolean {
  return typeof text === 'string' && trimSpaces(text) === '';
}

/** Reads the value of a property. If an error is thrown, its message names the property. */
function inProperty(name: string, read: () => void): void {
  try {
    read();
  } catch (error) {
    throw naming(name, error);
  }
}

/**
 * Reads the value of a property, as the other functions of this file do, with a function that returns a promise.
 *
 * @throws PgHostsslError with the code of the error that the function throws; the message names the property
 */
export async function readInProperty<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw naming(name, error);
  }
}

/** The error with the name of the property in its message. */
function naming(name: string, error: unknown): unknown {
  if (!(error instanceof PgHostsslError) || error.message.includes(name)) return error;
  const { code, hint, message } = error;
  const text = hint === undefined ? message : message.slice(0, -`. ${hint}`.length);
  return new PgHostsslError(code, `The property ${name} of the request is not usable: ${text}`, {
    hint,
    cause: error,
  });
}
