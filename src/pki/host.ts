import { PgHostsslError } from '../errors.ts';

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
      /** The spellings under which clients that compare text may ask for it: as given, and in RFC 5952's form. */
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
    return { kind: 'ip', address, texts: [...new Set([text.toLowerCase(), canonical])] };
  }
  const wildcard = text.startsWith('*.') ? '*.' : '';
  return { kind: 'dns', name: wildcard + dnsName(text.slice(wildcard.length), text) };
}

/** The bytes of an IPv4 or IPv6 address in text form (RFC 4291 §2.2), or `undefined`. */
export function parseIpAddress(text: string): Uint8Array<ArrayBuffer> | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** The text of an address: dotted decimals, or RFC 5952's form for IPv6. */
export function formatIpAddress(address: Uint8Array): string {
  if (address.length === 4) return address.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (address[2 * i]! * 256 + address[2 * i + 1]!).toString(16));
  const text = groups.join(':');
  // The longest run of zero groups, the first of equally long ones, and no run of one (RFC 5952 §4.2).
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length || a.index - b.index);
  const run = runs[0];
  if (run === undefined) return text;
  const before = text.slice(0, run.index).replace(/:$/, '');
  return `${before}::${text.slice(run.index + run[0].length).replace(/^:/, '')}`;
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
  // What ends in a number is taken for an IPv4 address by inet_aton and by the URL standard, and it was none above.
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

function parseIpv4(text: string): Uint8Array<ArrayBuffer> | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return Uint8Array.from(parts, Number);
}

function parseIpv6(text: string): Uint8Array<ArrayBuffer> | undefined {
  const [head, tail, more] = text.split('::');
  if (more !== undefined) return undefined;
  const front = ipv6Groups(head!);
  const back = tail === undefined ? [] : ipv6Groups(tail);
  if (front === undefined || back === undefined) return undefined;
  const missing = 16 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  // Only the very end of the address may be written as dotted decimals.
  if (tail !== undefined && head!.includes('.')) return undefined;
  return Uint8Array.from([...front, ...new Array<number>(missing).fill(0), ...back]);
}

function ipv6Groups(text: string): number[] | undefined {
  if (text === '') return [];
  const octets: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    const ipv4 = i === groups.length - 1 ? parseIpv4(group) : undefined;
    if (ipv4 !== undefined) octets.push(...ipv4);
    else if (/^[0-9a-f]{1,4}$/i.test(group))
      octets.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255);
    else return undefined;
  }
  return octets;
}

function invalid(host: string, what: string, hint?: string): PgHostsslError {
  return new PgHostsslError('host-invalid', `The host ${JSON.stringify(host)} ${what}`, hint ? { hint } : {});
}
