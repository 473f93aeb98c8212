import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { asciiBytes, type Bytes, joinBytes } from '../../asn1/bytes.ts';
import { der, derSequence } from '../../asn1/der.ts';
import { PgHostsslError } from '../../errors.ts';
import { formatIpAddress } from '../../net/ip.ts';
import { networkOf, parseNetwork } from '../../net/network.ts';
import { extension, extensionOid } from './extensions.ts';
import { nameTag } from './general-name.ts';
import { parseHost } from './host.ts';

/** Names that a CA may use in certificates, or must not use. */
export interface NameSubtrees {
  /** DNS names. A name includes all names below it: `example.com` includes `db.example.com`. */
  readonly dns?: readonly string[] | undefined;
  /** Networks such as `10.0.0.0/8` or `2001:db8::/32`, or single addresses without a prefix. */
  readonly ip?: readonly string[] | undefined;
}

/**
 * Limits on the names in all certificates below a CA (RFC 5280 §4.2.1.10). If permitted subtrees of a kind are given, a
 * name of that kind must be in one of them. OpenSSL also compares the common name of a client certificate with the DNS
 * limits, if the common name has a dot and so looks like a host name.
 */
export interface NameConstraints {
  /** The names that certificates may hold. Other names of the same kind are forbidden. */
  readonly permitted?: NameSubtrees | undefined;
  /** The names that certificates must not hold. */
  readonly excluded?: NameSubtrees | undefined;
}

const constraintNames: PropertyNames<NameConstraints> = { permitted: true, excluded: true };
const subtreeNames: PropertyNames<NameSubtrees> = { dns: true, ip: true };

/**
 * The extension of name constraints. It is always critical, as RFC 5280 demands.
 *
 * @throws PgHostsslError `host-invalid` for a text that is neither a DNS name nor a network; `argument-invalid`
 */
export function nameConstraints(constraints: NameConstraints): Bytes {
  assertProperties(constraints, constraintNames, 'nameConstraints');
  const { permitted, excluded } = constraints;
  const subtrees = (tag: number, names: NameSubtrees | undefined) => {
    if (names !== undefined) assertProperties(names, subtreeNames, 'subtrees of nameConstraints');
    const encoded = [
      ...(names?.dns ?? []).map((name) => derSequence(der(nameTag.dns, asciiBytes(dnsSubtree(name))))),
      ...(names?.ip ?? []).map((network) => derSequence(der(nameTag.ip, networkBytes(network)))),
    ];
    return encoded.length === 0 ? [] : [der(tag, joinBytes(encoded))];
  };
  const value = derSequence(...subtrees(0xa0, permitted), ...subtrees(0xa1, excluded));
  return extension(extensionOid.nameConstraints, value, { critical: true });
}

function dnsSubtree(text: string): string {
  const host = parseHost(text);
  if (host.kind === 'ip' || host.name.startsWith('*')) {
    throw new PgHostsslError('host-invalid', `The name constraint ${JSON.stringify(text)} is not a DNS name`, {
      hint: 'example.com includes all names below it. Addresses belong in `ip`.',
    });
  }
  return host.name;
}

function networkBytes(text: string): Bytes {
  const network = text.includes(' ') ? undefined : parseNetwork(text);
  const isPlain =
    network !== undefined &&
    network.address.zone === undefined &&
    (network.address.family === 'ipv6' || formatIpAddress(network.address) === text.split('/', 1)[0]);
  if (!isPlain) {
    throw new PgHostsslError('host-invalid', `The name constraint ${JSON.stringify(text)} is not a network`, {
      hint: 'Write a network as 10.0.0.0/8 or 2001:db8::/32.',
    });
  }
  const { address, mask } = network;
  return Uint8Array.from([...networkOf(address, mask).bytes, ...mask.bytes]);
}
