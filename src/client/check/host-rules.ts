import { pgAsciiToLower } from '../../c/ascii.ts';
import { nameValues } from '../../names/name.ts';
import { formatIpAddress, parseIpAddress } from '../../net/ip.ts';
import type { CertificateInfo } from '../../pki/certificate/inspect.ts';

/**
 * The client programs that differ in how they compare a host with a server certificate. `libpq-14` means libpq up to
 * 14, `libpq-15` libpq from 15 on, and `java` pgjdbc.
 */
export type HostClient = 'libpq-14' | 'libpq-15' | 'node' | 'go' | 'java';

/** The names in a certificate that client programs compare with a host. */
export type HostNames = Pick<CertificateInfo, 'subject' | 'dnsNames' | 'ipAddresses'>;

/**
 * Functions that compare a host with the names in a certificate as Node, Go and pgjdbc do. The host must be normalized:
 * lower case, no final dot, an IP address in canonical form.
 */
export const driverRules: Readonly<Record<'node' | 'go' | 'java', (names: HostNames, host: string) => boolean>> = {
  node: nodeMatches,
  go: goMatches,
  java: javaMatches,
};

/**
 * Compares a host as `checkServerIdentity` of `node:tls` does: the common name is compared only if the certificate has
 * no dNSName.
 */
function nodeMatches({ subject, dnsNames, ipAddresses }: HostNames, host: string): boolean {
  if (parseIpAddress(host) !== undefined) return hasAddress(ipAddresses, host);
  const patterns = dnsNames.length > 0 ? dnsNames : nameValues(subject, 'CN');
  return patterns.some((pattern) => nodeNameMatches(pgAsciiToLower(pattern), host));
}

/**
 * Whether an address is one of those in a certificate. The two have different notations for addresses such as ::1:0.
 */
function hasAddress(ipAddresses: readonly string[], host: string): boolean {
  return ipAddresses.includes(formatIpAddress(parseIpAddress(host)!));
}

/**
 * Compares a host with one name as `check` in lib/tls.js of Node does: a star matches a part of the first label, and at
 * least two labels must follow that label.
 */
function nodeNameMatches(pattern: string, host: string): boolean {
  const [parts, hostParts] = [pattern.replace(/\.$/, '').split('.'), host.split('.')];
  if (parts.length !== hostParts.length || parts.includes('') || /[^\x21-\x7f]/.test(pattern)) return false;
  if (parts.slice(1).join('.') !== hostParts.slice(1).join('.')) return false;
  const [first, hostFirst] = [parts[0]!, hostParts[0]!];
  const [prefix, suffix, ...more] = first.split('*');
  if (suffix === undefined || first.includes('xn--')) return first === hostFirst;
  if (more.length > 0 || parts.length <= 2 || prefix!.length + suffix.length > hostFirst.length) return false;
  return hostFirst.startsWith(prefix!) && hostFirst.endsWith(suffix);
}

/**
 * Compares a host as `VerifyHostname` of Go's crypto/x509 does: only with subject alternative names. An IP address is
 * compared with iPAddress entries only, and a name with dNSName entries only.
 */
function goMatches({ dnsNames, ipAddresses }: HostNames, host: string): boolean {
  if (parseIpAddress(host) !== undefined) return hasAddress(ipAddresses, host);
  return dnsNames.some((name) => {
    const pattern = pgAsciiToLower(name);
    if (!isGoHostname(host) || !isGoHostname(pattern)) return pattern !== '.' && pattern === host;
    const [parts, hostParts] = [pattern.split('.'), host.split('.')];
    if (parts.length !== hostParts.length) return false;
    return parts.every((part, index) => (index === 0 && part === '*') || part === hostParts[index]);
  });
}

/**
 * Whether Go compares a text label by label: `validHostname` of crypto/x509. Only a name in a certificate can have a
 * star, because the host is normalized.
 */
function isGoHostname(name: string): boolean {
  if (name === '*') return false;
  return name
    .split('.')
    .every((label, index) => (index === 0 && label === '*') || /^[a-z0-9_][a-z0-9_-]*$/.test(label));
}

/**
 * Compares a host as `PGjdbcHostnameVerifier` of pgjdbc does: with the dNSName entries, or with the common name if
 * there are no dNSName entries. No IPv6 address matches.
 */
function javaMatches({ subject, dnsNames, ipAddresses }: HostNames, host: string): boolean {
  const address = parseIpAddress(host);
  if (address?.family === 'ipv6') return false;
  if (address !== undefined && ipAddresses.includes(host)) return true;
  if (dnsNames.length > 0) return dnsNames.some((pattern) => javaNameMatches(pattern, host));
  const mostSpecific = nameValues(subject, 'CN').toSorted(compareSpecificity).at(-1);
  return mostSpecific !== undefined && javaNameMatches(mostSpecific, host);
}

function javaNameMatches(pattern: string, host: string): boolean {
  const lower = pgAsciiToLower(pattern);
  if (!lower.includes('*')) return lower === host;
  if (lower.lastIndexOf('*') > 0 || !lower.includes('.') || host.length < lower.length - 1) return false;
  const start = host.length - lower.length + 1;
  return !host.slice(0, start).includes('.') && host.endsWith(lower.slice(1));
}

/** Orders common names as `HOSTNAME_PATTERN_COMPARATOR` of pgjdbc does: the most specific name comes last. */
function compareSpecificity(a: string, b: string): number {
  const count = (text: string, character: string): number => text.split(character).length;
  return count(a, '.') - count(b, '.') || count(b, '*') - count(a, '*') || a.length - b.length;
}
