import type { ConfTree } from '../../conf/tree.ts';
import type { TargetFile } from '../../disk/file-state.ts';
import { unlessInvalid } from '../../errors.ts';
import { loadCertificates, readCertificate } from '../../pki/certificate/certificate.ts';
import { inspectCertificate } from '../../pki/certificate/inspect.ts';
import { needsRenewal } from '../../pki/lifecycle/due.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { assertRenewal } from './check/check-lifecycle-requests.ts';
import { crlDiagnostics, crlDirectoryDiagnostics } from './crl/crl-diagnostics.ts';
import { crlsInForce } from './crl/crl-files.ts';
import { assertNotRevoked, isCrlDue, isRevoked } from './crl/crl-state.ts';
import { type NextCrls, nextCrls } from './crl/next-crls.ts';
import type { TlsPlan } from './data/plan-data.ts';
import { authorityEnds } from './pairs/authority-ends.ts';
import { type CertificatePair, ensurePair } from './pairs/certificates.ts';
import { type Holder, passphraseOf, wantsNewKey } from './pairs/holder.ts';
import {
  expiredDiagnostics,
  filesOf,
  type HolderRequest,
  type RequestedAgain,
  requestAgain,
  rootsOfPeer,
  takenPair,
} from './pairs/holder-pair.ts';
import { pairFiles, serverTargetsOf } from './pairs/pair-files.ts';
import { assertAccepted, otherPurpose, refusalOf } from './pairs/peer.ts';
import { replacedDiagnostics } from './pairs/replaced-certificate.ts';
import { checkedRoots, rootOf, trustedNow } from './pairs/roots.ts';
import { inFile, presentCertificates } from './pem-files.ts';
import { planDiagnostic } from './plan-diagnostic.ts';
import type { RenewalRequest } from './request/lifecycle-requests.ts';
import { type Dated, dated } from './request/moment.ts';
import { assemblePlan } from './result/assemble.ts';
import { acceptedSettings, planSettings } from './settings/settings.ts';

/**
 * Plans the renewal of the server's certificate, a client's certificate and the CRL. Each is due when two thirds of its
 * period of validity have passed, or the part that `lifePart` names. Names, hosts and purposes stay as they are. The
 * function reads and writes no files. Call it regularly: if nothing is due, the plan has nothing to write.
 *
 * If the server's CRL revokes a certificate, that certificate is not renewed, unless `newKey` asks for a new key.
 *
 * If the key of the CA is on another machine, do not give `authority`: `plan.requests` then has requests for the
 * certificates that are due. Give the issued certificates as `serverCertificate` and `clientCertificate` to a later
 * plan. Such a certificate must be for the present key or for the key of the request, for the same hosts or the same
 * user, and from a CA that the peer trusts already.
 *
 * @returns the plan. Its diagnostics name the certificates that are not renewed, because they are revoked or from
 * another CA, and those that have expired and are renewed. If the CA, or its root in the root file of the server or
 * client, expires soon, another diagnostic says so, because no certificate is valid longer than its CA.
 * @throws PgHostsslError `argument-invalid`; `version-unknown`; `apply-interrupted`; `conf-refused`; `key-mismatch`;
 * `certificate-foreign` if a certificate or its key is missing, or if the certificate is for another purpose;
 * `certificate-unfit` for a given certificate of another user, host or CA; `authority-unfit` if the other side would
 * refuse the certificates of the CA; `setting-overridden`; `way-in-lost`, `plan-refused`; the codes of
 * `inspectCertificate`, `PrivateKey.read`, `CertificateAuthority.issueServerCertificate`,
 * `CertificateAuthority.issueClientCertificate` and `CertificateAuthority.issueCrl`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 * import { fileState, planRenewal } from 'pg-hostssl/tls';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['db.example.com'] });
 * const plan = await planRenewal({
 *   server: {
 *     version: 18,
 *     dataDirectory: '/data',
 *     conf: fileState('/data/postgresql.conf', 'ssl = on\n'),
 *     hba: fileState('/data/pg_hba.conf', 'hostssl all all all cert\n'),
 *     certificate: fileState('/data/server.crt', chain),
 *     privateKey: fileState('/data/server.key', privateKey.toPem()),
 *     ca: fileState('/data/root.crt', authority.certificate),
 *   },
 *   authority,
 *   now: new Date(Date.now() + 300 * 24 * 60 * 60 * 1000),
 * });
 * assert.deepEqual(plan.writes.map(({ path }) => path), ['/data/server.crt']);
 * ```
 */
