import { equalBytes } from '../../c/compare.ts';
import { sameName } from '../../names/canonical-name.ts';
import { type Certificate, damageOf } from '../certificate/certificate.ts';
import { isIssuerOf, isNamedAuthority, isNamedIssuer, isSelfIssued, isSelfSigned } from '../certificate/issuer.ts';
import { lacksUsage } from '../certificate/key-usage.ts';
import type { OpensslRules } from '../certificate/openssl-rules.ts';
import { isOver } from '../certificate/validity.ts';
import { keyType } from '../keys/key-type.ts';
import { signatureKeyType } from '../keys/signature-algorithm.ts';
import { type ChainProblem, type ChainProblemCode, chainProblem } from './chain-problem.ts';

/** The certificates from which a path is built, and the rules for building it. */
export interface PathSearch {
  /** The certificates that the server or client sends: the leaf, then CA certificates. */
  readonly sent: readonly Certificate[];
  readonly trusted: readonly Certificate[];
  readonly at: Date;
  readonly rules: OpensslRules;
}

/** A path: the leaf, its issuer, the issuer of that CA certificate, and so on. */
export interface FoundPath {
  readonly path: readonly Certificate[];
  /** Whether the path ends in a self-signed certificate. */
  readonly isComplete: boolean;
  /** The reasons why the path does not end in a trusted root. */
  readonly problems: readonly ChainProblem[];
}

/** The largest number of certificates in a path: OpenSSL's default depth of 100, the leaf and the root. */
export const maxPathLength = 102;

/**
 * Builds the path from the leaf to the root: `build_chain` in crypto/x509/x509_vfy.c with X509_V_FLAG_TRUSTED_FIRST,
 * the default. OpenSSL prefers a trusted issuer to an issuer that the peer sent. All certificates above a trusted
 * certificate must be trusted. OpenSSL loads a certificate with malformed extensions, but it accepts this certificate
 * as no issuer, and finds no issuer for it.
 */
export function findPath(search: PathSearch): FoundPath {
  const path = [search.sent[0]!];
  const leafDamage = damageOf(path[0]!);
  if (leafDamage !== undefined) {
    const message = `An extension or a time of the certificate is malformed: ${leafDamage.message}`;
    return { path, isComplete: false, problems: [chainProblem(path, 0, 'extension-invalid', message)] };
  }
  const isWhole = (certificate: Certificate) => damageOf(certificate) === undefined;
  const [sent, trusted] = [search.sent.filter(isWhole), search.trusted.filter(isWhole)];
  for (let isTrusted = false; ; ) {
    const last = path.at(-1)!;
    // `X509_self_signed` needs the key of each certificate, even the key of the leaf.
    if (keyType(last.publicKey) === undefined) {
      const message = 'OpenSSL 3.0 does not read the public key of the certificate';
      return { path, isComplete: false, problems: [chainProblem(path, path.length - 1, 'key-unreadable', message)] };
    }
    const known = firstInTime(
      trusted.filter((one) => isIssuerOf(one, last)),
      search,
    );
    if (isSelfSigned(last)) {
      if (isTrusted || (known !== undefined && equalBytes(known.der, last.der))) {
        return { path, isComplete: true, problems: [] };
      }
      return { path, isComplete: true, problems: [untrusted(path, known)] };
    }
    const isNew = (one: Certificate) => !path.some(({ der }) => equalBytes(der, one.der));
    // If trusted certificates form a circle, OpenSSL follows the circle until the path is too long.
    if (known !== undefined && !isNew(known)) break;
    if (known === undefined && isTrusted) break;
    const isIssuer = (one: Certificate) => isNew(one) && isIssuerOf(one, last);
    const next = known ?? firstInTime(sent.filter(isIssuer), search);
    if (next === undefined || path.length === maxPathLength) break;
    isTrusted ||= known !== undefined;
    path.push(next);
  }
  return { path, isComplete: false, problems: [issuerMissing(path, search)] };
}

/**
 * The first candidate that is valid at a moment. If no candidate is valid then, the candidate that expires last:
 * `find_issuer`, `X509_STORE_CTX_get1_issuer`.
 */
export function firstInTime(
  candidates: readonly Certificate[],
  { at, rules }: Pick<PathSearch, 'at' | 'rules'>,
): Certificate | undefined {
  const valid = candidates.find(({ notBefore, notAfter }) => notBefore <= at && !isOver(notAfter, at, rules));
  return valid ?? candidates.toSorted((a, b) => b.notAfter.getTime() - a.notAfter.getTime())[0];
}

function untrusted(path: readonly Certificate[], known: Certificate | undefined): ChainProblem {
  const depth = path.length - 1;
  const message =
    known === undefined
      ? 'The certificate is self-signed and not trusted'
      : 'The certificate is self-signed and not trusted: the trusted certificate of the same name is a different certificate';
  return chainProblem(path, depth, 'root-untrusted', message);
}

/**
 * The problem that the issuer of the last certificate of a path was not found. The message says why, if the given
 * certificates show a cause.
 */
function issuerMissing(path: readonly Certificate[], { sent, trusted }: PathSearch): ChainProblem {
  const depth = path.length - 1;
  const last = path[depth]!;
  const problem = (code: ChainProblemCode, message: string) => chainProblem(path, depth, code, message);
  if (path.length >= maxPathLength)
    return problem('path-too-long', `The chain has more than ${maxPathLength} certificates`);
  if (signatureKeyType(last.signatureAlgorithm) === undefined && isNamedIssuer(last, last)) {
    return problem('signature-unsupported', 'The signature of the certificate is of an unknown kind');
  }
  const missing = 'The issuer of the certificate is neither sent along nor trusted';
  const cause = causeOfMissing(last, [...trusted, ...sent]);
  return problem('issuer-missing', cause === undefined ? missing : `${missing}: ${cause}`);
}

/** The reason why none of the given certificates is the issuer of a certificate, as the end of a sentence. */
function causeOfMissing(certificate: Certificate, given: readonly Certificate[]): string | undefined {
  const others = given.filter(
    ({ subject, der }) => sameName(subject, certificate.issuer) && !equalBytes(der, certificate.der),
  );
  if (others.some((one) => damageOf(one) !== undefined)) {
    return "the certificate with the issuer's name has a malformed extension";
  }
  const named = others.filter((one) => isNamedAuthority(one, certificate.extensions));
  if (named.some(({ extensions }) => lacksUsage(extensions, 'keyCertSign'))) {
    return "the certificate with the issuer's name lacks the key usage keyCertSign";
  }
  if (named.length > 0) return "the certificate with the issuer's name has a key of another type than the signature";
  if (others.length > 0) {
    return "a certificate with the issuer's name has another key identifier or serial number than the authority key identifier demands; it may belong to an older or newer CA";
  }
  if (isSelfIssued(certificate)) {
    return 'the certificate has the name of its issuer, but another key signed it: give the certificate of the CA';
  }
  return undefined;
}
