import { clientBundle, connectionTarget, parseConnectionUrl } from '../../client/index.ts';
import { digest } from '../../disk/digest.ts';
import type { TargetFile } from '../../disk/file-state.ts';
import { HbaFile } from '../../hba/index.ts';
import type { CertificateInfo } from '../../pki/index.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { ClientState, ServerState } from '../state.ts';
import { assertAccepted } from './accepted.ts';
import { type CertificatePair, ensurePair, keptPair, textOf } from './certificates.ts';
import { coversHosts } from './hosts.ts';
import { noteAt } from './notes.ts';
import type { PlannedWrite, PlanStep, Precondition, ServerAction, TlsPlan } from './plan-data.ts';
import type { TlsRequest } from './request.ts';
import { checkedRoots, ensureRoots, rootsOf, type TrustFile } from './roots.ts';
import { ruleNotes } from './rule-notes.ts';
import { certificateRule, planRules } from './rules.ts';
import {
  planSettings,
  resolvePath,
  type ServerSettings,
  serverSettings,
  setting,
  settingNotes,
  sslAction,
} from './settings.ts';
import { plannedWrite, type WantedFile } from './writes.ts';

/**
 * Plans TLS with a client certificate for one user of a server: a server certificate, the authority as the one that
 * client certificates are checked against, TLS switched on, the rule in the place where it decides, and the client's
 * certificate and files. Contents in, contents out: nothing is read or written. What is there and will do is kept, so
 * that a plan made after another one was applied has nothing to write; for a second user, read the server anew and plan
 * again.
 *
 * @throws PgHostsslError `hba-refused`, `conf-refused` where the server would refuse a file, with its line;
 * `connection-…`, `host-invalid`, `role-name-invalid`, `rule-invalid` for what is asked; `setting-overridden`,
 * `key-mismatch`, `certificate-foreign`, `certificate-unfit`, `root-missing`, and what reading and issuing certificates throws.
 */
export async function planClientCertificates(request: TlsRequest): Promise<TlsPlan> {
  const { server, connection, client, rule } = request;
  const { version } = server;
  const target = typeof connection === 'string' ? parseConnectionUrl(connection) : connectionTarget(connection);
  const settings = serverSettings(server);
  const conf = planSettings(server, settings);
  // As the server reads it once the settings are in force.
  const hba = HbaFile.parse(server.hba.content(), {
    version,
    file: server.hba.path,
    server: { ssl: true, sslCa: true },
  });
  assertAccepted('hba-refused', server.hba.path, hba.diagnostics);
  const wantedRule = certificateRule(version, target.user, target.database, rule);
  const rules = planRules(hba, wantedRule, target.user, request.withoutCertificate ?? 'unchanged');

  const roots = rootsOf(request);
  const serverRoots =
    request.keepServerCertificate === undefined ? roots : checkedRoots(request.keepServerCertificate.roots);
  const trust = serverTrust(request, settings, roots);
  const serverPair = await ensureServerPair(request, [target.host, ...(request.hosts ?? [])]);
  const clientPair = await ensureClientPair(request, target.user);

  const serverFiles = await changes([
    ...pairFiles(server, serverPair, 'server', server.owner),
    {
      file: server.ca,
      step: stepOf(server.ca),
      what: "the roots of clients' certificates",
      content: trust.content,
      owner: server.owner,
    },
  ]);
  const clientFiles = client === undefined ? [] : await changes(filesOfClient(client, clientPair, serverRoots));
  const confFiles = await changes([
    { file: server.conf, step: 'postgresql.conf', what: 'the settings', content: conf.toBytes() },
  ]);
  const hbaFiles = await changes([
    { file: server.hba, step: 'pg_hba.conf', what: 'the rules', content: rules.file.toBytes() },
  ]);
  return {
    version,
    dataDirectory: server.dataDirectory,
    preconditions: await preconditionsOf(request),
    removals: [],
    directories: client === undefined || client.exists ? [] : [directoryOf(client)],
    writes: [...serverFiles, ...clientFiles, ...confFiles, ...hbaFiles],
    action: actionFor(server, [...serverFiles, ...confFiles], hbaFiles),
    rules: [rules.main, ...(rules.rejecting ? [rules.rejecting] : [])].map(({ text }) => text.trimEnd()),
    diagnostics: [
      ...ruleNotes(hba, server.hba.path, rules, target.user, rule),
      ...settingNotes(server, settings, target.hostaddr ?? target.host),
      ...trustNotes(server, trust),
    ],
    client: clientBundle({ target, ca: serverRoots, ...clientPair, privateKey: clientPair.privateKey }),
  };
}

/** The server's roots; what its setting names already is trusted by its clients, and stays. */
function serverTrust(request: TlsRequest, settings: ServerSettings, roots: string): TrustFile {
  const { server, replaceForeign = false } = request;
  const path = setting(settings, 'ssl_ca_file');
  const inForce = path !== undefined && resolvePath(server.dataDirectory, path) === server.ca.path;
  return ensureRoots(server.ca, roots, { inForce, replaceForeign });
}

