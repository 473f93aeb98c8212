import { kindOf } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import type { CompleteProvider } from '../provider/provider.ts';
import type { KeyAlgorithm } from './key-algorithms.ts';
import { bindKey, PrivateKey, refuseWeakKey, signerOf } from './private-key.ts';

/**
 * @internal Returns the key in the options, or generates a new key. Weak keys are refused.
 *
 * @throws PgHostsslError `key-weak`, `key-algorithm-unsupported`, `private-key-invalid`
 */
export async function chooseKey(
  options: { readonly key?: PrivateKey | string | undefined; readonly keyAlgorithm?: KeyAlgorithm | undefined },
  provider: CompleteProvider,
): Promise<PrivateKey> {
  const { key, keyAlgorithm } = options;
  if (key === undefined) return PrivateKey.generate(keyAlgorithm, { provider });
  return givenKey(key, provider);
}

/**
 * @internal Reads the private key that a caller gives, and binds it to this provider.
 *
 * @throws PgHostsslError `key-weak`, `key-algorithm-unsupported`, `private-key-invalid`, `passphrase-missing`,
 * `passphrase-wrong`, `argument-invalid`
 */
export async function givenKey(
  key: PrivateKey | string,
  provider: CompleteProvider,
  passphrase?: string,
): Promise<PrivateKey> {
  if (typeof key === 'string') return PrivateKey.read(key, { provider, passphrase });
  if (!(key instanceof PrivateKey)) {
    throw new PgHostsslError('argument-invalid', `A private key must be a PrivateKey or PEM text; got ${kindOf(key)}`, {
      hint: 'Give the text of the file, or `await PrivateKey.read(bytes)`.',
    });
  }
  refuseWeakKey(signerOf(key).kind);
  return bindKey(key, provider);
}
