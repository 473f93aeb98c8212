import type { ConfTree } from '../../../conf/tree.ts';
import { PgHostsslError } from '../../../errors.ts';
import { inspectCertificate } from '../../../pki/certificate/inspect.ts';
import { enumSetting, setting } from './settings.ts';

/** The kinds of certificate keys that the cipher suites of TLS 1.2 distinguish. */
type CipherKey = 'rsa' | 'ecdsa';

/**
 * Checks that a TLS handshake is possible with the key of a certificate. If `ssl_ciphers` names only suites for another
 * kind of key and TLS 1.3 is off, the server starts but refuses every client (`no shared cipher`). The suites of TLS
 * 1.3 work with every kind of key.
 *
 * @throws PgHostsslError `ciphers-unfit`
 */
export function assertCiphersFit(settings: ConfTree, certificate: string, file: string): void {
  const most = enumSetting(settings, 'ssl_max_protocol_version');
  const ciphers = setting(settings, 'ssl_ciphers');
  const { keyAlgorithm } = inspectCertificate(certificate);
  const key: CipherKey = keyAlgorithm?.startsWith('rsa') === true ? 'rsa' : 'ecdsa';
  const hasTls13 = most === undefined || most === 'TLSv1.3';
  if (hasTls13 || keyAlgorithm === undefined || ciphers === undefined || allows(ciphers, key) !== false) return;
  const place = settings.effective('ssl_ciphers');
  throw new PgHostsslError('ciphers-unfit', `ssl_ciphers has no cipher for the key of ${file}, and TLS 1.3 is off`, {
    file: place?.file?.options.file,
    line: place?.line,
    hint: `Nothing was planned. Add ciphers for ${key === 'rsa' ? 'RSA' : 'ECDSA'} keys, reset ssl_max_protocol_version, or request a key of the other kind with \`issue.server.keyAlgorithm\`.`,
  });
}

/**
 * Whether a list of ciphers (`SSL_CTX_set_cipher_list`) names a suite for a kind of key.
 *
 * @returns `undefined` if the list contains words that are not names of suites, such as `HIGH` or `@SECLEVEL`
 */
function allows(ciphers: string, key: CipherKey): boolean | undefined {
  const words = ciphers.split(/[:, ;]+/).filter((word) => word !== '');
  if (words.some((word) => word === (key === 'rsa' ? '!aRSA' : '!aECDSA') || (key === 'ecdsa' && word === '!ECDSA'))) {
    return false;
  }
  const keys = words.map(keyOfSuite);
  return keys.includes(key) ? true : keys.includes(undefined) ? undefined : false;
}

/** The kind of key that a cipher suite needs; `undefined` if the word is not the name of a suite in OpenSSL. */
function keyOfSuite(word: string): CipherKey | undefined {
  if (/^ECDHE-ECDSA-[A-Z0-9-]+$/.test(word)) return 'ecdsa';
  return /^(?:(?:ECDHE|DHE)-RSA-[A-Z0-9-]+|(?:AES|CAMELLIA|ARIA)\d+-[A-Z0-9-]+)$/.test(word) ? 'rsa' : undefined;
}
