import { assertProperties, assertText, type PropertyNames } from '../../arguments.ts';
import { type Bytes, joinBytes } from '../../asn1/bytes.ts';
import { der, derInteger, derNull, derOctetString, derOid, derSequence, derSetOf, derTag } from '../../asn1/der.ts';
import { copyArgument } from '../../copy-argument.ts';
import { PgHostsslError } from '../../errors.ts';
import { readCertificates } from '../certificate/certificate.ts';
import { belongsTo } from '../certificate/matches-key.ts';
import { givenKey } from '../keys/choose-key.ts';
import { checkPassphrase, encryptKey } from '../keys/encrypt-key.ts';
import { type PrivateKey, signerOf } from '../keys/private-key.ts';
import {
  byProvider,
  type CompleteProvider,
  completeProvider,
  type ProviderOptions,
  type WebCrypto,
} from '../provider/provider.ts';
import { sha1 } from '../provider/sha1.ts';

/** Options of {@link createPkcs12}. */
export interface Pkcs12Options extends ProviderOptions {
  /** The private key: a {@link PrivateKey}, or PKCS#8 PEM. */
  readonly privateKey: string | PrivateKey;
  /**
   * The certificate of the key, then the CA certificates above it, PEM: the `chain` of an issued certificate. The root
   * may follow.
   */
  readonly certificates: string;
  /** The passphrase of the file. Choose ASCII characters: Java does not read every file with another passphrase. */
  readonly passphrase: string;
  /**
   * The name (alias) of the entry with the key; `user` if not given. pgjdbc looks for an entry with the name `user`
   * only.
   */
  readonly alias?: string | undefined;
}

const optionNames: PropertyNames<Pkcs12Options> = {
  privateKey: true,
  certificates: true,
  passphrase: true,
  alias: true,
  provider: true,
};

const oid = {
  data: '1.2.840.113549.1.7.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const;

/**
 * The number of iterations of the MAC: Java has used the same number since 2021. Each iteration is a WebCrypto call,
 * because WebCrypto lacks the key derivation of PKCS#12.
 */
const macIterations = 10_000;

/**
 * Creates a PKCS#12 file (RFC 7292) with a key and its certificates, for pgjdbc (`sslkey=….p12`), Prisma and the `pfx`
 * option of Node. The key is encrypted with AES-256 (PBES2). The certificates are not encrypted. An HMAC with SHA-256
 * protects all of the content.
 *
 * @example
 * ```ts
 * import { createSecureContext } from 'node:tls';
 * import { CertificateAuthority, createPkcs12 } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const file = await createPkcs12({ privateKey, certificates: chain, passphrase: 'changeit' });
 * createSecureContext({ pfx: Buffer.from(file), passphrase: 'changeit' });
 * ```
 *
 * @returns the bytes of the file
 * @throws PgHostsslError `key-mismatch`, `certificate-invalid`; `private-key-invalid`, `key-weak` and
 * `key-algorithm-unsupported` for the key; `passphrase-missing` for an empty passphrase and for an encrypted key;
 * `text-invalid` for a passphrase with a NUL or a lone surrogate; `provider-failed`; `argument-invalid`
 */
export async function createPkcs12(options: Pkcs12Options): Promise<Uint8Array> {
  assertProperties(options, optionNames, 'options of createPkcs12');
  options = copyArgument(options);
  const { privateKey, passphrase, alias = 'user' } = options;
  assertText(alias, 'alias of createPkcs12');
  const key = await givenKey(privateKey, await completeProvider(options.provider));
  const certificates = readCertificates(options.certificates);
  if (!belongsTo(key, certificates[0]!)) {
    throw new PgHostsslError('key-mismatch', 'The private key does not belong to the first of the certificates');
  }
  checkPassphrase(passphrase);
  const { provider, publicKey } = signerOf(key);
  const localKeyId = sha1(publicKey);
  const attributes = derSetOf([
    attribute(oid.friendlyName, der(derTag.bmpString, utf16(alias))),
    attribute(oid.localKeyId, derOctetString(localKeyId)),
  ]);
  const encrypted = await encryptKey(Uint8Array.from(key.toDer()), passphrase, provider);
  const keyBag = derSequence(derOid(oid.shroudedKeyBag), der(0xa0, encrypted), attributes);
  const certBags = certificates.map(({ der: certificate }, i) =>
    derSequence(
      derOid(oid.certBag),
      der(0xa0, derSequence(derOid(oid.x509Certificate), der(0xa0, derOctetString(certificate)))),
      ...(i === 0 ? [attributes] : []),
    ),
  );
  const safes = derSequence(contentInfo(derSequence(keyBag)), contentInfo(derSequence(joinBytes(certBags))));
  return derSequence(derInteger(3), contentInfo(safes), await macData(safes, passphrase, provider));
}

function contentInfo(data: Bytes): Bytes {
  return derSequence(derOid(oid.data), der(0xa0, derOctetString(data)));
}

function attribute(type: string, value: Bytes): Bytes {
  return derSequence(derOid(type), derSetOf([value]));
}

async function macData(content: Bytes, passphrase: string, provider: CompleteProvider): Promise<Bytes> {
  const salt = Uint8Array.from(provider.random(16));
  const mac = await byProvider('compute the MAC', async () => {
    const { subtle } = await provider.webCrypto();
    const secret = await deriveMacKey(passphrase, salt, subtle);
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const key = await subtle.importKey('raw', secret, algorithm, false, ['sign']);
    return new Uint8Array(await subtle.sign(algorithm, key as never, content));
  });
  return derSequence(
    derSequence(derSequence(derOid(oid.sha256), derNull), derOctetString(mac)),
    derOctetString(salt),
    derInteger(macIterations),
  );
}

/**
 * Derives the key of the MAC from the passphrase: RFC 7292 Appendix B.2 with SHA-256 and the purpose 3 (MAC keys). The
 * key needs only one block of output.
 */
async function deriveMacKey(passphrase: string, salt: Bytes, subtle: WebCrypto['subtle']): Promise<Bytes> {
  const block = 64;
  const fill = (bytes: Uint8Array) =>
    Uint8Array.from({ length: Math.ceil(bytes.length / block) * block }, (_, i) => bytes[i % bytes.length]!);
  const input = [new Uint8Array(block).fill(3), fill(salt), fill(utf16(`${passphrase}\0`))];
  let hash = Uint8Array.from(input.flatMap((part) => [...part]));
  for (let i = 0; i < macIterations; i++) {
    hash = new Uint8Array(await subtle.digest('SHA-256', hash));
  }
  return hash;
}

/** Encodes a text in UTF-16, big-endian, as in a BMPString. */
function utf16(text: string): Bytes {
  return Uint8Array.from({ length: 2 * text.length }, (_, i) => {
    const unit = text.charCodeAt(i >> 1);
    return i % 2 === 0 ? unit >> 8 : unit & 0xff;
  });
}
