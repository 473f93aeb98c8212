import { asciiText, type Bytes } from '../../asn1/bytes.ts';
import { derTag } from '../../asn1/der.ts';
import {
  type DerElement,
  readChildren,
  readDer,
  readFirst,
  readInteger,
  readOid,
  readString,
  SequenceReader,
} from '../../asn1/reader.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { equalBytes } from '../../c/compare.ts';
import { canonicalLevels } from '../../names/canonical-name.ts';
import { readLevels } from '../../names/name-value.ts';
import { readAlternativeNames } from './alternative-names.ts';
import { type Extensions, extensionOid, extensionValue } from './extensions.ts';
import { nameTag, readGeneralName } from './general-name.ts';
import { addressText } from './host.ts';
import { type OpensslRules, opensslRules } from './openssl-rules.ts';

/**
 * A name that name constraints apply to: the tag and the content of a GeneralName, and the form in which the name is
 * compared.
 */
export interface ConstrainedName extends Pick<DerElement, 'tag' | 'content'> {
  /**
   * The kind of the name: its tag, or the type of an otherName. OpenSSL compares only names and subtrees of one kind.
   */
  readonly kind: number | string;
  /** The relative distinguished names of a directoryName in canonical form; empty for any other name. */
  readonly levels: readonly Bytes[];
  /** The text of the name, in lower case for a DNS name; empty for an address, a directoryName and an otherName. */
  readonly text: string;
}

/**
 * The limit of OpenSSL for the comparisons of names with name constraints. OpenSSL refuses a certificate that needs
 * more comparisons: `NAME_CHECK_MAX`.
 */
const maxComparisons = 2 ** 20;

/** The tag of a name that name constraints forbid, whatever subtrees they contain. */
const noName = 0;

const commonNameOid = '2.5.4.3';
/**
 * The type of an otherName that contains an e-mail address with characters beyond ASCII (SmtpUTF8Mailbox, RFC 9598).
 */
const mailboxOid = '1.3.6.1.5.5.7.8.9';
const emailAddressOid = '1.2.840.113549.1.9.1';

/**
 * The names in a certificate that name constraints apply to: its subject, the e-mail addresses in the subject, and all
 * alternative names. If a leaf has no DNS name, OpenSSL also checks each common name that looks like a host name:
 * `NAME_CONSTRAINTS_check` and `NAME_CONSTRAINTS_check_CN` in crypto/x509/v3_ncons.c.
 */
export function constrainedNames(
  subject: DerElement,
  extensions: Extensions,
  { isLeaf }: { readonly isLeaf: boolean },
): readonly ConstrainedName[] {
  const attributes = readLevels(subject).flat();
  const valuesOf = (type: string) => attributes.filter(({ oid }) => oid === type).map(({ value }) => value);
  const names = readAlternativeNames(extensions);
  const commonNames = isLeaf && !names.some(({ tag }) => tag === nameTag.dns) ? valuesOf(commonNameOid) : [];
  return [
    ...(attributes.length === 0 ? [] : [constrainedName({ tag: nameTag.directory, content: subject.bytes })]),
    // An e-mail address must be an IA5String. OpenSSL refuses any other string type, even if no name constraint
    // concerns e-mail addresses.
    ...valuesOf(emailAddressOid).map(({ tag, content }) =>
      constrainedName({ tag: tag === derTag.ia5String ? nameTag.email : noName, content }),
    ),
    ...names.map((name) => mailboxName(name) ?? constrainedName(name)),
    ...commonNames
      .filter((value) => looksLikeDnsName(readString(value) ?? ''))
      .map(({ content }) => constrainedName({ tag: nameTag.dns, content })),
  ];
}

/**
 * Makes a constrained name from the tag and the content of a GeneralName. The form that is compared is computed only
 * once, because the name may be compared with many subtrees.
 */
