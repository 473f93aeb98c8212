import { assertKnownValue, assertProperties, type PropertyNames } from '../../arguments.ts';
import { copyArgument } from '../../copy-argument.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { formatEncodedName } from '../../names/format-name.ts';
import { decodeName } from '../../names/name.ts';
import { type Certificate, loadCertificates } from '../certificate/certificate.ts';
import { isSelfSigned } from '../certificate/issuer.ts';
import type { Purpose } from '../certificate/key-usage.ts';
import { type OpensslProfile, type OpensslRules, opensslRules } from '../certificate/openssl-rules.ts';
import { wholeSeconds } from '../certificate/validity.ts';
import { verifySignature } from '../keys/verify-signature.ts';
import { type CompleteProvider, completeProvider, type ProviderOptions } from '../provider/provider.ts';
import { assertCrls, serverCrls } from '../revocation/crl.ts';
import { findCrl, isOtherText } from '../revocation/find-crl.ts';
import { type ChainProblem, chainProblem } from './chain-problem.ts';
import { findPath } from './find-path.ts';
import { checkPath } from './verify-path.ts';
import { checkCurves, checkStrength } from './verify-strength.ts';

/** Options of {@link verifyChain}. */
export interface VerifyChainOptions extends ProviderOptions {
  /**
   * The leaf, then the CA certificates that are sent with the leaf, PEM: the content of the file that `ssl_cert_file`
   * or `sslcert` names.
   */
  readonly chain: string;
  /**
   * The certificates that the verifying side trusts, PEM. For a server, this is the content of its `ssl_ca_file`; for a
   * client, the content of its `sslrootcert`.
   */
  readonly roots: string;
  /** The purpose of the leaf: `serverAuth` for a server, `clientAuth` for a client. */
  readonly purpose: Purpose;
  /** The CRLs of the verifying side, PEM. If given, every certificate of the chain is checked for revocation. */
  readonly crls?: string | undefined;
  /** The moment at which the chain has to be valid; now if not given. */
  readonly at?: Date | undefined;
  /**
   * Whether to accept RSA keys under 2048 bits and signatures with SHA-1. If not given, such keys and signatures are
   * problems, as at the security level 2 of Debian and Ubuntu. From 3 on, OpenSSL rounds, so 1963 bits suffice. With
   * `openssl: '1.1.1'`, `allowWeak: true` means level 1, the default of OpenSSL 1.1.1. Level 1 refuses RSA keys under
   * 1024 bits and signatures with MD5.
   */
  readonly allowWeak?: boolean | undefined;
  /**
   * The OpenSSL of the verifying side; `3` if not given. OpenSSL 1.1.1, in its last releases, accepts keys on curves
   * that are given by parameters, and uses a delta CRL as if it were complete, as OpenSSL 3.0 does up to 3.0.20.
   *
   * From 3.5 on, OpenSSL reads the host of a URI more exactly when it compares the URI with name constraints. From 3.6
   * on, it does not check a self-signed certificate for revocation, even if the certificate is in a CRL. From 4 on, a
   * certificate or CRL is still valid in the second at which it ends.
   */
  readonly openssl?: OpensslProfile | undefined;
}

const optionNames: PropertyNames<VerifyChainOptions> = {
  chain: true,
  roots: true,
  purpose: true,
  crls: true,
  at: true,
  allowWeak: true,
  openssl: true,
  provider: true,
};

function rulesOf(profile: OpensslProfile = '3'): OpensslRules {
  assertKnownValue(profile, Object.keys(opensslRules), 'openssl of verifyChain');
  return opensslRules[profile];
}

/** The verdict on a chain. */
export interface ChainVerdict {
  /** Whether the chain is accepted: there are no problems. */
  readonly ok: boolean;
  /** All problems, from the leaf to the root. */
  readonly problems: readonly ChainProblem[];
  /**
   * The subjects of the certificates, from the leaf up to the root, or up to the certificate whose issuer was not
   * found.
   */
  readonly path: readonly DistinguishedName[];
}

