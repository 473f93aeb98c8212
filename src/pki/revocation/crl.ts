import {
  asciiBytes,
  type Bytes,
  type DerElement,
  DerError,
  der,
  derInteger,
  derSequence,
  derTag,
  derTime,
  fromHex,
  isUnreadable,
  joinBytes,
  readBitString,
  readChildrenOf,
  readDer,
  readInteger,
  readSmallInteger,
  readTime,
  timeDigits,
  toHex,
} from '../../asn1/der.ts';
import { decodePem } from '../../asn1/pem.ts';
import { PgHostsslError } from '../../errors.ts';
import { canonicalName } from '../../names/canonical-name.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { decodeName } from '../../names/name.ts';
import { serialNumberDer, serialNumberHex } from '../certificate/certificate.ts';
import {
  authorityKeyIdentifier,
  type Extensions,
  extension,
  readAuthorityKeyIdentifier,
  readExtensions,
} from '../certificate/extensions.ts';
import { hasUnknownCritical, isUsable } from '../certificate/list-scope.ts';

/** Why a certificate was revoked, with RFC 5280's numbers (§5.3.1); delta lists are not made here. */
const reasonCodes = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;

/** Why a certificate was revoked (RFC 5280 §5.3.1). */
export type RevocationReason = keyof typeof reasonCodes;

/** @internal Whether a value is the name of a reason. */
export function isRevocationReason(value: unknown): value is RevocationReason {
  return typeof value === 'string' && Object.hasOwn(reasonCodes, value);
}

/**
 * @internal The reason, checked to be one: any other would become no reason in a list, and a ledger unreadable.
 *
 * @throws PgHostsslError `revocation-not-possible`
 */
export function checkReason(reason: RevocationReason): RevocationReason {
  if (isRevocationReason(reason)) return reason;
  throw new PgHostsslError('revocation-not-possible', `${JSON.stringify(reason)} is no reason for a revocation`, {
    hint: `Use one of ${Object.keys(reasonCodes).join(', ')}, or none.`,
  });
}

/** An entry of a revocation list. */
export interface RevokedCertificate {
  /** Hexadecimal digits, lower-case. */
  readonly serialNumber: string;
  /** When it was revoked. */
  readonly revokedAt: Date;
  /** Why, if that was said. */
  readonly reason?: RevocationReason;
  /** Since when it is known or suspected that it was not to be trusted, if that was said. */
  readonly invalidSince?: Date;
}

/** What a revocation list says, as plain data. */
export interface CrlInfo {
  /** The authority whose list it is. */
  readonly issuer: DistinguishedName;
  /** The list's number in decimal digits: each list of an authority has a higher one. */
  readonly number: string | undefined;
  /** Since when it is valid. */
  readonly thisUpdate: Date;
  /** Until when it is valid: from then on, a server rejects every client. `undefined` for ever. */
  readonly nextUpdate: Date | undefined;
  /** Hexadecimal digits of the authority's key identifier. */
  readonly authorityKeyIdentifier: string | undefined;
  /** All that is revoked. */
  readonly revoked: readonly RevokedCertificate[];
}

/** A revocation list taken apart (RFC 5280 §5.1). */
export interface Crl {
  readonly der: Bytes;
  readonly issuer: DerElement;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  readonly entries: readonly RevokedCertificate[];
  readonly extensions: Extensions;
  /** Whether it, or one of its entries, has a critical extension that OpenSSL does not know. */
  readonly hasUnknownCritical: boolean;
}

/** What a revocation list is to say. */
export interface CrlContent {
  /** AlgorithmIdentifier. */
  readonly signatureAlgorithm: Bytes;
  readonly issuer: Bytes;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly number: bigint;
  /** The authority's subject key identifier, copied. */
  readonly keyIdentifier: Bytes | undefined;
  readonly entries: readonly RevokedCertificate[];
}

const oid = { crlNumber: '2.5.29.20', reasonCode: '2.5.29.21', invalidityDate: '2.5.29.24' } as const;

/**
 * What the first revocation list in a PEM text, or the one in DER, says.
 *
 * @throws PgHostsslError `crl-invalid`
 */
export function inspectCrl(source: string | Uint8Array): CrlInfo {
  const list = readCrls(source)[0]!;
  const { keyIdentifier } = readAuthorityKeyIdentifier(list.extensions);
  return {
    issuer: decodeName(list.issuer),
    number: crlNumber(list)?.toString(),
    thisUpdate: list.thisUpdate,
    nextUpdate: list.nextUpdate,
    authorityKeyIdentifier: keyIdentifier === undefined ? undefined : toHex(keyIdentifier),
    revoked: list.entries,
  };
}

/**
 * @internal All revocation lists in a PEM text, or the one in DER.
 *
 * @throws PgHostsslError `crl-invalid` if there is none, or one of them is unreadable.
 */
export function readCrls(source: string | Uint8Array): readonly Crl[] {
  const text = typeof source === 'string' ? source : new TextDecoder('utf-8').decode(source);
  // The label without X509 is that of @peculiar/x509; OpenSSL and PostgreSQL do not find such a list.
  const blocks = decodePem(text).filter(({ label }) => label === 'X509 CRL' || label === 'CRL');
  if (blocks.length > 0) return blocks.map((block) => parseCrl(block.der));
  if (typeof source !== 'string' && !text.includes('-----BEGIN ')) return [parseCrl(Uint8Array.from(source))];
  throw new PgHostsslError('crl-invalid', 'The text holds no revocation list', {
    hint: 'A revocation list in PEM begins with -----BEGIN X509 CRL-----.',
  });
}

