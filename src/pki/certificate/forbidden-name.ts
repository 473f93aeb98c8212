import {
  asciiText,
  type Bytes,
  type DerElement,
  derTag,
  equalBytes,
  readChildren,
  readChildrenOf,
  readDer,
  readOid,
  readSmallInteger,
  readString,
} from '../../asn1/der.ts';
import { canonicalLevels } from '../../names/canonical-name.ts';
import { type Extensions, extensionOid } from './extensions.ts';
import { addressText } from './host.ts';

/** A name that constraints look at: a GeneralName's tag, and what is in it. */
export type ConstrainedName = Pick<DerElement, 'tag' | 'content'>;

/** Identifier octets of the kinds of GeneralName (RFC 5280 §4.2.1.6) that OpenSSL compares. */
const nameTag = { email: 0x81, dns: 0x82, directory: 0xa4, uri: 0x86, ip: 0x87 } as const;

/** Stands for what no constraints allow. */
const noName = 0;

const commonNameOid = '2.5.4.3';
const emailAddressOid = '1.2.840.113549.1.9.1';

/**
 * The names of a certificate that constraints look at: its subject, the e-mail addresses in it, and all alternative names.
 * Where no DNS name is among these, OpenSSL takes a leaf's common name that looks like a host name for one
 * (`NAME_CONSTRAINTS_check` and `NAME_CONSTRAINTS_check_CN` in crypto/x509/v3_ncons.c).
 */
export function constrainedNames(
  subject: DerElement,
  extensions: Extensions,
  isLeaf: boolean,
): readonly ConstrainedName[] {
  const attributes = readChildrenOf(subject, derTag.sequence)
    .flatMap((rdn) => readChildrenOf(rdn, derTag.set))
    .map((attribute) => readChildrenOf(attribute, derTag.sequence));
  const valuesOf = (oid: string) => attributes.filter(([type]) => readOid(type) === oid).map(([, value]) => value!);
  const alternative = extensions.get(extensionOid.subjectAltName);
  const names = alternative === undefined ? [] : readChildren(readDer(alternative.value));
  const commonNames = isLeaf && !names.some(({ tag }) => tag === nameTag.dns) ? valuesOf(commonNameOid) : [];
  return [
    ...(attributes.length === 0 ? [] : [{ tag: nameTag.directory, content: subject.bytes }]),
    // OpenSSL gives up at an address in another string type, whatever the constraints are about.
    ...valuesOf(emailAddressOid).map(({ tag, content }) => ({
      tag: tag === derTag.ia5String ? nameTag.email : noName,
      content,
    })),
    ...names,
    ...commonNames
      .filter((value) => looksLikeDnsName(readString(value) ?? ''))
      .map(({ content }) => ({ tag: nameTag.dns, content })),
  ];
}

/**
 * The first name that an authority's constraints do not allow below it, in words; `undefined` where all are allowed
 * (`nc_match` in crypto/x509/v3_ncons.c).
 */
export function forbiddenName(extensions: Extensions, names: readonly ConstrainedName[]): string | undefined {
  const constraints = extensions.get(extensionOid.nameConstraints);
  if (constraints === undefined) return undefined;
  const elements = readChildrenOf(readDer(constraints.value), derTag.sequence);
  const permitted = readSubtrees(elements.find(({ tag }) => tag === 0xa0));
  const excluded = readSubtrees(elements.find(({ tag }) => tag === 0xa1));
  const forbidden = names.find((name) => !isAllowed(name, permitted, excluded));
  return forbidden && nameInWords(forbidden);
}

/** Whether a name is in one of the permitted subtrees of its kind, if there are any, and in none of the excluded ones. */
function isAllowed(name: ConstrainedName, permitted: readonly Subtree[], excluded: readonly Subtree[]): boolean {
  if (name.tag === noName) return false;
  const [allow, deny] = [permitted, excluded].map((trees) => trees.filter(({ base }) => base.tag === name.tag));
  if ([...allow!, ...deny!].some(({ isLimited }) => isLimited)) return false;
  // OpenSSL stops at the first that fits, and gives up at one before it that it cannot compare.
  const first = allow!.map(({ base }) => isInside(name, base)).find((inside) => inside !== false);
  return (allow!.length === 0 || first === true) && deny!.every(({ base }) => isInside(name, base) === false);
}

