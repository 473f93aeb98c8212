import { given } from '../../arguments.ts';
import type { ConnectionTarget } from '../../client/bundle/target.ts';
import { settingDefinition } from '../../conf/catalogue/catalogue.ts';
import type { ConfTree } from '../../conf/tree.ts';
import { readValue, splitListSetting } from '../../conf/values/value.ts';
import { isLoopbackHost } from '../../net/network.ts';
import { setting } from './settings.ts';

/** The names and addresses that a server listens on: the elements of `listen_addresses`. */
export function listenAddresses(settings: ConfTree): readonly string[] {
  const text = settings.effective('listen_addresses')?.value ?? 'localhost';
  return splitListSetting('listen_addresses', text, settings.version) ?? [];
}

/** Whether an element of `listen_addresses` stands for all addresses of the machine, or for all of a family. */
export function isWildcard(listen: string): boolean {
  return ['*', '0.0.0.0', '::'].includes(listen);
}

/**
 * The host and port at which clients reach a server, as far as its settings say. The host is the first name or address
 * in `listen_addresses` that is not a loopback address. If there is none, it is the first loopback address. Wildcards
 * are ignored.
 */
export function serverAddress(settings: ConfTree): Partial<Pick<ConnectionTarget, 'host' | 'port'>> {
  const hosts = listenAddresses(settings).filter((each) => !isWildcard(each));
  const host = hosts.find((each) => !isLoopbackHost(each)) ?? hosts[0];
  return given({ host, port: portOf(settings) });
}

/**
 * The value of the setting `port` as a number. As on the server, `0x1538` and `012470` mean 5432, and from 12 on
 * `5432.4` does, too.
 */
export function portOf(settings: ConfTree): number | undefined {
  const text = setting(settings, 'port');
  const read =
    text === undefined ? undefined : readValue(settingDefinition('port', settings.version)!, text, settings.version);
  return read?.ok && typeof read.value === 'number' ? read.value : undefined;
}
