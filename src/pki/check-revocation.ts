import { type Certificate, readCertificates } from './certificate.ts';
import { equalBytes } from './der.ts';
import type { DistinguishedName } from './distinguished-name.ts';
import { type CompleteEngine, completeEngine, type EngineOptions } from './engine.ts';
import {
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readKeyUsage,
  readSubjectKeyIdentifier,
} from './extensions.ts';
import { formatName } from './format-name.ts';
import { canonicalName } from './hash-name.ts';
import { decodeName } from './name.ts';
import { decodePem } from './pem.ts';
import { type RevocationList, readRevocationLists } from './revocation-list.ts';
import { verifyRevocationListSignature } from './x509.ts';

/** What is wrong with the revocation lists of a server. */
export type RevocationProblemCode =
  | 'list-missing'
  | 'list-expired'
  | 'list-not-yet-valid'
  | 'list-not-signed'
  | 'list-label'
  | 'list-expires-soon'
  | 'authority-lacks-crl-sign';

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
export interface CheckRevocationOptions extends EngineOptions {
  /** Every authority of the chains: the content of `ssl_ca_file`, and the intermediate authorities; PEM. */
  readonly authorities: string;
  /** The content of `ssl_crl_file`, or of all files in `ssl_crl_dir` together; PEM. */
  readonly revocationLists: string;
  /** The moment to check for; now if not given. */
  readonly at?: Date;
  /** Warn so many days before a list ends; 7 if not given. */
  readonly warnDays?: number;
}

/**
 * Whether these revocation lists lock clients out. PostgreSQL asks OpenSSL to check the whole chain (X509_V_FLAG_CRL_CHECK
 * and CRL_CHECK_ALL in `be_tls_init`), so that one missing or stale list, be it only the root's, rejects every client.
 *
 * @throws PgHostsslError `certificate-invalid`, `revocation-list-invalid` for damaged ones.
 */
export async function checkRevocation(options: CheckRevocationOptions): Promise<readonly RevocationProblem[]> {
  const engine = await completeEngine(options.engine);
  const at = options.at ?? engine.now();
  const blocks = decodePem(options.revocationLists).filter(({ label }) => label === 'X509 CRL' || label === 'CRL');
  const wrongLabels = blocks.filter(({ label }) => label === 'CRL').map(() => wrongLabel);
  const lists = blocks.length === 0 ? [] : readRevocationLists(options.revocationLists);
  const authorities = readCertificates(options.authorities).filter(
    ({ extensions }) => readBasicConstraints(extensions)?.isCa === true,
  );
  const problems = await Promise.all(
    authorities.map((authority) => checkAuthority(authority, lists, at, options.warnDays ?? 7, engine)),
  );
  return [...wrongLabels, ...problems.flat()];
}

const wrongLabel: RevocationProblem = {
  code: 'list-label',
  severity: 'error',
  authority: undefined,
  message:
    'A list has the PEM label CRL, under which OpenSSL and PostgreSQL do not find it; the label has to be X509 CRL',
};

async function checkAuthority(
  authority: Certificate,
  lists: readonly RevocationList[],
  at: Date,
  warnDays: number,
  engine: CompleteEngine,
): Promise<readonly RevocationProblem[]> {
  const name = decodeName(authority.subject);
  const problem = (code: RevocationProblemCode, what: string, severity: 'error' | 'warning' = 'error') => ({
    code,
    severity,
    authority: name,
    message: `${formatName(name, 'rfc4514')}: ${what}`,
  });
  if (readKeyUsage(authority.extensions)?.includes('cRLSign') === false) {
    return [
      problem('authority-lacks-crl-sign', 'its certificate lacks the key usage cRLSign, so that no list of it counts'),
    ];
  }
  const own = lists.filter((list) => isFor(list, authority));
  if (own.length === 0)
    return [problem('list-missing', 'there is no list of it; issue one, even if nothing is revoked')];
  const signed = await filterSigned(own, authority, engine);
  if (signed.length === 0) return [problem('list-not-signed', 'its list is not signed by its key')];
  const begun = signed.filter(({ thisUpdate }) => thisUpdate <= at);
  if (begun.length === 0)
    return [problem('list-not-yet-valid', `its list begins only at ${iso(signed[0]!.thisUpdate)}`)];
  // OpenSSL takes the current list if there is one, whatever else lies about.
  const ends = begun.map(({ nextUpdate }) => nextUpdate?.getTime() ?? Number.POSITIVE_INFINITY);
  const end = Math.max(...ends);
  if (end < at.getTime()) return [problem('list-expired', `its list ended at ${iso(new Date(end))}; issue a new one`)];
  if (end < at.getTime() + warnDays * 86_400_000) {
    return [problem('list-expires-soon', `its list ends at ${iso(new Date(end))}; issue a new one before`, 'warning')];
  }
  return [];
}

/** By name as OpenSSL compares names, and by key identifier where both have one. */
function isFor(list: RevocationList, authority: Certificate): boolean {
  const identifier = readAuthorityKeyIdentifier(list.extensions);
  const own = readSubjectKeyIdentifier(authority.extensions);
  return (
    equalBytes(canonicalName(list.issuer), canonicalName(authority.subject)) &&
    (identifier === undefined || own === undefined || equalBytes(identifier, own))
  );
}

async function filterSigned(
  lists: readonly RevocationList[],
  authority: Certificate,
  engine: CompleteEngine,
): Promise<readonly RevocationList[]> {
  const verdicts = await Promise.all(
    lists.map((list) => verifyRevocationListSignature(list.der, authority.publicKey, engine)),
  );
  return lists.filter((_, i) => verdicts[i]);
}

function iso(time: Date): string {
  return time.toISOString();
}
