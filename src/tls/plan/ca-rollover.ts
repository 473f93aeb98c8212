import { decodePem, encodePem } from '../../asn1/pem.ts';
import { equalBytes } from '../../c/compare.ts';
import type { ConfTree } from '../../conf/index.ts';
import type { TargetFile } from '../../disk/file-state.ts';
import { PgHostsslError } from '../../errors.ts';
import { readCertificate } from '../../pki/certificate/certificate.ts';
import { type CertificateAuthority, type RolloverStep, rolloverSteps } from '../../pki/index.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { ServerState } from '../state.ts';
import { assemblePlan, type PlanParts } from './assemble.ts';
import { ensurePair } from './certificates.ts';
import { assertCaRollover } from './check-life-request.ts';
import { isRevoked, lacksCrl, nextCrls } from './crl.ts';
import { diagnosticAt } from './diagnostic-at.ts';
import { assertNotInterrupted } from './interrupted.ts';
import type { CaRolloverRequest } from './life-request.ts';
import { type Dated, dated } from './moment.ts';
import { type PairFiles, pairFiles, serverTargetsOf } from './pair-files.ts';
import { certificatesOf, inFile, textOf } from './pem-files.ts';
import type { TlsPlan } from './plan-data.ts';
import type { WantedFile } from './planned-write.ts';
import { ensureRoots } from './roots.ts';
import { acceptedSettings, isCaInForce, planSettings } from './settings.ts';

/**
 * Plans the next step of the replacement of a root CA. The files themselves tell which step it is, so that it can
 * be interrupted anywhere: read the server and the client again, and plan again, until there is nothing to write.
 *
 * 1. The server and the client trust both CAs. A server with a CRL gets one of the next CA.
 * 2. The server's certificate is issued by the next CA, for the same hosts and the same key.
 * 3. So is the client's.
 * 4. With `retireCurrent`: nobody trusts the current CA any longer.
 *
 * Between two steps all clients must have taken the step before: a client without the next root refuses the server after
 * step 2.
 *
 * @returns the plan of one step; an empty one if all steps that the request allows are done
 * @throws PgHostsslError `argument-invalid`; `apply-interrupted`; `conf-refused`; `not-a-root`, `root-unchanged`,
 * `roots-indistinguishable`; `key-mismatch`, `certificate-foreign`; `setting-overridden`; the codes of issuing
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 * import { fileState, planCaRollover } from 'pg-hostssl/tls';
 *
 * const current = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await current.issueServerCertificate({ hosts: ['db.example.com'] });
 * const plan = await planCaRollover({
 *   server: {
 *     version: 18,
 *     dataDirectory: '/data',
 *     conf: fileState('/data/postgresql.conf', "ssl = on\nssl_ca_file = 'root.crt'\n"),
 *     hba: fileState('/data/pg_hba.conf', 'hostssl all all all cert\n'),
 *     certificate: fileState('/data/server.crt', chain),
 *     privateKey: fileState('/data/server.key', privateKey.toPem()),
 *     ca: fileState('/data/root.crt', current.certificate),
 *   },
 *   current,
 *   next: await CertificateAuthority.create({ subject: '/CN=Example CA 2' }),
 * });
 * assert.match(plan.summary, /^Step 1 of 4/);
 * assert.deepEqual(plan.writes.map(({ path }) => path), ['/data/root.crt']);
 * ```
 */
export async function planCaRollover(given: CaRolloverRequest): Promise<TlsPlan> {
  assertCaRollover(given);
  const { authority: next, now } = dated({ authority: given.next, ...(given.now && { now: given.now }) });
  const request = { ...given, next, now };
  const { server, client, current } = request;
  assertNotInterrupted(server.dataDirectory, server.interrupted);
  // It refuses two roots that cannot be told apart.
  rolloverSteps(current.certificate, next.certificate);
  const settings = acceptedSettings(server);
  const common = { server, client, keep: request.keep, now };
  for (const step of steps) {
    const found = await step(request, settings);
    if (found !== undefined) return assemblePlan({ ...found, ...common });
  }
  const isWhole = request.retireCurrent === true;
  return assemblePlan({
    ...noFiles(server),
    ...common,
    summary: isWhole ? 'The next CA has replaced the current one' : 'All steps but the last are done here',
    diagnostics: await keptCertificates(request, settings),
  });
}

