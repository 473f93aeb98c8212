import { type Bytes, joinBytes } from './bytes.ts';
import { der, derTag } from './der.ts';
import {
  type DerElement,
  DerError,
  readBits,
  readBoolean,
  readChildren,
  readDer,
  readInteger,
  readOid,
} from './reader.ts';

/** The bit of an identifier octet that is set if the content consists of elements. */
const constructed = 0x20;

/**
 * A string can be encoded in parts, which can be strings in parts again. This is the deepest nesting that OpenSSL
 * accepts (`ASN1_MAX_STRING_NEST`).
 */
const deepest = 5;

/** The universal types whose values cannot be encoded in parts. */
const primitiveOnly: ReadonlySet<number> = new Set([
  derTag.boolean,
  derTag.integer,
  derTag.null,
  derTag.oid,
  derTag.enumerated,
]);

/**
 * Checks an element of type ANY as OpenSSL does when it loads the element (`asn1_ex_c2i`): the content must be valid
 * for the element's universal type. If a string is encoded in parts, the parts are joined first.
 *
 * @throws DerError if OpenSSL does not load the element
 */
export function checkAny(element: DerElement): void {
  const { tag } = element;
  if (tag >= 0x40 || tag === derTag.sequence || tag === derTag.set) return;
  if ((tag & constructed) === 0) {
    if (isEndOfContents(element)) throw new DerError('An element is missing');
    checkContent(element);
    return;
  }
  const joined = readDer(der(tag ^ constructed, joinParts(element, 0)));
  if (primitiveOnly.has(joined.tag)) throw new DerError('An element is in parts, but its type does not allow parts');
  checkContent(joined);
}

function checkContent(element: DerElement): void {
  const { tag, content } = element;
  switch (tag) {
    case derTag.boolean:
      readBoolean(element);
      break;
    case derTag.integer:
    case derTag.enumerated:
      readInteger(element, tag);
      break;
    case derTag.bitString:
      readBits(element);
      break;
    case derTag.null:
      if (content.length > 0) throw new DerError('A NULL has content');
      break;
    case derTag.oid:
      readOid(element);
      break;
    case derTag.sequence ^ constructed:
    case derTag.set ^ constructed:
      throw new DerError('A SEQUENCE or SET is not made of elements');
    case derTag.universalString:
      if (content.length % 4 !== 0) throw new DerError('A character is cut off');
      break;
    case derTag.bmpString:
      if (content.length % 2 !== 0) throw new DerError('A character is cut off');
  }
}

/** Returns the content of a string that is encoded in parts. The parts can be elements of any type (`asn1_collect`). */
function joinParts(element: DerElement, depth: number): Bytes {
  if (depth >= deepest) throw new DerError('A string in parts is nested too deeply');
  return joinBytes(
    readChildren(element).map((part) => {
      if (isEndOfContents(part)) throw new DerError('A part is missing');
      return (part.tag & constructed) === 0 ? part.content : joinParts(part, depth + 1);
    }),
  );
}

/** Returns whether an element is the end mark of an element with indefinite length. */
function isEndOfContents({ tag, content }: DerElement): boolean {
  return tag === 0 && content.length === 0;
}
