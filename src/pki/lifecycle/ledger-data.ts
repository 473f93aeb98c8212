import { toHex } from '../../asn1/bytes.ts';
import { PgHostsslError } from '../../errors.ts';
import { formatEncodedName } from '../../names/format-name.ts';
import { commonName, comparedCommonName, decodeName } from '../../names/name.ts';
import { readCertificate } from '../certificate/certificate.ts';
import { readAuthorityKeyIdentifier, readSubjectKeyIdentifier } from '../certificate/extensions.ts';
import { certificateKind } from '../certificate/key-usage.ts';
import { serialNumberHex } from '../certificate/serial-number.ts';
import { isRevocationReason, type RevocationReason } from '../revocation/revocation-reason.ts';

/** A certificate in a ledger. The entry holds no secret. Times are in ISO 8601. */
export interface LedgerEntry {
  /** The serial number in lower-case hexadecimal digits. */
  readonly serialNumber: string;
  /**
   * The CA that issued the certificate: its key identifier in hexadecimal digits. If the certificate holds no authority
   * key identifier, the name of the CA.
   */
  readonly authority: string;
  /**
   * The kind of certificate. A certificate with which a client can log in counts as a client certificate, even if it is
   * also for servers.
   */
  readonly kind: 'authority' | 'server' | 'client';
  /** The common name of the certificate. In a client certificate, it is the role. */
  readonly name: string;
  /** First moment of validity. */
  readonly notBefore: string;
  /** Last moment of validity. */
  readonly notAfter: string;
  /** The time of the revocation, if the certificate was revoked. */
  readonly revokedAt?: string;
  /** The reason of the revocation, if a reason was given. */
  readonly reason?: RevocationReason;
}

/** The content of a ledger. */
export interface LedgerData {
  /** The version of this data format. */
  readonly version: 1;
  /** All recorded certificates, the oldest first. */
  readonly certificates: readonly LedgerEntry[];
  /**
   * The CRL number of the last CRL of each CA, in decimal digits, by the key identifier of the CA, or by its name if it
   * has none (see `authority` in {@link LedgerEntry}).
   */
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
    authority: keyIdentifier === undefined ? formatEncodedName(issuer) : toHex(keyIdentifier),
    kind: certificateKind(extensions),
    name: comparedCommonName(subject) ?? commonName(decodeName(subject)) ?? '',
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  };
}

/**
 * Parses the text of a ledger. The first line is JSON with the version, the number of certificates and the numbers of
 * CRLs. Then each certificate has a line of JSON. Lines that were appended later follow. An appended line about a
 * certificate that has an entry already has no effect. If the last appended line has no line end, it is ignored: the
 * process that wrote it was killed.
 *
 * @throws PgHostsslError `ledger-invalid`
 */
export function parseLedger(text: string | undefined): LedgerData {
  if (text === undefined) return emptyLedger;
  const [first, ...lines] = text.split('\n').slice(0, -1);
  const head = parseJson(first ?? '');
  if (!isRecord(head) || head.version !== 1 || typeof head.certificates !== 'number' || !isRecord(head.crlNumbers)) {
    throw invalid('is not a ledger of this version');
  }
  if (!Object.values(head.crlNumbers).every((number) => typeof number === 'string' && /^\d+$/.test(number))) {
    throw invalid('is damaged: its crlNumbers are not numbers');
  }
  if (lines.length < head.certificates) throw invalid('is cut off');
  // Parsing all lines in one call takes half the time.
  const entries = parseJson(`[${lines.join(',')}]`);
  if (!Array.isArray(entries) || entries.length !== lines.length) throw invalid('is damaged: a line is not JSON');
  assertEntries(entries);
  const certificates = lines.length === head.certificates ? entries : withoutRepetitions(entries);
  return { version: 1, certificates, crlNumbers: head.crlNumbers as LedgerData['crlNumbers'] };
}

/** Removes repeated entries. If a certificate has several entries, the first one stays. */
export function withoutRepetitions(entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
  const known = new Map<string, LedgerEntry>();
  for (const entry of entries) {
    const key = `${entry.serialNumber} ${entry.authority}`;
    if (!known.has(key)) known.set(key, entry);
  }
  return [...known.values()];
}

/**
 * Checks the certificates of a ledger. A damaged entry may belong to a revoked certificate, so it invalidates the whole
 * ledger.
 *
 * @throws PgHostsslError `ledger-invalid`
 */
export function assertEntries(entries: unknown): asserts entries is readonly LedgerEntry[] {
  if (!Array.isArray(entries)) throw invalid('is not a list of certificates');
  const broken = entries.findIndex((entry) => !isEntry(entry));
  if (broken !== -1) throw invalid(`is damaged at entry ${broken + 1} of its certificates`);
}

/** The entries of the certificates that a CA issued. An entry identifies the CA by its key identifier or its name. */
export function issuedBy(certificate: string, entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
  const names = [formatEncodedName(readCertificate(certificate).subject), authorityId(certificate)];
  return entries.filter(({ authority }) => names.includes(authority));
}

/** The key identifier of a CA in hexadecimal digits, or its name if its certificate has no key identifier. */
export function authorityId(certificate: string): string {
  const { subject, extensions } = readCertificate(certificate);
  const identifier = readSubjectKeyIdentifier(extensions);
  return identifier === undefined ? formatEncodedName(subject) : toHex(identifier);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error of `JSON.parse` is dropped, because its message would quote the text. The caller reports that the text
    // is damaged.
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
    hint: 'The text was cut off, edited, or written by another program or a later version. Restore the ledger from a backup.',
  });
}

/** Serializes a ledger. */
export function ledgerText({ version, certificates, crlNumbers }: LedgerData): string {
  const head = { version, certificates: certificates.length, crlNumbers };
  return `${JSON.stringify(head)}\n${certificates.map(entryLine).join('')}`;
}

/** Serializes an entry as a line. */
export function entryLine(entry: LedgerEntry): string {
  return `${JSON.stringify(entry)}\n`;
}
