import { assertSource, kindOf } from '../../arguments.ts';
import { type Bytes, toHex } from '../../asn1/bytes.ts';
import { derTag } from '../../asn1/der.ts';
import { decodePem, type PemBlock, pemText } from '../../asn1/pem.ts';
import {
  type DerElement,
  DerError,
  readChildren,
  readDer,
  readInteger,
  readTime,
  SequenceReader,
} from '../../asn1/reader.ts';
import { PgHostsslError, unlessInvalid } from '../../errors.ts';
import { sameName } from '../../names/canonical-name.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { decodeName } from '../../names/name.ts';
import {
  type Extensions,
  extensionValue,
  readAuthorityKeyIdentifier,
  readExtensions,
} from '../certificate/extensions.ts';
import { nameTag, readDirectoryName, readGeneralNames, readName } from '../certificate/general-name.ts';
import { serialNumberHex } from '../certificate/serial-number.ts';
import { readAlgorithm } from '../keys/public-key.ts';
import { hasUnknownCritical, isUsable } from './crl-scope.ts';
import { type RevocationReason, reasonCodes } from './revocation-reason.ts';

/** An entry of a CRL. */
export interface RevokedCertificate {
  /** The serial number of the certificate in lower-case hexadecimal digits. */
  readonly serialNumber: string;
  /** The time of the revocation. */
  readonly revokedAt: Date;
  /** The reason of the revocation, if the CRL gives it. */
  readonly reason?: RevocationReason;
  /**
   * The time from which on the certificate was invalid, for example because its key was stolen, if the CRL gives that
   * time (invalidityDate, RFC 5280 §5.3.2).
   */
  readonly invalidSince?: Date;
}

/** The content of a CRL as plain data. */
export interface CrlInfo {
  /** The CA that issued the CRL. */
  readonly issuer: DistinguishedName;
  /** The number of the CRL in decimal digits. A CA gives each new CRL a higher number. */
  readonly number: string | undefined;
  /** First moment of validity. */
  readonly thisUpdate: Date;
  /**
   * End of validity. After this time, a server with this CRL rejects every client certificate. `undefined` if the CRL
   * names no end.
   */
  readonly nextUpdate: Date | undefined;
  /** The key identifier of the CA in hexadecimal digits. */
  readonly authorityKeyIdentifier: string | undefined;
  /** All revoked certificates. */
  readonly revoked: readonly RevokedCertificate[];
}

/** The parts of a CRL (RFC 5280 §5.1). The parser accepts any values in them. */
export interface Crl {
  readonly der: Bytes;
  readonly issuer: DerElement;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  /** All entries in the order of the CRL. OpenSSL uses the first entry about a certificate. */
  readonly entries: readonly RevokedCertificate[];
  /**
   * The entries that revoke a certificate: all but the entries of a delta CRL with the reason removeFromCRL, which end
   * a revocation.
   */
  readonly revoked: readonly RevokedCertificate[];
  /**
   * For each entry of an indirect CRL, the names of the issuer of the certificate (RFC 5280 §5.3.3). The map is empty
   * if the CRL is not indirect.
   */
  readonly issuers: ReadonlyMap<RevokedCertificate, readonly DerElement[]>;
  readonly extensions: Extensions;
  /** The error of the first malformed extension, if there is one. OpenSSL loads a CRL with a malformed extension. */
  readonly damage: DerError | undefined;
  /** Whether the CRL or one of its entries has a critical extension that OpenSSL does not know. */
  readonly hasUnknownCritical: boolean;
}

/** Object identifiers of extensions of CRLs and their entries (RFC 5280 §5.2, §5.3). */
export const crlOid = {
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  certificateIssuer: '2.5.29.29',
} as const;

/**
 * Reads a certificate revocation list (CRL): the first CRL of a PEM text, or a CRL in DER.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, inspectCrl } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { crl } = await authority.issueCrl({ revoked: [{ serialNumber: '0a' }] });
 * const { number, revoked } = inspectCrl(crl);
 * assert.equal(number, '1');
 * assert.equal(revoked[0]?.serialNumber, '0a');
 * ```
 *
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind; `crl-invalid`
 */
export function inspectCrl(source: string | Uint8Array): CrlInfo {
  const crl = readCrls(source)[0]!;
  const { keyIdentifier } = readAuthorityKeyIdentifier(crl.extensions);
  return {
    issuer: decodeName(crl.issuer),
    number: crlNumber(crl)?.toString(),
    thisUpdate: crl.thisUpdate,
    nextUpdate: crl.nextUpdate,
    authorityKeyIdentifier: keyIdentifier === undefined ? undefined : toHex(keyIdentifier),
    revoked: crl.revoked,
  };
}

