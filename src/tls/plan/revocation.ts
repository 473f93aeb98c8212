import type { DiagnosticCode } from '../../codes.ts';
import type { ConfFile } from '../../conf/file.ts';
import type { ConfTree } from '../../conf/tree.ts';
import { PgHostsslError } from '../../errors.ts';
import { decimalSerialNumber } from '../../pki/certificate/serial-number.ts';
import type { CertificateAuthority } from '../../pki/issue/authority.ts';
import { assertEntries, issuedBy, type LedgerEntry } from '../../pki/lifecycle/ledger-data.ts';
import type { Revocation } from '../../pki/revocation/issue-crl.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { assertRevocation } from './check/check-lifecycle-requests.ts';
import { crlDiagnostics, lostRevocations } from './crl/crl-diagnostics.ts';
import { type NextCrls, nextCrls } from './crl/next-crls.ts';
import type { TlsPlan } from './data/plan-data.ts';
import { presentCertificates } from './pem-files.ts';
import { planDiagnostic } from './plan-diagnostic.ts';
import type { RevocationRequest } from './request/lifecycle-requests.ts';
import { dated } from './request/moment.ts';
import { assemblePlan } from './result/assemble.ts';
import { acceptedSettings, planSettings, presentPaths } from './settings/settings.ts';

/**
 * Plans the revocation of certificates: the next CRL of the CA, in the file that `ssl_crl_file` names. If the setting
 * is empty, the plan writes `root.crl` and sets `ssl_crl_file`. Entries of the existing CRL stay, and so do CRLs of
 * other CAs. If a CRL of the CA is given as `crls`, its entries are kept, too. With a ledger, the CRL also revokes all
 * certificates that the ledger has as revoked. The function reads and writes no files.
 *
 * If the server has a directory of CRLs (`ssl_crl_dir`, 14 and later), or if `readServer` got the path of one, the plan
 * writes the CRL of each CA to `<hash>.r<n>` in that directory. A CRL of the CA in `ssl_crl_file` is renewed, too.
 *
 * If the key of the CA is on another machine, give its finished CRL as `crls`, without `authority`. A CA that the
 * server trusts must have signed that CRL, and it must be newer than the existing CRL of that CA. If the new CRL no
 * longer revokes some certificates, a diagnostic names them.
 *
 * When the CRL expires, the server refuses every client. `planRenewal` renews the CRL in time.
 *
 * @returns the plan
 * @throws PgHostsslError `argument-invalid`; `version-unknown`; `apply-interrupted`; `conf-refused`;
 * `setting-overridden`; `ledger-entry-unknown` if the ledger has no client certificate of the user; `crl-incomplete` if
 * the server would refuse certificates of another CA; `crl-file-foreign` if a file of CRLs contains anything but CRLs;
 * `private-key-misplaced` for a private key in `crls`; `crl-unfit` for a CRL in `crls` that the server would not use,
 * or that is not newer than the existing one; `way-in-lost`, `plan-refused`; the codes of `inspectCertificate` and
 * `CertificateAuthority.issueCrl`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { CertificateAuthority, inspectCrl } from 'pg-hostssl/pki';
 * import { fileState, planRevocation } from 'pg-hostssl/tls';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { certificate, serialNumber } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const plan = await planRevocation({
 *   server: {
 *     version: 18,
 *     dataDirectory: '/data',
 *     conf: fileState('/data/postgresql.conf', "ssl = on\nssl_ca_file = 'root.crt'\n"),
 *     hba: fileState('/data/pg_hba.conf', 'hostssl all all all cert\n'),
 *     certificate: { path: '/data/server.crt' },
 *     privateKey: { path: '/data/server.key' },
 *     ca: fileState('/data/root.crt', authority.certificate),
 *   },
 *   authority,
 *   revoked: [{ certificate, reason: 'keyCompromise' }],
 * });
 * assert.deepEqual(plan.writes.map(({ path }) => path), ['/data/root.crl', '/data/postgresql.conf']);
 * assert.equal(inspectCrl(plan.writes[0]!.content()).revoked[0]?.serialNumber, serialNumber);
 * ```
 */
export async function planRevocation(request: RevocationRequest): Promise<TlsPlan> {
  assertRevocation(request);
  const { server } = request;
  const { crls, conf, count, diagnostics, now } = await revocationParts(request, acceptedSettings(server));
  return assemblePlan({
    summary: count === 0 ? summaryWithout(crls) : `Revokes ${counted(count)}`,
    server,
    kept: { keep: request.keep, now },
    serverFiles: crls.files,
    serverDirectories: crls.directories,
    conf,
    paths: presentPaths(server),
    read: crls.files.map(({ file }) => file),
    diagnostics,
  });
}

function summaryWithout({ isFirst }: NextCrls): string {
  const list = 'certificate revocation list';
  return isFirst ? `Installs the first ${list}` : `Renews the ${list}`;
}

