import { readDer } from '../../asn1/der.ts';
import { encodePem } from '../../asn1/pem.ts';
import { PgHostsslError } from '../../errors.ts';
import { sameName } from '../../names/canonical-name.ts';
import { checkMaySignCrls } from '../certificate/authority-limits.ts';
import { type Certificate, readCertificate, serialNumberDer, serialNumberHex } from '../certificate/certificate.ts';
import { readSubjectKeyIdentifier } from '../certificate/extensions.ts';
import { choosePeriod, type Validity, wholeSeconds } from '../certificate/validity.ts';
import type { Signer } from '../keys/private-key.ts';
import { signatureAlgorithm, signStructure } from '../keys/signature.ts';
import { verifyCrlSignature } from '../keys/x509.ts';
import type { CompleteProvider } from '../provider/provider.ts';
import {
  type Crl,
  checkReason,
  crlNumber,
  encodeCrl,
  type RevocationReason,
  type RevokedCertificate,
  readCrls,
} from './crl.ts';
import { nameHash } from './hash-name.ts';

/** A certificate to revoke, named by itself or by its serial number. */
export type Revocation = {
  /** When it was revoked; now if not given. */
  readonly revokedAt?: Date;
  /** Why; left out of the list if not given. */
  readonly reason?: RevocationReason;
  /** Since when it was not to be trusted. */
  readonly invalidSince?: Date;
} & (
  | {
      /** The certificate, PEM. */
      readonly certificate: string;
    }
  | {
      /** Its serial number, hexadecimal digits. */
      readonly serialNumber: string;
    }
);

/** What a revocation list is to be. */
export interface CrlOptions {
  /** What to revoke, beside what the list before had. */
  readonly revoked?: readonly Revocation[];
  /** The authority's list before, PEM: its entries are taken over, and the number is one higher. */
  readonly previous?: string;
  /** The number of this list in decimal digits; if not given, one more than that of the list before, or 1. */
  readonly number?: string;
  /**
   * From when until when it is valid: an hour before now, and 30 days from now, if not given. A server with a list that
   * is past its time rejects every client.
   */
  readonly validity?: Validity;
}

/** A revocation list that was issued. */
export interface IssuedCrl {
  /** PEM with the label that OpenSSL and PostgreSQL want (`X509 CRL`), and a final newline. */
  readonly crl: string;
  /** Its number in decimal digits. */
  readonly number: string;
  /** Since when it is valid. */
  readonly thisUpdate: Date;
  /** Until when it is valid. */
  readonly nextUpdate: Date;
  /** The name that it must have in `ssl_crl_dir` (14 and later), such as `5a3f0c1e.r0`. */
  readonly fileName: string;
}

/** Days until the next list is due, where nothing is given. */
const defaultDays = 30;

/** @internal What {@link CertificateAuthority.issueCrl} does. */
export async function issueCrl(options: CrlOptions, authority: Certificate, signer: Signer): Promise<IssuedCrl> {
  checkMaySignCrls(authority);
  const { provider, kind } = signer;
  const now = provider.now();
  const { notBefore: thisUpdate, notAfter: nextUpdate } = choosePeriod(
    options.validity ?? {},
    defaultDays,
    now,
    authority,
  );
  const previous = options.previous === undefined ? undefined : readCrls(options.previous)[0]!;
  if (previous !== undefined && !(await isCrlOf(previous, authority, provider))) {
    throw new PgHostsslError('revocation-not-possible', 'The list before was not signed by this authority');
  }
  const revoked = (options.revoked ?? []).map((revocation) => revokedEntry(revocation, authority, now));
  const number = nextCrlNumber(options.number, previous && crlNumber(previous));
  const content = encodeCrl({
    signatureAlgorithm: signatureAlgorithm(kind),
    issuer: authority.subject.bytes,
    thisUpdate,
    nextUpdate,
    number,
    keyIdentifier: readSubjectKeyIdentifier(authority.extensions),
    entries: mergeEntries(previous?.entries ?? [], revoked),
  });
  return {
    crl: encodePem('X509 CRL', await signStructure(content, signer)),
    number: String(number),
    thisUpdate,
    nextUpdate,
    fileName: `${await nameHash(authority.subject, provider)}.r0`,
  };
}

/** @internal Whether a list is one of this authority: its name, and its signature. */
export async function isCrlOf(list: Crl, authority: Certificate, provider: CompleteProvider): Promise<boolean> {
  if (!sameName(list.issuer, authority.subject)) return false;
  return verifyCrlSignature(list.der, authority.publicKey, provider);
}

/**
 * The entry that a revocation makes.
 *
 * @throws PgHostsslError `revocation-not-possible` for a certificate of another authority and for a reason that is none,
 * `serial-number-invalid`, `certificate-invalid`, `validity-invalid` for a time that a list cannot hold
 */
function revokedEntry(revocation: Revocation, authority: Certificate, now: Date): RevokedCertificate {
  const { revokedAt = now, reason, invalidSince } = revocation;
  return {
    serialNumber:
      'certificate' in revocation
        ? ownSerialNumber(revocation.certificate, authority)
        : foreignSerialNumber(revocation.serialNumber),
    revokedAt: wholeSeconds(revokedAt),
    ...(reason === undefined ? {} : { reason: checkReason(reason) }),
    ...(invalidSince === undefined ? {} : { invalidSince: wholeSeconds(invalidSince) }),
  };
}

/** Old entries first; a certificate that is revoked already keeps its first entry. */
function mergeEntries(
  old: readonly RevokedCertificate[],
  more: readonly RevokedCertificate[],
): readonly RevokedCertificate[] {
  const bySerialNumber = new Map<string, RevokedCertificate>();
  for (const entry of [...old, ...more]) {
    if (!bySerialNumber.has(entry.serialNumber)) bySerialNumber.set(entry.serialNumber, entry);
  }
  return [...bySerialNumber.values()];
}

/**
 * The number of the next list.
 *
 * @throws PgHostsslError `revocation-not-possible` if it would not be higher than that of the list before.
 */
function nextCrlNumber(asked: string | undefined, previous: bigint | undefined): bigint {
  if (asked === undefined) return (previous ?? 0n) + 1n;
  // RFC 5280 §5.2.3: up to 20 octets, and only ever higher.
  if (/^\d{1,48}$/.test(asked) && BigInt(asked) > (previous ?? -1n)) return BigInt(asked);
  throw new PgHostsslError(
    'revocation-not-possible',
    `${JSON.stringify(asked)} is no number for a list${previous === undefined ? '' : ` after number ${previous}`}`,
  );
}

/** Certificates made elsewhere have numbers that none here gets: zero, negative ones, and longer ones. */
function foreignSerialNumber(digits: string): string {
  if (/^-?(?:[0-9a-f]{2})+$/i.test(digits)) return serialNumberHex(readDer(serialNumberDer(digits)).content);
  throw new PgHostsslError('serial-number-invalid', `${JSON.stringify(digits)} is no serial number`, {
    hint: 'Give hexadecimal digits, pairwise, as inspectCertificate and LedgerEntry have them.',
  });
}

function ownSerialNumber(pem: string, authority: Certificate): string {
  const certificate = readCertificate(pem);
  if (!sameName(certificate.issuer, authority.subject)) {
    throw new PgHostsslError('revocation-not-possible', 'The certificate was issued by another authority', {
      hint: 'Only the authority that issued a certificate can revoke it.',
    });
  }
  return serialNumberHex(certificate.serialNumber);
}
