import { toHex } from '../../asn1/der.ts';
import { PgHostsslError } from '../../errors.ts';
import { formatName } from '../../names/format-name.ts';
import { commonName, comparedCommonName, decodeName } from '../../names/name.ts';
import { readCertificate, serialNumberHex } from '../certificate/certificate.ts';
import { certificateKind, readAuthorityKeyIdentifier } from '../certificate/extensions.ts';
import { isRevocationReason, type RevocationReason } from '../revocation/crl.ts';

/** A certificate in a ledger. All of it is public; times are ISO 8601. */
export interface LedgerEntry {
  /** Hexadecimal digits, lower-case. */
  readonly serialNumber: string;
  /** Hexadecimal digits of the key identifier of the authority that issued it; its name where the certificate has none. */
  readonly authority: string;
  /** What it is for; what a client can log in with counts as one for clients. */
  readonly kind: 'authority' | 'server' | 'client';
  /** The common name: of a client, the role. */
  readonly name: string;
  /** First moment of its validity. */
  readonly notBefore: string;
  /** Last moment of its validity. */
  readonly notAfter: string;
  /** When it was revoked, if it was. */
  readonly revokedAt?: string;
  /** Why it was revoked, if that was said. */
  readonly reason?: RevocationReason;
}

/** All that a ledger remembers. */
export interface LedgerData {
  /** Of this form. */
  readonly version: 1;
  /** All certificates recorded, oldest first. */
  readonly certificates: readonly LedgerEntry[];
  /** The number of the last revocation list of each authority, decimal digits, by key identifier. */
  readonly crlNumbers: Readonly<Record<string, string>>;
}

/** A ledger with nothing in it. */
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
    throw invalid('is no ledger of this form');
  }
  // An entry that is not whole might be of a certificate that is to be revoked: nothing of such a ledger is believed.
  const broken = data.certificates.findIndex((entry) => !isEntry(entry));
  if (broken !== -1) throw invalid(`is damaged: entry ${broken + 1} of its certificates is none`);
  if (!Object.values(data.crlNumbers).every((number) => typeof number === 'string' && /^\d+$/.test(number))) {
    throw invalid('is damaged: its crlNumbers are no numbers');
  }
  return data as unknown as LedgerData;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told by the caller; the parser's message would quote the text.
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
    hint: 'It was cut off, edited, or written by something else or a later version: put a copy of before in its place.',
  });
}

/** The ledger as a JSON text, one certificate a line. */
export function ledgerText({ version, certificates, crlNumbers }: LedgerData): string {
  const lines = certificates.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
  const list = certificates.length === 0 ? '[]' : `[\n${lines}\n  ]`;
  return `{\n  "version": ${version},\n  "certificates": ${list},\n  "crlNumbers": ${JSON.stringify(crlNumbers)}\n}\n`;
}