export function constrainedName({ tag, content }: Pick<ConstrainedName, 'tag' | 'content'>): ConstrainedName {
  const name = { tag, content, kind: tag, levels: [], text: '' };
  if (tag === nameTag.directory) return { ...name, levels: canonicalLevels(readDer(content)) };
  if (tag === nameTag.ip) return name;
  if (tag === nameTag.other) return { ...name, kind: readOid(readFirst(content)) };
  const text = asciiText(content);
  return { ...name, text: tag === nameTag.dns ? pgAsciiToLower(text) : text };
}

/** An otherName that OpenSSL compares with subtrees for e-mail addresses, or `undefined` for any other name. */
function mailboxName(name: DerElement): ConstrainedName | undefined {
  const constrained = constrainedName(name);
  if (constrained.kind !== mailboxOid) return undefined;
  const value = readDer(readDer(name.content.subarray(readFirst(name.content).end)).content);
  const text = value.tag === derTag.utf8String ? asciiText(value.content) : '';
  return { ...constrained, kind: nameTag.email, text };
}

/**
 * Whether a certificate has more names than OpenSSL compares with the name constraints of a CA
 * (`NAME_CONSTRAINTS_check`).
 */
export function hasTooManyNames(
  authority: Extensions,
  { subject, extensions }: { readonly subject: DerElement; readonly extensions: Extensions },
): boolean {
  const constraints = readNameConstraints(authority);
  if (constraints === undefined) return false;
  const names = readLevels(subject).flat().length + readAlternativeNames(extensions).length;
  return names * (constraints.permitted.length + constraints.excluded.length) > maxComparisons;
}

/**
 * A description of the first name that the name constraints of a CA certificate forbid, or `undefined` if they allow
 * all names: `nc_match` in crypto/x509/v3_ncons.c.
 */
export function forbiddenName(
  extensions: Extensions,
  names: readonly ConstrainedName[],
  rules: OpensslRules = opensslRules['3'],
): string | undefined {
  const constraints = readNameConstraints(extensions);
  if (constraints === undefined) return undefined;
  // OpenSSL 1.1.1 has only one kind of otherName, and cannot compare any.
  const kindOf = ({ kind, tag }: ConstrainedName) => (rules.knowsOtherNames ? kind : tag);
  const subtreesOf = (kind: ConstrainedName['kind']) => {
    const isOfKind = ({ base }: Subtree) => kindOf(base) === kind;
    return kindOfSubtrees(constraints.permitted.filter(isOfKind), constraints.excluded.filter(isOfKind), rules);
  };
  const subtrees = new Map([...new Set(names.map(kindOf))].map((kind) => [kind, subtreesOf(kind)]));
  const forbidden = names.find((name) => !isAllowed(name, subtrees.get(kindOf(name))!, rules));
  return forbidden && nameInWords(forbidden);
}

/**
 * Whether name constraints allow a name. No excluded subtree may contain the name. If there are permitted subtrees for
 * this kind of name, one of them must contain the name.
 */
function isAllowed(name: ConstrainedName, { allow, deny, isLimited }: KindOfSubtrees, rules: OpensslRules): boolean {
  if (name.tag === noName || isLimited) return false;
  // OpenSSL stops at the first subtree that contains the name. If OpenSSL cannot compare the name with a subtree, it
  // refuses the name.
  const first = allow.find((base) => isInside(name, base, rules) !== false);
  const isPermitted = allow.length === 0 || (first !== undefined && isInside(name, first, rules) === true);
  return isPermitted && deny.every((base) => isInside(name, base, rules) === false);
}

interface KindOfSubtrees {
  readonly allow: readonly ConstrainedName[];
  readonly deny: readonly ConstrainedName[];
  /** Whether one of the subtrees has a minimum or maximum that OpenSSL does not accept. */
  readonly isLimited: boolean;
}