/** The parts of a plan that revokes certificates. */
export interface RevocationParts {
  /** The CRLs of the server after the plan. */
  readonly crls: NextCrls;
  /** The planned postgresql.conf, which names the file or directory of the CRLs. */
  readonly conf: ConfFile;
  /** The number of certificates to revoke. */
  readonly count: number;
  /** The time for which the plan is made. */
  readonly now: Date;
  /** Diagnostics for the user of the plan. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Makes the parts of a plan that revokes certificates. */
export async function revocationParts(request: RevocationRequest, settings: ConfTree): Promise<RevocationParts> {
  const { server, authority, crls: others, issuers, validity, user, now } = dated(request);
  const ofUser = user && authority && (await certificatesOfUser(user, authority, now));
  const asked = [...(request.revoked ?? []), ...(ofUser?.revoked ?? [])];
  const revoked = [...asked, ...(ofUser?.others ?? [])];
  const ofCa = authority === undefined ? {} : { authority, revoked, validity };
  const crls = await nextCrls({ server, settings, now, ...ofCa, others, issuers });
  const count = asked.length + crls.revoked.length;
  const file = crls.path;
  const trusted = presentCertificates(server.ca);
  return {
    crls,
    conf: planSettings(server, settings, crls.wanted),
    count,
    now,
    diagnostics: [
      ...(count === 0 ? [] : [planDiagnostic({ file }, 'tls-sessions-stay', 'info', sessionsStay)]),
      ...lostRevocations(crls),
      ...(ofUser === undefined ? [] : ledgerDiagnostics(crls, ofUser)),
      ...(trusted === '' ? [] : await crlDiagnostics({ server, settings, now }, trusted, crls.text, 0)),
    ],
  };
}

const sessionsStay = 'Connections that are open stay open. End them with pg_terminate_backend()';

/**
 * Warnings about the ledger: it holds no valid certificate of the user, it holds certificates of the user from other
 * CAs, or the server's CRL was older than the ledger, for example because somebody put an older CRL back.
 */
function ledgerDiagnostics(
  { path, isFirst, formerlyRevoked }: NextCrls,
  { revoked, foreign, others }: CertificatesOfUser,
): readonly Diagnostic[] {
  const warning = (code: DiagnosticCode, message: string): Diagnostic =>
    planDiagnostic({ file: path }, code, 'warning', message);
  const lacking = others.filter(({ serialNumber }) => !formerlyRevoked.has(serialNumber)).length;
  const ofForeign = `The ledger holds ${counted(foreign)} of the user that other CAs issued. Revoke them with those CAs, too`;
  const ofLacking = `No CRL of the server revoked ${counted(lacking)} of other users that the ledger has as revoked. The new CRL does`;
  return [
    ...(revoked.length === 0 ? [warning('tls-user-not-revoked', nothingRevoked)] : []),
    ...(foreign === 0 ? [] : [warning('tls-certificate-foreign', ofForeign)]),
    ...(lacking === 0 || isFirst ? [] : [warning('tls-crl-behind', ofLacking)]),
  ];
}

const nothingRevoked =
  'All certificates of the user that the ledger holds from this CA have expired, so the plan revokes none of them. If a certificate was renewed and not recorded, it still lets the user in: revoke it as `revoked`';

/** A revocation by serial number. */
type LedgerRevocation = Extract<Revocation, { readonly serialNumber: string }>;

/** The certificates in a ledger that a plan revokes. None of them has expired. */
interface CertificatesOfUser {
  /** The certificates of the user that the CA issued. */
  readonly revoked: readonly Revocation[];
  /** The certificates of others that the CA issued, and that the ledger has as revoked. */
  readonly others: readonly LedgerRevocation[];
  /** The number of certificates that other CAs issued. */
  readonly foreign: number;
}

async function certificatesOfUser(
  { name, ledger, reason }: NonNullable<RevocationRequest['user']>,
  authority: CertificateAuthority,
  now: Date,
): Promise<CertificatesOfUser> {
  const entries: unknown = await ledger.certificates();
  assertEntries(entries);
  const ofUser = entries.filter((entry) => entry.kind === 'client' && entry.name === name);
  const own = issuedBy(authority.certificate, ofUser);
  if (own.length === 0 && ofUser.length > 0) {
    throw new PgHostsslError(
      'ledger-entry-unknown',
      `This CA issued no client certificate of ${JSON.stringify(name)}: the ledger holds ${counted(ofUser.length)} of this user from other CAs`,
      { hint: 'Nothing was planned. Revoke the certificates with the CA that issued them.' },
    );
  }
  if (own.length === 0) {
    throw new PgHostsslError(
      'ledger-entry-unknown',
      `The ledger holds no client certificate of ${JSON.stringify(name)} that this CA issued`,
      {
        hint: `Nothing was planned. Record the certificate first, or revoke it by its hexadecimal serial number. ${decimalSerialNumber}`,
      },
    );
  }
  const isValid = ({ notAfter }: LedgerEntry): boolean => new Date(notAfter) > now;
  const isOwn = new Set(own);
  const others = issuedBy(authority.certificate, entries).filter((entry) => isValid(entry) && !isOwn.has(entry));
  return {
    revoked: own.filter(isValid).map(({ serialNumber }) => ({ serialNumber, reason })),
    others: others.flatMap(revocationIn),
    foreign: ofUser.filter((entry) => isValid(entry) && !isOwn.has(entry)).length,
  };
}

function revocationIn({ serialNumber, revokedAt, reason }: LedgerEntry): readonly LedgerRevocation[] {
  return revokedAt === undefined ? [] : [{ serialNumber, revokedAt: new Date(revokedAt), reason }];
}

function counted(count: number): string {
  return count === 1 ? 'a certificate' : `${count} certificates`;
}
