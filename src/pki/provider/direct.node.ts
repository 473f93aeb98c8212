import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Bytes } from '../../asn1/bytes.ts';
import type { Direct } from './provider.ts';

/** Signatures by `node:crypto`, for a WebCrypto that uses it as well. */
export const direct: Direct | undefined = {
  signer: (pkcs8, hash) => {
    let key: KeyObject | undefined;
    return (content: Bytes) => {
      key ??= createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
      return Uint8Array.from(sign(hash, content, key));
    };
  },
};