/**
 * @internal Returns all CRLs of a PEM text, or a CRL in DER.
 *
 * @throws PgHostsslError `crl-invalid` if there is no CRL, or if one is malformed
 */
export function readCrls(source: string | Uint8Array): readonly Crl[] {
  assertSource(source, 'A CRL');
  const text = pemText(source);
  const bytes = text === undefined ? [Uint8Array.from(source as Uint8Array)] : crlBlocks(text).map(({ der }) => der);
  if (bytes.length > 0) return bytes.map(parseCrl).map(intact);
  throw new PgHostsslError('crl-invalid', 'The text holds no CRL', {
    hint: 'A CRL in PEM begins with the line -----BEGIN X509 CRL-----, and its lines end with a line feed.',
  });
}

/**
 * @internal Returns a CRL that has no malformed extension.
 *
 * @throws PgHostsslError `crl-invalid`
 */
export function intact(crl: Crl): Crl {
  if (crl.damage !== undefined) throw damaged(crl.damage);
  return crl;
}

/**
 * @internal The PEM blocks that hold a CRL. The label `CRL` is accepted, too, because @peculiar/x509 writes it,
 * although OpenSSL ignores such a block.
 */
export function crlBlocks(text: string): readonly PemBlock[] {
  return decodePem(text).filter(({ label }) => label === 'X509 CRL' || label === 'CRL');
}

/** @internal The PEM blocks that a server loads as CRLs. OpenSSL ignores a block with the label `CRL`. */
export function serverCrlBlocks(text: string): readonly PemBlock[] {
  return crlBlocks(text).filter(({ label }) => label === 'X509 CRL');
}

/**
 * @internal The CRLs that a server loads from a text; empty if there are none. OpenSSL loads a CRL with a malformed
 * extension, too; its property `damage` holds the error.
 *
 * @throws PgHostsslError `crl-invalid` if OpenSSL does not load one of them
 */
export function serverCrls(text: string): readonly Crl[] {
  return serverCrlBlocks(text).map(({ der }) => parseCrl(der));
}

/**
 * @internal The CRLs that a server loads from a text, and the CRLs in blocks with the label `CRL`. A damaged block with
 * this label is left out, because the server ignores it.
 *
 * @throws PgHostsslError `crl-invalid` if OpenSSL does not load one of the blocks that it reads
 */
export function presentCrls(text: string): readonly Crl[] {
  return crlBlocks(text).flatMap(({ label, der }) =>
    label === 'CRL' ? (unlessInvalid(() => parseCrl(der), 'crl-invalid') ?? []) : parseCrl(der),
  );
}

/**
 * @internal Checks that the CRLs of a server are a string. A caller without type checks may pass another value.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertCrls(crls: unknown): void {
  if (typeof crls === 'string') return;
  throw new PgHostsslError('argument-invalid', `crls must be a string, the text of PEM; got ${kindOf(crls)}`, {
    hint: `The server reads no CRL in DER. ${convertCrl}.`,
  });
}

/** The part of a message that explains how to convert a CRL from DER to PEM. */
export const convertCrl = 'Convert a CRL in DER: openssl crl -inform DER -in old.crl -out new.crl';

/** @internal The number of a CRL; `undefined` if the CRL has no number. */
export function crlNumber({ extensions }: Pick<Crl, 'extensions'>): bigint | undefined {
  const value = extensionValue(extensions, crlOid.crlNumber);
  if (value === undefined) return undefined;
  const digits = serialNumberHex(readInteger(value));
  if (digits.startsWith('-')) throw new DerError('The number of the CRL is negative');
  return BigInt(`0x${digits}`);
}

function parseCrl(bytes: Bytes): Crl {
  try {
    const outer = new SequenceReader(readDer(bytes));
    const signed = outer.next(derTag.sequence);
    readAlgorithm(outer.next());
    outer.next(derTag.bitString);
    outer.end();
    const fields = new SequenceReader(signed);
    fields.optional(derTag.integer);
    fields.next(derTag.sequence);
    const issuer = fields.next(derTag.sequence);
    const thisUpdate = readTime(fields.next());
    const nextUpdate = fields.optional(derTag.utcTime, derTag.generalizedTime);
    const entries = fields.optional(derTag.sequence);
    const extensions = fields.contextual(0);
    fields.end();
    readName(issuer);
    const own: Extensions = extensions === undefined ? new Map() : readExtensions(extensions);
    const parsed = entries === undefined ? [] : readChildren(entries).map(parseEntry);
    // All extensions are read when the CRL is parsed, so that reading them later cannot fail.
    const damage = derErrorOf(() => {
      crlNumber({ extensions: own });
      readAuthorityKeyIdentifier(own);
      isUsable({ issuer, extensions: own });
    });
    const read = readEntries(parsed);
    return {
      der: bytes,
      issuer,
      thisUpdate,
      nextUpdate: nextUpdate && readTime(nextUpdate),
      extensions: own,
      hasUnknownCritical: hasUnknownCritical(own) || parsed.some(({ isCritical }) => isCritical),
      ...read,
      damage: damage ?? read.damage,
    };
  } catch (cause) {
    throw cause instanceof DerError ? damaged(cause) : cause;
  }
}

