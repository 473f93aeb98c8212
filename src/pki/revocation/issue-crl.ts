import {
  assertList,
  assertOneProperty,
  assertProperties,
  given,
  type PropertyNames,
  shownValue,
} from '../../arguments.ts';
import { type Bytes, joinBytes } from '../../asn1/bytes.ts';
import { der, derGeneralizedTime, derInteger, derSequence, derTag, derTime } from '../../asn1/der.ts';
import { encodePem } from '../../asn1/pem.ts';
import { PgHostsslError } from '../../errors.ts';
import { sameName } from '../../names/canonical-name.ts';
import { type Certificate, readCertificate } from '../certificate/certificate.ts';
import {
  authorityKeyIdentifier,
  extension,
  readAuthorityKeyIdentifier,
  readSubjectKeyIdentifier,
} from '../certificate/extensions.ts';
import { keyIdentifiersFit } from '../certificate/issuer.ts';
import { lacksUsage } from '../certificate/key-usage.ts';
import { normalizeSerialNumber, serialNumberDer, serialNumberHex } from '../certificate/serial-number.ts';
import { choosePeriod, type Validity, wholeSeconds } from '../certificate/validity.ts';
import type { Signer } from '../keys/private-key.ts';
import { signStructure } from '../keys/signature.ts';
import { signatureAlgorithm } from '../keys/signature-algorithm.ts';
import { isSignedBy } from '../keys/verify-signature.ts';
import type { CompleteProvider } from '../provider/provider.ts';
import { type Crl, crlNumber, crlOid, type RevokedCertificate, readCrls } from './crl.ts';
import { hashedCrlName, nameHash } from './file-name.ts';
import { checkReason, type RevocationReason, reasonCodes } from './revocation-reason.ts';

/** A certificate to revoke: the certificate itself, or its serial number. */
export type Revocation = {
  /** The time of the revocation; now if not given. */
  readonly revokedAt?: Date | undefined;
  /** The reason of the revocation. If not given, the entry in the CRL has no reason. */
  readonly reason?: RevocationReason | undefined;
  /**
   * The time from which on the certificate was invalid, for example because its key was stolen (invalidityDate, RFC
   * 5280 §5.3.2).
   */
  readonly invalidSince?: Date | undefined;
} & (
  | {
      /** The certificate, PEM. */
      readonly certificate: string;
    }
  | {
      /**
       * The serial number of the certificate in hexadecimal digits. `pg_stat_ssl.client_serial` shows the number in
       * decimal digits: convert it with `BigInt(serial).toString(16)`, and put a 0 before an odd number of digits.
       */
      readonly serialNumber: string;
    }
);

const revocationNames: PropertyNames<Revocation> = {
  revokedAt: true,
  reason: true,
  invalidSince: true,
  certificate: true,
  serialNumber: true,
};

/** The content of a new CRL. */
export interface CrlOptions {
  /** The certificates to revoke, in addition to the entries of `previous`. */
  readonly revoked?: readonly Revocation[] | undefined;
  /**
   * The previous CRL of the CA, PEM. The new CRL repeats the entries of the previous CRL, and its number is one higher.
   */
  readonly previous?: string | undefined;
  /** The CRL number in decimal digits. If not given, the number of `previous` plus one; 1 if there is no `previous`. */
  readonly number?: string | undefined;
  /**
   * The period of validity. If not given, from one hour before now to 30 days after now. With `previous`, a period
   * without `notBefore` begins after the beginning of the previous CRL, but not later than now, because OpenSSL uses the
   * CRL that begins last. A server with an expired CRL rejects every client.
   */
  readonly validity?: Validity | undefined;
}

export const crlOptionNames: PropertyNames<CrlOptions> = {
  revoked: true,
  previous: true,
  number: true,
  validity: true,
};

/** An issued CRL. */
export interface IssuedCrl {
  /** PEM with the label `X509 CRL`, which OpenSSL and PostgreSQL need, and a final newline. */
  readonly crl: string;
  /** The CRL number in decimal digits. */
  readonly number: string;
  /** First moment of validity. */
  readonly thisUpdate: Date;
  /** End of validity. */
  readonly nextUpdate: Date;
  /** The name that the file of the CRL must have in `ssl_crl_dir` (14 and later), such as `5a3f0c1e.r0`. */
  readonly fileName: string;
}

