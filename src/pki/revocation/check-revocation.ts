import { assertProperties, type PropertyNames } from '../../arguments.ts';
import type { revocationProblemTable } from '../../codes.ts';
import { copyArgument } from '../../copy-argument.ts';
import { PgHostsslError } from '../../errors.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { formatName } from '../../names/format-name.ts';
import { decodeName } from '../../names/name.ts';
import { type Certificate, damageOf, loadCertificates } from '../certificate/certificate.ts';
import { isCaCertificate } from '../certificate/extensions.ts';
import { isOldRoot, isSelfSigned } from '../certificate/issuer.ts';
import { opensslRules } from '../certificate/openssl-rules.ts';
import { day, wholeSeconds } from '../certificate/validity.ts';
import { completeProvider, type ProviderOptions } from '../provider/provider.ts';
import { assertCrls, crlBlocks, presentCrls } from './crl.ts';
import { type CrlProblemCode, findCrl, isOtherText } from './find-crl.ts';

/** The codes of {@link RevocationProblem}. */
export type RevocationProblemCode = keyof typeof revocationProblemTable | CrlProblemCode;

/** A reason why a server with the checked CRLs rejects every client certificate, or soon will. */
export interface RevocationProblem {
  /** The kind of problem. */
  readonly code: RevocationProblemCode;
  /** `error`: the server rejects every client certificate. `warning`: the server will soon reject them. */
  readonly severity: 'error' | 'warning';
  /** The CA that has no usable CRL; `undefined` if the problem is a PEM block that the server ignores. */
  readonly authority: DistinguishedName | undefined;
  /** The problem and its solution, for a person. */
  readonly message: string;
}

/** Options of {@link checkRevocation}. */
export interface CheckRevocationOptions extends ProviderOptions {
  /** All CA certificates of the chains, PEM: the content of `ssl_ca_file`, and the intermediate CA certificates. */
  readonly authorities: string;
  /** The content of `ssl_crl_file`, or of all files in `ssl_crl_dir` joined; PEM. */
  readonly crls: string;
  /** The moment at which the CRLs have to be valid; now if not given. */
  readonly at?: Date | undefined;
  /** The number of days before the end of a CRL from which on a warning is given; 7 if not given. */
  readonly warnDays?: number | undefined;
}

/**
 * Checks whether the CRLs of a server lock clients out. PostgreSQL makes OpenSSL check the whole chain
 * (X509_V_FLAG_CRL_CHECK and CRL_CHECK_ALL in `be_tls_init`). One missing or expired CRL, even that of the root,
 * therefore rejects every client. This function does not say whether a certificate is revoked: `verifyChain` with
 * `crls` does.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, checkRevocation } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { crl } = await authority.issueCrl();
 * const authorities = authority.certificate;
 * assert.deepEqual(await checkRevocation({ authorities, crls: crl }), []);
 * const [problem] = await checkRevocation({ authorities, crls: '' });
 * assert.equal(problem?.code, 'crl-missing');
 * ```
 *
 * @returns the problems; empty if there are no problems
 * @throws PgHostsslError `certificate-invalid`, `crl-invalid`; `not-an-authority` if no certificate of `authorities`
 * belongs to a CA, because no CRL would be checked; `validity-invalid` for an `at` that no certificate can hold;
 * `argument-invalid`
 */
export async function checkRevocation(options: CheckRevocationOptions): Promise<readonly RevocationProblem[]> {
  assertProperties(options, optionNames, 'options of checkRevocation');
  options = copyArgument(options);
  const { warnDays } = options;
  if (warnDays !== undefined && !(typeof warnDays === 'number' && warnDays >= 0)) {
    throw new PgHostsslError('argument-invalid', 'warnDays of checkRevocation must be a number that is not negative');
  }
  assertCrls(options.crls);
  if (authoritiesOf(options.authorities).length === 0) {
    throw new PgHostsslError('not-an-authority', 'No certificate in `authorities` is a CA certificate', {
      hint: 'Give the content of ssl_ca_file. `verifyChain` with `crls` says whether a certificate is revoked.',
    });
  }
  return revocationProblems(options);
}

/**
 * @internal Does the work of {@link checkRevocation}, also if no certificate is a CA certificate: then it finds
 * nothing.
 */
export async function revocationProblems(options: CheckRevocationOptions): Promise<readonly RevocationProblem[]> {
  const provider = await completeProvider(options.provider);
  assertCrls(options.crls);
  const at = wholeSeconds(options.at ?? provider.now());
  const wrongLabels = crlBlocks(options.crls)
    .filter(({ label }) => label === 'CRL')
    .map(() => wrongLabel);
  const crls = presentCrls(options.crls);
  const authorities = authoritiesOf(options.authorities);
  const warnUntil = at.getTime() + (options.warnDays ?? 7) * day;
  const search = { at, isOtherText: isOtherText(options.crls, crls), rules: opensslRules['3'] };
  const problems = await Promise.all(
    authorities.map(async (authority) => {
      // A root is its own issuer, so the CRL of the root must also cover the root certificate itself.
      const certificate = isSelfSigned(authority) ? authority : undefined;
      const found = await findCrl(crls, { ...search, certificate, issuers: [authority] }, provider);
      if ('problem' in found) return [authorityProblem(authority, found.problem, 'error', found.message)];
      const { nextUpdate } = found.crl;
      if (nextUpdate === undefined || nextUpdate.getTime() >= warnUntil) return [];
      const what = `its CRL expires at ${nextUpdate.toISOString()}; issue a new CRL before then`;
      return [authorityProblem(authority, 'crl-expires-soon', 'warning', what)];
    }),
  );
  return [...wrongLabels, ...problems.flat()];
}

/** The certificates of CAs in a PEM text. */
function authoritiesOf(pem: string): readonly Certificate[] {
  return loadCertificates(pem).filter(
    (certificate) =>
      damageOf(certificate) === undefined &&
      (isCaCertificate(certificate.extensions) || (isSelfSigned(certificate) && isOldRoot(certificate))),
  );
}

const optionNames: PropertyNames<CheckRevocationOptions> = {
  authorities: true,
  crls: true,
  at: true,
  warnDays: true,
  provider: true,
};

const wrongLabel: RevocationProblem = {
  code: 'crl-label',
  severity: 'error',
  authority: undefined,
  message: 'A CRL has the PEM label CRL. OpenSSL and PostgreSQL ignore such a block; write the label X509 CRL',
};

function authorityProblem(
  { subject }: Certificate,
  code: RevocationProblemCode,
  severity: 'error' | 'warning',
  what: string,
): RevocationProblem {
  const authority = decodeName(subject);
  return { code, severity, authority, message: `${formatName(authority, 'rfc4514')}: ${what}` };
}
