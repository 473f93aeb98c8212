import { clientBundle } from '../../client/bundle/bundle.ts';
import { settingDiagnostic } from '../../conf/server/setting-diagnostic.ts';
import type { ConfTree } from '../../conf/tree.ts';
import { fileState } from '../../disk/file-state.ts';
import type { HbaFile } from '../../hba/file.ts';
import { fromFileText } from '../../text/bytes.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { ClientState, ServerState } from '../state.ts';
import { assertRequest } from './check/check-request.ts';
import { crlDiagnostics, crlDirectoryDiagnostics, lostRevocations } from './crl/crl-diagnostics.ts';
import { crlsInForce } from './crl/crl-files.ts';
import { isRevoked } from './crl/crl-state.ts';
import { ensureCrls } from './crl/next-crls.ts';
import type { ClientCertificatePlan } from './data/plan-data.ts';
import type { WantedFile } from './data/planned-write.ts';
import { authorityEnds } from './pairs/authority-ends.ts';
import type { CertificatePair } from './pairs/certificates.ts';
import { reissuedAfterRevocation } from './pairs/holder.ts';
import { presentHosts } from './pairs/hosts.ts';
import { type ClientVerification, ensureClientPair, pairFiles } from './pairs/pair-files.ts';
import { checkedRoots, ensureRoots, rootsFile, rootsOf, rootsOfServer, type TrustFile } from './pairs/roots.ts';
import { certificatesOf, textOf } from './pem-files.ts';
import { planDiagnostic } from './plan-diagnostic.ts';
import { invalid } from './request/invalid.ts';
import { type Dated, dated } from './request/moment.ts';
import type { TlsRequest } from './request/request.ts';
import { assemblePlan } from './result/assemble.ts';
import { type Access, type AllRules, accessesOf, mayAskPassword, planAllRules } from './rules/access.ts';
import { mapsOf } from './rules/maps.ts';
import { ruleDiagnostics, switchedOnDiagnostics } from './rules/rule-diagnostics.ts';
import { acceptedHba, assertNoNamespace } from './rules/rules.ts';
import { planServerSide } from './server-side.ts';
import { assertClientKeyFits } from './settings/ciphers.ts';
import { settingDiagnostics } from './settings/setting-diagnostics.ts';
import { acceptedSettings, isCaInForce, isSslOn, setting } from './settings/settings.ts';
import { summaryOf } from './summary.ts';

/**
 * Plans TLS with a client certificate for one user of a server. The plan contains a server certificate, the roots that
 * the server trusts for client certificates, the setting that switches TLS on, the rule for the user above all rules
 * that would decide about the same connections, and the client's certificate and files. The function reads and writes
 * no files. Files that are already as required stay, so after a plan was applied, the next plan for the same request
 * has nothing to write. For a second user, read the server again and plan again.
 *
 * The server works if it starts or reloads at any moment of the planned order. A renewed certificate keeps its key, and
 * one rename replaces the certificate file. A new certificate with a new key gets new file names, and one rename of
 * postgresql.conf makes the server use both.
 *
 * @returns the plan; `applyPlan` applies it, `describePlan` describes it
 * @throws PgHostsslError `argument-invalid` for a request of the wrong shape; `version-unknown`; `hba-refused`,
 * `conf-refused` if the server refuses a file, with the line; `text-invalid` and the codes of `parseConnectionString`;
 * `host-invalid`, `role-name-invalid`, `rule-invalid` for parts of the request; `setting-overridden`, `key-mismatch`,
 * `certificate-foreign`, `certificate-unfit`, `private-key-misplaced`, `root-missing`, and the codes of
 * `inspectCertificate`, `PrivateKey.read`, `CertificateAuthority.issueServerCertificate` and
 * `CertificateAuthority.issueClientCertificate`; `authority-unfit` if the other side would refuse the certificates of
 * the CA; `ciphers-unfit` if the settings leave no cipher or TLS version; `apply-interrupted` after an interrupted
 * change; `way-in-lost` for a connection in `keep`; `crl-invalid` for `crls`; `plan-refused` if the server would not
 * start with the planned files
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 * import { fileState, planClientCertificates } from 'pg-hostssl/tls';
 *
 * const plan = await planClientCertificates({
 *   server: {
 *     version: 18,
 *     dataDirectory: '/data',
 *     conf: fileState('/data/postgresql.conf', "listen_addresses = '*'\n"),
 *     hba: fileState('/data/pg_hba.conf', 'host all all all scram-sha-256\n'),
 *     certificate: { path: '/data/server.crt' },
 *     privateKey: { path: '/data/server.key' },
 *     ca: { path: '/data/root.crt' },
 *   },
 *   authority: await CertificateAuthority.create({ subject: '/CN=Example CA' }),
 *   connection: 'postgresql://webadmin@db.example.com/app',
 *   withoutCertificate: 'reject',
 * });
 * assert.deepEqual(
 *   plan.writes.map(({ path }) => path),
 *   ['/data/server.key', '/data/server.crt', '/data/root.crt', '/data/postgresql.conf', '/data/pg_hba.conf'],
 * );
 * assert.equal(plan.action, 'reload');
 * ```
 */
