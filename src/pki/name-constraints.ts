import { PgHostsslError } from '../errors.ts';
import { formatIpAddress, parseIpAddress } from '../net/ip.ts';
import {
  asciiBytes,
  type Bytes,
  type DerElement,
  der,
  derSequence,
  derTag,
  equalBytes,
  readChildrenOf,
  readDer,
} from './der.ts';
import { type Extensions, extension, extensionOid, readAlternativeNames } from './extensions.ts';
import { addressText, parseHost } from './host.ts';

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

/** Names of a certificate that constraints look at. */
export interface ConstrainedNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly Uint8Array[];
  /** The subject's DER. */
  readonly subject: Bytes;
}

/** Subtrees as a certificate holds them. */
interface EncodedSubtrees {
  readonly dns: readonly string[];
  /** Address and mask. */
  readonly ip: readonly Uint8Array[];
  /** The levels of directory names. */
  readonly directory: readonly (readonly DerElement[])[];
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

/** The first name that a certificate's constraints do not allow below it, in words; `undefined` where all are allowed. */
export function forbiddenName(extensions: Extensions, names: ConstrainedNames): string | undefined {
  const constraints = extensions.get(extensionOid.nameConstraints);
  if (constraints === undefined) return undefined;
  const elements = readChildrenOf(readDer(constraints.value), derTag.sequence);
  const permitted = readSubtrees(elements.find(({ tag }) => tag === 0xa0));
  const excluded = readSubtrees(elements.find(({ tag }) => tag === 0xa1));
  const levels = readChildrenOf(readDer(names.subject), derTag.sequence);
  const forbidden = <N, S>(
    name: N,
    inside: (name: N, subtree: S) => boolean,
    allow: readonly S[],
    deny: readonly S[],
  ) =>
    (allow.length > 0 && !allow.some((subtree) => inside(name, subtree))) ||
    deny.some((subtree) => inside(name, subtree));
  const dnsName = names.dnsNames.find((name) => forbidden(name, dnsInside, permitted.dns, excluded.dns));
  if (dnsName !== undefined) return `the DNS name ${dnsName}`;
  const address = names.ipAddresses.find((bytes) => forbidden(bytes, addressInside, permitted.ip, excluded.ip));
  if (address !== undefined) return `the address ${addressText(address)}`;
  const subjectForbidden =
    levels.length > 0 && forbidden(levels, directoryInside, permitted.directory, excluded.directory);
  return subjectForbidden ? 'the subject' : undefined;
}

/**
 * The names of a certificate that constraints look at. Where no DNS name is among the alternative names, OpenSSL takes a
 * common name that looks like a host name for one (`NAME_CONSTRAINTS_check_CN`).
 */
export function constrainedNames(
  subject: Bytes,
  extensions: Extensions,
  commonNames: readonly string[],
): ConstrainedNames {
  const { dnsNames, ipAddresses } = readAlternativeNames(extensions);
  return { dnsNames: dnsNames.length > 0 ? dnsNames : commonNames.filter(looksLikeDnsName), ipAddresses, subject };
}

function readSubtrees(element: DerElement | undefined): EncodedSubtrees {
  const bases =
    element === undefined
      ? []
      : readChildrenOf(element, element.tag).map((tree) => readChildrenOf(tree, derTag.sequence)[0]!);
  return {
    dns: bases.filter(({ tag }) => tag === 0x82).map(({ content }) => String.fromCharCode(...content).toLowerCase()),
    ip: bases.filter(({ tag }) => tag === 0x87).map(({ content }) => content),
    directory: bases
      .filter(({ tag }) => tag === 0xa4)
      .map(({ content }) => readChildrenOf(readDer(content), derTag.sequence)),
  };
}

/** OpenSSL's `nc_dns`: the base itself, and what ends with it at a dot. */
function dnsInside(name: string, base: string): boolean {
  const lower = name.toLowerCase();
  return base === '' || lower === base || lower.endsWith(base.startsWith('.') ? base : `.${base}`);
}

function addressInside(address: Uint8Array, subtree: Uint8Array): boolean {
  const size = address.length;
  return subtree.length === 2 * size && address.every((octet, i) => ((octet ^ subtree[i]!) & subtree[size + i]!) === 0);
}

function directoryInside(levels: readonly DerElement[], base: readonly DerElement[]): boolean {
  return base.length <= levels.length && base.every(({ bytes }, i) => equalBytes(bytes, levels[i]!.bytes));
}

/** `cn2dnsid` of crypto/x509/v3_ncons.c: labels of letters, digits, `-` and `_`, with at least one dot between. */
function looksLikeDnsName(text: string): boolean {
  return /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/i.test(text);
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
