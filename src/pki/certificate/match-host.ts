import { assertText, assertVersion } from '../../arguments.ts';
import { asciiText } from '../../asn1/bytes.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { equalBytes } from '../../c/compare.ts';
import { commonNameBytes } from '../../names/name.ts';
import { parseIpAddress } from '../../net/ip.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import { readHostEntries } from './alternative-names.ts';
import { readCertificate } from './certificate.ts';

/** The major versions whose libpq compares iPAddress entries. */
const addressEntries: PgMajorSpan = { since: 15 };

/** The verdict of libpq on a server certificate for a host, and the reason. */
export interface HostMatch {
  /** Whether libpq accepts the certificate. */
  readonly matches: boolean;
  /**
   * `alternative-name` or `common-name`: an entry of this kind matched. `no-match`: no entry matched.
   * `unreadable-entry`: before any match, libpq found an entry with a NUL, or an iPAddress entry that is neither 4 nor
   * 16 bytes long, and refused the certificate.
   */
  readonly because: 'alternative-name' | 'common-name' | 'no-match' | 'unreadable-entry';
}

/**
 * Whether libpq of a major version accepts a server certificate for a host with `sslmode=verify-full`.
 *
 * - Up to 14, libpq compares the dNSName entries. It compares the common name only if there are no dNSName entries. It
 *   compares an IP address only as text.
 * - From 15 on, an IP address in any form that `inet_aton` reads also matches an iPAddress entry. libpq compares the
 *   common name only if the certificate has no entry of the host's kind.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, matchesHost } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { certificate } = await authority.issueServerCertificate({ hosts: ['*.example.com'] });
 * assert.deepEqual(matchesHost(certificate, 'db.example.com', 18), { matches: true, because: 'alternative-name' });
 * assert.deepEqual(matchesHost(certificate, 'example.com', 18), { matches: false, because: 'no-match' });
 * ```
 *
 * @param certificate PEM or DER; only the first certificate of a PEM text is read
 * @param host the `host` of the connection, not its `hostaddr`; for an international name, its A-labels, because libpq
 * converts nothing
 * @param libpqMajor the major version of libpq, such as 18
 * @throws PgHostsslError `certificate-invalid`, `version-unknown`, `argument-invalid`
 * @see `pgtls_verify_peer_name_matches_certificate_guts` in fe-secure-openssl.c, and fe-secure-common.c
 */
export function matchesHost(certificate: string | Uint8Array, host: string, libpqMajor: PgMajor): HostMatch {
  assertText(host, 'the host of matchesHost');
  assertVersion(libpqMajor);
  const { extensions, subject } = readCertificate(certificate);
  const readsAddresses = spanIncludes(addressEntries, libpqMajor);
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

/**
 * Whether a name in a certificate matches a host: `pq_verify_peer_name_matches_certificate_name` and
 * `wildcard_certificate_match` of libpq.
 */
function nameMatches(pattern: string, host: string): boolean {
  // `pg_strcasecmp` compares bytes, and ignores the case of A to Z only.
  const lower = { pattern: pgAsciiToLower(pattern), host: pgAsciiToLower(asciiText(new TextEncoder().encode(host))) };
  if (lower.pattern === lower.host) return true;
  if (!lower.pattern.startsWith('*.') || lower.pattern.length < 3) return false;
  const longer = lower.host.length - lower.pattern.length;
  // The star of a wildcard matches exactly one label.
  return longer >= 0 && lower.host.endsWith(lower.pattern.slice(1)) && lower.host.indexOf('.') >= longer;
}

/** Whether libpq takes a host for an IP address: `is_ip_address`. */
function hostAddress(host: string): Uint8Array | undefined {
  const address = parseIpAddress(host);
  return address === undefined || address.zone !== undefined ? undefined : Uint8Array.from(address.bytes);
}
