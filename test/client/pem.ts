import { encodePem } from '../../src/asn1/pem.ts';
import {
  type ClientBundle,
  type ClientBundleParts,
  clientBundle,
  type ServerOnlyBundle,
} from '../../src/client/index.ts';

/** PEM blocks with arbitrary content, because a bundle does not read the content of its PEM blocks. */
export const ca: string = encodePem('CERTIFICATE', Uint8Array.of(0x30, 1, 1));
export const leaf: string = encodePem('CERTIFICATE', Uint8Array.of(0x30, 2, 2));
export const intermediate: string = encodePem('CERTIFICATE', Uint8Array.of(0x30, 3, 3));
export const key: string = encodePem('PRIVATE KEY', Uint8Array.of(0x30, 4, 4));
export const encryptedKey: string = encodePem('ENCRYPTED PRIVATE KEY', Uint8Array.of(0x30, 5, 5));
/** A passphrase with one character for each quoting rule of the views. */
export const passphrase = "it's \\ 100% #secret";

export const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };

/** Returns a bundle made of these PEM blocks. */
export function bundleWith(parts: Partial<ClientBundleParts> = {}): ClientBundle {
  return clientBundle({ target, ca, certificate: leaf + intermediate, privateKey: key, ...parts });
}

/** Returns a bundle with an encrypted key. */
export function encryptedBundle(word: string = passphrase): ClientBundle {
  return bundleWith({ privateKey: encryptedKey, passphrase: word });
}

/** Returns a bundle without a certificate. */
export function serverOnlyBundle(): ServerOnlyBundle {
  return clientBundle({ target, ca });
}