/** A part of a plan, without the states that it is made from. */
type StepParts = Omit<PlanParts, 'server' | 'client' | 'keep' | 'now'>;

/** Makes the plan of a step; undefined if the step is done. */
type Step = (request: Dated<CaRolloverRequest>, settings: ConfTree) => Promise<StepParts | undefined>;

const steps: readonly Step[] = [trustBoth, renewServer, renewClient, trustNext];

const titles: Readonly<Record<RolloverStep['step'], string>> = {
  'trust-both': 'Step 1 of 4: both CAs are trusted',
  'renew-servers': "Step 2 of 4: the next CA issues the server's certificate",
  'renew-clients': "Step 3 of 4: the next CA issues the client's certificate",
  'trust-new': 'Step 4 of 4: the current CA is no longer trusted',
};

async function trustBoth(request: Dated<CaRolloverRequest>, settings: ConfTree): Promise<StepParts | undefined> {
  const { server, client, next, now } = request;
  const trust = { inForce: true, replaceForeign: false };
  // A client without a root file checks no server. With a root file of the next CA alone it would refuse this one.
  const withNext = async (file: TargetFile): Promise<Uint8Array | undefined> =>
    file.content === undefined || holds(file, next)
      ? undefined
      : (await ensureRoots(file, next.certificate, trust)).content;
  const ofServer = isCaInForce(server, settings) ? await withNext(server.ca) : undefined;
  const ofClient = client && (await withNext(client.ca));
  const needsCrl = isCaInForce(server, settings) && (await lacksCrl({ server, settings, authority: next }));
  if (ofServer === undefined && ofClient === undefined && !needsCrl) return undefined;
  const trusting =
    ofServer === undefined ? server : { ...server, ca: { ...server.ca, content: () => ofServer } as TargetFile };
  const crls = needsCrl ? await nextCrls({ server: trusting, settings, authority: next, now }) : undefined;
  return {
    ...noFiles(server),
    summary: titles['trust-both'],
    ...(crls && { serverDirectories: crls.directories, conf: planSettings(server, settings, crls.wanted) }),
    serverFiles: [
      ...(crls?.files ?? []),
      ...(ofServer === undefined ? [] : [rootsFile(server, 'server-file', ofServer)]),
    ],
    clientFiles: client === undefined || ofClient === undefined ? [] : [rootsFile(client, 'client', ofClient)],
    diagnostics: [],
  };
}

async function renewServer(request: Dated<CaRolloverRequest>, settings: ConfTree): Promise<StepParts | undefined> {
  const { server } = request;
  const pair = await reissued(request, settings, server);
  if (pair === undefined) return undefined;
  const targets = await serverTargetsOf(server, pair);
  const paths = { certificate: targets.certificate.path, privateKey: targets.privateKey.path, ca: server.ca.path };
  return {
    ...noFiles(server),
    summary: titles['renew-servers'],
    serverFiles: pairFiles(targets, pair, 'server', server.owner),
    conf: planSettings(server, settings, { ssl_cert_file: paths.certificate, ssl_key_file: paths.privateKey }),
    paths,
    read: [targets.certificate, targets.privateKey],
  };
}

async function renewClient(request: Dated<CaRolloverRequest>, settings: ConfTree): Promise<StepParts | undefined> {
  const { server, client } = request;
  const pair = client && (await reissued(request, settings, client));
  if (client === undefined || pair === undefined) return undefined;
  return {
    ...noFiles(server),
    summary: titles['renew-clients'],
    clientFiles: pairFiles(client, pair, 'client', client.owner),
  };
}

