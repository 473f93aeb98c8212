import { fileState, type TargetFile } from '../../../disk/file-state.ts';
import { PgHostsslError, unlessInvalid } from '../../../errors.ts';
import {
  type Certificate,
  certificatePem,
  loadCertificates,
  readCertificate,
} from '../../../pki/certificate/certificate.ts';
import { isCaCertificate } from '../../../pki/certificate/extensions.ts';
import { isIssuerOf } from '../../../pki/certificate/issuer.ts';
import { isForPurpose } from '../../../pki/certificate/key-usage.ts';
import type { Validity } from '../../../pki/certificate/validity.ts';
import type { CertificateAuthority } from '../../../pki/issue/authority.ts';
import { completeProvider } from '../../../pki/provider/provider.ts';
import { type RevocationProblem, revocationProblems } from '../../../pki/revocation/check-revocation.ts';
import { type Crl, crlNumber, readCrls } from '../../../pki/revocation/crl.ts';
import { isIssuerOfCrl } from '../../../pki/revocation/find-crl.ts';
import { assertCrlOf, type Revocation } from '../../../pki/revocation/issue-crl.ts';
import type { ServerState } from '../../state.ts';
import type { PlannedDirectory } from '../data/plan-data.ts';
import type { WantedFile } from '../data/planned-write.ts';
import { assertRootsLoad, presentCertificates } from '../pem-files.ts';
import type { Dated } from '../request/moment.ts';
import type { TlsRequest } from '../request/request.ts';
import type { WantedSettings } from '../settings/settings.ts';
import { withCrls } from './add-crls.ts';
import {
  type ConfiguredServer,
  type CrlFile,
  checksCrls,
  crlFiles,
  crlInForce,
  crlsInForce,
  pemOf,
  serialNumbers,
  textInDirectory,
} from './crl-files.ts';
import { isCrlDue } from './crl-state.ts';
import { givenCrls, takeCrls } from './given-crls.ts';

/** The parameters for the next CRLs of a server. */
export interface NextCrlsRequest extends ConfiguredServer {
  /** The CA that issues its next CRL. If not given, no CRL is issued, and all new CRLs come from `others`. */
  readonly authority?: CertificateAuthority | undefined;
  /** The time for which the plan is made. */
  readonly now: Date;
  /** The certificates to revoke. */
  readonly revoked?: readonly Revocation[];
  /** The period of validity of the CRL. */
  readonly validity?: Validity | undefined;
  /** CRLs that other CAs have issued already, PEM. */
  readonly others?: string | undefined;
  /** The certificates of the intermediate CAs that issued the CRLs in `others`, PEM. */
  readonly issuers?: string | undefined;
}

/** The CRLs of a server after a plan. */
export interface NextCrls {
  /** The files to write, which hold new CRLs. */
  readonly files: readonly WantedFile[];
  /** The directory of CRLs, if the plan must make it. */
  readonly directories: readonly PlannedDirectory[];
  /** The path of the file or directory of CRLs. */
  readonly path: string;
  /** The setting that names the file or directory of CRLs, with its value. */
  readonly wanted: WantedSettings;
  /** All CRLs that the server reads after the plan, PEM. */
  readonly text: string;
  /**
   * Whether the server had no CRL of `authority` before. If no `authority` is given, whether the server had no CRL at
   * all.
   */
  readonly isFirst: boolean;
  /**
   * Whether the settings name a file or directory of CRLs, but neither the server nor `others` had a CRL of `authority`.
   * The entries of a removed CRL may be lost.
   */
  readonly isLost: boolean;
  /** The serial numbers of certificates that the CRLs in `others` revoke and the former CRLs do not. */
  readonly revoked: readonly string[];
  /** The serial numbers of certificates that the former CRLs revoke and the CRLs in `others` do not. */
  readonly dropped: readonly string[];
  /** The serial numbers of certificates that the former CRLs of `authority` revoke. */
  readonly formerlyRevoked: ReadonlySet<string>;
}

