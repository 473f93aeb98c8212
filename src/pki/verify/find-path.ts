import { equalBytes } from '../../c/compare.ts';
import { sameName } from '../../names/canonical-name.ts';
import { type Certificate, damageOf } from '../certificate/certificate.ts';
import { isIssuerOf, isNamedAuthority, isSelfIssued, isSelfSigned } from '../certificate/issuer.ts';
import { readKeyUsage } from '../certificate/key-usage.ts';
import { isOver } from '../certificate/validity.ts';
import { keyType } from '../keys/key-algorithms.ts';
import { signatureKeyType } from '../keys/signature-algorithm.ts';
import { type ChainProblem, type ChainProblemCode, chainProblem } from './chain-problem.ts';

/** What a path is made of. */
export interface PathSearch {
  /** The leaf first, then the certificates sent along. */
  readonly sent: readonly Certificate[];
  readonly trusted: readonly Certificate[];
  readonly at: Date;
  /** Whether issuers are chosen as by OpenSSL 1.1.1. */
  readonly isOld: boolean;
}

/** A path from the leaf upwards. */
export interface FoundPath {
  readonly path: readonly Certificate[];
  /** Whether the path ends in a self-signed certificate. */
  readonly isComplete: boolean;
  /** Why the path does not end in a trusted root. */
  readonly problems: readonly ChainProblem[];
}

/** The most certificates in a path: the default depth of OpenSSL, the leaf and the root. */
const maxLength = 102;

/**
 * The path from the leaf to the root: `build_chain` in crypto/x509/x509_vfy.c with X509_V_FLAG_TRUSTED_FIRST, the default.
 * A trusted issuer is preferred to one that is sent, and above a trusted certificate only trusted ones count. OpenSSL
 * loads certificates with malformed extensions, and takes none of them for an issuer or below one.
 */
export function findPath(search: PathSearch): FoundPath {
  const { at, isOld } = search;
  const path = [search.sent[0]!];
  const leafDamage = damageOf(path[0]!);
  if (leafDamage !== undefined) {
    const message = `An extension or a time of the certificate is malformed: ${leafDamage.message}`;
    return { path, isComplete: false, problems: [chainProblem(path, 0, 'extension-invalid', message)] };
  }
  const isWhole = (certificate: Certificate) => damageOf(certificate) === undefined;
  const [sent, trusted] = [search.sent.filter(isWhole), search.trusted.filter(isWhole)];
  const names = isOld ? isOldIssuerOf : isIssuerOf;
  for (let isTrusted = false; path.length < maxLength; ) {
    const last = path.at(-1)!;
    // `X509_self_signed` needs the key of each certificate, that of the leaf included.
    if (!isOld && keyType(last.publicKey) === undefined) {
      const message = 'OpenSSL does not read the public key of the certificate';
      return { path, isComplete: false, problems: [chainProblem(path, path.length - 1, 'key-unreadable', message)] };
    }
    const known = firstInTime(
      trusted.filter((one) => names(one, last)),
      at,
    );
    if (isOld ? isOldIssuerOf(last, last) : isSelfSigned(last)) {
      if (isTrusted || (known !== undefined && equalBytes(known.der, last.der))) {
        return { path, isComplete: true, problems: [] };
      }
      return { path, isComplete: true, problems: [untrusted(path, known)] };
    }
    const isNew = (one: Certificate) => !path.some(({ der }) => equalBytes(der, one.der));
    // OpenSSL follows a circle of trusted certificates until the path is too long.
    if (known !== undefined && !isNew(known)) break;
    const next =
      known ??
      (isTrusted
        ? undefined
        : firstInTime(
            sent.filter((one) => isNew(one) && names(one, last)),
            at,
          ));
    if (next === undefined) break;
    isTrusted ||= known !== undefined;
    path.push(next);
  }
  return { path, isComplete: false, problems: [issuerMissing(path, search)] };
}

/** How OpenSSL 1.1.1 chooses an issuer: `X509_check_issued` looks at the key usage, and not at the type of the key. */
function isOldIssuerOf(issuer: Certificate, certificate: Certificate): boolean {
  return isNamedIssuer(issuer, certificate) && !lacksCertSign(issuer);
}

/** Whether a certificate names this CA certificate as its issuer, whatever the type of the key is. */
function isNamedIssuer(issuer: Certificate, certificate: Certificate): boolean {
  return sameName(certificate.issuer, issuer.subject) && isNamedAuthority(issuer, certificate.extensions);
}

function lacksCertSign({ extensions }: Certificate): boolean {
  return readKeyUsage(extensions)?.includes('keyCertSign') === false;
}

/** The first valid candidate, or else the one that ends last: `find_issuer`, `X509_STORE_CTX_get1_issuer`. */
function firstInTime(candidates: readonly Certificate[], at: Date): Certificate | undefined {
  const valid = candidates.find(({ notBefore, notAfter }) => notBefore <= at && !isOver(notAfter, at));
  return valid ?? candidates.toSorted((a, b) => b.notAfter.getTime() - a.notAfter.getTime())[0];
}

function untrusted(path: readonly Certificate[], known: Certificate | undefined): ChainProblem {
  const depth = path.length - 1;
  const message =
    known === undefined
      ? 'The certificate is self-signed, and is not a trusted one'
      : 'The certificate is self-signed, and the trusted certificate of its name is another one';
  return chainProblem(path, depth, 'root-untrusted', message);
}

/** The problem at the end of a path that is not complete, with its cause as far as the certificates show one. */
function issuerMissing(path: readonly Certificate[], { sent, trusted }: PathSearch): ChainProblem {
  const depth = path.length - 1;
  const last = path[depth]!;
  const problem = (code: ChainProblemCode, message: string) => chainProblem(path, depth, code, message);
  if (path.length >= maxLength) return problem('path-too-long', `The chain has more than ${maxLength} certificates`);
  if (signatureKeyType(last.signatureAlgorithm) === undefined && isNamedIssuer(last, last)) {
    return problem('signature-unsupported', 'The signature of the certificate is of an unknown kind');
  }
  const named = [...trusted, ...sent].filter(({ subject }) => sameName(subject, last.issuer));
  const others = named.filter(({ der }) => !equalBytes(der, last.der));
  const cause = others.some((one) => damageOf(one) !== undefined)
    ? 'the certificate of its name has a malformed extension'
    : others.some((one) => isNamedAuthority(one, last.extensions) && lacksCertSign(one))
      ? 'the certificate of its name lacks the key usage keyCertSign'
      : others.some((one) => isNamedAuthority(one, last.extensions))
        ? 'the key in the certificate of its name is of another type than the signature'
        : others.length > 0
          ? 'a certificate has its name, but another key identifier or serial number than the certificate names (authority key identifier), such as one of an older or newer CA'
          : isSelfIssued(last)
            ? 'the certificate has the same name as its issuer; give leaf and CA different names'
            : undefined;
  const missing = 'The issuer of the certificate is neither sent along nor trusted';
  return problem('issuer-missing', cause === undefined ? missing : `${missing}: ${cause}`);
}
