import { isBlank } from '../../c/ascii.ts';
import type { crlProblemTable } from '../../codes.ts';
import { sameName } from '../../names/canonical-name.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { allReasons } from '../certificate/distribution-points.ts';
import { readAuthorityKeyIdentifier } from '../certificate/extensions.ts';
import { isNamedAuthority, keyIdentifiersFit } from '../certificate/issuer.ts';
import { lacksUsage } from '../certificate/key-usage.ts';
import type { OpensslRules } from '../certificate/openssl-rules.ts';
import { serialNumberHex } from '../certificate/serial-number.ts';
import { isOver } from '../certificate/validity.ts';
import { verifySignature } from '../keys/verify-signature.ts';
import type { CompleteProvider } from '../provider/provider.ts';
import { type Crl, convertCrl, crlNumber, findEntry, type RevokedCertificate } from './crl.ts';
import { coveredReasons, isDelta, isUsable } from './crl-scope.ts';

/** The codes of the reasons why OpenSSL accepts no CRL of a CA. */
export type CrlProblemCode = keyof typeof crlProblemTable;

/** The parameters of the search for the CRL of a certificate. */
export interface CrlSearch {
  /** The certificate that the CRL must cover. If `undefined`, any CRL of the CA is enough. */
  readonly certificate: Certificate | undefined;
  /** The CA certificates above the certificate, its issuer first. For a root, the root itself. */
  readonly issuers: readonly Certificate[];
  readonly at: Date;
  /** Whether the text that should hold CRLs is not empty but holds no PEM block of a CRL. */
  readonly isOtherText?: boolean;
  /** The rules of the OpenSSL that checks. */
  readonly rules: OpensslRules;
}

/**
 * The CRL that decides about a certificate, with its entry about the certificate, or the reason why no CRL is usable.
 */
export type CrlFinding =
  | { readonly crl: Crl; readonly entry: RevokedCertificate | undefined }
  | { readonly problem: CrlProblemCode; readonly message: string };

/** A CRL that OpenSSL may use, with its score, and with the CA certificate whose key must have signed the CRL. */
interface Candidate {
  readonly crl: Crl;
  readonly issuer: Certificate;
  readonly score: number;
  /** The revocation reasons that the CRL covers for the certificate, as bits. */
  readonly reasons: number | undefined;
}

/**
 * The bits of the score of a CRL (`CRL_SCORE_…` in crypto/x509/x509_local.h). A higher bit counts more than all lower
 * bits.
 */
const scoreOf = { noCritical: 0x100, scope: 0x80, time: 0x40, ownIssuer: 0x18, samePath: 0x08 } as const;

/**
 * Checks a certificate with the CRLs that OpenSSL chooses: `check_cert` in crypto/x509/x509_vfy.c. If a distribution
 * point of the certificate covers only some revocation reasons, several CRLs together must cover all reasons.
 */
export async function findCrl(
  crls: readonly Crl[],
  search: CrlSearch,
  provider: CompleteProvider,
): Promise<CrlFinding> {
  /** The revocation reasons that the CRLs found so far cover, as bits. */
  let covered = 0;
  for (;;) {
    const candidate = bestCandidate(crls, search, covered);
    if (candidate === undefined) return missing(crls, search, covered);
    const found = await checkCrl(candidate, search, provider);
    if ('problem' in found || found.entry !== undefined) return found;
    // `reasons` is `undefined` if the CRL is a delta CRL that does not cover the certificate.
    if (candidate.reasons === undefined) return missing(crls, search, covered);
    covered |= candidate.reasons;
    if (covered === allReasons) return found;
  }
}

/**
 * @internal Whether a CRL names this CA as its issuer, by name and by authority key identifier. The signature of the
 * CRL is not checked.
 */
export function isIssuerOfCrl(authority: Certificate, { issuer, extensions }: Crl): boolean {
  return sameName(authority.subject, issuer) && isNamedAuthority(authority, extensions);
}

/** @internal Whether a text in which no CRL was found holds anything but white space. */
export function isOtherText(text: string, crls: readonly Crl[]): boolean {
  return crls.length === 0 && !isBlank(text);
}

/**
 * @internal The newest of the CRLs that name this CA as their issuer. The period of validity begins at a whole second,
 * so two CRLs may begin at the same moment. Then the CRL with the higher CRL number is newer.
 */