export async function planClientCertificates(request: TlsRequest): Promise<ClientCertificatePlan> {
  return await planAccess(request, { changesRules: true });
}

/** The parts of a request that are planned. */
export interface AccessOptions {
  /** Whether the plan inserts rules into pg_hba.conf. If not, the plan contains only certificates and settings. */
  readonly changesRules: boolean;
}

/** Does the work of {@link planClientCertificates}. */
export async function planAccess(given: TlsRequest, options: AccessOptions): Promise<ClientCertificatePlan> {
  assertRequest(given);
  const request = dated(given);
  const { server, client } = request;
  const settings = acceptedSettings(server);
  const hba = acceptedHba(server, settings);
  if (options.changesRules) assertNoNamespace(settings);
  const accesses = accessesOf(request, settings);
  const { target } = accesses[0];
  const planned = options.changesRules ? planAllRules(hba, accesses) : undefined;

  const roots = rootsOf(request);
  const serverRoots = rootsOfServer(request);
  const trust = await serverTrust(request, settings, roots);
  const trusting = { ...server, ca: fileState(server.ca.path, trust.content) };
  const nextCrls = await ensureCrls(request, { server: trusting, settings });
  const crls = nextCrls?.text ?? crlsInForce({ server, settings });
  const hosts = [target.host, ...(request.hosts ?? []), ...(await presentHosts(request, settings, crls))];
  const wanted = { hosts, roots: serverRoots, crls, trusted: trustedBy(trust) };
  const side = await planServerSide(request, settings, wanted, { ssl_ca_file: server.ca.path, ...nextCrls?.wanted });
  const revoked = await revokedClient(request, settings, crls);
  const renewing = revoked === undefined ? request : { ...request, newKey: 'client' as const };
  const pairs = await pairsOf(renewing, accesses, { trusted: trustedBy(trust), crls });
  for (const { certificate } of pairs.values()) assertClientKeyFits(settings, certificate);

  const diagnostics = [
    ...(await diagnosticsOf(request, { settings, hba, accesses, planned, trust, crls, revoked })),
    ...(nextCrls === undefined ? [] : lostRevocations(nextCrls)),
    ...side.diagnostics,
  ];

  const plan = await assemblePlan({
    ...side,
    summary: (found) => summaryOf(accesses, options, found),
    asksPassword: options.changesRules && accesses.some(mayAskPassword),
    server,
    kept: request,
    client,
    serverFiles: [
      ...side.serverFiles,
      ...(nextCrls?.files ?? []),
      rootsFile(server, trust.inForce ? 'server-file' : 'new-file', trust.content),
    ],
    serverDirectories: nextCrls?.directories ?? [],
    clientFiles: client === undefined ? [] : await filesOfClient(client, pairs.get(target.user)!, serverRoots),
    ...(planned && { hba: planned.file, rules: ruleTexts(planned) }),
    diagnostics,
  });
  const clients = accesses.map(({ target: each }) => {
    const { certificate, privateKey } = pairs.get(each.user)!;
    return clientBundle({ target: each, ca: serverRoots, certificate, privateKey });
  });
  return { ...plan, client: clients[0]!, clients };
}

/** The lines of the rules as text, also if other bytes of the file are not UTF-8. */
function ruleTexts({ file, entries }: AllRules): readonly string[] {
  const { encoding } = file.expandable().context;
  return entries.map(({ text }) => fromFileText(text.trimEnd(), encoding));
}

/** The client of the request, if a CRL of the server after the plan revokes the present certificate of this client. */
async function revokedClient(
  request: TlsRequest,
  settings: ConfTree,
  crls: string | undefined,
): Promise<ClientState | undefined> {
  const { server, authority, client, clientCertificate } = request;
  if (client === undefined || authority === undefined || clientCertificate !== undefined) return undefined;
  return (await isRevoked({ server, settings, crls }, client.certificate)) ? client : undefined;
}

/** The parts of a plan about which its diagnostics speak. */
interface Findings {
  readonly settings: ConfTree;
  readonly hba: HbaFile;
  readonly accesses: readonly [Access, ...Access[]];
  /** `undefined` if the plan inserts no rules. */
  readonly planned: AllRules | undefined;
  readonly trust: ServerTrust;
  /** The CRLs of the server after the plan; `undefined` if the server checks no CRLs. */
  readonly crls: string | undefined;
  /** The client whose certificate is revoked. */
  readonly revoked: ClientState | undefined;
}

async function diagnosticsOf(
  request: Dated<TlsRequest>,
  { settings, hba, accesses, planned, trust, crls, revoked }: Findings,
): Promise<readonly Diagnostic[]> {
  const { server, authority, newKey, now } = request;
  const { target } = accesses[0];
  return [
    ...diagnosticsOfRules({ server, settings, hba }, accesses, planned),
    ...settingDiagnostics(settings, target.hostaddr ?? target.host),
    ...trustDiagnostics(server, settings, trust),
    ...severalCasDiagnostics(server, accesses),
    ...(authority === undefined ? [] : await authorityEnds({ ...request, settings, authority })),
    ...crlDirectoryDiagnostics({ server, settings }),
    ...(revoked === undefined ? [] : [reissuedAfterRevocation(revoked.certificate, 'client', newKey)]),
    ...(crls === undefined
      ? []
      : await crlDiagnostics({ server, settings, now }, (authority?.chain ?? '') + trustedBy(trust), crls)),
  ];
}

