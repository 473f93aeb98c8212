import type { Bytes } from '../../asn1/der.ts';
import { checkNameConstraints, checkPurposes } from '../certificate/authority-limits.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { authorityKeyIdentifier, readSubjectKeyIdentifier, subjectKeyIdentifier } from '../certificate/extensions.ts';
import { choosePeriod } from '../certificate/validity.ts';
import type { Signer } from '../keys/private-key.ts';
import type { CertificateOptions } from './authority-options.ts';
import { chooseSerialNumber, keyIdentifier, signAuthority, signLeaf } from './issue.ts';

/** An authority that issues: its own certificate first, then those above it, and its key. */
export interface Issuer {
  readonly certificates: readonly Certificate[];
  readonly signer: Signer;
}

/** What a certificate below an authority is to be. */
export interface Issue extends CertificateOptions {
  /** Days of validity where the options say nothing. */
  readonly days: number;
  /** The name, in DER. */
  readonly subject: Bytes;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Bytes;
  /** All but the key identifiers. */
  readonly extensions: readonly Bytes[];
}

/**
 * A certificate for a server or a client, within the authority's own time, name constraints and purposes.
 *
 * @throws PgHostsslError `authority-unfit`, `issuer-expired`, `validity-invalid`, `serial-number-invalid`,
 * `readback-mismatch`
 */
export async function issueLeaf(issuer: Issuer, issue: Issue): Promise<Certificate> {
  const certificate = await signBelow(issuer, issue, signLeaf);
  checkPurposes(issuer.certificates, certificate);
  return certificate;
}

/** A certificate for an authority, as {@link issueLeaf}. */
export async function issueAuthority(issuer: Issuer, issue: Issue): Promise<Certificate> {
  return signBelow(issuer, issue, signAuthority);
}

async function signBelow(
  { certificates, signer }: Issuer,
  { validity = {}, days, subject, publicKey, extensions, serialNumber }: Issue,
  sign: typeof signLeaf,
): Promise<Certificate> {
  const own = certificates[0]!;
  const { provider } = signer;
  // The issuer's identifier is copied, never computed again: authorities made elsewhere choose it as they like.
  const issuerIdentifier = readSubjectKeyIdentifier(own.extensions);
  const certificate = await sign(
    {
      ...choosePeriod(validity, days, provider.now(), own),
      serialNumber: chooseSerialNumber(serialNumber, provider),
      issuer: own.subject.bytes,
      subject,
      publicKey,
      extensions: [
        ...extensions,
        subjectKeyIdentifier(await keyIdentifier(publicKey, provider)),
        ...(issuerIdentifier === undefined ? [] : [authorityKeyIdentifier(issuerIdentifier)]),
      ],
    },
    signer,
  );
  checkNameConstraints(certificates, certificate, sign === signLeaf);
  return certificate;
}