/**
 * Issues the next CRL of a CA, and adds it to the CRLs of the server. The new CRL keeps the entries of all CRLs of this
 * CA that the server has or that `others` holds, and its number is higher than their numbers. CRLs of other CAs stay,
 * unless `others` has a newer CRL.
 *
 * @throws PgHostsslError `argument-invalid`; `crl-file-foreign`; `crl-invalid`; `private-key-misplaced`;
 * `plan-refused` for a damaged certificate in the server's file of roots;
 * `crl-incomplete` if the server would then refuse certificates that it accepts now, because the server needs a CRL of
 * every CA above a certificate (`X509_V_FLAG_CRL_CHECK_ALL`); `crl-unfit`; the codes of issuing CRLs
 */
export async function nextCrls(request: NextCrlsRequest): Promise<NextCrls> {
  const { server, authority, now, issuers = '' } = request;
  const { crlDirectory } = server;
  const before = await crlFiles(request);
  const present = before.flatMap(({ crls }) => crls);
  const given = givenCrls(request.others);
  const certificate = authority && readCertificate(authority.certificate);
  const isOwn = (crl: Crl): boolean => certificate !== undefined && isIssuerOfCrl(certificate, crl);
  const former = present.filter(isOwn);
  const formerlyRevoked = new Set(former.flatMap(serialNumbers));
  const trusted = `${authority?.chain ?? ''}${presentCertificates(server.ca)}`;
  assertRootsLoad(server.ca.path, trusted);
  const [own, finished] = [given.filter(isOwn), given.filter((crl) => !isOwn(crl))];
  const { taken, revoked, dropped } = await takeCrls({ given: finished, trusted, issuers, present, now });
  const issued = authority &&
    certificate && { crl: await issue(request, authority, [...former, ...own]), issuer: certificate };
  const changed = withCrls(request, before, issued === undefined ? taken : [...taken, issued]);
  const text = textAfter(before, changed);
  await assertComplete(`${trusted}${issuers}${intermediates(server, trusted)}`, text, crlsInForce(request), now);
  const isMissing = crlDirectory !== undefined && crlDirectory.names === undefined;
  const path = crlDirectory?.path ?? before[0]!.file.path;
  const isFirst = authority === undefined ? present.length === 0 : former.length + own.length === 0;
  return {
    files: changed.map((file) => wantedFile(file, server)),
    directories: isMissing ? [{ path, mode: 0o700, ...(server.owner && { owner: server.owner }) }] : [],
    path,
    wanted: { [crlDirectory === undefined ? 'ssl_crl_file' : 'ssl_crl_dir']: path },
    text,
    isFirst,
    isLost: authority !== undefined && checksCrls(request) && isFirst,
    revoked: [...revoked, ...own.flatMap(serialNumbers).filter((serial) => !formerlyRevoked.has(serial))],
    dropped,
    formerlyRevoked,
  };
}

/**
 * Makes sure that a server has a CRL of its CA, if the property `crls` of the request asks for this. A CRL that is not
 * due for renewal stays.
 *
 * @param server the server; its `ca` holds the roots that the server trusts after the plan
 * @throws PgHostsslError the codes of {@link nextCrls}
 */
export async function ensureCrls(
  { authority, crls, issuers, now }: Dated<Pick<TlsRequest, 'authority' | 'crls' | 'issuers'>>,
  { server, settings }: ConfiguredServer,
): Promise<NextCrls | undefined> {
  if (crls === undefined) return undefined;
  const others = crls === true ? undefined : crls;
  const isDue =
    authority !== undefined &&
    ((await crlInForce({ server, settings, authority })) === undefined ||
      (await isCrlDue({ server, settings, authority, now })));
  return await nextCrls({ server, settings, now, others, issuers, authority: isDue ? authority : undefined });
}

