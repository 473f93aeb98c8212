import { given } from '../../../arguments.ts';
import { equalsIgnoringCase } from '../../../c/ascii.ts';
import { canonicalizePath } from '../../../c/paths.ts';
import type { ConnectionTarget } from '../../../client/bundle/target.ts';
import { settingDefinition } from '../../../conf/catalogue/catalogue.ts';
import type { ConfTree } from '../../../conf/tree.ts';
import { readValue, splitListSetting } from '../../../conf/values/value.ts';
import { type IpFamily, parseIpAddress } from '../../../net/ip.ts';
import { isLoopbackHost, sameAddress } from '../../../net/network.ts';
import type { KeptAccess } from '../request/request.ts';
import { setting } from './settings.ts';

/** The names and addresses that a server listens on: the elements of `listen_addresses`. */
export function listenAddresses(settings: ConfTree): readonly string[] {
  const text = settings.effective('listen_addresses')?.value ?? 'localhost';
  return splitListSetting('listen_addresses', text, settings.version) ?? [];
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

/** The reason why a client cannot reach the server, or may not be able to reach it, whatever the rules are. */
export interface Unreached {
  /**
   * `out`: the server does not listen where the client connects. `unknown`: the settings do not tell whether it does.
   */
  readonly kind: 'out' | 'unknown';
  /** The reason in words, for a message. */
  readonly reason: string;
}

/**
 * Checks that the server listens at the address or socket to which a client connects. Only from its next start on, the
 * server listens as the settings say.
 *
 * @returns the reason why the client cannot reach the server; `undefined` if it can
 */
export function unreached(settings: ConfTree, access: KeptAccess): Unreached | undefined {
  const found = access.transport === 'local' ? unreachedSocket(settings, access) : unreachedAddress(settings, access);
  if (found === undefined || settings.isWhole) return found;
  return { kind: 'unknown', reason: `${found.reason}, unless an included file that was not read says otherwise` };
}

/** Whether the settings tell the server to create no Unix socket. */
export function hasNoSocket(settings: ConfTree): boolean {
  return settings.isWhole && socketDirectories(settings)?.length === 0;
}

/** Whether an element of `listen_addresses` stands for all addresses of the machine, or for all of a family. */
export function isWildcard(listen: string): boolean {
  return ['*', '0.0.0.0', '::'].includes(listen);
}

/**
 * The value of the setting `port` as a number. As on the server, `0x1538` and `012470` mean 5432, and from 12 on
 * `5432.4` does, too.
 */
function portOf(settings: ConfTree): number | undefined {
  const text = setting(settings, 'port');
  const read =
    text === undefined ? undefined : readValue(settingDefinition('port', settings.version)!, text, settings.version);
  return read?.ok && typeof read.value === 'number' ? read.value : undefined;
}

/**
 * The directories of the server's Unix sockets; `undefined` if no file sets `unix_socket_directories` and its default
 * is not known.
 */
function socketDirectories(settings: ConfTree): readonly string[] | undefined {
  const value = settings.effective('unix_socket_directories')?.value;
  if (value === undefined) return undefined;
  return splitListSetting('unix_socket_directories', value, settings.version) ?? [];
}

function unreachedSocket(settings: ConfTree, { host, port }: KeptAccess): Unreached | undefined {
  const named = settings.effective('unix_socket_directories');
  const directories = socketDirectories(settings) ?? [];
  if (named !== undefined && directories.length === 0) {
    return out('unix_socket_directories is empty, and the server has no Unix socket');
  }
  if (host !== undefined) {
    const wanted = canonicalizePath(host, settings.version);
    const isThere = directories.some((each) => canonicalizePath(each, settings.version) === wanted);
    // If no file sets `unix_socket_directories`, the result is not certain, because a distribution may have compiled in
    // another default.
    const kind = named === undefined || named.source === 'default' ? 'unknown' : 'out';
    if (!isThere) return { kind, reason: `unix_socket_directories does not name ${host}` };
  }
  return otherPort(settings, port);
}

function unreachedAddress(settings: ConfTree, { address, host, port }: KeptAccess): Unreached | undefined {
  const listens = listenAddresses(settings);
  if (listens.length === 0) return out('listen_addresses is empty, and the server does not listen on TCP');
  const shown = `listen_addresses is ${listens.join(', ')}`;
  const client = address === undefined ? undefined : parseIpAddress(address);
  const family = client?.family;
  const ofFamily = listens.filter((each) => family === undefined || mayBe(each, family));
  if (ofFamily.length === 0)
    return out(`${shown}, and the client has an ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address`);
  if (address !== undefined && !isLoopbackHost(address) && ofFamily.every(isLoopbackHost)) {
    return out(`${shown}, and the client is on another machine`);
  }
  return (
    (host === undefined ? unreachedLoopback(ofFamily, address, shown) : unreachedHost(ofFamily, host, shown)) ??
    otherPort(settings, port)
  );
}

/**
 * Checks a client on the server's machine that gives no host: it probably connects to a loopback address, so the server
 * must listen on one.
 */
function unreachedLoopback(
  listens: readonly string[],
  address: string | undefined,
  shown: string,
): Unreached | undefined {
  if (address === undefined || !isLoopbackHost(address)) return undefined;
  if (listens.some((each) => isWildcard(each) || isLoopbackHost(each))) return undefined;
  return { kind: 'unknown', reason: `${shown}, and the client has the address ${address}` };
}

/** Checks a client that gives the host to which it connects. */
function unreachedHost(listens: readonly string[], host: string, shown: string): Unreached | undefined {
  if (listens.some((each) => isWildcard(each) || isSameHost(each, host))) return undefined;
  const isCertain = [host, ...listens].every((each) => parseIpAddress(each) !== undefined || isLoopbackHost(each));
  return { kind: isCertain ? 'out' : 'unknown', reason: `${shown}, and the client connects to ${host}` };
}

function otherPort(settings: ConfTree, port: number | undefined): Unreached | undefined {
  const own = portOf(settings);
  if (port === undefined || port === own) return undefined;
  return own === undefined
    ? { kind: 'unknown', reason: 'the port of the server is not known' }
    : out(`the port of the server is ${own}, and the client connects to ${port}`);
}

function out(reason: string): Unreached {
  return { kind: 'out', reason };
}

/**
 * Whether the server may accept connections of an address family at an element of `listen_addresses`. An IPv6 address
 * accepts only IPv6 connections, because the server sets `IPV6_V6ONLY`.
 */
function mayBe(listen: string, family: IpFamily): boolean {
  const address = parseIpAddress(listen);
  return address === undefined || address.family === family;
}

function isSameHost(listen: string, host: string): boolean {
  const [a, b] = [parseIpAddress(listen), parseIpAddress(host)];
  if (a !== undefined && b !== undefined) return sameAddress(a, b);
  return equalsIgnoringCase(listen, host) || (isLoopbackHost(listen) && isLoopbackHost(host));
}
