import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { Bytes } from '../../asn1/bytes.ts';
import { lazily } from '../../lazily.ts';
import type { Direct, DirectAlgorithm } from './provider.ts';

/**
 * Makes and verifies signatures, and generates keys, with `node:crypto`. The library uses these functions only in place
 * of a WebCrypto that calls `node:crypto` itself.
 */
export const direct: Direct | undefined = {
  random: (size) => Uint8Array.from(randomBytes(size)),
  generate: async (algorithm, hash) => {
    const jwk = await generate(algorithm);
    // Many keys never sign, and reading a key takes time.
    const key = lazily(() => createPrivateKey({ key: jwk, format: 'jwk' }));
    return { jwk, sign: (content) => signed(content, key(), hash) };
  },
  read: (pkcs8, hash) => {
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    return { jwk: jwkOf(key), sign: (content) => signed(content, key, hash) };
  },
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

/**
 * @internal Exports a private key as a JSON Web Key.
 *
 * @throws Error if OpenSSL cannot write the key
 */
export function jwkOf(key: KeyObject): JsonWebKey {
  // OpenSSL reads an EC private key whose private number has more bytes than the curve allows (RFC 5915 §3), but cannot
  // write it. It throws an error for PKCS#8. For a JSON Web Key, Node would end the whole process.
  if (key.asymmetricKeyType === 'ec') key.export({ format: 'der', type: 'pkcs8' });
  return key.export({ format: 'jwk' });
}

/**
 * Generates a key as a JSON Web Key. Exporting a generated `KeyObject` can block the process for ever: if the garbage
 * collector runs during the export, Node 20 waits for the lock of the key that the export itself holds.
 */
async function generate({ namedCurve, modulusLength }: DirectAlgorithm): Promise<JsonWebKey> {
  if (modulusLength !== undefined) return (await inThread('rsa', { modulusLength, ...asJwk })).privateKey;
  const pair = namedCurve === undefined ? generateNow('ed25519', asJwk) : generateNow('ec', { namedCurve, ...asJwk });
  return pair.privateKey;
}

const asJwk = { privateKeyEncoding: { format: 'jwk' }, publicKeyEncoding: { format: 'jwk' } } as const;
// The type declarations of Node do not know that key pairs can be encoded as JSON Web Keys.
type GenerateJwk<Result> = (type: string, options: object) => Result;
const generateNow = generateKeyPairSync as unknown as GenerateJwk<{ privateKey: JsonWebKey }>;
const inThread = promisify(generateKeyPair) as unknown as GenerateJwk<Promise<{ privateKey: JsonWebKey }>>;

async function signed(content: Bytes, key: KeyObject, hash: string | undefined): Promise<Bytes> {
  // Deno accepts the names of hashes only without a hyphen. Node accepts both forms.
  const digest = hash?.replace('-', '');
  const isSlow = key.asymmetricKeyType === 'rsa';
  return Uint8Array.from(isSlow ? await signInThread(digest, content, key) : sign(digest, content, key));
}

const signInThread = promisify<string | undefined, Bytes, KeyObject, Buffer>(sign);
