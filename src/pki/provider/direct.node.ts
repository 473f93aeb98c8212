import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { Bytes } from '../../asn1/bytes.ts';
import type { Direct, DirectAlgorithm, DirectKey } from './provider.ts';

/**
 * Makes and verifies signatures, and generates keys, with `node:crypto`. The library uses these functions only in place
 * of a WebCrypto that calls `node:crypto` itself.
 */
export const direct: Direct | undefined = {
  random: (size) => Uint8Array.from(randomBytes(size)),
  generate: async (algorithm, hash) => directKey(await generate(algorithm), hash),
  read: (pkcs8, hash) => directKey(createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }), hash),
  verify: ({ key, hash, saltLength }, signature, content) => {
    const pss = saltLength === undefined ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
    try {
      const publicKey = createPublicKey({ key: Buffer.from(key), format: 'der', type: 'spki' });
      return verify(hash, content, { key: publicKey, ...pss }, signature);
    } catch {
      // OpenSSL throws only if it does not know the kind of key, the curve or the hash. For a wrong signature it
      // returns false.
      return undefined;
    }
  },
};

async function generate({ namedCurve, modulusLength }: DirectAlgorithm): Promise<KeyObject> {
  if (modulusLength !== undefined) return (await promisify(generateKeyPair)('rsa', { modulusLength })).privateKey;
  const pair = namedCurve === undefined ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve });
  return pair.privateKey;
}

function directKey(key: KeyObject, hash: string | undefined): DirectKey {
  // Deno accepts the names of hashes only without a hyphen. Node accepts both forms.
  const digest = hash?.replace('-', '');
  const signInThread = promisify<string | undefined, Bytes, KeyObject, Buffer>(sign);
  return {
    jwk: key.export({ format: 'jwk' }),
    sign: async (content) =>
      Uint8Array.from(
        key.asymmetricKeyType === 'rsa' ? await signInThread(digest, content, key) : sign(digest, content, key),
      ),
  };
}