function kindOfSubtrees(
  permitted: readonly Subtree[],
  excluded: readonly Subtree[],
  { allowsMinimum }: OpensslRules,
): KindOfSubtrees {
  const isLimited = [...permitted, ...excluded].some((tree) => tree.isLimited || (!allowsMinimum && tree.hasMinimum));
  return { allow: permitted.map(({ base }) => base), deny: excluded.map(({ base }) => base), isLimited };
}

/** A subtree of names (GeneralSubtree, RFC 5280 §4.2.1.10). */
interface Subtree {
  readonly base: ConstrainedName;
  /** Whether the subtree has a minimum, even if that is zero. */
  readonly hasMinimum: boolean;
  /**
   * Whether the subtree has a maximum or a minimum other than zero. RFC 5280 forbids them, and OpenSSL does not
   * evaluate them.
   */
  readonly isLimited: boolean;
}

/** The name constraints of a CA certificate. */
interface Constraints {
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
}

/**
 * The name constraints of a CA certificate, or `undefined` if the certificate has no name constraints.
 *
 * @throws DerError if the name constraints are malformed
 */
export function readNameConstraints(extensions: Extensions): Constraints | undefined {
  const value = extensionValue(extensions, extensionOid.nameConstraints);
  if (value === undefined) return undefined;
  const reader = new SequenceReader(value);
  const permitted = readSubtrees(reader.optional(0xa0));
  const excluded = readSubtrees(reader.optional(0xa1));
  reader.end();
  return { permitted, excluded };
}

function readSubtrees(element: DerElement | undefined): readonly Subtree[] {
  const trees = element === undefined ? [] : readChildren(element);
  return trees.map((tree) => {
    const reader = new SequenceReader(tree);
    const base = readGeneralName(reader.next());
    const minimum = reader.optional(0x80);
    const maximum = reader.optional(0x81);
    reader.end();
    const isZero = minimum === undefined || readInteger(minimum, 0x80).every((octet) => octet === 0);
    if (maximum !== undefined) readInteger(maximum, 0x81);
    return {
      base: constrainedName(base),
      hasMinimum: minimum !== undefined,
      isLimited: !isZero || maximum !== undefined,
    };
  });
}

/**
 * Whether a subtree contains a name of the same kind. The result is `undefined` if OpenSSL cannot compare the name with
 * the subtree. OpenSSL then refuses the name.
 */
function isInside(
  { tag, content, levels, text }: ConstrainedName,
  base: ConstrainedName,
  { parsesUrls }: OpensslRules,
): boolean | undefined {
  switch (tag) {
    case nameTag.other:
      return base.tag === nameTag.email ? mailboxInside(text, base.text) : undefined;
    case nameTag.email:
      return emailInside(text, base.text);
    case nameTag.dns:
      return dnsInside(text, base.text);
    case nameTag.directory:
      return directoryInside(levels, base.levels);
    case nameTag.uri:
      return uriInside(parsesUrls ? hostOfUrl(text) : hostOfUri(text), base.text);
    case nameTag.ip:
      return addressInside(content, base.content);
    default:
      return undefined;
  }
}

/** Whether a DNS name is equal to the base of a name constraint, or is below the base: `nc_dns` of OpenSSL. */
function dnsInside(name: string, base: string): boolean {
  return base === '' || name === base || name.endsWith(base.startsWith('.') ? base : `.${base}`);
}

/**
 * Whether an e-mail address is inside a name constraint: `nc_email` of OpenSSL. The base is an address, or a host for
 * all addresses at this host, or (with a leading dot) a domain for all addresses at hosts below it.
 */
function emailInside(address: string, base: string): boolean | undefined {
  if (!address.includes('@')) return undefined;
  const local = (text: string) => text.slice(0, Math.max(text.lastIndexOf('@'), 0));
  const host = (text: string) => pgAsciiToLower(text.slice(text.lastIndexOf('@') + 1));
  if (base.startsWith('.') && !base.includes('@')) return isBelow(pgAsciiToLower(address), pgAsciiToLower(base));
  return host(address) === host(base) && (local(base) === '' || local(base) === local(address));
}

