import { readCertificate } from '../certificate/certificate.ts';
import { PrivateKey, type ReadPrivateKeyOptions } from '../keys/private-key.ts';
import { belongsTo } from './issue.ts';

/**
 * Whether a private key belongs to a certificate (the first one in a PEM text), as a server checks it when it loads
 * `ssl_cert_file` and `ssl_key_file`. Weak keys are compared, too.
 *
 * @throws PgHostsslError `certificate-invalid`, `private-key-invalid`, `passphrase-missing`, `passphrase-wrong`,
 * `key-algorithm-unsupported`
 */
export async function matchesKey(
  certificate: string | Uint8Array,
  privateKey: PrivateKey | string | Uint8Array,
  options: Omit<ReadPrivateKeyOptions, 'allowWeak'> = {},
): Promise<boolean> {
  const key =
    privateKey instanceof PrivateKey ? privateKey : await PrivateKey.read(privateKey, { ...options, allowWeak: true });
  return belongsTo(key, readCertificate(certificate));
}
