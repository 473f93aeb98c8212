import { toHex } from '../../asn1/bytes.ts';
import { PgHostsslError } from '../../errors.ts';
import { formatName } from '../../names/format-name.ts';
import { commonName, comparedCommonName, decodeName } from '../../names/name.ts';
import { readCertificate } from '../certificate/certificate.ts';
import { readAuthorityKeyIdentifier, readSubjectKeyIdentifier } from '../certificate/extensions.ts';
import { certificateKind } from '../certificate/key-usage.ts';
import { serialNumberHex } from '../certificate/serial-number.ts';
import { isRevocationReason, type RevocationReason } from '../revocation/crl.ts';

/** A certificate in a ledger. It holds no secret; times are ISO 8601. */
export interface LedgerEntry {
  /** Hexadecimal digits, lower-case. */
  readonly serialNumber: string;
  /** Hexadecimal digits of the key identifier of the CA, or the name of the CA if the certificate holds no identifier. */
  readonly authority: string;
  /** What the certificate is for. A certificate that a client can log in with is a client certificate. */
  readonly kind: 'authority' | 'server' | 'client';
  /** The common name, which is the role of a client. */
  readonly name: string;
  /** First moment of validity. */
  readonly notBefore: string;
  /** Last moment of validity. */
  readonly notAfter: string;
  /** When the certificate was revoked, if it was. */
  readonly revokedAt?: string;
  /** Why the certificate was revoked, if a reason was given. */
  readonly reason?: RevocationReason;
}

/** The content of a ledger. */
export interface LedgerData {
  /** Version of this format. */
  readonly version: 1;
  /** All recorded certificates, the oldest first. */
  readonly certificates: readonly LedgerEntry[];
  /** The number of the last CRL of each CA in decimal digits, by key identifier. */
  readonly crlNumbers: Readonly<Record<string, string>>;
}

/** An empty ledger. */
export const emptyLedger: LedgerData = { version: 1, certificates: [], crlNumbers: {} };

/** The entry of a certificate. */
export function ledgerEntry(pem: string): LedgerEntry {
  const { serialNumber, extensions, subject, issuer, notBefore, notAfter } = readCertificate(pem);
  const { keyIdentifier } = readAuthorityKeyIdentifier(extensions);
  return {
    serialNumber: serialNumberHex(serialNumber),
    authority: keyIdentifier === undefined ? formatName(decodeName(issuer), 'rfc4514') : toHex(keyIdentifier),
    kind: certificateKind(extensions),
    name: comparedCommonName(subject) ?? commonName(decodeName(subject)) ?? '',
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  };
}

/**
 * The ledger in a JSON text.
 *
 * @throws PgHostsslError `ledger-invalid`
 */
export function parseLedger(text: string | undefined): LedgerData {
  if (text === undefined) return emptyLedger;
  const data = parseJson(text);
  if (!isRecord(data) || data.version !== 1 || !Array.isArray(data.certificates) || !isRecord(data.crlNumbers)) {
    throw invalid('is not a ledger of this version');
  }
  assertEntries(data.certificates);
  if (!Object.values(data.crlNumbers).every((number) => typeof number === 'string' && /^\d+$/.test(number))) {
    throw invalid('is damaged: its crlNumbers are not numbers');
  }
  return data as unknown as LedgerData;
}

/**
 * Checks the certificates of a ledger. A damaged entry may be that of a revoked certificate, so that the whole ledger is
 * refused.
 *
 * @throws PgHostsslError `ledger-invalid`
 */
export function assertEntries(entries: unknown): asserts entries is readonly LedgerEntry[] {
  if (!Array.isArray(entries)) throw invalid('is not a list of certificates');
  const broken = entries.findIndex((entry) => !isEntry(entry));
  if (broken !== -1) throw invalid(`is damaged at entry ${broken + 1} of its certificates`);
}

/** Whether an entry is that of a certificate that a CA issued, by the key identifier or the name of the CA. */
export function isIssuedBy({ authority }: LedgerEntry, certificate: string): boolean {
  const { subject, extensions } = readCertificate(certificate);
  const identifier = readSubjectKeyIdentifier(extensions);
  return (
    authority === formatName(decodeName(subject), 'rfc4514') ||
    (identifier !== undefined && authority === toHex(identifier))
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller reports the damage. The message of the parser would quote the text.
    return undefined;
  }
}

function isEntry(entry: unknown): entry is LedgerEntry {
  if (!isRecord(entry)) return false;
  const { serialNumber, authority, kind, name, notBefore, notAfter, revokedAt, reason } = entry;
  return (
    typeof serialNumber === 'string' &&
    /^-?(?:[0-9a-f]{2})+$/.test(serialNumber) &&
    typeof authority === 'string' &&
    (kind === 'authority' || kind === 'server' || kind === 'client') &&
    typeof name === 'string' &&
    isTime(notBefore) &&
    isTime(notAfter) &&
    (revokedAt === undefined || isTime(revokedAt)) &&
    (reason === undefined || isRevocationReason(reason))
  );
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(what: string): PgHostsslError {
  return new PgHostsslError('ledger-invalid', `The content of the store ${what}`, {
    hint: 'The text was cut off, edited, or written by another program or a later version. Restore a copy of it.',
  });
}

/** Serializes a ledger as JSON, one certificate a line. */
export function ledgerText({ version, certificates, crlNumbers }: LedgerData): string {
  const lines = certificates.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
  const list = certificates.length === 0 ? '[]' : `[\n${lines}\n  ]`;
  return `{\n  "version": ${version},\n  "certificates": ${list},\n  "crlNumbers": ${JSON.stringify(crlNumbers)}\n}\n`;
}