/** @internal The list's number, if it has one. */
export function crlNumber({ extensions }: Crl): bigint | undefined {
  const value = extensions.get(oid.crlNumber)?.value;
  if (value === undefined) return undefined;
  const digits = serialNumberHex(readInteger(readDer(value)));
  if (digits.startsWith('-')) throw new DerError('the number is negative');
  return BigInt(`0x${digits}`);
}

/** @internal The DER of what is signed (TBSCertList). */
export function encodeCrl(content: CrlContent): Bytes {
  const { keyIdentifier, entries } = content;
  return derSequence(
    derInteger(1),
    content.signatureAlgorithm,
    content.issuer,
    derTime(content.thisUpdate),
    derTime(content.nextUpdate),
    // An empty list is left out: RFC 5280 §5.1.2.6.
    ...(entries.length === 0 ? [] : [derSequence(joinBytes(entries.map(encodeEntry)))]),
    der(
      0xa0,
      derSequence(
        ...(keyIdentifier === undefined ? [] : [authorityKeyIdentifier(keyIdentifier)]),
        extension(oid.crlNumber, derInteger(bigintBytes(content.number))),
      ),
    ),
  );
}

function encodeEntry({ serialNumber, revokedAt, reason = 'unspecified', invalidSince }: RevokedCertificate): Bytes {
  const extensions = [
    // RFC 5280 §5.3.1: an unspecified reason is left out.
    ...(reason === 'unspecified'
      ? []
      : [extension(oid.reasonCode, der(derTag.enumerated, Uint8Array.of(reasonCodes[reason])))]),
    ...(invalidSince === undefined ? [] : [extension(oid.invalidityDate, generalizedTime(invalidSince))]),
  ];
  return derSequence(
    serialNumberDer(serialNumber),
    derTime(revokedAt),
    ...(extensions.length === 0 ? [] : [derSequence(...extensions)]),
  );
}

function parseCrl(bytes: Bytes): Crl {
  try {
    const [signed, , signature] = readChildrenOf(readDer(bytes), derTag.sequence);
    readBitString(signature);
    const fields = [...readChildrenOf(signed, derTag.sequence)];
    if (fields[0]?.tag === derTag.integer) fields.shift();
    const [, issuer, thisUpdate, ...rest] = fields;
    const isTime = (element: DerElement | undefined) =>
      element?.tag === derTag.utcTime || element?.tag === derTag.generalizedTime;
    const nextUpdate = isTime(rest[0]) ? rest.shift() : undefined;
    const entries = rest[0]?.tag === derTag.sequence ? readChildrenOf(rest.shift(), derTag.sequence) : [];
    const extensions = rest.find(({ tag }) => tag === 0xa0);
    decodeName(issuer);
    const own: Extensions = extensions === undefined ? new Map() : readExtensions(extensions.content);
    const parsed = entries.map(parseEntry);
    const list = {
      der: bytes,
      issuer: issuer!,
      thisUpdate: readTime(thisUpdate),
      nextUpdate: nextUpdate === undefined ? undefined : readTime(nextUpdate),
      // What a list takes back (`removeFromCRL`) is not revoked.
      entries: parsed.filter(({ code }) => code !== 8).map(({ entry }) => entry),
      extensions: own,
      hasUnknownCritical: hasUnknownCritical(own) || parsed.some(({ isCritical }) => isCritical),
    };
    crlNumber(list);
    // All that is read later is read once here, so that it cannot fail then.
    const { issuer: named } = readAuthorityKeyIdentifier(own);
    for (const name of [issuer!, ...(named === undefined ? [] : [named])]) canonicalName(name);
    isUsable(own);
    return list;
  } catch (cause) {
    if (!isUnreadable(cause)) throw cause;
    throw new PgHostsslError('crl-invalid', 'The revocation list is damaged', { cause });
  }
}

/** An entry as it is read. */
interface ParsedEntry {
  readonly entry: RevokedCertificate;
  /** The number of its reason. */
  readonly code: number | undefined;
  readonly isCritical: boolean;
}

function parseEntry(element: DerElement): ParsedEntry {
  const [serialNumber, revokedAt, rest] = readChildrenOf(element, derTag.sequence);
  const extensions: Extensions = rest === undefined ? new Map() : readExtensions(rest.bytes);
  const reasonValue = extensions.get(oid.reasonCode)?.value;
  const code = reasonValue === undefined ? undefined : readSmallInteger(readDer(reasonValue), derTag.enumerated);
  const reason = (Object.keys(reasonCodes) as RevocationReason[]).find((name) => reasonCodes[name] === code);
  const invalidSince = extensions.get(oid.invalidityDate)?.value;
  const entry = {
    serialNumber: serialNumberHex(readInteger(serialNumber)),
    revokedAt: readTime(revokedAt),
    ...(reason === undefined ? {} : { reason }),
    ...(invalidSince === undefined ? {} : { invalidSince: readTime(readDer(invalidSince)) }),
  };
  // The certificate's issuer (2.5.29.29) is known to OpenSSL; it stands in indirect lists only.
  const isCritical = [...extensions].some(([id, { critical }]) => critical && id !== '2.5.29.29');
  return { entry, code, isCritical };
}

/** RFC 5280 §5.3.2: without a fraction of a second, and never UTCTime. */
function generalizedTime(time: Date): Bytes {
  return der(derTag.generalizedTime, asciiBytes(timeDigits(time)));
}

function bigintBytes(value: bigint): Bytes {
  const hex = value.toString(16);
  return fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
}
