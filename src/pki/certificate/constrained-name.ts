import { asciiText, type Bytes } from '../../asn1/bytes.ts';
import { derTag } from '../../asn1/der.ts';
import { type DerElement, readDer, readFirst, readOid, readString } from '../../asn1/reader.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { canonicalLevels } from '../../names/canonical-name.ts';
import { findAttributeType } from '../../names/name-attributes.ts';
import { readLevels } from '../../names/name-value.ts';
import { withoutControls } from '../../text/control-characters.ts';
import { readAlternativeNames } from './alternative-names.ts';
import type { Extensions } from './extensions.ts';
import { nameTag } from './general-name.ts';
import { addressText } from './host.ts';

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

/** The tag of a name that name constraints forbid, whatever subtrees they contain. */
export const noName = 0;

/**
 * The type of an otherName that contains an e-mail address with characters beyond ASCII (SmtpUTF8Mailbox, RFC 9598).
 */
const mailboxOid = '1.3.6.1.5.5.7.8.9';

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
  const valuesOf = (type: string) =>
    attributes.filter(({ oid }) => findAttributeType(oid)?.name === type).map(({ value }) => value);
  const names = readAlternativeNames(extensions);
  const commonNames = isLeaf && !names.some(({ tag }) => tag === nameTag.dns) ? valuesOf('CN') : [];
  return [
    ...(attributes.length === 0 ? [] : [constrainedName({ tag: nameTag.directory, content: subject.bytes })]),
    // An e-mail address must be an IA5String. OpenSSL refuses any other string type, even if no name constraint
    // concerns e-mail addresses.
    ...valuesOf('emailAddress').map(({ tag, content }) =>
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
 * Whether OpenSSL takes a common name for a host name (`cn2dnsid`): labels of letters, digits, `-` and `_`, with at
 * least one dot between labels.
 */
export function looksLikeDnsName(text: string): boolean {
  return /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)+[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/.test(text);
}

/** A description of a name for a message. */
export function nameInWords({ tag, kind, content }: ConstrainedName): string {
  switch (tag) {
    case nameTag.other:
      return `the alternative name of the type ${kind === nameTag.email ? mailboxOid : kind}`;
    case nameTag.directory:
      return 'the subject';
    case nameTag.dns:
      return `the DNS name ${withoutControls(asciiText(content))}`;
    case nameTag.ip:
      return `the address ${addressText(content)}`;
    default:
      return `the alternative name ${withoutControls(asciiText(content))}`;
  }
}
