import type { Bytes } from '../../asn1/bytes.ts';
import { derTag } from '../../asn1/der.ts';
import { type DerElement, DerError, readDer, readNumber, SequenceReader } from '../../asn1/reader.ts';
import { PgHostsslError } from '../../errors.ts';
import { readAlgorithm } from './public-key.ts';

/**
 * The default of `maxIterations`. So many iterations take about five seconds. OWASP recommends 600,000, and no program
 * is known to write more than a few million.
 */
export const defaultMaxIterations = 10_000_000;

/** The object identifier of PBES2 (RFC 8018 §A.4), the scheme of keys in PKCS#8. */
export const pbes2 = '1.2.840.113549.1.5.13';
const scrypt = '1.3.6.1.4.1.11591.4.11';

/**
 * Refuses an encrypted key that takes too long to decrypt. The key file alone decides how often the passphrase is
 * hashed, and OpenSSL accepts up to two thousand million iterations.
 *
 * @param der an EncryptedPrivateKeyInfo (RFC 5208 §6)
 * @throws PgHostsslError `key-iterations-exceeded`; `private-key-invalid` for other bytes
 */
export function checkIterations(der: Bytes, maxIterations: number): void {
  const iterations = readIterations(der);
  if (iterations <= maxIterations) return;
  throw new PgHostsslError(
    'key-iterations-exceeded',
    `The private key is encrypted with ${iterations} iterations, but only ${maxIterations} are allowed`,
    { hint: 'If the key file is trusted, read the key with a higher `maxIterations` of `PrivateKey.read`.' },
  );
}

function readIterations(der: Bytes): number {
  try {
    const info = new SequenceReader(readDer(der));
    const { algorithm, parameters } = readAlgorithm(info.next(derTag.sequence));
    info.next(derTag.octetString);
    info.end();
    if (parameters === undefined) throw new DerError('The parameters of the encryption are missing');
    if (algorithm !== pbes2) return secondNumber(parameters);
    const derivation = readAlgorithm(new SequenceReader(parameters).next(derTag.sequence));
    if (derivation.parameters === undefined) throw new DerError('The parameters of the derivation are missing');
    return derivation.algorithm === scrypt ? scryptRounds(derivation.parameters) : secondNumber(derivation.parameters);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new PgHostsslError('private-key-invalid', 'The private key is damaged or has an unknown form', { cause });
  }
}

/**
 * The number of iterations of PBKDF2, PBES1 (RFC 8018 §A.2, §A.3) or PKCS#12 (RFC 7292 §C). All three encode this
 * number after the salt.
 */
function secondNumber(parameters: DerElement): number {
  const reader = new SequenceReader(parameters);
  reader.next(derTag.octetString);
  return readNumber(reader.next());
}

/**
 * The number of scrypt rounds: the product of its three parameters (RFC 7914 §7.1). A round takes about as long as an
 * iteration of PBKDF2.
 */
function scryptRounds(parameters: DerElement): number {
  const reader = new SequenceReader(parameters);
  reader.next(derTag.octetString);
  const [cost, blockSize, parallel] = [reader.next(), reader.next(), reader.next()].map((one) => readNumber(one));
  return cost! * blockSize! * parallel!;
}