/** Reads the extensions of the entries of a CRL. `damage` is the error of the first malformed extension. */
function readEntries(parsed: readonly ParsedEntry[]): Pick<Crl, 'entries' | 'revoked' | 'issuers' | 'damage'> {
  const entries: RevokedCertificate[] = [];
  const revoked: RevokedCertificate[] = [];
  const issuers = new Map<RevokedCertificate, readonly DerElement[]>();
  let damage: DerError | undefined;
  // If an entry of an indirect CRL names no issuer, the issuer named by the previous entry applies (RFC 5280 §5.3.3).
  let named: readonly DerElement[] | undefined;
  for (const { serialNumber, revokedAt, extensions } of parsed) {
    let entry: RevokedCertificate = { serialNumber, revokedAt };
    let isRemoved = false;
    const found = derErrorOf(() => {
      const issuer = extensionValue(extensions, crlOid.certificateIssuer);
      if (issuer !== undefined) named = readGeneralNames(issuer);
      const reasonValue = extensionValue(extensions, crlOid.reasonCode);
      const octets = reasonValue && readInteger(reasonValue, derTag.enumerated);
      // A longer or a negative number is no reason of RFC 5280 §5.3.1. OpenSSL accepts any number.
      const code = octets?.length === 1 ? octets[0] : undefined;
      isRemoved = code === 8;
      const reason = (Object.keys(reasonCodes) as RevocationReason[]).find((name) => reasonCodes[name] === code);
      const invalidSince = extensionValue(extensions, crlOid.invalidityDate);
      entry = {
        ...entry,
        ...(reason === undefined ? {} : { reason }),
        ...(invalidSince === undefined ? {} : { invalidSince: readTime(invalidSince) }),
      };
    });
    damage ??= found;
    entries.push(entry);
    if (!isRemoved) revoked.push(entry);
    if (named !== undefined) issuers.set(entry, named);
  }
  return { entries, revoked, issuers, damage };
}

function derErrorOf(read: () => void): DerError | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof DerError) return error;
    throw error;
  }
}

function damaged(cause: DerError): PgHostsslError {
  return new PgHostsslError('crl-invalid', 'The CRL is damaged', { cause });
}

/**
 * @internal The entry of a CRL about a certificate; `undefined` if there is no entry, or if the entry has the reason
 * removeFromCRL: `crl_lookup` and `crl_revoked_issuer_match` in crypto/x509/x_crl.c.
 *
 * @param serialNumber in the form of `serialNumberHex`
 * @param issuer the issuer of the certificate
 */
export function findEntry(crl: Crl, serialNumber: string, issuer: DerElement): RevokedCertificate | undefined {
  const found = crl.entries.find((entry) => {
    if (entry.serialNumber !== serialNumber) return false;
    const named = crl.issuers.get(entry);
    if (named === undefined) return sameName(issuer, crl.issuer);
    return named.some((name) => name.tag === nameTag.directory && sameName(readDirectoryName(name), issuer));
  });
  return found !== undefined && crl.revoked.includes(found) ? found : undefined;
}

/** An entry of a CRL whose extensions have not been read yet. */
interface ParsedEntry extends Pick<RevokedCertificate, 'serialNumber' | 'revokedAt'> {
  readonly extensions: Extensions;
  readonly isCritical: boolean;
}

function parseEntry(element: DerElement): ParsedEntry {
  const reader = new SequenceReader(element);
  const serialNumber = serialNumberHex(readInteger(reader.next()));
  const revokedAt = readTime(reader.next());
  const own = reader.optional(derTag.sequence);
  reader.end();
  const extensions: Extensions = own === undefined ? new Map() : readExtensions(own);
  const isCritical = [...extensions].some(([id, { critical }]) => critical && id !== crlOid.certificateIssuer);
  return { serialNumber, revokedAt, extensions, isCritical };
}
