import { asciiText, equalBytes } from '../../asn1/der.ts';
import { commonNameBytes } from '../../names/name.ts';
import { parseIpAddress } from '../../net/ip.ts';
import { readCertificate } from './certificate.ts';
import { readHostEntries } from './extensions.ts';

/** Whether a client of libpq that verifies the host takes a server certificate for it, and why. */
export interface HostMatch {
  /** Whether it does. */
  readonly matches: boolean;
  /**
   * `alternative-name` or `common-name`: what matched. `no-match`: nothing did. `unreadable-entry`: libpq gives up at an
   * entry that holds a NUL, or an address of an impossible length, before it finds a match.
   */
  readonly because: 'alternative-name' | 'common-name' | 'no-match' | 'unreadable-entry';
}

/**
 * Whether libpq of a major takes a server certificate (the first one in a PEM text) for a host with
 * `sslmode=verify-full`. `host` is what the connection names as `host`, never `hostaddr`; an international name is its
 * A-label, since libpq converts nothing.
 *
 * - Up to 14: dNSName entries, or, if there is none, the common name. An address is compared as text.
 * - From 15 on: an address, in any form of `inet_aton`, also matches an iPAddress entry; the common name counts only if
 *   there is no entry of the host's own kind.
 *
 * Mirrors `pgtls_verify_peer_name_matches_certificate_guts` (fe-secure-openssl.c) and the functions of
 * fe-secure-common.c.
 *
 * @throws PgHostsslError `certificate-invalid`
 */
export function matchesHost(certificate: string | Uint8Array, host: string, libpqMajor: number): HostMatch {
  const { extensions, subject } = readCertificate(certificate);
  const readsAddresses = libpqMajor >= 15;
  const address = readsAddresses ? hostAddress(host) : undefined;
  const ownKind = address === undefined ? 'dns' : 'ip';
  let mayUseCommonName = true;
  for (const entry of readHostEntries(extensions)) {
    if (entry.kind === 'ip' && !readsAddresses) continue;
    if (entry.kind === ownKind) mayUseCommonName = false;
    if (entry.kind === 'dns' ? entry.name.includes('\0') : ![4, 16].includes(entry.address.length)) {
      return { matches: false, because: 'unreadable-entry' };
    }
    const matches =
      entry.kind === 'dns'
        ? nameMatches(entry.name, host)
        : address !== undefined && equalBytes(entry.address, address);
    if (matches) return { matches, because: 'alternative-name' };
  }
  const name = mayUseCommonName ? commonNameBytes(subject) : undefined;
  if (name?.includes(0)) return { matches: false, because: 'unreadable-entry' };
  return name !== undefined && nameMatches(asciiText(name), host)
    ? { matches: true, because: 'common-name' }
    : { matches: false, because: 'no-match' };
}

/** `pq_verify_peer_name_matches_certificate_name` and `wildcard_certificate_match`. */
function nameMatches(pattern: string, host: string): boolean {
  // Bytes are compared, and A to Z alone have another case (`pg_strcasecmp`).
  const lower = { pattern: lowerCase(pattern), host: lowerCase(asciiText(new TextEncoder().encode(host))) };
  if (lower.pattern === lower.host) return true;
  if (!lower.pattern.startsWith('*.') || lower.pattern.length < 3) return false;
  const longer = lower.host.length - lower.pattern.length;
  // The star stands for one whole label.
  return longer >= 0 && lower.host.endsWith(lower.pattern.slice(1)) && lower.host.indexOf('.') >= longer;
}

function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** `is_ip_address` */
function hostAddress(host: string): Uint8Array | undefined {
  const address = parseIpAddress(host);
  return address === undefined || address.zone !== undefined ? undefined : Uint8Array.from(address.bytes);
}