async function trustNext(request: Dated<CaRolloverRequest>, settings: ConfTree): Promise<StepParts | undefined> {
  const { server, client, current, retireCurrent = false } = request;
  const isTrustedByServer = isCaInForce(server, settings) && holds(server.ca, current);
  const isTrusted = isTrustedByServer || (client !== undefined && holds(client.ca, current));
  if (!retireCurrent || !isTrusted) return undefined;
  return {
    ...noFiles(server),
    summary: titles['trust-new'],
    serverFiles: isTrustedByServer ? [rootsFile(server, 'server-file', without(server.ca, current))] : [],
    clientFiles:
      client !== undefined && holds(client.ca, current)
        ? [rootsFile(client, 'client', without(client.ca, current))]
        : [],
    diagnostics: await keptCertificates(request, settings),
  };
}

/** The certificate of the files, issued by the next CA; undefined if the current one did not issue it, or revoked it. */
async function reissued(
  { server, current, next, passphrase, now }: Dated<CaRolloverRequest>,
  settings: ConfTree,
  { certificate, privateKey }: PairFiles,
): Promise<Awaited<ReturnType<typeof ensurePair>> | undefined> {
  const old = certificate.content === undefined ? '' : certificatesOf(textOf(certificate.content()));
  if (old === '' || !(await inFile(certificate.path, () => current.hasIssued(old)))) return undefined;
  if (await isRevoked({ server, settings, authority: current }, certificate)) return undefined;
  return ensurePair({
    certificate,
    privateKey,
    authority: current,
    replaceForeign: false,
    passphrase,
    newKey: false,
    now,
    suffices: () => false,
    issue: (key) => next.renewCertificate(old, { issuedBy: current.certificate, ...(key !== undefined && { key }) }),
  });
}

/** Certificates that the steps pass over: those of neither CA, and those that are revoked. */
async function keptCertificates(
  { server, client, current, next }: CaRolloverRequest,
  settings: ConfTree,
): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const { certificate } of client === undefined ? [server] : [server, client]) {
    const pem = certificate.content === undefined ? '' : certificatesOf(textOf(certificate.content()));
    const isKnown = async (authority: CertificateAuthority): Promise<boolean> =>
      inFile(certificate.path, () => authority.hasIssued(pem));
    if (await isRevoked({ server, settings, authority: current }, certificate)) {
      const message = 'The current CA revoked this certificate, which the next one does not issue again';
      found.push(diagnosticAt({ file: certificate.path }, 'tls-certificate-revoked', 'warning', message));
    }
    if (pem === '' || (await isKnown(current)) || (await isKnown(next))) continue;
    const message = 'Neither of the two CAs issued this certificate, which stays as it is';
    found.push(diagnosticAt({ file: certificate.path }, 'tls-certificate-foreign', 'info', message));
  }
  return found;
}

function noFiles(server: ServerState): Omit<StepParts, 'summary'> {
  const paths = { certificate: server.certificate.path, privateKey: server.privateKey.path, ca: server.ca.path };
  return { serverFiles: [], paths, diagnostics: [] };
}

function rootsFile(
  { ca, owner }: Pick<ServerState, 'ca' | 'owner'>,
  step: 'server-file' | 'client',
  content: Uint8Array,
): WantedFile {
  const what = step === 'client' ? "the roots of servers' certificates" : "the roots of clients' certificates";
  return { file: ca, step, what, content, owner };
}

/** Whether a file of roots holds the certificate of a CA. */
function holds(file: TargetFile, authority: CertificateAuthority): boolean {
  return file.content !== undefined && rootsIn(file).some((der) => isCertificateOf(authority, der));
}

/** A file of roots without the certificate of a CA. */
function without(file: TargetFile, authority: CertificateAuthority): Uint8Array {
  const rest = rootsIn(file).filter((der) => !isCertificateOf(authority, der));
  if (rest.length === 0) {
    throw new PgHostsslError('root-missing', 'This file trusts the current CA alone', {
      file: file.path,
      hint: 'Nothing was planned. Add the root of the next CA first.',
    });
  }
  return new TextEncoder().encode(rest.map((der) => encodePem('CERTIFICATE', der)).join(''));
}

function rootsIn(file: TargetFile): readonly Uint8Array[] {
  const text = file.content === undefined ? '' : textOf(file.content());
  return decodePem(certificatesOf(text)).map(({ der }) => der);
}

function isCertificateOf(authority: CertificateAuthority, der: Uint8Array): boolean {
  return equalBytes(der, readCertificate(authority.certificate).der);
}