export function newestCrl(crls: readonly Crl[], authority: Certificate): Crl | undefined {
  const own = crls.filter((crl) => isIssuerOfCrl(authority, crl));
  return own.toSorted(
    (a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime() || Number((crlNumber(b) ?? 0n) - (crlNumber(a) ?? 0n)),
  )[0];
}

/**
 * @internal Whether a CRL of the certificate's CA revokes the certificate. Each CRL counts, also a CRL that OpenSSL
 * does not use, because the next CRL of the CA keeps the entries of all CRLs. The certificate of the CA need not be
 * known: a CRL must name the issuer of the certificate, and the same key identifier if both name one. Signatures are
 * not checked.
 */
export function isRevokedBy(crls: readonly Crl[], { issuer, extensions, serialNumber }: Certificate): boolean {
  const { keyIdentifier } = readAuthorityKeyIdentifier(extensions);
  return crls.some(
    (crl) =>
      sameName(crl.issuer, issuer) &&
      keyIdentifiersFit(readAuthorityKeyIdentifier(crl.extensions).keyIdentifier, keyIdentifier) &&
      findEntry(crl, serialNumberHex(serialNumber), issuer) !== undefined,
  );
}

/**
 * The CRL with the highest score; among CRLs with the same score, the newest CRL: `get_crl_sk` in
 * crypto/x509/x509_vfy.c.
 *
 * @param covered the revocation reasons that other CRLs cover, as bits
 */
function bestCandidate(crls: readonly Crl[], search: CrlSearch, covered: number): Candidate | undefined {
  let best: Candidate | undefined;
  for (const crl of crls) {
    const next = candidateOf(crl, search, covered);
    if (next === undefined || (best !== undefined && next.score < best.score)) continue;
    if (best === undefined || next.score > best.score || next.crl.thisUpdate > best.crl.thisUpdate) best = next;
  }
  return best;
}

/**
 * Computes the score of a CRL: `get_crl_score` in crypto/x509/x509_vfy.c. The result is `undefined` for a CRL that
 * OpenSSL does not use.
 */
function candidateOf(crl: Crl, { certificate, issuers, at, rules }: CrlSearch, covered: number): Candidate | undefined {
  if (!rules.usesDeltaCrls && isDelta(crl.extensions)) return undefined;
  const issuerName = certificate?.issuer ?? issuers[0]!.subject;
  if (crl.damage !== undefined || !isUsable(crl) || !sameName(issuerName, crl.issuer)) return undefined;
  const issuer = issuers.find((authority) => isIssuerOfCrl(authority, crl));
  if (issuer === undefined) return undefined;
  const reasons = certificate === undefined ? allReasons : coveredReasons(crl, certificate);
  if (reasons !== undefined && (reasons & ~covered) === 0) return undefined;
  const isInTime = crl.thisUpdate <= at && (crl.nextUpdate === undefined || !isOver(crl.nextUpdate, at, rules));
  const score =
    (crl.hasUnknownCritical ? 0 : scoreOf.noCritical) |
    (reasons === undefined ? 0 : scoreOf.scope) |
    (isInTime ? scoreOf.time : 0) |
    (issuer === issuers[0] ? scoreOf.ownIssuer : scoreOf.samePath);
  return { crl, issuer, score, reasons };
}

/**
 * Checks the chosen CRL and searches it for the certificate: `check_crl` and `cert_crl`. OpenSSL tries no other CRL if
 * the chosen CRL is invalid.
 */
async function checkCrl(
  { crl, issuer, reasons }: Candidate,
  { certificate, at, rules }: CrlSearch,
  provider: CompleteProvider,
): Promise<CrlFinding> {
  const { thisUpdate, nextUpdate } = crl;
  if (!isDelta(crl.extensions)) {
    if (lacksUsage(issuer.extensions, 'cRLSign')) return noCrlSign;
    if (reasons === undefined) return problem('crl-out-of-scope', 'its CRL covers other certificates only');
  }
  if (thisUpdate > at) return problem('crl-not-yet-valid', `its CRL is valid only from ${thisUpdate.toISOString()} on`);
  if (nextUpdate !== undefined && isOver(nextUpdate, at, rules)) {
    return problem('crl-expired', `its CRL expired at ${nextUpdate.toISOString()}; issue a new CRL`);
  }
  const verdict = await verifySignature(crl.der, issuer.publicKey, provider, rules);
  if (verdict === 'invalid') return problem('crl-not-signed', 'its CRL was not signed by the key of the CA');
  if (verdict === 'unsupported') {
    return problem('crl-signature-unsupported', 'the signature of its CRL is of an unknown kind');
  }
  if (crl.hasUnknownCritical) {
    return problem('crl-unknown-critical-extension', 'its CRL has a critical extension that OpenSSL does not know');
  }
  const entry = certificate && findEntry(crl, serialNumberHex(certificate.serialNumber), certificate.issuer);
  return { crl, entry };
}

/** The finding that no CRL is usable. */
function missing(crls: readonly Crl[], search: CrlSearch, covered: number): CrlFinding {
  if (lacksUsage(search.issuers[0]!.extensions, 'cRLSign')) return noCrlSign;
  // If some reasons are covered, there are usable CRLs, but none for the other reasons.
  if (covered !== 0) return problem('crl-missing', 'no CRL covers all reasons for a revocation');
  return problem('crl-missing', causeOfMissing(crls, search));
}

/**
 * The reason why no CRL is usable, as the end of a sentence. If a CRL has the name of the CA as its issuer, the reason
 * why OpenSSL does not use that CRL.
 */
function causeOfMissing(crls: readonly Crl[], { issuers, isOtherText }: CrlSearch): string {
  const named = crls.filter(({ issuer }) => sameName(issuer, issuers[0]!.subject));
  if (named.some(({ damage }) => damage !== undefined)) return 'its CRL has a malformed extension; issue the CRL again';
  if (named.some(({ extensions }) => isDelta(extensions))) {
    return 'its CRL is a delta CRL, which holds only changes, and which OpenSSL ignores; issue a full CRL';
  }
  if (named.some((crl) => !isUsable(crl))) {
    return 'OpenSSL ignores its CRL, which is indirect or covers only some reasons; issue a full CRL';
  }
  if (named.length > 0) {
    return 'the CRL in its name is for a CA certificate with another key or serial number (authority key identifier), perhaps a former CA certificate; issue a CRL with this CA';
  }
  return isOtherText
    ? `its CRL is missing: the text given has no PEM block X509 CRL. ${convertCrl}`
    : 'its CRL is missing; issue a CRL, even if nothing is revoked';
}

const noCrlSign = problem(
  'authority-lacks-crl-sign',
  'its certificate lacks the key usage cRLSign, so OpenSSL accepts no CRL of this CA',
);

function problem(code: CrlProblemCode, message: string): CrlFinding {
  return { problem: code, message };
}