/**
 * Whether an e-mail address in an otherName is inside a name constraint for e-mail addresses: `nc_email_eai` of
 * OpenSSL. The base is a host. OpenSSL takes a base with a leading dot for one with two dots. A base with letters
 * beyond ASCII (`xn--`) is not compared, although OpenSSL compares it.
 */
function mailboxInside(address: string, base: string): boolean | undefined {
  if (!address.includes('@') || /\0|(?:^|\.)xn--/i.test(base)) return undefined;
  const host = pgAsciiToLower(address.slice(address.lastIndexOf('@') + 1));
  if (base.startsWith('.')) return isBelow(pgAsciiToLower(address), pgAsciiToLower(`.${base}`));
  return host === pgAsciiToLower(base);
}

/**
 * Whether the host of a URI is inside a name constraint: `nc_uri` of OpenSSL. The base is a host, or (with a leading
 * dot) a domain for all hosts below it. Without a host, the result is `undefined`.
 */
function uriInside(host: string | undefined, base: string): boolean | undefined {
  if (host === undefined) return undefined;
  return base.startsWith('.') ? isBelow(host, pgAsciiToLower(base)) : host === pgAsciiToLower(base);
}

/**
 * The host of a URI as OpenSSL before 3.5 finds it, in lower case: it ends at the first colon, or at the first slash if
 * there is no colon. The result is `undefined` for a URI without a host.
 */
function hostOfUri(uri: string): string | undefined {
  const rest = /^[^:]*:\/\/(.*)$/s.exec(pgAsciiToLower(uri))?.[1];
  const host = rest?.split(rest.includes(':') ? ':' : '/')[0];
  return host === '' ? undefined : host;
}

/**
 * The host of a URI as OpenSSL finds it from 3.5 on, in lower case: `OSSL_parse_url`. The host can be empty. The result
 * is `undefined` for a text that OpenSSL refuses, such as one without a scheme or with an unusual port.
 */
function hostOfUrl(text: string): string | undefined {
  // As a C string, the text ends at a NUL.
  const url = pgAsciiToLower(text).split('\0')[0]!;
  const authority = /^(?!:\/\/).+?:\/\/(?:[^@/?#]*@)?(.*)$/s.exec(url)?.[1];
  if (authority === undefined) return undefined;
  const parts = /^(\[[^\]]*\]|(?!\[)[^:/?#]*)(?::([0-9]+))?(?:[/?#]|$)/.exec(authority);
  return Number(parts?.[2] ?? 0) <= 65_535 ? parts?.[1] : undefined;
}

function isBelow(name: string, domain: string): boolean {
  return name.length > domain.length && name.endsWith(domain);
}

/** Whether an IP address is inside a name constraint: `nc_ip` of OpenSSL. The base is an address followed by a mask. */
function addressInside(address: Uint8Array, subtree: Uint8Array): boolean | undefined {
  const size = address.length;
  if (![4, 16].includes(size) || ![8, 32].includes(subtree.length)) return undefined;
  return subtree.length === 2 * size && address.every((octet, i) => ((octet ^ subtree[i]!) & subtree[size + i]!) === 0);
}

function directoryInside(name: readonly Bytes[], base: readonly Bytes[]): boolean {
  return base.length <= name.length && base.every((level, i) => equalBytes(level, name[i]!));
}

/**
 * Whether OpenSSL takes a common name for a host name (`cn2dnsid`): labels of letters, digits, `-` and `_`, with at
 * least one dot between labels.
 */
function looksLikeDnsName(text: string): boolean {
  return /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)+[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/.test(text);
}

function nameInWords({ tag, kind, content }: ConstrainedName): string {
  switch (tag) {
    case nameTag.other:
      return `the alternative name of the type ${kind === nameTag.email ? mailboxOid : kind}`;
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
