import { toHex } from '../../asn1/der.ts';
import { PgHostsslError } from '../../errors.ts';
import { formatIpAddress, parseIpAddress } from '../../net/ip.ts';

/** A host for which a server certificate is valid. */
export type Host =
  | {
      /** A DNS name. */
      readonly kind: 'dns';
      /** Lower-case, international names as A-labels; may begin with `*.`. */
      readonly name: string;
    }
  | {
      /** An IP address. */
      readonly kind: 'ip';
      /** Four or sixteen bytes. */
      readonly address: Uint8Array<ArrayBuffer>;
      /** The spellings under which clients that compare text may ask for it: as given, and in the usual form. */
      readonly texts: readonly string[];
    };

/**
 * The host that a text names: a DNS name (international ones become A-labels), a wildcard `*.example.com`, an IPv4 or
 * IPv6 address.
 *
 * @throws PgHostsslError `host-invalid` for anything else: a URL, a port, an address with a prefix or zone, a wildcard
 * elsewhere, a name that DNS cannot hold.
 */
export function parseHost(text: string): Host {
  const address = parseIpAddress(text);
  if (address !== undefined) {
    const canonical = formatIpAddress(address);
    if (address.zone !== undefined) throw invalid(text, 'has a zone, which is of one machine and in no certificate');
    if (address.family === 'ipv4' && canonical !== text) {
      throw invalid(text, 'is an IPv4 address in an unusual spelling', `Write it as ${canonical}, if that is meant.`);
    }
    return {
      kind: 'ip',
      address: Uint8Array.from(address.bytes),
      texts: [...new Set([text.toLowerCase(), canonical])],
    };
  }
  const wildcard = text.startsWith('*.') ? '*.' : '';
  return { kind: 'dns', name: wildcard + dnsName(text.slice(wildcard.length), text) };
}

/** The text of an address in a certificate; hexadecimal digits where it has an impossible length. */
export function addressText(address: Uint8Array): string {
  if (address.length !== 4 && address.length !== 16) return toHex(address);
  return formatIpAddress({ family: address.length === 4 ? 'ipv4' : 'ipv6', bytes: [...address] });
}

function dnsName(name: string, whole: string): string {
  const ascii =
    /^[\x21-\x7e]+$/.test(name) && !/(?:^|\.)xn--/i.test(name) ? name.toLowerCase() : toALabels(name, whole);
  const labels = ascii.split('.');
  if (ascii.length > 253) throw invalid(whole, 'is longer than 253 characters');
  if (ascii.endsWith('.')) throw invalid(whole, 'ends with a dot', 'Leave the final dot away: certificates have none.');
  for (const label of labels) {
    if (label.length > 63) throw invalid(whole, `has a label of more than 63 characters`);
    // The underscore is no part of host names by RFC 1123, but container networks are full of it, and it verifies.
    if (!/^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/.test(label)) {
      throw invalid(
        whole,
        'is no host name',
        'Give a DNS name, *.example.com, an IPv4 or an IPv6 address, without port or brackets.',
      );
    }
  }
  // What ends in a number is taken for an IPv4 address by the URL standard, and it was none above.
  if (/^\d+$/.test(labels.at(-1)!)) throw invalid(whole, 'is no IPv4 address, and no DNS name ends in a number');
  return ascii;
}

/** UTS #46 processing as the URL standard has it, kept away from everything else that URLs can hold. */
function toALabels(name: string, whole: string): string {
  const host = /[\0-\x2c/:-@[-^`{-\x7f]/.test(name) ? undefined : hostnameOfUrl(`http://${name}/`);
  // A name in full-width digits would come out as an address that the caller did not write.
  if (host === undefined || parseIpAddress(host) !== undefined) throw invalid(whole, 'is no host name');
  return host;
}

function hostnameOfUrl(url: string): string | undefined {
  try {
    return new URL(url).hostname;
  } catch {
    return undefined;
  }
}

function invalid(host: string, what: string, hint?: string): PgHostsslError {
  return new PgHostsslError('host-invalid', `The host ${JSON.stringify(host)} ${what}`, hint ? { hint } : {});
}
