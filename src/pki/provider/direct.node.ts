import { createPrivateKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { Bytes } from '../../asn1/bytes.ts';
import type { Direct } from './provider.ts';

/** Signatures and keys by `node:crypto`, for a WebCrypto that uses it as well. */
export const direct: Direct | undefined = {
  signer: (pkcs8, hash) => {
    let key: KeyObject | undefined;
    return (content: Bytes) => {
      key ??= createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
      return Uint8Array.from(sign(hash, content, key));
    };
  },
  generateRsa: async (modulusLength) => {
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength });
    return Uint8Array.from(privateKey.export({ format: 'der', type: 'pkcs8' }));
  },
};