/** The number of days for which a CRL is valid, if the caller gives no validity. */
const defaultDays = 30;

/** @internal Does the work of {@link CertificateAuthority.issueCrl}. */
export async function issueCrl(options: CrlOptions, authority: Certificate, signer: Signer): Promise<IssuedCrl> {
  checkMaySignCrls(authority);
  const { provider, kind } = signer;
  const now = provider.now();
  const { validity = {} } = options;
  const { notBefore, notAfter: nextUpdate } = choosePeriod(validity, defaultDays, now, authority);
  const previous = options.previous === undefined ? undefined : readCrls(options.previous)[0]!;
  if (previous !== undefined) await assertCrlOf(previous, authority, provider);
  const thisUpdate =
    previous === undefined || validity.notBefore !== undefined ? notBefore : startAfter(previous, { notBefore, now });
  const { revoked: asked = [] } = options;
  assertList(asked, 'revoked of issueCrl');
  const revoked = asked.map((revocation) => revokedEntry(revocation, authority, now));
  const number = nextCrlNumber(options.number, previous && crlNumber(previous));
  const content = encodeCrl({
    signatureAlgorithm: signatureAlgorithm(kind),
    issuer: authority.subject.bytes,
    thisUpdate,
    nextUpdate,
    number,
    keyIdentifier: readSubjectKeyIdentifier(authority.extensions),
    entries: mergeEntries(previous?.revoked ?? [], revoked),
  });
  return {
    crl: encodePem('X509 CRL', await signStructure(content, signer)),
    number: String(number),
    thisUpdate,
    nextUpdate,
    fileName: hashedCrlName(nameHash(authority.subject), 0),
  };
}

/**
 * The first moment of validity of a CRL that follows another CRL: later than the first moment of the other CRL, but not
 * later than now. Of two valid CRLs of a CA, OpenSSL uses the CRL that begins later, whatever their numbers are
 * (`get_crl_sk` in crypto/x509/x509_vfy.c).
 */
function startAfter(previous: Crl, { notBefore, now }: { readonly notBefore: Date; readonly now: Date }): Date {
  const next = Math.min(previous.thisUpdate.getTime() + 1000, now.getTime());
  return wholeSeconds(new Date(Math.max(notBefore.getTime(), next)));
}

/**
 * @internal Checks that a CA issued a CRL that the next CRL continues: the CRL must name the CA as its issuer, and the
 * key of the CA must have signed the CRL.
 *
 * @throws PgHostsslError `issuer-mismatch`
 */
export async function assertCrlOf(crl: Crl, authority: Certificate, provider: CompleteProvider): Promise<void> {
  const isNamed = sameName(crl.issuer, authority.subject);
  if (isNamed && (await isSignedBy(crl.der, authority.publicKey, provider))) return;
  throw new PgHostsslError('issuer-mismatch', 'The CA did not sign the previous CRL', {
    hint: 'Give the latest CRL of the same CA as `previous`.',
  });
}

/**
 * The CRL entry for a certificate that a caller wants to revoke.
 *
 * @throws PgHostsslError `issuer-mismatch`, `revocation-reason-unknown`, `serial-number-invalid`,
 * `certificate-invalid`, `validity-invalid` for a time that a CRL cannot hold
 */
function revokedEntry(revocation: Revocation, authority: Certificate, now: Date): RevokedCertificate {
  assertProperties(revocation, revocationNames, 'revocation');
  assertOneProperty(revocation, ['certificate', 'serialNumber'], 'revocation');
  const { revokedAt = now, reason, invalidSince, ...named } = given(revocation);
  return {
    serialNumber:
      'certificate' in named
        ? ownSerialNumber(named.certificate, authority)
        : normalizeSerialNumber(named.serialNumber),
    revokedAt: wholeSeconds(revokedAt),
    ...(reason === undefined ? {} : { reason: checkReason(reason) }),
    ...(invalidSince === undefined ? {} : { invalidSince: wholeSeconds(invalidSince) }),
  };
}