function ensureServerPair(request: TlsRequest, hosts: readonly string[]): Promise<CertificatePair> {
  const { server, authority, issue, keepServerCertificate, replaceForeign = false, now = new Date() } = request;
  const { certificate, privateKey } = server;
  const suffices = (info: CertificateInfo): boolean => coversHosts(info, hosts);
  if (keepServerCertificate !== undefined) return keptPair({ certificate, privateKey, suffices, now });
  return ensurePair({
    certificate,
    privateKey,
    authority,
    replaceForeign,
    now,
    suffices,
    issue: () => authority.issueServerCertificate({ ...issue?.server, hosts: [...new Set(hosts)] }),
  });
}

function ensureClientPair(request: TlsRequest, user: string): Promise<CertificatePair> {
  const { client, authority, issue, replaceForeign = false, now = new Date() } = request;
  return ensurePair({
    certificate: client?.certificate ?? { path: '' },
    privateKey: client?.privateKey ?? { path: '' },
    authority,
    replaceForeign,
    now,
    objection: ({ commonName }) =>
      commonName === user
        ? undefined
        : `the certificate of ${JSON.stringify(commonName)}, not of ${JSON.stringify(user)}`,
    suffices: () => true,
    issue: () => authority.issueClientCertificate({ ...issue?.client, user }),
  });
}

type PairSlots = Pick<ServerState, 'certificate' | 'privateKey'>;

/** The key comes first: a certificate without its key is of no use to anyone. */
function pairFiles(
  slots: PairSlots,
  pair: CertificatePair,
  holder: 'server' | 'client',
  owner: ServerState['owner'],
): readonly WantedFile[] {
  const { certificate, privateKey } = slots;
  const key = pemBytes(privateKey, pair.privateKey);
  const step = holder === 'client' ? (): PlanStep => 'client' : stepOf;
  return [
    {
      file: privateKey,
      step: step(privateKey),
      what: `the ${holder}'s private key`,
      content: key,
      secret: true,
      owner,
    },
    {
      file: certificate,
      step: step(certificate),
      what: `the ${holder}'s certificate`,
      content: pemBytes(certificate, pair.certificate),
      owner,
    },
  ];
}

/** The file's own bytes where the text was read from it: around PEM blocks may stand what is not UTF-8. */
function pemBytes(file: TargetFile, text: string): Uint8Array {
  const content = file.content?.();
  return content !== undefined && textOf(content) === text ? content : new TextEncoder().encode(text);
}

function filesOfClient(client: ClientState, pair: CertificatePair, roots: string): readonly WantedFile[] {
  const { content } = ensureRoots(client.ca, roots, { inForce: true, replaceForeign: false });
  return [
    ...pairFiles(client, pair, 'client', client.owner),
    { file: client.ca, step: 'client', what: "the roots of servers' certificates", content, owner: client.owner },
  ];
}

function stepOf(file: TargetFile): PlanStep {
  return file.content === undefined ? 'new-file' : 'server-file';
}

async function changes(wanted: readonly WantedFile[]): Promise<readonly PlannedWrite[]> {
  const writes = await Promise.all(wanted.map(plannedWrite));
  return writes.filter((write) => write !== undefined);
}

function directoryOf({ directory, owner }: ClientState): TlsPlan['directories'][number] {
  return { path: directory, mode: 0o700, ...(owner && { owner }) };
}

function actionFor(
  { version }: ServerState,
  tlsFiles: readonly PlannedWrite[],
  hbaFiles: readonly PlannedWrite[],
): ServerAction {
  if (tlsFiles.length > 0) return sslAction(version);
  return hbaFiles.length > 0 ? 'reload' : 'none';
}

function trustNotes({ ca }: ServerState, { others }: TrustFile): readonly Diagnostic[] {
  if (others === 0) return [];
  const message = `${others} other root(s) stay trusted: who has a certificate of theirs with this user's name gets in, too`;
  return [noteAt({ file: ca.path }, 'tls-other-roots', 'warning', message)];
}

async function preconditionsOf({ server, client }: TlsRequest): Promise<readonly Precondition[]> {
  const autoConf = server.autoConf ?? { path: `${server.dataDirectory}/postgresql.auto.conf` };
  const files: readonly TargetFile[] = [
    server.conf,
    autoConf,
    server.hba,
    server.certificate,
    server.privateKey,
    server.ca,
    ...(client === undefined ? [] : [client.certificate, client.privateKey, client.ca]),
  ];
  return Promise.all(
    files.map(async (file): Promise<Precondition> => {
      const sha256 = file.content === undefined ? null : await digest(file.content());
      return { path: file.path, kind: 'file', sha256 };
    }),
  );
}
