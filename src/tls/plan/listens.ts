import { splitGucList } from '../../c/lists.ts';
import type { ConnectionTarget } from '../../client/index.ts';
import type { ConfTree } from '../../conf/index.ts';
import { isLoopbackHost } from '../../net/network.ts';
import { setting } from './settings.ts';

/** The names and addresses that a server listens on: the elements of `listen_addresses`. */
export function listenAddresses(settings: ConfTree): readonly string[] {
  return splitGucList(settings.effective('listen_addresses')?.value ?? 'localhost', settings.version) ?? [];
}

/**
 * Where clients reach a server, as far as its settings tell: the port, and the first name or address that it listens on, those
 * of its own machine last. A wildcard tells no host.
 */
export function serverAddress(settings: ConfTree): Partial<Pick<ConnectionTarget, 'host' | 'port'>> {
  const hosts = listenAddresses(settings).filter((each) => !['*', '0.0.0.0', '::'].includes(each));
  const host = hosts.find((each) => !isLoopbackHost(each)) ?? hosts[0];
  const port = Number(setting(settings, 'port') ?? Number.NaN);
  return { ...(host !== undefined && { host }), ...(Number.isInteger(port) && { port }) };
}