/**
 * Merges the entries of the previous CRL with new entries, which come last. If a certificate has an entry in the
 * previous CRL, that entry stays.
 */
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
 * The CRL number of the next CRL.
 *
 * @throws PgHostsslError `crl-number-invalid`
 */
function nextCrlNumber(asked: string | undefined, previous: bigint | undefined): bigint {
  if (asked === undefined) return (previous ?? 0n) + 1n;
  // RFC 5280 §5.2.3: a CRL number has at most 20 octets, and is higher than all earlier numbers of the same CA.
  if (typeof asked === 'string' && /^\d{1,48}$/.test(asked) && BigInt(asked) > (previous ?? -1n)) return BigInt(asked);
  throw new PgHostsslError(
    'crl-number-invalid',
    `number must have at most 48 decimal digits${previous === undefined ? '' : `, and more than ${previous}`}; got ${shownValue(asked)}`,
  );
}

function ownSerialNumber(pem: string, authority: Certificate): string {
  const certificate = readCertificate(pem);
  const issuerKey = readAuthorityKeyIdentifier(certificate.extensions).keyIdentifier;
  const ownKey = readSubjectKeyIdentifier(authority.extensions);
  // A CA that was made again has the name of the old CA, but another key.
  if (!keyIdentifiersFit(issuerKey, ownKey) || !sameName(certificate.issuer, authority.subject)) {
    throw new PgHostsslError('issuer-mismatch', 'The certificate to revoke was issued by another CA', {
      hint: 'Only the CA that issued a certificate can revoke it.',
    });
  }
  return serialNumberHex(certificate.serialNumber);
}

/**
 * Checks that a CA may sign CRLs. If its key usage lacks cRLSign, a server with a CRL of this CA rejects every client.
 *
 * @throws PgHostsslError `authority-lacks-crl-sign`
 */
function checkMaySignCrls(certificate: Certificate): void {
  if (!lacksUsage(certificate.extensions, 'cRLSign')) return;
  throw new PgHostsslError('authority-lacks-crl-sign', 'The certificate of the CA lacks the key usage cRLSign', {
    hint: 'A server with a CRL of this CA rejects every client. First renew the CA certificate with the key usage cRLSign.',
  });
}

/** The content of a CRL to encode. */
interface CrlContent {
  /** The algorithm of the signature: AlgorithmIdentifier, DER. */
  readonly signatureAlgorithm: Bytes;
  readonly issuer: Bytes;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly number: bigint;
  /** The subject key identifier of the CA. */
  readonly keyIdentifier: Bytes | undefined;
  readonly entries: readonly RevokedCertificate[];
}

/** The signed part of a CRL (TBSCertList, RFC 5280 §5.1). */
function encodeCrl(content: CrlContent): Bytes {
  const { keyIdentifier, entries } = content;
  return derSequence(
    derInteger(1),
    content.signatureAlgorithm,
    content.issuer,
    derTime(content.thisUpdate),
    derTime(content.nextUpdate),
    // RFC 5280 §5.1.2.6: a CRL without entries has no sequence of entries, not even an empty one.
    ...(entries.length === 0 ? [] : [derSequence(joinBytes(entries.map(encodeEntry)))]),
    der(
      0xa0,
      derSequence(
        ...(keyIdentifier === undefined ? [] : [authorityKeyIdentifier(keyIdentifier)]),
        extension(crlOid.crlNumber, derInteger(content.number)),
      ),
    ),
  );
}

function encodeEntry({ serialNumber, revokedAt, reason = 'unspecified', invalidSince }: RevokedCertificate): Bytes {
  const extensions = [
    // RFC 5280 §5.3.1: an entry has no reason code instead of the reason code `unspecified`.
    ...(reason === 'unspecified'
      ? []
      : [extension(crlOid.reasonCode, der(derTag.enumerated, Uint8Array.of(reasonCodes[reason])))]),
    // RFC 5280 §5.3.2: an invalidity date is always a GeneralizedTime.
    ...(invalidSince === undefined ? [] : [extension(crlOid.invalidityDate, derGeneralizedTime(invalidSince))]),
  ];
  return derSequence(
    serialNumberDer(serialNumber),
    derTime(revokedAt),
    ...(extensions.length === 0 ? [] : [derSequence(...extensions)]),
  );
}