/**
 * Diagnostics about the rules of all users, and about the rules that begin to decide because the plan switches TLS on.
 *
 * @param planned `undefined` if the plan inserts no rules
 */
function diagnosticsOfRules(
  { server, settings, hba }: { server: ServerState; settings: ConfTree; hba: HbaFile },
  accesses: readonly Access[],
  planned: AllRules | undefined,
): readonly Diagnostic[] {
  const { path } = server.hba;
  const maps = mapsOf(server);
  const ofUsers = (planned?.rules ?? []).flatMap((rules, i) => {
    const { target, rule } = accesses[i]!;
    return ruleDiagnostics(hba, rules, { path, target, rule, maps, settings, own: planned!.entries });
  });
  const switchedOn = isSslOn(settings) ? [] : switchedOnDiagnostics(hba, path, planned?.entries ?? []);
  return [...eachOnce(ofUsers), ...switchedOn];
}

/** Removes repeated diagnostics, because several rules of one user can cause the same diagnostic. */
function eachOnce(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic])).values()];
}

/** The certificates and keys of all users. Only the first user has files in the client's directory. */
async function pairsOf(
  request: Dated<TlsRequest>,
  accesses: readonly Access[],
  verification: ClientVerification,
): Promise<ReadonlyMap<string, CertificatePair>> {
  const pairs = new Map<string, CertificatePair>();
  for (const { target } of accesses) {
    const { user } = target;
    if (pairs.has(user)) continue;
    const entries = accesses.filter((access) => access.target.user === user);
    const given = entries.filter((access) => access.clientCertificate !== undefined);
    const { clientCertificate, certificateName } = given[0] ?? entries[0]!;
    const other = given.find((access) => access.clientCertificate !== clientCertificate);
    if (other !== undefined) {
      throw invalid(other.certificateName, `must be ${certificateName}, which is for the same user`);
    }
    const client = pairs.size === 0 ? request.client : undefined;
    const ofUser = { ...request, client, clientCertificate };
    pairs.set(user, await ensureClientPair(ofUser, user, certificateName, verification));
  }
  return pairs;
}

interface ServerTrust extends TrustFile {
  /** Whether the present settings name the file as `ssl_ca_file`. */
  readonly inForce: boolean;
}

/**
 * The server's root file after the plan. If `ssl_ca_file` already names the file, the server trusts the roots in it,
 * and they stay.
 */
async function serverTrust(request: TlsRequest, settings: ConfTree, roots: string): Promise<ServerTrust> {
  const { server, replaceForeign = false } = request;
  const inForce = isCaInForce(server, settings);
  return { inForce, ...(await ensureRoots(server.ca, roots, { inForce, replaceForeign })) };
}

async function filesOfClient(
  client: ClientState,
  pair: CertificatePair,
  roots: string,
): Promise<readonly WantedFile[]> {
  const { content } = await ensureRoots(client.ca, roots, { inForce: true, replaceForeign: false });
  return [...pairFiles(client, pair, 'client', client.owner), rootsFile(client, 'client', content)];
}

function trustedBy({ content }: TrustFile): string {
  return certificatesOf(textOf(content));
}

function trustDiagnostics(
  { ca }: ServerState,
  settings: ConfTree,
  { inForce, others }: ServerTrust,
): readonly Diagnostic[] {
  const present = isSslOn(settings) && !inForce ? setting(settings, 'ssl_ca_file') : undefined;
  if (present !== undefined) {
    const message = `The plan names ${ca.path} in ssl_ca_file instead of ${present}, whose roots are no longer trusted: the server refuses clients whose certificates lead only to these roots. If these clients must get in, read the server with the present file`;
    return [settingDiagnostic(settings, 'ssl_ca_file', { code: 'tls-roots-end', severity: 'warning', message })];
  }
  if (others === 0) return [];
  const stay = others === 1 ? '1 other root certificate stays' : `${others} other root certificates stay`;
  const message = `${stay} trusted. The server also accepts a certificate with the name of the user from one of these CAs`;
  return [planDiagnostic({ file: ca.path }, 'tls-other-roots', 'warning', message)];
}

function severalCasDiagnostics({ ca }: ServerState, accesses: readonly Access[]): readonly Diagnostic[] {
  const roots = accesses.map(({ clientCertificate, certificateName }) =>
    clientCertificate === undefined ? '' : checkedRoots(clientCertificate.roots, `${certificateName}.roots`),
  );
  if (new Set(roots).size < 2) return [];
  const message =
    'Several CAs issued the certificates of the users, and the server trusts each CA for every user. The server accepts a certificate with the name of a user from any of these CAs';
  return [planDiagnostic({ file: ca.path }, 'tls-other-roots', 'warning', message)];
}
