import { decodePem } from '../../asn1/pem.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { formatName } from '../../names/format-name.ts';
import { decodeName } from '../../names/name.ts';
import { type Certificate, readCertificates } from '../certificate/certificate.ts';
import { readBasicConstraints } from '../certificate/extensions.ts';
import { isOldRoot, isSelfSigned } from '../certificate/issuer.ts';
import { wholeSeconds } from '../certificate/validity.ts';
import { type CompleteProvider, completeProvider, type ProviderOptions } from '../provider/provider.ts';
import { type Crl, readCrls } from './crl.ts';
import { type CrlProblemCode, findCrl } from './find-crl.ts';

/** What is wrong with the revocation lists of a server. */
export type RevocationProblemCode = CrlProblemCode | 'crl-expires-soon' | 'crl-label';

/** Why a server with these revocation lists rejects every client, or soon will. */
export interface RevocationProblem {
  /** What is wrong. */
  readonly code: RevocationProblemCode;
  /** `error`: every client with a certificate is rejected. `warning`: soon. */
  readonly severity: 'error' | 'warning';
  /** The authority whose list it is about; `undefined` for a list that cannot be found at all. */
  readonly authority: DistinguishedName | undefined;
  /** What is wrong, and what to do, for a person. */
  readonly message: string;
}

/** What to check, and when. */
export interface CheckRevocationOptions extends ProviderOptions {
  /** Every authority of the chains: the content of `ssl_ca_file`, and the intermediate authorities; PEM. */
  readonly authorities: string;
  /** The content of `ssl_crl_file`, or of all files in `ssl_crl_dir` together; PEM. */
  readonly crls: string;
  /** The moment to check for; now if not given. */
  readonly at?: Date;
  /** Warn so many days before a list ends; 7 if not given. */
  readonly warnDays?: number;
}

/**
 * Whether these revocation lists lock clients out. PostgreSQL asks OpenSSL to check the whole chain (X509_V_FLAG_CRL_CHECK
 * and CRL_CHECK_ALL in `be_tls_init`), so that one missing or stale list, be it only the root's, rejects every client.
 *
 * @throws PgHostsslError `certificate-invalid`, `crl-invalid` for damaged ones; `validity-invalid` for a moment
 * that is none
 */
export async function checkRevocation(options: CheckRevocationOptions): Promise<readonly RevocationProblem[]> {
  const provider = await completeProvider(options.provider);
  const at = wholeSeconds(options.at ?? provider.now());
  const blocks = decodePem(options.crls).filter(({ label }) => label === 'X509 CRL' || label === 'CRL');
  const wrongLabels = blocks.filter(({ label }) => label === 'CRL').map(() => wrongLabel);
  const lists = blocks.length === 0 ? [] : readCrls(options.crls);
  const authorities = readCertificates(options.authorities).filter(
    (certificate) =>
      readBasicConstraints(certificate.extensions)?.isCa === true ||
      (isSelfSigned(certificate) && isOldRoot(certificate)),
  );
  const problems = await Promise.all(
    authorities.map((authority) => checkAuthority(authority, lists, at, options.warnDays ?? 7, provider)),
  );
  return [...wrongLabels, ...problems.flat()];
}

const wrongLabel: RevocationProblem = {
  code: 'crl-label',
  severity: 'error',
  authority: undefined,
  message:
    'A list has the PEM label CRL, under which OpenSSL and PostgreSQL do not find it; the label has to be X509 CRL',
};

async function checkAuthority(
  authority: Certificate,
  lists: readonly Crl[],
  at: Date,
  warnDays: number,
  provider: CompleteProvider,
): Promise<readonly RevocationProblem[]> {
  const name = decodeName(authority.subject);
  const problem = (code: RevocationProblemCode, what: string, severity: 'error' | 'warning' = 'error') => ({
    code,
    severity,
    authority: name,
    message: `${formatName(name, 'rfc4514')}: ${what}`,
  });
  // A root is its own issuer, so that its list has to be about itself, too.
  const certificate = isSelfSigned(authority) ? authority : undefined;
  const found = await findCrl(lists, { authority, certificate, at }, provider);
  if ('problem' in found) return [problem(found.problem, found.message)];
  const end = found.list.nextUpdate?.getTime() ?? Number.POSITIVE_INFINITY;
  if (end < at.getTime() + warnDays * 86_400_000) {
    return [
      problem('crl-expires-soon', `its list ends at ${new Date(end).toISOString()}; issue a new one before`, 'warning'),
    ];
  }
  return [];
}