/**
 * Verifies the chain of a client as a server does, or the chain of a server as libpq does: by the rules of RFC 5280, as
 * OpenSSL applies them with the flags that PostgreSQL sets. The checks are dates, signatures and their strength, CA
 * flag, key usage, path length, name constraints, purposes and revocation. The path must end in a trusted self-signed
 * certificate. A certificate with IP addresses or AS numbers (RFC 3779) is always a problem: OpenSSL compares these
 * resources with the resources of the issuers, but this function does not.
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
 * @throws PgHostsslError `certificate-invalid`, `crl-invalid`; `validity-invalid` for an invalid `at`;
 * `argument-invalid`
 */
export async function verifyChain(options: VerifyChainOptions): Promise<ChainVerdict> {
  assertProperties(options, optionNames, 'options of verifyChain');
  options = copyArgument(options);
  assertKnownValue(options.purpose, ['serverAuth', 'clientAuth'], 'purpose of verifyChain');
  const provider = await completeProvider(options.provider);
  if (options.crls !== undefined) assertCrls(options.crls);
  const at = wholeSeconds(options.at ?? provider.now());
  const rules = rulesOf(options.openssl);
  const [sent, trusted] = [loadCertificates(options.chain), loadCertificates(options.roots)];
  const { path, isComplete, problems: unbuilt } = findPath({ sent, trusted, at, rules });
  if (unbuilt.some(({ code }) => code === 'extension-invalid')) return verdictOf(path, unbuilt);
  const problems = [
    ...unbuilt,
    ...(await checkSignatures(path, provider, rules)),
    ...checkStrength(path, { rules, allowWeak: options.allowWeak === true }),
    ...(rules.allowsExplicitCurves ? [] : checkCurves(path)),
    ...checkPath(path, { purpose: options.purpose, at, rules }),
    ...(options.crls === undefined || !isComplete
      ? []
      : await checkRevoked(path, { text: options.crls, at, rules }, provider)),
  ];
  return verdictOf(path, problems);
}

function verdictOf(path: readonly Certificate[], problems: readonly ChainProblem[]): ChainVerdict {
  return {
    ok: problems.length === 0,
    problems: problems.toSorted((a, b) => a.depth - b.depth),
    path: path.map(({ subject }) => decodeName(subject)),
  };
}

async function checkSignatures(
  path: readonly Certificate[],
  provider: CompleteProvider,
  rules: OpensslRules,
): Promise<readonly ChainProblem[]> {
  // OpenSSL does not verify the signature of a root, because it is made with the root's own key.
  const verdicts = await Promise.all(
    path.slice(0, -1).map(({ der, namesOneAlgorithm }, depth) => {
      return namesOneAlgorithm ? verifySignature(der, path[depth + 1]!.publicKey, provider, rules) : 'invalid';
    }),
  );
  return verdicts.flatMap((verdict, depth) => {
    if (verdict === 'valid') return [];
    return verdict === 'invalid'
      ? [chainProblem(path, depth, 'signature-invalid', 'The key of the issuer did not sign the certificate')]
      : [chainProblem(path, depth, 'signature-unsupported', 'The signature of the certificate is of an unknown kind')];
  });
}

/**
 * The problems that CRLs cause for a complete path. Each certificate needs a CRL of its issuer; before OpenSSL 3.6,
 * even the root.
 */
async function checkRevoked(
  path: readonly Certificate[],
  { text, at, rules }: { readonly text: string; readonly at: Date; readonly rules: OpensslRules },
  provider: CompleteProvider,
): Promise<readonly ChainProblem[]> {
  const crls = serverCrls(text);
  const search = { at, rules, isOtherText: isOtherText(text, crls) };
  const problems = await Promise.all(
    path.map(async (certificate, depth) => {
      if (!rules.checksSelfSigned && isSelfSigned(certificate)) return [];
      const issuers = depth === path.length - 1 ? [certificate] : path.slice(depth + 1);
      const found = await findCrl(crls, { ...search, certificate, issuers }, provider);
      if ('problem' in found) {
        const message = `The issuer ${JSON.stringify(formatEncodedName(issuers[0]!.subject))} has no usable CRL: ${found.message}`;
        return [chainProblem(path, depth, found.problem, message)];
      }
      const { entry } = found;
      if (entry === undefined) return [];
      const reason = entry.reason === undefined ? '' : ` (${entry.reason})`;
      const message = `The certificate was revoked at ${entry.revokedAt.toISOString()}${reason}`;
      return [chainProblem(path, depth, 'revoked', message)];
    }),
  );
  return problems.flat();
}
