import { toHex } from '../../asn1/bytes.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { PgHostsslError } from '../../errors.ts';
import { parseHostName } from '../../net/host-name.ts';
import { formatIpAddress, parseIpAddress } from '../../net/ip.ts';

/** A host that a server certificate names. */
export type Host =
  | {
      /** A DNS name. */
      readonly kind: 'dns';
      /**
       * The name in lower case. The labels of an international name are A-labels (`xn--…`). A wildcard begins with
       * `*.`.
       */
      readonly name: string;
    }
  | {
      /** An IP address. */
      readonly kind: 'ip';
      /** The bytes of the address: four for IPv4, sixteen for IPv6. */
      readonly address: Uint8Array<ArrayBuffer>;
      /** The texts of the address that clients may compare: the address as given, and its canonical form. */
      readonly texts: readonly string[];
    };

/**
 * Parses a host: a DNS name, a wildcard `*.example.com`, or an IPv4 or IPv6 address. An international name becomes
 * A-labels.
 *
 * @throws PgHostsslError `host-invalid` for any other text: a URL, a port, an address with a prefix or zone, a wildcard
 * in another place, a name that DNS cannot hold
 */
export function parseHost(text: string): Host {
  if (typeof text !== 'string') throw new PgHostsslError('host-invalid', 'A host must be a string');
  const address = parseIpAddress(text);
  if (address !== undefined) {
    const canonical = formatIpAddress(address);
    if (address.zone !== undefined) throw invalid(text, 'has a zone, and a zone has a meaning on one machine only');
    if (address.family === 'ipv4' && canonical !== text) {
      throw invalid(text, 'is an IPv4 address in an unusual form', `If you mean this address, write ${canonical}.`);
    }
    return {
      kind: 'ip',
      address: Uint8Array.from(address.bytes),
      texts: [...new Set([pgAsciiToLower(text), canonical])],
    };
  }
  const wildcard = text.startsWith('*.') ? '*.' : '';
  return { kind: 'dns', name: wildcard + dnsName(text.slice(wildcard.length), text) };
}

/**
 * The text of an IP address in a certificate. If the number of bytes fits no IP address, the text is their hexadecimal
 * digits.
 */
export function addressText(address: Uint8Array): string {
  if (address.length !== 4 && address.length !== 16) return toHex(address);
  return formatIpAddress({ family: address.length === 4 ? 'ipv4' : 'ipv6', bytes: [...address] });
}

function dnsName(text: string, whole: string): string {
  if (text.endsWith('.'))
    throw invalid(whole, 'ends with a dot', 'Leave out the final dot: certificates hold names without one.');
  const parsed = parseHostName(text);
  if ('name' in parsed) return parsed.name;
  throw invalid(
    whole,
    parsed.fault,
    'Give a DNS name, *.example.com, an IPv4 or an IPv6 address, without port or brackets.',
  );
}

function invalid(host: string, what: string, hint?: string): PgHostsslError {
  return new PgHostsslError('host-invalid', `The host ${JSON.stringify(host)} ${what}`, { hint });
}