export async function planRenewal(given: RenewalRequest): Promise<TlsPlan> {
  assertRenewal(given);
  const request = dated(given);
  const { server, client, authority } = request;
  const settings = acceptedSettings(server);
  if (authority !== undefined) {
    const trusted = trustedNow(server, settings);
    await assertNotRevoked({ server, settings }, authority, { trusted, now: request.now });
  }
  const ofServer = await renewal(request, settings, 'server');
  const ofClient = client === undefined ? nothingDue : await renewal(request, settings, 'client');
  const { pair } = ofServer;
  const targets = pair === undefined ? server : await serverTargetsOf(server, pair);
  const [ssl_cert_file, ssl_key_file] = [targets.certificate.path, targets.privateKey.path];
  const crls = await crlsIfDue(request, settings);
  const plan = await assemblePlan({
    summary: summaryOf(ofServer, ofClient, crls),
    server,
    client,
    kept: request,
    serverFiles: [
      ...(pair === undefined ? [] : pairFiles(targets, pair, 'server', server.owner)),
      ...(ofServer.requested === undefined ? [] : [ofServer.requested.keyFile]),
      ...(crls?.files ?? []),
    ],
    clientFiles:
      client === undefined || ofClient.pair === undefined
        ? []
        : pairFiles(client, ofClient.pair, 'client', client.owner),
    ...(crls && { serverDirectories: crls.directories }),
    conf: planSettings(server, settings, { ...(pair && { ssl_cert_file, ssl_key_file }), ...crls?.wanted }),
    paths: { certificate: ssl_cert_file, privateKey: ssl_key_file, ca: server.ca.path },
    read: [targets.certificate, targets.privateKey],
    diagnostics: [
      ...ofServer.diagnostics,
      ...ofClient.diagnostics,
      ...(await crlDiagnosticsOf(request, settings, crls?.text)),
      ...earlyDiagnostics(request),
      ...(authority === undefined ? [] : await authorityEnds({ ...request, settings, authority })),
      ...crlDirectoryDiagnostics({ server, settings }),
    ],
  });
  const requests = [ofServer, ofClient].flatMap(({ requested }) => requested?.request ?? []);
  if (requests.length === 0) return plan;
  const changesServer = pair !== undefined || crls !== undefined;
  // A plan that only writes new keys needs no reload, because the server does not read a key before its certificate is
  // installed.
  return { ...plan, ...(!changesServer && { action: 'none' }), requests };
}

/** The renewal of one certificate. If neither `pair` nor `requested` is given, the present certificate and key stay. */
interface Renewal {
  /** The new certificate with its key. */
  readonly pair?: CertificatePair;
  /** The request for a certificate that is due. */
  readonly requested?: RequestedAgain;
  readonly diagnostics: readonly Diagnostic[];
}

const nothingDue: Renewal = { diagnostics: [] };

/** The next CRLs of the server; `undefined` if no CRL is due, or if the key of the CA is on another machine. */
async function crlsIfDue(request: Dated<RenewalRequest>, settings: ConfTree): Promise<NextCrls | undefined> {
  const { server, authority, now, lifePart } = request;
  if (authority === undefined || !(await isCrlDue({ server, settings, authority, now, lifePart }))) return undefined;
  return await nextCrls({ server, settings, authority, now });
}

function summaryOf(ofServer: Renewal, ofClient: Renewal, crls: NextCrls | undefined): string {
  const done = [
    ...(ofServer.pair === undefined ? [] : ["the server's certificate"]),
    ...(ofClient.pair === undefined ? [] : ["the client's certificate"]),
    ...(crls === undefined ? [] : ['the certificate revocation list']),
  ];
  const holders = [ofServer, ofClient].flatMap(({ requested }) => requested?.request.holder ?? []);
  const asked = holders.map((holder) => `the ${holder}`).join(' and ');
  const parts = [
    ...(done.length === 0 ? [] : [`Renews ${done.join(', ')}`]),
    ...(asked === '' ? [] : [`${done.length === 0 ? 'Requests' : 'requests'} a certificate for ${asked}`]),
  ];
  return parts.length === 0 ? 'Nothing is due for renewal' : parts.join(', and ');
}

