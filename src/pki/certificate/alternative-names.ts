import { asciiBytes, asciiText, type Bytes } from '../../asn1/bytes.ts';
import { der, derSequence } from '../../asn1/der.ts';
import { type DerElement, readChildren, readDer } from '../../asn1/reader.ts';
import { type Extensions, extension, extensionOid } from './extensions.ts';
import type { Host } from './host.ts';

/**
 * Subject alternative names. An IP address becomes an iPAddress, which libpq 15 and later, Node and Java compare, and a
 * dNSName, the only entry that libpq up to 14 compares.
 */
export function subjectAltName(hosts: readonly Host[]): Bytes {
  const names = hosts.flatMap((host) =>
    host.kind === 'dns'
      ? [der(0x82, asciiBytes(host.name))]
      : [der(0x87, host.address), ...host.texts.map((text) => der(0x82, asciiBytes(text)))],
  );
  return extension(extensionOid.subjectAltName, derSequence(...names));
}

/** All subject alternative names (GeneralName, RFC 5280 §4.2.1.6), of every kind. */
export function readAlternativeNames(extensions: Extensions): readonly DerElement[] {
  const value = extensions.get(extensionOid.subjectAltName)?.value;
  return value === undefined ? [] : readChildren(readDer(value));
}

/** A subject alternative name that names a host, unchanged. */
export type HostEntry =
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'ip'; readonly address: Uint8Array };

/** The subject alternative names that name hosts, in their order. */
export function readHostEntries(extensions: Extensions): readonly HostEntry[] {
  return readAlternativeNames(extensions).flatMap(({ tag, content }): readonly HostEntry[] => {
    if (tag === 0x82) return [{ kind: 'dns', name: asciiText(content) }];
    return tag === 0x87 ? [{ kind: 'ip', address: content }] : [];
  });
}

/** The hosts among the subject alternative names. */
export interface CertificateHosts {
  /** The dNSName entries, unchanged. */
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
