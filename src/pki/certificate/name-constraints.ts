import { asciiBytes, type Bytes, der, derSequence } from '../../asn1/der.ts';
import { PgHostsslError } from '../../errors.ts';
import { formatIpAddress, parseIpAddress } from '../../net/ip.ts';
import { extension, extensionOid } from './extensions.ts';
import { parseHost } from './host.ts';

/** Names that an authority is limited to, or kept from. */
export interface NameSubtrees {
  /** DNS names, each with all names below it: `example.com` also stands for `db.example.com`. */
  readonly dns?: readonly string[];
  /** Networks, as `10.0.0.0/8` or `2001:db8::/32`; a single address without a prefix. */
  readonly ip?: readonly string[];
}

/**
 * Limits on the names in all certificates below an authority (RFC 5280 §4.2.1.10). A kind of name that has permitted
 * subtrees must be in one of them; kinds without are free. Mind that OpenSSL holds a client certificate's common name
 * against the DNS limits, too, if it looks like a host name, that is, has a dot in it.
 */
export interface NameConstraints {
  /** The only names allowed. */
  readonly permitted?: NameSubtrees;
  /** Names not allowed. */
  readonly excluded?: NameSubtrees;
}

/**
 * The extension, always critical, as RFC 5280 demands.
 *
 * @throws PgHostsslError `host-invalid` for what is no DNS name or network.
 */
export function nameConstraints({ permitted, excluded }: NameConstraints): Bytes {
  const subtrees = (tag: number, names: NameSubtrees | undefined) => {
    const encoded = [
      ...(names?.dns ?? []).map((name) => derSequence(der(0x82, asciiBytes(dnsSubtree(name))))),
      ...(names?.ip ?? []).map((network) => derSequence(der(0x87, networkBytes(network)))),
    ];
    return encoded.length === 0 ? [] : [der(tag, ...encoded)];
  };
  const value = derSequence(...subtrees(0xa0, permitted), ...subtrees(0xa1, excluded));
  return extension(extensionOid.nameConstraints, value, true);
}

function dnsSubtree(text: string): string {
  const host = parseHost(text);
  if (host.kind === 'ip' || host.name.startsWith('*')) {
    throw new PgHostsslError('host-invalid', `The name constraint ${JSON.stringify(text)} is no DNS name`, {
      hint: 'example.com stands for all names below it; addresses go into ip.',
    });
  }
  return host.name;
}

function networkBytes(text: string): Bytes {
  const [addressPart = '', prefixPart, more] = text.split('/');
  const address = parseIpAddress(addressPart);
  const bits = (address?.bytes.length ?? 0) * 8;
  const prefix = prefixPart === undefined ? bits : /^\d{1,3}$/.test(prefixPart) ? Number(prefixPart) : Number.NaN;
  const valid = address !== undefined && address.zone === undefined && more === undefined && prefix <= bits;
  if (!valid || (address.family === 'ipv4' && formatIpAddress(address) !== addressPart)) {
    throw new PgHostsslError('host-invalid', `The name constraint ${JSON.stringify(text)} is no network`, {
      hint: 'Write it as 10.0.0.0/8 or 2001:db8::/32.',
    });
  }
  const mask = address.bytes.map((_, i) => (0xff00 >> Math.min(8, Math.max(0, prefix - 8 * i))) & 0xff);
  return Uint8Array.from([...address.bytes.map((octet, i) => octet & mask[i]!), ...mask]);
}
