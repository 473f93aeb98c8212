import type { Token } from '../../auth-file/scan/token.ts';
import { strtol } from '../../c/numbers.ts';
import { formatIpAddress, type IpAddress, parseIpAddress } from '../../net/ip.ts';
import { addressBits, maskOfPrefix, type Network } from '../../net/network.ts';
import { withAsciiLetters } from '../../text/letters.ts';
import type { HbaAddress } from '../rule.ts';
import { type AddressKeyword, isAddressKeyword } from '../tables/keywords.ts';

/** The address column as the server stores it. */
export type ServerAddress =
  | { readonly kind: 'keyword'; readonly keyword: AddressKeyword }
  | { readonly kind: 'network'; readonly address: IpAddress; readonly mask: IpAddress }
  | { readonly kind: 'host-name'; readonly hostName: string };

/**
 * The content of an address column: a complete address, an IP address whose mask is in the next column, or an error.
 */
export type AddressReading =
  | ServerAddress
  | { readonly kind: 'needs-mask'; readonly address: IpAddress }
  | { readonly kind: 'host-name-with-mask' }
  | { readonly kind: 'bad-prefix' };

/** Returns the network of a rule's address; `undefined` for a keyword, a host name, or text that is no IP address. */
export function networkOfAddress(address: HbaAddress): Network | undefined {
  if (!('ip' in address)) return undefined;
  const ip = parseIpAddress(address.ip);
  if (ip === undefined) return undefined;
  if ('mask' in address) {
    const mask = parseIpAddress(address.mask);
    return mask && { address: ip, mask };
  }
  const { prefix } = address;
  const isPrefix = Number.isInteger(prefix) && prefix >= 0 && prefix <= addressBits(ip.family);
  return isPrefix ? { address: ip, mask: maskOfPrefix(ip.family, prefix) } : undefined;
}

/**
 * Reads the token of an address column, as `parse_hba_line` does.
 *
 * @param interfaces the network interfaces of the server's machine; if `undefined`, every interface is assumed to exist
 */
export function readAddress(token: Token, interfaces: readonly string[] | undefined): AddressReading {
  const { value, quoted } = token;
  if (!quoted && isAddressKeyword(value)) return { kind: 'keyword', keyword: value };
  const slash = value.indexOf('/');
  const host = slash === -1 ? value : value.slice(0, slash);
  const address = parseIpAddress(host, interfaces);
  if (slash === -1) {
    return address === undefined ? { kind: 'host-name', hostName: host } : { kind: 'needs-mask', address };
  }
  if (address === undefined) return { kind: 'host-name-with-mask' };
  const prefix = parsePrefix(value.slice(slash + 1), addressBits(address.family));
  if (prefix === undefined) return { kind: 'bad-prefix' };
  return { kind: 'network', address, mask: maskOfPrefix(address.family, prefix) };
}

/**
 * Returns whether a client can have this host name. If the name begins with a dot, returns whether a client can have a
 * host name that ends with it. PostgreSQL treats any text that is not an IP address as a host name, so a mistyped
 * address ends up here: `*`, `999.1.1.1`, `[::1]`.
 */
export function isPossibleHostName(name: string): boolean {
  const labels = withAsciiLetters(name).replace(/^\./, '').split('.');
  const areLabels = labels.every((label) => /^\w(?:[\w-]*\w)?$/.test(label));
  return areLabels && !/^\d+$/.test(labels.at(-1)!);
}

/** Returns the address and netmask columns of the view. The texts are canonical and keep host bits. */
export function addressColumns(address: ServerAddress): { address: string; netmask: string | null } {
  if (address.kind === 'keyword') return { address: address.keyword, netmask: null };
  if (address.kind === 'host-name') return { address: address.hostName, netmask: null };
  return { address: formatIpAddress(address.address), netmask: formatIpAddress(address.mask) };
}

/**
 * Reads a prefix length with `strtol`, which allows leading blanks, a sign and leading zeros (`pg_sockaddr_cidr_mask`).
 */
function parsePrefix(text: string, bits: number): number | undefined {
  const { value, end } = strtol(text, 10);
  if (text === '' || end !== text.length || value < 0 || value > bits) return undefined;
  // Turns -0 into 0.
  return Math.abs(value);
}
