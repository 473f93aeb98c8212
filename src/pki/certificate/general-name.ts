import { derTag } from '../../asn1/der.ts';
import {
  type DerElement,
  DerError,
  expectTag,
  readChildren,
  readDer,
  readOid,
  SequenceReader,
} from '../../asn1/reader.ts';
import { equalBytes } from '../../c/compare.ts';
import { canonicalName, sameName } from '../../names/canonical-name.ts';
import { decodeName } from '../../names/name.ts';

/** Identifier octets of the kinds of GeneralName (RFC 5280 §4.2.1.6). */
export const nameTag = {
  other: 0xa0,
  email: 0x81,
  dns: 0x82,
  x400: 0xa3,
  directory: 0xa4,
  ediParty: 0xa5,
  uri: 0x86,
  ip: 0x87,
  registeredId: 0x88,
} as const;

const known: ReadonlySet<number> = new Set(Object.values(nameTag));

/**
 * The names in a GeneralNames (RFC 5280 §4.2.1.6).
 *
 * @param tag the tag of the GeneralNames, if the structure around it tags it implicitly
 * @throws DerError if the element has another tag, or if OpenSSL does not read one of the names
 */
export function readGeneralNames(element: DerElement, tag: number = derTag.sequence): readonly DerElement[] {
  return readChildren(element, tag).map(readGeneralName);
}

/**
 * Checks a GeneralName, and returns it unchanged.
 *
 * @throws DerError if OpenSSL does not read the name
 */
export function readGeneralName(name: DerElement): DerElement {
  if (!known.has(name.tag)) throw new DerError('A general name has an unknown tag');
  if (name.tag === nameTag.directory) readDirectoryName(name);
  else if (name.tag === nameTag.other) {
    const parts = new SequenceReader(name, nameTag.other);
    readOid(parts.next());
    readDer(parts.next(0xa0).content);
    parts.end();
  } else if (name.tag === nameTag.ediParty) {
    const parts = new SequenceReader(name, nameTag.ediParty);
    parts.contextual(0);
    readDer(parts.next(0xa1).content);
    parts.end();
  } else if (name.tag === nameTag.registeredId) readOid(name, nameTag.registeredId);
  return name;
}

/**
 * The distinguished name in a directoryName.
 *
 * @throws DerError if OpenSSL does not read the name
 */
export function readDirectoryName(name: DerElement): DerElement {
  return readName(readDer(expectTag(name, nameTag.directory).content));
}

/**
 * Checks a distinguished name, and returns it unchanged. A later decoding of the name cannot fail.
 *
 * @throws DerError if OpenSSL does not load the name
 */
export function readName(name: DerElement): DerElement {
  decodeName(name);
  canonicalName(name);
  return name;
}

/** Whether two general names are equal: `GENERAL_NAME_cmp`. */
export function sameGeneralName(a: DerElement, b: DerElement): boolean {
  if (a.tag !== b.tag) return false;
  return a.tag === nameTag.directory ? sameName(readDer(a.content), readDer(b.content)) : equalBytes(a.bytes, b.bytes);
}
