import { PgHostsslError } from '../../errors.ts';

const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const dnsName = new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`);
const ipv4Address = /^\d+\.\d+\.\d+\.\d+$/;

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
  return host.includes(':') || ipv4Address.test(host);
}

function canonicalHost(text: string): string | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  // The URL parser would drop some of these characters.
  if (/[\0-\x20/?#@\\[\]%]|[\p{White_Space}\p{Cf}]/u.test(bare)) return undefined;
  let host: string;
  try {
    // The URL parser of web schemes converts internationalised names and every notation of an IPv4 address.
    host = new URL(bare.includes(':') ? `http://[${bare}]/` : `http://${bare}/`).hostname;
  } catch {
    return undefined;
  }
  if (host.startsWith('[')) return host.slice(1, -1);
  const name = host.replace(/\.$/, '');
  return dnsName.test(name) ? name : undefined;
}
