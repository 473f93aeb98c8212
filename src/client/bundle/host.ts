import { PgHostsslError } from '../../errors.ts';
import { parseHostName } from '../../net/host-name.ts';
import { formatIpAddress, parseIpAddress } from '../../net/ip.ts';

/**
 * Normalizes a host for a comparison byte by byte: lower case, an internationalised name as its A-labels (libpq converts
 * no name), no trailing dot, an address in its canonical form without brackets.
 *
 * @throws PgHostsslError `connection-host-invalid` for a Unix socket directory, a host list and anything else that is
 * neither a DNS name nor an address.
 */
export function normalizeHost(text: string): string {
  if (text.startsWith('/') || text.startsWith('@')) {
    throw new PgHostsslError('connection-host-invalid', `${JSON.stringify(text)} is a Unix socket, which has no TLS`, {
      hint: 'Give the host name or address at which clients reach the server over TCP.',
    });
  }
  if (text.includes(',')) {
    throw new PgHostsslError('connection-host-invalid', `${JSON.stringify(text)} is a list of hosts`, {
      hint: 'Give each host by itself.',
    });
  }
  const host = canonicalHost(text);
  if (host === undefined) {
    throw new PgHostsslError(
      'connection-host-invalid',
      `${JSON.stringify(text)} is neither a host name nor an IP address`,
    );
  }
  return host;
}

/** Whether a normalized host is an address. */
export function isAddress(host: string): boolean {
  return parseIpAddress(host) !== undefined;
}

function canonicalHost(text: string): string | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  const address = parseIpAddress(bare);
  if (address?.family === 'ipv4') return formatIpAddress(address);
  // As pg reads an IPv6 address from a URL: `::1:0` for `::0.1.0.0`, which inet_ntop writes with dots.
  if (address !== undefined)
    return address.zone === undefined ? new URL(`http://[${bare}]/`).hostname.slice(1, -1) : undefined;
  const parsed = parseHostName(bare.replace(/\.$/, ''));
  return 'name' in parsed ? parsed.name : undefined;
}
