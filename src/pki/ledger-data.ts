import { PgHostsslError } from '../errors.ts';
import { readCertificate, serialNumberHex } from './certificate.ts';
import { toHex } from './der.ts';
import { readAuthorityKeyIdentifier, readBasicConstraints, readExtendedKeyUsage } from './extensions.ts';
import { commonName, decodeName } from './name.ts';
import type { RevocationReason } from './revocation-list.ts';

/** A certificate in a ledger. All of it is public; times are ISO 8601. */
export interface LedgerEntry {
  /** Hexadecimal digits, lower-case. */
  readonly serialNumber: string;
  /** Hexadecimal digits of the key identifier of the authority that issued it. */
  readonly authority: string;
  /** What it is for. */
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
  readonly listNumbers: Readonly<Record<string, string>>;
}

/** A ledger with nothing in it. */
export const emptyLedger: LedgerData = { version: 1, certificates: [], listNumbers: {} };

/** The entry of a certificate. */
export function ledgerEntry(pem: string): LedgerEntry {
  const { serialNumber, extensions, subject, notBefore, notAfter } = readCertificate(pem);
  const isAuthority = readBasicConstraints(extensions)?.isCa === true;
  const isServer = readExtendedKeyUsage(extensions)?.includes('serverAuth') === true;
  return {
    serialNumber: serialNumberHex(serialNumber),
    authority: toHex(readAuthorityKeyIdentifier(extensions) ?? new Uint8Array()),
    kind: isAuthority ? 'authority' : isServer ? 'server' : 'client',
    name: commonName(decodeName(subject)) ?? '',
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
  try {
    const data = JSON.parse(text) as Partial<LedgerData>;
    if (data.version === 1 && Array.isArray(data.certificates) && typeof data.listNumbers === 'object') {
      return data as LedgerData;
    }
  } catch {
    // Told below; the parser's message would quote the text.
  }
  throw new PgHostsslError('ledger-invalid', 'The content of the store is no ledger of this form', {
    hint: 'It was written by something else, or by a later version.',
  });
}

/** The ledger as a JSON text, one certificate a line. */
export function ledgerText({ version, certificates, listNumbers }: LedgerData): string {
  const lines = certificates.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
  const list = certificates.length === 0 ? '[]' : `[\n${lines}\n  ]`;
  return `{\n  "version": ${version},\n  "certificates": ${list},\n  "listNumbers": ${JSON.stringify(listNumbers)}\n}\n`;
}
