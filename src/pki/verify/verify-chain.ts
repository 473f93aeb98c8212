import { equalBytes } from '../../asn1/der.ts';
import { decodePem } from '../../asn1/pem.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { decodeName } from '../../names/name.ts';
import { type Certificate, readCertificates } from '../certificate/certificate.ts';
import type { Purpose } from '../certificate/extensions.ts';
import { isIssuerOf, isSelfSigned } from '../certificate/issuer.ts';
import { isOver, wholeSeconds } from '../certificate/validity.ts';
import { verifyCertificateSignature } from '../keys/x509.ts';
import { type CompleteProvider, completeProvider, type ProviderOptions } from '../provider/provider.ts';
import { type Crl, readCrls } from '../revocation/crl.ts';
import { type ChainProblem, chainProblem } from './chain-problem.ts';
import { checkPath } from './verify-path.ts';
import { checkRevoked } from './verify-revocation.ts';
import { checkCurves, checkStrength } from './verify-strength.ts';

/** What to verify, against what. */
export interface VerifyChainOptions extends ProviderOptions {
  /** The leaf first, then what is sent along with it: the content of `ssl_cert_file` or `sslcert`; PEM. */
  readonly chain: string;
  /** What the other side trusts: the content of its `ssl_ca_file` or `sslrootcert`; PEM. */
  readonly roots: string;
  /** What the leaf is used for: by a server, or by a client. */
  readonly purpose: Purpose;
  /** Its revocation lists, PEM; without them nothing is checked for revocation, with any of them all of the chain is. */
  readonly crls?: string;
  /** The moment to verify for; now if not given. */
  readonly at?: Date;
  /**
   * Take RSA keys under 2048 bits and signatures with SHA-1, too, as servers built with OpenSSL 1.1.1 do. If not given,
   * they are problems, as they are to OpenSSL 3 at the security level of Debian and Ubuntu.
   */
  readonly allowWeak?: boolean;
}

/** Whether a chain verifies. */
export interface ChainVerdict {
  /** Whether nothing is wrong. */
  readonly ok: boolean;
  /** All that is wrong, from the leaf up. */
  readonly problems: readonly ChainProblem[];
  /** The subjects from the leaf to the root, as far as the chain was found. */
  readonly path: readonly DistinguishedName[];
}

/**
 * Whether a server accepts a client's chain, or libpq a server's: RFC 5280 as far as OpenSSL applies it with the flags
 * that PostgreSQL sets. Dates, signatures and their strength, CA flag, key usage, path length, name constraints,
 * purposes, revocation. No partial chains: the path must end in a self-signed certificate that is trusted.
 *
 * @throws PgHostsslError `certificate-invalid`, `crl-invalid`; `validity-invalid` for a moment that is none
 */
export async function verifyChain(options: VerifyChainOptions): Promise<ChainVerdict> {
  const provider = await completeProvider(options.provider);
  const at = wholeSeconds(options.at ?? provider.now());
  const sent = readCertificates(options.chain);
  const trusted = readCertificates(options.roots);
  const path = findPath(sent, trusted, at);
  const complete = isSelfSigned(path.at(-1)!);
  const problems = [
    ...endOfPath(path, trusted, complete),
    ...(await checkSignatures(path, provider)),
    ...(options.allowWeak === true ? [] : checkStrength(path)),
    ...checkCurves(path),
    ...checkPath(path, options.purpose, at),
    ...(options.crls === undefined || !complete ? [] : await checkRevoked(path, readLists(options.crls), at, provider)),
  ];
  return {
    ok: problems.length === 0,
    problems: problems.toSorted((a, b) => a.depth - b.depth),
    path: path.map(({ subject }) => decodeName(subject)),
  };
}

/** From the leaf to the root; trusted issuers go before sent ones, as OpenSSL 1.1.0 and later have it. */
function findPath(sent: readonly Certificate[], trusted: readonly Certificate[], at: Date): readonly Certificate[] {
  const path = [sent[0]!];
  for (let last = sent[0]!; !isSelfSigned(last); ) {
    const isNext = (candidate: Certificate) =>
      isIssuerOf(candidate, last) && !path.some(({ der }) => equalBytes(der, candidate.der));
    const issuer = firstInTime(trusted.filter(isNext), at) ?? firstInTime(sent.filter(isNext), at);
    if (issuer === undefined) break;
    path.push(issuer);
    last = issuer;
  }
  return path;
}

/** The first that is valid, or else the one that ends last (`find_issuer`, `X509_STORE_CTX_get1_issuer`). */
function firstInTime(candidates: readonly Certificate[], at: Date): Certificate | undefined {
  const valid = candidates.find(({ notBefore, notAfter }) => notBefore <= at && !isOver(notAfter, at));
  return valid ?? candidates.toSorted((a, b) => b.notAfter.getTime() - a.notAfter.getTime())[0];
}

function endOfPath(
  path: readonly Certificate[],
  trusted: readonly Certificate[],
  complete: boolean,
): readonly ChainProblem[] {
  const depth = path.length - 1;
  if (!complete) {
    return [chainProblem(path, depth, 'issuer-missing', 'Its issuer is neither sent along nor trusted')];
  }
  if (trusted.some(({ der }) => equalBytes(der, path[depth]!.der))) return [];
  return [chainProblem(path, depth, 'root-untrusted', 'It is self-signed, and not among the trusted ones')];
}

async function checkSignatures(
  path: readonly Certificate[],
  provider: CompleteProvider,
): Promise<readonly ChainProblem[]> {
  // OpenSSL does not verify a root's signature on itself.
  const verdicts = await Promise.all(
    path.slice(0, -1).map(({ der }, depth) => verifyCertificateSignature(der, path[depth + 1]!.publicKey, provider)),
  );
  return verdicts.flatMap((valid, depth) =>
    valid ? [] : [chainProblem(path, depth, 'signature-invalid', 'It was not signed by the key of its issuer')],
  );
}

/** Lists with another label than that of OpenSSL are none to a server. */
function readLists(text: string): readonly Crl[] {
  const found = decodePem(text).filter(({ label }) => label === 'X509 CRL');
  return found.length === 0 ? [] : readCrls(found.map((block) => block.text).join(''));
}
