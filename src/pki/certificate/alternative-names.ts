import { asciiBytes, asciiText, type Bytes, joinBytes } from '../../asn1/bytes.ts';
import { der, derSequence } from '../../asn1/der.ts';
import type { DerElement } from '../../asn1/reader.ts';
import { type Extensions, extension, extensionOid, extensionValue } from './extensions.ts';
import { nameTag, readGeneralNames } from './general-name.ts';
import type { Host } from './host.ts';

/**
 * The kinds of IP addresses that a server certificate also holds as text in dNSName entries, for clients that compare
 * only dNSName entries.
 */
export type DnsTextOfAddresses = 'ipv4' | 'all' | 'none';

/**
 * The subject alternative name extension (RFC 5280 §4.2.1.6). An IP address becomes an iPAddress entry, which libpq 15
 * and later, Node and Java compare. It also becomes a dNSName entry, because libpq up to 14 compares dNSName entries
 * only. Some programs refuse an IPv6 address as dNSName, because a DNS name has no colons.
 */
export function subjectAltName(hosts: readonly Host[], dnsText: DnsTextOfAddresses = 'ipv4'): Bytes {
  const names = hosts.flatMap((host) => {
    if (host.kind === 'dns') return [der(nameTag.dns, asciiBytes(host.name))];
    const hasText = dnsText === 'all' || (dnsText === 'ipv4' && host.address.length === 4);
    const texts = hasText ? host.texts.map((text) => der(nameTag.dns, asciiBytes(text))) : [];
    return [der(nameTag.ip, host.address), ...texts];
  });
  return extension(extensionOid.subjectAltName, derSequence(joinBytes(names)));
}

/** All subject alternative names, of every kind. */
export function readAlternativeNames(extensions: Extensions): readonly DerElement[] {
  const value = extensionValue(extensions, extensionOid.subjectAltName);
  return value === undefined ? [] : readGeneralNames(value);
}

/** A subject alternative name that names a host, as the certificate holds it. */
export type HostEntry =
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'ip'; readonly address: Uint8Array };

/** The subject alternative names that name hosts, in the order of the certificate. */
export function readHostEntries(extensions: Extensions): readonly HostEntry[] {
  return readAlternativeNames(extensions).flatMap(({ tag, content }): readonly HostEntry[] => {
    if (tag === nameTag.dns) return [{ kind: 'dns', name: asciiText(content) }];
    return tag === nameTag.ip ? [{ kind: 'ip', address: content }] : [];
  });
}

/** The hosts among the subject alternative names. */
export interface CertificateHosts {
  /** The dNSName entries, as the certificate holds them. */
  readonly dnsNames: readonly string[];
  /** The iPAddress entries: four or sixteen bytes in a valid certificate. */
  readonly ipAddresses: readonly Uint8Array[];
}

/** The DNS names and IP addresses among the subject alternative names. */
export function readHosts(extensions: Extensions): CertificateHosts {
  const entries = readHostEntries(extensions);
  return {
    dnsNames: entries.flatMap((entry) => (entry.kind === 'dns' ? [entry.name] : [])),
    ipAddresses: entries.flatMap((entry) => (entry.kind === 'ip' ? [entry.address] : [])),
  };
}
