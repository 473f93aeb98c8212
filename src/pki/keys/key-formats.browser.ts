import type { Bytes } from '../../asn1/bytes.ts';
import type { PemBlock } from '../../asn1/pem.ts';
import { PgHostsslError } from '../../errors.ts';

/**
 * Stands in a browser for the function that reads private keys with OpenSSL. This one always throws, because a browser
 * has no OpenSSL, and WebCrypto reads only PKCS#8.
 *
 * @throws PgHostsslError `key-algorithm-unsupported`, always
 */
export function openKey(_source: PemBlock | Bytes, _passphrase: string | undefined, _maxIterations: number): Bytes {
  throw new PgHostsslError('key-algorithm-unsupported', 'A browser reads private keys as unencrypted PKCS#8 only', {
    hint: 'Convert the key: openssl pkcs8 -topk8 -nocrypt -in old.key -out new.key.',
  });
}
