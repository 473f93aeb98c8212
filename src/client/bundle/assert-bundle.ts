import { assertRecord } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import type { ClientBundle, ConnectionBundle } from './bundle.ts';
import type { ConnectionTarget } from './target.ts';

/**
 * @internal Checks that a value is a bundle. A caller without type checks may pass another value.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertBundle(bundle: ConnectionBundle): void {
  assertRecord(bundle, 'the client bundle');
  const { target, ca, certificate } = bundle;
  const isWhole = certificate === undefined || (typeof certificate === 'string' && hasSecrets(bundle));
  if (isTarget(target) && typeof ca === 'string' && isWhole) return;
  throw new PgHostsslError('argument-invalid', 'The object given is not a client bundle', {
    hint: 'Make a bundle with `clientBundle`. A copy through JSON has no private key.',
  });
}

function hasSecrets({ privateKey, passphrase }: ClientBundle): boolean {
  return typeof privateKey === 'function' && typeof passphrase === 'function';
}

function isTarget(target: unknown): target is ConnectionTarget {
  if (typeof target !== 'object' || target === null) return false;
  const { host, hostaddr = '', port, user, database } = target as Partial<Record<keyof ConnectionTarget, unknown>>;
  return [host, hostaddr, user, database].every((text) => typeof text === 'string') && Number.isInteger(port);
}