/**
 * Issues the next CRL of a CA. The new CRL keeps the entries of all former CRLs of this CA, because each of them may
 * hold revocations that the others lack.
 *
 * @throws PgHostsslError `issuer-mismatch` if the CA did not sign a former CRL; the codes of issuing CRLs
 */
async function issue(
  { revoked = [], validity }: NextCrlsRequest,
  authority: CertificateAuthority,
  former: readonly Crl[],
): Promise<Crl> {
  // The next CRL begins after each former CRL, and its number is higher than each former number.
  const [previous, ...others] = former.toSorted((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime());
  const numbers = former.map((crl) => crlNumber(crl) ?? 0n);
  const highest = numbers.reduce((a, b) => (a > b ? a : b), 0n);
  const provider = await completeProvider();
  for (const each of others) await assertCrlOf(each, readCertificate(authority.certificate), provider);
  const { crl } = await authority.issueCrl({
    revoked: [...others.flatMap((each) => each.revoked), ...revoked],
    previous: previous && pemOf([previous]),
    number: others.length === 0 ? undefined : String(highest + 1n),
    validity,
  });
  return readCrls(crl)[0]!;
}

function wantedFile({ file, isInForce, crls }: CrlFile, { owner }: ServerState): WantedFile {
  return {
    file,
    step: isInForce ? 'server-file' : 'new-file',
    what: 'the certificate revocation lists',
    content: new TextEncoder().encode(pemOf(crls)),
    owner,
  };
}

/** The CRLs that the server reads after a plan, PEM. */
function textAfter(before: readonly CrlFile[], changed: readonly CrlFile[]): string {
  const files = [...before.filter(({ file }) => !changed.some((each) => each.file.path === file.path)), ...changed];
  const inDirectory = files.filter(({ name }) => name !== undefined).map(contentOf);
  return `${pemOf(files.filter(({ name }) => name === undefined).flatMap(({ crls }) => crls))}${textInDirectory(inDirectory)}`;
}

function contentOf({ file, crls }: CrlFile): TargetFile {
  return fileState(file.path, pemOf(crls));
}

/**
 * The intermediate CA certificates in the server's certificate file that lead to a trusted certificate, PEM. Clients
 * may have certificates below them.
 */
function intermediates({ certificate }: ServerState, trusted: string): string {
  const [above, chain] = [trusted, presentCertificates(certificate)].map(
    (pem) => unlessInvalid(() => loadCertificates(pem)) ?? [],
  ) as [readonly Certificate[], readonly Certificate[]];
  const found: Certificate[] = [];
  // A chain begins with the leaf, and each issuer comes below the certificate that it issued.
  for (const each of chain.slice(1).toReversed()) {
    const isBelow = [...above, ...found].some((authority) => isIssuerOf(authority, each));
    const isForClients = isCaCertificate(each.extensions) && isForPurpose(each.extensions, 'clientAuth', 'authority');
    if (isBelow && isForClients) found.push(each);
  }
  return found.map(({ der }) => certificatePem(der)).join('');
}

/** Throws if the new CRLs would make the server refuse the certificates of a CA whose certificates it accepts now. */
async function assertComplete(authorities: string, crls: string, before: string | undefined, at: Date): Promise<void> {
  const problems = async (text: string): Promise<readonly RevocationProblem[]> =>
    (await revocationProblems({ authorities, crls: text, at })).filter(({ severity }) => severity === 'error');
  const known = before === undefined ? [] : (await problems(before)).map(keyOf);
  const [first] = (await problems(crls)).filter((problem) => !known.includes(keyOf(problem)));
  if (first === undefined) return;
  throw new PgHostsslError('crl-incomplete', `With these CRLs the server would refuse certificates: ${first.message}`, {
    hint: 'Nothing was planned. Give the CRLs of the other CAs as `crls`.',
  });
}

function keyOf({ code, authority }: RevocationProblem): string {
  return JSON.stringify([code, authority]);
}
