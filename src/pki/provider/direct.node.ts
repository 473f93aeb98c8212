import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { Bytes } from '../../asn1/bytes.ts';
import type { Direct } from './provider.ts';

/**
 * Makes and verifies signatures, and generates keys, with `node:crypto`. It replaces only a WebCrypto that uses
 * `node:crypto` itself.
 */
export const direct: Direct | undefined = {
  signer: (pkcs8, hash) => {
    let key: KeyObject | undefined;
    // Node accepts the names of hashes with or without a hyphen, Deno only without.
    const digest = hash?.replace('-', '');
    return (content: Bytes) => {
      key ??= createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
      return Uint8Array.from(sign(digest, content, key));
    };
  },
  generateRsa: async (modulusLength) => {
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength });
    return Uint8Array.from(privateKey.export({ format: 'der', type: 'pkcs8' }));
  },
  verify: ({ key, hash, saltLength }, signature, content) => {
    const pss = saltLength === undefined ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
    try {
      const publicKey = createPublicKey({ key: Buffer.from(key), format: 'der', type: 'spki' });
      return verify(hash, content, { key: publicKey, ...pss }, signature);
    } catch {
      // OpenSSL does not know the kind of key, curve or hash. For a wrong signature it returns false and does not
      // throw.
      return undefined;
    }
  },
};
