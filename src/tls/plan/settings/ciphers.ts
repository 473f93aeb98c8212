import { settingDefinition } from '../../../conf/catalogue/catalogue.ts';
import type { ConfTree } from '../../../conf/tree.ts';
import { PgHostsslError } from '../../../errors.ts';
import { inspectCertificate } from '../../../pki/certificate/inspect.ts';
import type { MinProtocol } from '../request/request.ts';
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

/** The curves of the keys that this library names, as OpenSSL names the groups of the curves. */
const curves: Readonly<Partial<Record<string, readonly string[]>>> = {
  'ecdsa-p256': ['prime256v1', 'P-256', 'secp256r1'],
  'ecdsa-p384': ['secp384r1', 'P-384'],
  'ecdsa-p521': ['secp521r1', 'P-521'],
};

/** The groups that have other keys, or no keys for certificates at all. */
const otherGroups: readonly string[] = ['X25519', 'X448'];

/**
 * Checks that the server accepts the key of a client's certificate. Without TLS 1.3, the server refuses a key whose
 * curve is not one of its groups (`illegal parameter`): `tls12_check_peer_sigalg` in ssl/t1_lib.c.
 *
 * @throws PgHostsslError `ciphers-unfit`
 */
export function assertClientKeyFits(settings: ConfTree, certificate: string): void {
  const name = settingDefinition('ssl_groups', settings.version) === undefined ? 'ssl_ecdh_curve' : 'ssl_groups';
  const most = enumSetting(settings, 'ssl_max_protocol_version');
  const key = inspectCertificate(certificate).keyAlgorithm ?? '';
  const own = curves[key];
  if (own === undefined || most === undefined || most === '' || most === 'TLSv1.3') return;
  const groups = (setting(settings, name) ?? settingDefinition(name, settings.version)?.default ?? '').split(':');
  const known = [...Object.values(curves).flat(), ...otherGroups];
  if (groups.some((group) => own.includes(group) || !known.includes(group))) return;
  const place = settings.effective('ssl_max_protocol_version');
  // Up to version 17, the server does not start with several curves.
  const change = name === 'ssl_groups' ? 'add the curve to ssl_groups' : 'set ssl_ecdh_curve to the curve';
  const isAllowed = (kind: string): boolean => curves[kind]!.some((curve) => groups.includes(curve));
  const other = Object.keys(curves).find(isAllowed) ?? 'rsa-2048';
  const message = `The server refuses a client's certificate with a key of the kind ${key}: TLS 1.3 is off, and ${name} is ${groups.join(':')}`;
  throw new PgHostsslError('ciphers-unfit', message, {
    file: place?.file?.options.file,
    line: place?.line,
    hint: `Nothing was planned. Reset ssl_max_protocol_version, ${change}, or use a client's key of another kind, for example with \`newKey: 'client'\` and \`issue.client.keyAlgorithm: '${other}'\`.`,
  });
}

/**
 * Checks that the protocol versions that the settings and the request allow contain one that clients use. libpq of
 * PostgreSQL 13 and later asks for TLS 1.2 at least. With a highest version below the lowest, PostgreSQL 12 starts, but
 * refuses every client.
 *
 * @throws PgHostsslError `ciphers-unfit`
 */
export function assertProtocolsFit(settings: ConfTree, minProtocol: MinProtocol | undefined): void {
  const name = 'ssl_max_protocol_version';
  const most = enumSetting(settings, name);
  const lowest = minProtocol === 'TLSv1.3' || enumSetting(settings, 'ssl_min_protocol_version') === 'TLSv1.3';
  if (most === undefined || most === '' || most === 'TLSv1.3' || (most === 'TLSv1.2' && !lowest)) return;
  const place = settings.effective(name);
  const message = `${name} is ${most}, and ${lowest ? 'the lowest version is TLSv1.3' : 'clients ask for TLSv1.2 or later'}`;
  throw new PgHostsslError('ciphers-unfit', message, {
    file: place?.file?.options.file,
    line: place?.line,
    hint: `Nothing was planned. Reset ${name} first, then plan again.`,
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
