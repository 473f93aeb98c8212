import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Bytes } from '../../asn1/der.ts';
import type { Direct } from './provider.ts';

/** What `node:crypto` gives where the WebCrypto stands on it anyway. */
export const direct: Direct | undefined = {
  sha1: (bytes) => Uint8Array.from(createHash('sha1').update(bytes).digest()),
  signer: (pkcs8, hash) => {
    let key: KeyObject | undefined;
    return (content: Bytes) => {
      key ??= createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
      return Uint8Array.from(sign(hash, content, key));
    };
  },
};