/** Reads all that {@link forbiddenName} reads of a certificate, and of one below it; throws DerError where it cannot. */
export function readConstraints({
  subject,
  extensions,
}: {
  readonly subject: DerElement;
  readonly extensions: Extensions;
}): void {
  for (const { tag, content } of constrainedNames(subject, extensions, true)) {
    if (tag === nameTag.directory) canonicalLevels(readDer(content));
  }
  forbiddenName(extensions, [{ tag: nameTag.directory, content: subject.bytes }]);
}

/** Part of the space of names. */
interface Subtree {
  readonly base: DerElement;
  /** Whether it counts levels, which RFC 5280 forbids and OpenSSL does not evaluate. */
  readonly isLimited: boolean;
}

function readSubtrees(element: DerElement | undefined): readonly Subtree[] {
  const trees = element === undefined ? [] : readChildrenOf(element, element.tag);
  return trees.map((tree) => {
    const [base, ...limits] = readChildrenOf(tree, derTag.sequence);
    return {
      base: base!,
      isLimited: limits.some((limit) => limit.tag !== 0x80 || readSmallInteger(limit, 0x80) !== 0),
    };
  });
}

/** Whether a name is inside a subtree of its kind; `undefined` where that cannot be said, and OpenSSL rejects it. */
function isInside({ tag, content }: ConstrainedName, base: DerElement): boolean | undefined {
  switch (tag) {
    case nameTag.email:
      return emailInside(asciiText(content), asciiText(base.content));
    case nameTag.dns:
      return dnsInside(asciiText(content).toLowerCase(), asciiText(base.content).toLowerCase());
    case nameTag.directory:
      return directoryInside(content, base.content);
    case nameTag.uri:
      return uriInside(asciiText(content), asciiText(base.content));
    case nameTag.ip:
      return addressInside(content, base.content);
    default:
      return undefined;
  }
}

/** `nc_dns`: the base itself, and what ends with it at a dot. */
function dnsInside(name: string, base: string): boolean {
  return base === '' || name === base || name.endsWith(base.startsWith('.') ? base : `.${base}`);
}

/** `nc_email`: one address, all of a host, or with a dot in front all below a domain. */
function emailInside(address: string, base: string): boolean | undefined {
  if (!address.includes('@')) return undefined;
  const local = (text: string) => text.slice(0, Math.max(text.lastIndexOf('@'), 0));
  const host = (text: string) => text.slice(text.lastIndexOf('@') + 1).toLowerCase();
  if (base.startsWith('.') && !base.includes('@')) return isBelow(address.toLowerCase(), base.toLowerCase());
  return host(address) === host(base) && (local(base) === '' || local(base) === local(address));
}

/** `nc_uri`: a host, or with a dot in front all below a domain. */
function uriInside(uri: string, base: string): boolean | undefined {
  // As OpenSSL has it: the host ends at a colon, wherever it is, and else at a slash.
  const rest = /^[^:]*:\/\/(.*)$/s.exec(uri)?.[1]?.toLowerCase();
  const host = rest?.split(rest.includes(':') ? ':' : '/')[0];
  if (host === undefined || host === '') return undefined;
  return base.startsWith('.') ? isBelow(host, base.toLowerCase()) : host === base.toLowerCase();
}

function isBelow(name: string, domain: string): boolean {
  return name.length > domain.length && name.endsWith(domain);
}

/** `nc_ip`: an address and a mask. */
function addressInside(address: Uint8Array, subtree: Uint8Array): boolean | undefined {
  const size = address.length;
  if (![4, 16].includes(size) || ![8, 32].includes(subtree.length)) return undefined;
  return subtree.length === 2 * size && address.every((octet, i) => ((octet ^ subtree[i]!) & subtree[size + i]!) === 0);
}

function directoryInside(name: Bytes, base: Bytes): boolean {
  const [levels, baseLevels] = [canonicalLevels(readDer(name)), canonicalLevels(readDer(base))];
  return baseLevels.length <= levels.length && baseLevels.every((level, i) => equalBytes(level, levels[i]!));
}

/** `cn2dnsid`: labels of letters, digits, `-` and `_`, with at least one dot between. */
function looksLikeDnsName(text: string): boolean {
  return /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/i.test(text);
}

function nameInWords({ tag, content }: ConstrainedName): string {
  switch (tag) {
    case nameTag.directory:
      return 'the subject';
    case nameTag.dns:
      return `the DNS name ${asciiText(content)}`;
    case nameTag.ip:
      return `the address ${addressText(content)}`;
    default:
      return `the alternative name ${asciiText(content)}`;
  }
}
