import { decodePem, isPrivateKeyBlock } from '../../../asn1/pem.ts';
import { isBlank } from '../../../c/ascii.ts';
import { equalBytes } from '../../../c/compare.ts';
import { PgHostsslError } from '../../../errors.ts';
import { formatEncodedName } from '../../../names/format-name.ts';
import { type Certificate, loadCertificates } from '../../../pki/certificate/certificate.ts';
import { opensslRules } from '../../../pki/certificate/openssl-rules.ts';
import { isIssuedBy } from '../../../pki/issue/authority-limits.ts';
import { type CompleteProvider, completeProvider } from '../../../pki/provider/provider.ts';
import { type Crl, crlNumber, readCrls } from '../../../pki/revocation/crl.ts';
import { isDelta } from '../../../pki/revocation/crl-scope.ts';
import { findCrl, isIssuerOfCrl, newestCrl } from '../../../pki/revocation/find-crl.ts';
import { inProperty } from '../request/invalid.ts';
import type { NewCrl } from './add-crls.ts';
import { serialNumbers } from './crl-files.ts';

/**
 * CRLs that a caller gives, because their CAs are on other machines, and the CAs and CRLs of the server with which they
 * are compared.
 */
export interface GivenCrls {
  /** The CRLs that the caller gives. */
  readonly given: readonly Crl[];
  /** The certificates that the server trusts, PEM. */
  readonly trusted: string;
  /** The certificates of intermediate CAs, PEM. */
  readonly issuers: string;
  /** The CRLs that the server reads now. */
  readonly present: readonly Crl[];
  /** The time for which the plan is made. */
  readonly now: Date;
}

/** The CRLs that a plan takes from its caller and installs. */
export interface TakenCrls {
  /** The newest CRL of each CA. */
  readonly taken: readonly NewCrl[];
  /** The serial numbers of certificates that the given CRLs revoke and the present CRLs do not. */
  readonly revoked: readonly string[];
  /** The serial numbers of certificates that the present CRLs revoke and the given CRLs do not. */
  readonly dropped: readonly string[];
}

/**
 * Checks CRLs that a caller gives, because the keys of their CAs are on other machines, and finds the CRLs to install.
 * The server uses one CRL of each CA, so each given CRL replaces the present CRL of its CA.
 *
 * @throws PgHostsslError `crl-unfit` for a CRL that no CA of the server signed, that the server would not use, or that
 * is older than the present CRL of its CA; `certificate-invalid`
 */
export async function takeCrls({ given, trusted, issuers, present, now }: GivenCrls): Promise<TakenCrls> {
  const provider = await completeProvider();
  const authorities = await belowTrusted(loadIf(trusted), loadIf(issuers), provider);
  const taken: NewCrl[] = [];
  const revoked: string[] = [];
  const dropped: string[] = [];
  for (const crl of given) {
    const issuer = await issuerOf(crl, authorities, now, provider);
    if (newestCrl(given, issuer) !== crl) continue;
    const former = newestCrl(present, issuer);
    if (former !== undefined) assertNewer(crl, former, now);
    const before = new Set(former && serialNumbers(former));
    const after = new Set(serialNumbers(crl));
    for (const serial of after) if (!before.has(serial)) revoked.push(serial);
    for (const serial of before) if (!after.has(serial)) dropped.push(serial);
    taken.push({ crl, issuer });
  }
  return { taken, revoked, dropped };
}

/**
 * Parses the property `crls` of a request.
 *
 * @throws PgHostsslError `crl-invalid`, `private-key-misplaced`; the message names the property
 */
export function givenCrls(text: string | undefined): readonly Crl[] {
  if (text === undefined) return [];
  if (decodePem(text).some(isPrivateKeyBlock)) {
    throw new PgHostsslError('private-key-misplaced', 'The property crls of the request holds a private key', {
      hint: 'Nothing was planned. Give CRLs alone.',
    });
  }
  return isBlank(text) ? [] : inProperty('crls', () => readCrls(text));
}

function loadIf(pem: string): readonly Certificate[] {
  return isBlank(pem) ? [] : loadCertificates(pem);
}

/**
 * The trusted certificates, and those of the given CA certificates that the trusted CAs issued directly or indirectly.
 */
async function belowTrusted(
  trusted: readonly Certificate[],
  issuers: readonly Certificate[],
  provider: CompleteProvider,
): Promise<readonly Certificate[]> {
  const found = [...trusted];
  // The loop also visits the certificates that it adds, because they may have issued others.
  for (const above of found) {
    for (const each of issuers) {
      if (!found.includes(each) && (await isIssuedBy(each, above, provider))) found.push(each);
    }
  }
  return found;
}

/** Finds the CA that signed a CRL. The function throws if the server would not use the CRL. */
async function issuerOf(
  crl: Crl,
  authorities: readonly Certificate[],
  at: Date,
  provider: CompleteProvider,
): Promise<Certificate> {
  if (isDelta(crl.extensions)) {
    // A delta CRL is refused, because older versions of OpenSSL use it as if it were complete.
    throw unfit(crl, 'The CRL is a delta CRL, which holds only changes', 'Give the complete CRL of that CA.');
  }
  let why = 'no CA that the server trusts has its name and key';
  for (const authority of authorities.filter((each) => isIssuerOfCrl(each, crl))) {
    const search = { certificate: undefined, issuers: [authority], at, rules: opensslRules['3'] };
    const found = await findCrl([crl], search, provider);
    if (!('problem' in found)) return authority;
    why = found.message;
  }
  const hint = 'Give the certificate of an intermediate CA as `issuers`, or the current CRL of a CA of the server.';
  throw unfit(crl, `The server would not use the CRL: ${why}`, hint);
}

/** Throws if a CRL is older than the present CRL of its CA. The same CRL may be given again. */
function assertNewer(crl: Crl, former: Crl, now: Date): void {
  if (equalBytes(crl.der, former.der)) return;
  const [number, formerNumber] = [crlNumber(crl), crlNumber(former)];
  const isOlder =
    crl.thisUpdate < former.thisUpdate ||
    (number !== undefined && formerNumber !== undefined && number <= formerNumber);
  if (!isOlder) return;
  const shown = (each: Crl): string => `number ${crlNumber(each) ?? 'unknown'} of ${each.thisUpdate.toISOString()}`;
  const message = `The CRL (${shown(crl)}) is not newer than the CRL in the file of the server (${shown(former)})`;
  if (former.thisUpdate > now) {
    // A CRL that begins later still would not be valid yet.
    throw unfit(
      crl,
      message,
      'The CRL of the server begins in the future. Replace it by planRevocation with that CA as `authority`, or have that CA issue the CRL again after this time.',
    );
  }
  const isLater = crl.thisUpdate > former.thisUpdate;
  throw unfit(
    crl,
    message,
    isLater || (number ?? 0n) > (formerNumber ?? 0n)
      ? `Have that CA issue the CRL again with a ${isLater ? 'higher number' : 'later date'}: give the CRL of the server as \`previous\` to \`issueCrl\` of the CA or of the \`Ledger\`.`
      : 'Give the latest CRL of that CA.',
  );
}

function unfit({ issuer }: Crl, message: string, hint: string): PgHostsslError {
  const name = formatEncodedName(issuer);
  return new PgHostsslError('crl-unfit', `${name}: ${message}`, { hint: `Nothing was planned. ${hint}` });
}
