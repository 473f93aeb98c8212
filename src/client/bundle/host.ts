import { PgHostsslError } from '../../errors.ts';
import { parseHostName } from '../../net/host-name.ts';
import { formatIpAddress, parseIpAddress } from '../../net/ip.ts';

/**
 * Normalizes a host, so that two hosts can be compared byte by byte. The result is in lower case and has no trailing
 * dot. An internationalised name is converted to A-labels, because libpq does not convert names. An IP address is
 * converted to its canonical form, without brackets.
 *
 * @throws PgHostsslError `connection-host-invalid` for a Unix socket directory, a host list, or any other text that is
 * neither a DNS name nor an address.
 */
export function normalizeHost(text: string): string {
  if (text.startsWith('/') || text.startsWith('@')) {
    throw new PgHostsslError('connection-host-invalid', `${shown(text)} is a Unix socket, which has no TLS`, {
      hint: 'Give the host name or address at which clients reach the server over TCP.',
    });
  }
  if (text.includes(',')) {
    throw new PgHostsslError('connection-host-invalid', `${shown(text)} is a list of hosts`, {
      hint: 'Give one host only.',
    });
  }
  const host = canonicalHost(text);
  if (host === undefined) {
    throw new PgHostsslError('connection-host-invalid', `${shown(text)} is neither a host name nor an IP address`, {
      hint: `Give the name or the address alone, such as db.example.com, 10.0.0.7 or ::1.${text.includes('@') ? ' In a URL, write "@" in a user or a password as %40.' : ''}`,
    });
  }
  return host;
}

/** Whether a normalized host is an IP address. */
export function isAddress(host: string): boolean {
  return parseIpAddress(host) !== undefined;
}

/**
 * Quotes a host for an error message. A text with a character that no host name, address, list or path has may be a
 * connection string or a part of a password, so it is not shown.
 */
function shown(text: string): string {
  return /^[\p{L}\p{N}._:,[\]/%-]*$/u.test(text) ? JSON.stringify(text) : 'The host';
}

function canonicalHost(text: string): string | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  const address = parseIpAddress(bare);
  // Only an IPv6 address may be in brackets. If any other text is in brackets, libpq reads a host name with brackets.
  if (bare !== text && address?.family !== 'ipv6') return undefined;
  if (address?.family === 'ipv4') return formatIpAddress(address);
  // An IPv6 address gets the form that `pg` reads from a URL, which is not always that of `inet_ntop`: `::1:0` instead
  // of `::0.1.0.0`.
  if (address !== undefined)
    return address.zone === undefined ? new URL(`http://[${bare}]/`).hostname.slice(1, -1) : undefined;
  const parsed = parseHostName(bare.replace(/\.$/, ''));
  return 'name' in parsed ? parsed.name : undefined;
}