async function renewal(request: Dated<RenewalRequest>, settings: ConfTree, holder: Holder): Promise<Renewal> {
  const { server, client, authority, newKey, passphrase, now, lifePart } = request;
  const needsNewKey = wantsNewKey(newKey, holder);
  const forHolder = { server, client, settings, holder, passphrase, now, newKey: needsNewKey };
  const given = request[`${holder}Certificate`];
  if (given !== undefined) {
    const pair = await takenPair(forHolder, given);
    if (pair.kept === 'both') return nothingDue;
    const next = { server, settings, certificate: pair.certificate, roots: checkedRoots(given.roots, 'roots') };
    return { pair, diagnostics: holder === 'server' ? await replacedDiagnostics(next) : [] };
  }
  const { certificate, privateKey } = filesOf(forHolder);
  if (certificate.content === undefined && privateKey.content === undefined) return nothingDue;
  if (authority === undefined) return await requestIfDue(forHolder, lifePart);
  const old = presentCertificates(certificate);
  if (old !== '' && !(await inFile(certificate.path, () => authority.hasIssued(old)))) {
    const isDue = needsRenewal(await inFile(certificate.path, () => inspectCertificate(old)), now, lifePart);
    const what = isDue
      ? 'The certificate is due for renewal, but another CA issued it'
      : 'Another CA issued the certificate';
    const message = `${what}, so it stays as it is. Renew it with that CA`;
    const severity = isDue ? 'warning' : 'info';
    return { diagnostics: [planDiagnostic({ file: certificate.path }, 'tls-certificate-foreign', severity, message)] };
  }
  if (!needsNewKey && (await isRevoked({ server, settings }, certificate))) {
    return { diagnostics: [revokedDiagnostic(certificate)] };
  }
  // The root of an intermediate CA is not known.
  const roots = rootOf(authority);
  const pair = await ensurePair({
    certificate,
    privateKey,
    holder,
    authority,
    roots,
    replaceForeign: false,
    newKey: needsNewKey,
    passphrase: passphraseOf(forHolder),
    now,
    lifePart,
    objection: () => otherPurpose(old, holder),
    suffices: () => true,
    issue: (key) => inFile(certificate.path, () => authority.renewCertificate(old, { key })),
  });
  if (pair.kept === 'both') return nothingDue;
  const peer = { holder, roots: rootsOfPeer(forHolder) ?? '', now };
  const areReadable = [old, peer.roots].every((pem) => unlessInvalid(() => loadCertificates(pem)) !== undefined);
  if (areReadable && (await refusalOf({ ...peer, certificate: old })) === undefined) {
    const wayOut = `first add the root of this CA to the root file of the ${holder === 'server' ? 'client' : 'server'}`;
    await assertAccepted({ ...peer, certificate: pair.certificate }, wayOut);
  }
  // A CA with the same name and key may now be below another root.
  const next = { server, settings, certificate: pair.certificate, roots };
  const replaced = holder === 'server' ? await replacedDiagnostics(next) : [];
  return { pair, diagnostics: [...expiredDiagnostics(certificate, [readCertificate(old)], now), ...replaced] };
}

/** Creates the request for a certificate that is due, if the key of its CA is on another machine. */
async function requestIfDue(forHolder: HolderRequest, lifePart: number | undefined): Promise<Renewal> {
  const { certificate } = filesOf(forHolder);
  const present = presentCertificates(certificate);
  // If there is a key without a certificate, its first certificate has been requested and not issued yet.
  if (present === '') return nothingDue;
  const info = await inFile(certificate.path, () => inspectCertificate(present));
  if (forHolder.newKey !== true) {
    if (!needsRenewal(info, forHolder.now, lifePart)) return nothingDue;
    if (await isRevoked(forHolder, certificate)) return { diagnostics: [revokedDiagnostic(certificate)] };
  }
  const diagnostics = expiredDiagnostics(certificate, [readCertificate(present)], forHolder.now);
  return { requested: await requestAgain(forHolder), diagnostics };
}

/** Diagnostics about CAs whose certificates the server refuses, because a CRL is missing or has expired. */
async function crlDiagnosticsOf(
  { server, authority, now }: Dated<RenewalRequest>,
  settings: ConfTree,
  renewed: string | undefined,
): Promise<readonly Diagnostic[]> {
  const crls = renewed ?? crlsInForce({ server, settings });
  const trusted = presentCertificates(server.ca);
  if (crls === undefined || trusted === '') return [];
  // A later renewal renews the CRL of the request's CA in time.
  return await crlDiagnostics({ server, settings, now, renewed: authority }, trusted, crls);
}

/**
 * The warning for a revoked certificate. A new certificate for the same key would undo the revocation, so the
 * certificate is not renewed.
 */
function revokedDiagnostic({ path }: TargetFile): Diagnostic {
  const message =
    'The certificate is revoked, so it stays as it is. Plan with `newKey` to replace the certificate and its key';
  return planDiagnostic({ file: path }, 'tls-certificate-revoked', 'warning', message);
}

/**
 * The warning for a certificate that begins in the future. If the clock was set back, the plan replaces a good
 * certificate by one that has already expired for everybody else.
 */
function earlyDiagnostics({ server, client, now }: Dated<RenewalRequest>): readonly Diagnostic[] {
  return [server.certificate, ...(client === undefined ? [] : [client.certificate])].flatMap((certificate) => {
    const info = unlessInvalid(() => inspectCertificate(presentCertificates(certificate)));
    if (info === undefined || info.notBefore <= now) return [];
    const message = `The certificate is valid only from ${info.notBefore.toISOString()} on, and the plan is for ${now.toISOString()}. If the clock was set back, correct it and plan again`;
    return [planDiagnostic({ file: certificate.path }, 'tls-clock-doubtful', 'warning', message)];
  });
}
