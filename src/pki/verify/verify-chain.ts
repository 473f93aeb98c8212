import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { decodePem } from '../../asn1/pem.ts';
import { equalBytes } from '../../c/compare.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { formatName } from '../../names/format-name.ts';
import { decodeName } from '../../names/name.ts';
import { type Certificate, readCertificates } from '../certificate/certificate.ts';
import { isIssuerOf, isSelfSigned } from '../certificate/issuer.ts';
import type { Purpose } from '../certificate/key-usage.ts';
import { serialNumberHex } from '../certificate/serial-number.ts';
import { isOver, wholeSeconds } from '../certificate/validity.ts';
import { verifySignature } from '../keys/verify-signature.ts';
import { type CompleteProvider, completeProvider, type ProviderOptions } from '../provider/provider.ts';
import { type Crl, readCrls } from '../revocation/crl.ts';
import { findCrl } from '../revocation/find-crl.ts';
import { type ChainProblem, chainProblem } from './chain-problem.ts';
import { checkPath } from './verify-path.ts';
import { checkCurves, checkStrength } from './verify-strength.ts';

/** Options of {@link verifyChain}. */
export interface VerifyChainOptions extends ProviderOptions {
  /** The leaf first, then the certificates sent along: the content of `ssl_cert_file` or `sslcert`; PEM. */
  readonly chain: string;
  /** The certificates that the other side trusts: the content of its `ssl_ca_file` or `sslrootcert`; PEM. */
  readonly roots: string;
  /** The purpose of the leaf: `serverAuth` for a server, `clientAuth` for a client. */
  readonly purpose: Purpose;
  /** The CRLs of the other side, PEM. If given, the whole chain is checked for revocation. */
  readonly crls?: string;
  /** The moment to verify for; now if not given. */
  readonly at?: Date;
  /**
   * Whether RSA keys under 2048 bits and signatures with SHA-1 are accepted, as by servers built with OpenSSL 1.1.1. If
   * not given, they are problems, as for OpenSSL 3 at the security level of Debian and Ubuntu.
   */
  readonly allowWeak?: boolean;
}

const optionNames: PropertyNames<VerifyChainOptions> = {
  chain: true,
  roots: true,
  purpose: true,
  crls: true,
  at: true,
  allowWeak: true,
  provider: true,
};

/** Whether a chain verifies. */
export interface ChainVerdict {
  /** Whether there is no problem. */
  readonly ok: boolean;
  /** All problems, from the leaf up. */
  readonly problems: readonly ChainProblem[];
  /** The subjects from the leaf to the root, as far as the chain was found. */
  readonly path: readonly DistinguishedName[];
}

/**
 * Verifies the chain of a client as a server does, or that of a server as libpq does: RFC 5280 as OpenSSL applies it with
 * the flags that PostgreSQL sets. It checks dates, signatures and their strength, CA flag, key usage, path length, name
 * constraints, purposes and revocation. The path must end in a trusted self-signed certificate.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, verifyChain } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const roots = authority.certificate;
 * assert.ok((await verifyChain({ chain, roots, purpose: 'clientAuth' })).ok);
 * const { problems } = await verifyChain({ chain, roots, purpose: 'serverAuth' });
 * assert.equal(problems[0]?.code, 'wrong-purpose');
 * ```
 *
 * @returns whether the chain verifies, with all problems
 * @throws PgHostsslError `certificate-invalid`, `crl-invalid`; `validity-invalid` for an invalid `at`; `argument-invalid`
 */
export async function verifyChain(options: VerifyChainOptions): Promise<ChainVerdict> {
  assertProperties(options, optionNames, 'options of verifyChain');
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
    ...(options.crls === undefined || !complete
      ? []
      : await checkRevoked(path, readServerCrls(options.crls), at, provider)),
  ];
  return {
    ok: problems.length === 0,
    problems: problems.toSorted((a, b) => a.depth - b.depth),
    path: path.map(({ subject }) => decodeName(subject)),
  };
}

/** The path from the leaf to the root. Like OpenSSL 1.1.0 and later, it prefers trusted issuers to sent ones. */
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

/** The first valid candidate, or else the one that ends last: `find_issuer`, `X509_STORE_CTX_get1_issuer`. */
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
    return [
      chainProblem(path, depth, 'issuer-missing', 'The issuer of the certificate is neither sent along nor trusted'),
    ];
  }
  if (trusted.some(({ der }) => equalBytes(der, path[depth]!.der))) return [];
  return [chainProblem(path, depth, 'root-untrusted', 'The certificate is self-signed, and is not a trusted one')];
}

async function checkSignatures(
  path: readonly Certificate[],
  provider: CompleteProvider,
): Promise<readonly ChainProblem[]> {
  // OpenSSL does not verify the signature of a root on itself.
  const verdicts = await Promise.all(
    path.slice(0, -1).map(({ der }, depth) => verifySignature(der, path[depth + 1]!.publicKey, provider)),
  );
  return verdicts.flatMap((verdict, depth) => {
    if (verdict === 'valid') return [];
    return verdict === 'invalid'
      ? [chainProblem(path, depth, 'signature-invalid', 'The key of the issuer did not sign the certificate')]
      : [chainProblem(path, depth, 'signature-unsupported', 'The signature of the certificate is of an unknown kind')];
  });
}

/** The CRLs that a server finds: those with the PEM label of OpenSSL. */
function readServerCrls(text: string): readonly Crl[] {
  const found = decodePem(text).filter(({ label }) => label === 'X509 CRL');
  return found.length === 0 ? [] : readCrls(found.map((block) => block.text).join(''));
}

/** The problems of a complete path by its CRLs. Each certificate, the root included, needs a CRL of its issuer. */
async function checkRevoked(
  path: readonly Certificate[],
  crls: readonly Crl[],
  at: Date,
  provider: CompleteProvider,
): Promise<readonly ChainProblem[]> {
  const problems = await Promise.all(
    path.map(async ({ serialNumber }, depth) => {
      const authority = path[depth + 1] ?? path[depth]!;
      const found = await findCrl(crls, { authority, certificate: path[depth]!, at }, provider);
      if ('problem' in found)
        return [chainProblem(path, depth, found.problem, `For its issuer ${subjectOf(authority)}, ${found.message}`)];
      const number = serialNumberHex(serialNumber);
      const entry = found.crl.entries.find((revoked) => revoked.serialNumber === number);
      if (entry === undefined) return [];
      const reason = entry.reason === undefined ? '' : ` (${entry.reason})`;
      return [
        chainProblem(
          path,
          depth,
          'revoked',
          `The certificate was revoked at ${entry.revokedAt.toISOString()}${reason}`,
        ),
      ];
    }),
  );
  return problems.flat();
}

function subjectOf({ subject }: Certificate): string {
  return JSON.stringify(formatName(decodeName(subject), 'rfc4514'));
}
