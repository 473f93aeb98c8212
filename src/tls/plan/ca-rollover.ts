import type { ConfTree } from '../../conf/tree.ts';
import type { TargetFile } from '../../disk/file-state.ts';
import { PgHostsslError } from '../../errors.ts';
import { certificatePem, loadCertificates, readCertificate } from '../../pki/certificate/certificate.ts';
import { PrivateKey } from '../../pki/keys/private-key.ts';
import { type RolloverStep, rolloverSteps } from '../../pki/lifecycle/rollover-steps.ts';
import { isIssuerOfCrl } from '../../pki/revocation/find-crl.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { ServerState } from '../state.ts';
import { assertCaRollover } from './check/check-lifecycle-requests.ts';
import { crlDiagnostics, lostRevocations } from './crl/crl-diagnostics.ts';
import { checksCrls, crlsInForce, pemOf } from './crl/crl-files.ts';
import { firstRevoked, isCrlDue, lacksCrl, newerCrls } from './crl/crl-state.ts';
import { givenCrls } from './crl/given-crls.ts';
import { type NextCrls, nextCrls } from './crl/next-crls.ts';
import type { TlsPlan } from './data/plan-data.ts';
import type { CertificatePair } from './pairs/certificates.ts';
import { type Holder, passphraseOf } from './pairs/holder.ts';
import { expiredDiagnostics, filesOf, requestAgain, shownInPath, takenPair, wholePair } from './pairs/holder-pair.ts';
import { pairFiles, serverTargetsOf } from './pairs/pair-files.ts';
import { assertAccepted } from './pairs/peer.ts';
import { clientsNeedRoot } from './pairs/replaced-certificate.ts';
import { holds, pathTo, type RolloverCa, rolloverCa, without } from './pairs/rollover-ca.ts';
import { ensureRoots, rootsFile } from './pairs/roots.ts';
import { inFile, presentCertificates } from './pem-files.ts';
import { planDiagnostic } from './plan-diagnostic.ts';
import type { CaRolloverRequest } from './request/lifecycle-requests.ts';
import { type Dated, dated } from './request/moment.ts';
import { assemblePlan, type PlanParts } from './result/assemble.ts';
import { acceptedSettings, isCaInForce, planSettings, presentPaths } from './settings/settings.ts';

/**
 * Plans the next step of the replacement of a root CA. The function finds the next step from the files themselves, so
 * the replacement can be interrupted at any time. After each step, read the server and the client again and plan again,
 * until the plan has nothing to write.
 *
 * 1. The server and the client trust both CAs. A server with a CRL also gets a CRL of the next CA.
 * 2. The next CA issues the server's certificate, for the same hosts and the same key.
 * 3. The next CA issues the client's certificate, for the same role and the same key.
 * 4. With `retireCurrent`, the server and the client no longer trust the current CA.
 *
 * If the CRL of the next CA on the server is due, the plan installs the next CRL before the next step.
 *
 * If the next CA is the current CA, renewed with the same key, its root verifies all certificates, so the plans skip
 * the steps 2 and 3. Renew certificates that end with the current root with `planRenewal`.
 *
 * If the key of the next CA is on another machine, the plans of the steps 2 and 3 write nothing and have `requests`.
 * Have the next CA issue the requested certificates, and plan again with these certificates. If the server
 * checks CRLs, give the latest CRL of the next CA as `crls`: the plan installs this CRL in step 1, and when the CRL on
 * the server is due.
 *
 * Before each step, all clients must have taken the previous step. For example, a client without the next root refuses
 * the server after step 2.
 *
 * @returns the plan of one step; if all steps that the request allows are done, the plan has neither writes nor
 * requests
 * @throws PgHostsslError `argument-invalid`; `version-unknown`; `apply-interrupted`; `conf-refused`; `not-a-root`,
 * `root-unchanged`, `roots-indistinguishable`; `key-mismatch`, `certificate-foreign`, `certificate-unfit`,
 * `authority-unfit`; `not-a-leaf` for a CA certificate as the certificate of the server or client; `crl-incomplete`;
 * `setting-overridden`; `way-in-lost`, `plan-refused`; the codes of `inspectCertificate`, `PrivateKey.read` and
 * `CertificateAuthority.issueServerCertificate`
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
  const next = rolloverCa(given.next, 'next');
  const { authority, now } = dated({ authority: next.authority, now: given.now });
  const current = rolloverCa(given.current, 'current');
  const request = { ...given, current, next: { ...next, authority }, now };
  const { server, client } = request;
  // `rolloverSteps` throws if OpenSSL cannot tell the two roots apart.
  rolloverSteps(current.certificate, next.certificate);
  const settings = acceptedSettings(server);
  const common = { server, client, kept: request };
  for (const step of steps) {
    const found = await step(request, settings);
    if (found === undefined) continue;
    const { requests, ...parts } = found;
    const afterStep = step === trustNext ? { cas: [request.next] } : {};
    const ofCrls = step === trustBoth ? [] : await refusedByCrl(request, settings, afterStep);
    const diagnostics = [...parts.diagnostics, ...ofCrls];
    return { ...(await assemblePlan({ ...parts, ...common, diagnostics })), ...(requests && { requests }) };
  }
  return assemblePlan({
    ...noFiles(server),
    ...common,
    summary: isCurrentTrusted(request, settings)
      ? 'All steps but the last have been taken on this server'
      : 'The next CA has replaced the current CA',
    diagnostics: [...(await keptCertificates(request, settings)), ...(await refusedByCrl(request, settings))],
  });
}

type Rollover = Dated<Omit<CaRolloverRequest, 'current' | 'next'>> & {
  readonly current: RolloverCa;
  readonly next: RolloverCa;
};

/** The parts of a plan that depend on the step. */
type StepParts = Omit<PlanParts, 'server' | 'client' | 'kept'> & Pick<TlsPlan, 'requests'>;

/** Makes the parts of a step; the result is `undefined` if the step has already been taken. */
type Step = (request: Rollover, settings: ConfTree) => Promise<StepParts | undefined>;

const steps: readonly Step[] = [trustBoth, renewServer, renewClient, trustNext];

const titles: Readonly<Record<RolloverStep['step'], string>> = {
  'trust-both': 'Step 1 of 4: both CAs are trusted',
  'renew-servers': "Step 2 of 4: the next CA issues the server's certificate",
  'renew-clients': "Step 3 of 4: the next CA issues the client's certificate",
  'trust-next': 'Step 4 of 4: the current CA is no longer trusted',
};

async function trustBoth(request: Rollover, settings: ConfTree): Promise<StepParts | undefined> {
  const { server, client, next } = request;
  const trust = { inForce: true, replaceForeign: false };
  // A client without a root file does not verify the server, so the plan gives it no root file. With the next root
  // alone in a root file, the client would refuse this server.
  const withNext = async (file: TargetFile): Promise<Uint8Array | undefined> =>
    file.content === undefined || holds(file, next)
      ? undefined
      : (await ensureRoots(file, next.certificate, trust)).content;
  const ofServer = isCaInForce(server, settings) ? await withNext(server.ca) : undefined;
  const ofClient = client && (await withNext(client.ca));
  const trusting =
    ofServer === undefined ? server : { ...server, ca: { ...server.ca, content: () => ofServer } as TargetFile };
  const crls = isCaInForce(server, settings) ? await crlsOfNext(request, trusting, settings) : undefined;
  if (ofServer === undefined && ofClient === undefined && crls === undefined) return undefined;
  const isTrusted = ofServer === undefined && ofClient === undefined;
  return {
    ...noFiles(server),
    summary: isTrusted ? 'The server gets a new CRL of the next CA' : titles['trust-both'],
    ...(crls && { serverDirectories: crls.directories, conf: planSettings(server, settings, crls.wanted) }),
    serverFiles: [
      ...(crls?.files ?? []),
      ...(ofServer === undefined ? [] : [rootsFile(server, 'server-file', ofServer)]),
    ],
    clientFiles: client === undefined || ofClient === undefined ? [] : [rootsFile(client, 'client', ofClient)],
    // A CA that the server begins to trust has no CRL that can be lost.
    diagnostics: [
      ...(crls === undefined ? [] : lostRevocations({ ...crls, isLost: crls.isLost && ofServer === undefined })),
      ...(await refusedByCrl(request, settings, { crls: crls?.text })),
    ],
  };
}

/**
 * The CRLs of the server with a new CRL of the next CA, if the server lacks the CRL of the next CA, or if the CRL is
 * due and a newer CRL can be issued or is given. A rollover may take longer than the life of the first CRL.
 */
async function crlsOfNext(request: Rollover, server: ServerState, settings: ConfTree): Promise<NextCrls | undefined> {
  const { next, crls = '', issuers = '', now } = request;
  const isLacking = await lacksCrl({ server, settings, authority: next });
  if (next.authority !== undefined) {
    const isDue = isLacking || (await isCrlDue({ server, settings, authority: next, now }));
    return isDue ? await nextCrls({ server, settings, authority: next.authority, now }) : undefined;
  }
  if (!isLacking) {
    const authorities = loadCertificates(next.certificate + issuers).map(({ der }) => certificatePem(der));
    const newer = await newerCrls({ server, settings, now }, givenCrls(crls), authorities);
    return newer.length === 0 ? undefined : await nextCrls({ server, settings, others: pemOf(newer), issuers, now });
  }
  if (!givenCrls(crls).some((crl) => isIssuerOfCrl(readCertificate(next.certificate), crl))) {
    throw new PgHostsslError(
      'crl-incomplete',
      'The server checks CRLs, and would refuse every certificate of the next CA',
      {
        hint: 'Nothing was planned. Give the finished CRL of the next CA as `crls`.',
      },
    );
  }
  return await nextCrls({ server, settings, others: crls, issuers, now });
}

/**
 * The warnings that the server refuses every certificate of one of the two CAs, because the CRL of this CA has expired.
 *
 * @param after the CAs that the server trusts after the step, and its CRLs (PEM), if the step changes them
 */
async function refusedByCrl(
  { server, current, next, now }: Rollover,
  settings: ConfTree,
  after: { readonly cas?: readonly RolloverCa[]; readonly crls?: string | undefined } = {},
): Promise<readonly Diagnostic[]> {
  const configured = { server, settings };
  if (!isCaInForce(server, settings) || !checksCrls(configured)) return [];
  const cas = after.cas ?? (holds(server.ca, current) ? [current, next] : [next]);
  const authorities = cas.map(({ certificate }) => certificate).join('');
  return await crlDiagnostics({ ...configured, now }, authorities, after.crls ?? crlsInForce(configured) ?? '', 0);
}

async function renewServer(request: Rollover, settings: ConfTree): Promise<StepParts | undefined> {
  const { server } = request;
  const found = await reissued(request, settings, 'server');
  if (found === undefined) return undefined;
  const summary = titles['renew-servers'];
  const { pair, diagnostics } = found;
  if (pair === undefined) {
    const ofClient = request.client && (await reissued(request, settings, 'client'));
    const requests = [...found.requests, ...(ofClient?.requests ?? [])];
    return { ...noFiles(server), summary, requests, diagnostics };
  }
  const targets = await serverTargetsOf(server, pair);
  const paths = { certificate: targets.certificate.path, privateKey: targets.privateKey.path, ca: server.ca.path };
  return {
    ...noFiles(server),
    diagnostics: [...diagnostics, clientsNeedRoot(targets.certificate.path, 'info')],
    summary,
    serverFiles: pairFiles(targets, pair, 'server', server.owner),
    conf: planSettings(server, settings, { ssl_cert_file: paths.certificate, ssl_key_file: paths.privateKey }),
    paths,
    read: [targets.certificate, targets.privateKey],
  };
}

async function renewClient(request: Rollover, settings: ConfTree): Promise<StepParts | undefined> {
  const { server, client } = request;
  const found = client && (await reissued(request, settings, 'client'));
  if (client === undefined || found === undefined) return undefined;
  const summary = titles['renew-clients'];
  const { pair, requests, diagnostics } = found;
  if (pair === undefined) return { ...noFiles(server), summary, requests, diagnostics };
  const clientFiles = pairFiles(client, pair, 'client', client.owner);
  return { ...noFiles(server), summary, clientFiles, diagnostics };
}

async function trustNext(request: Rollover, settings: ConfTree): Promise<StepParts | undefined> {
  const { server, client, current, retireCurrent = false } = request;
  if (!retireCurrent || !isCurrentTrusted(request, settings)) return undefined;
  return {
    ...noFiles(server),
    summary: titles['trust-next'],
    serverFiles: isTrustedByServer(request, settings)
      ? [rootsFile(server, 'server-file', without(server.ca, current))]
      : [],
    clientFiles:
      client !== undefined && holds(client.ca, current)
        ? [rootsFile(client, 'client', without(client.ca, current))]
        : [],
    diagnostics: await keptCertificates(request, settings),
  };
}

/** Whether the server trusts the current CA for client certificates. */
function isTrustedByServer({ server, current }: Rollover, settings: ConfTree): boolean {
  return isCaInForce(server, settings) && holds(server.ca, current);
}

/** Whether the server or the client trusts the current CA, so that the last step has not been taken. */
function isCurrentTrusted(request: Rollover, settings: ConfTree): boolean {
  const { client, current } = request;
  return isTrustedByServer(request, settings) || (client !== undefined && holds(client.ca, current));
}

/** The certificate that the next CA issued for a holder, or the request for that certificate. */
interface Reissued {
  readonly pair?: CertificatePair;
  readonly requests: NonNullable<TlsPlan['requests']>;
  /** The warnings about expired certificates. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A certificate from the next CA that replaces the present certificate of a holder. The result is `undefined` if the
 * current CA did not issue the present certificate, if the certificate or a CA certificate above it is revoked, or if
 * peers that trust only the next CA accept the chain in the file: a CA that was renewed with its old key has issued all
 * certificates of both CAs.
 */
async function reissued(request: Rollover, settings: ConfTree, holder: Holder): Promise<Reissued | undefined> {
  const { server, client, current, next, passphrase, now } = request;
  const forHolder = { server, client, settings, holder, passphrase, now };
  const { certificate, privateKey } = filesOf(forHolder);
  const path = await pathTo(current, holder, certificate, { others: rootFiles(request), now });
  if (path === undefined || (await firstRevoked(forHolder, path)) !== undefined) return undefined;
  if ((await pathTo(next, holder, certificate, { others: [], now })) !== undefined) return undefined;
  const { authority } = next;
  const diagnostics = expiredDiagnostics(certificate, path, now);
  if (authority === undefined) {
    const given = request[`${holder}Certificate`];
    if (given === undefined) return { requests: [(await requestAgain(forHolder)).request], diagnostics };
    const taken = await takenPair(forHolder, { certificate: given, roots: next.certificate });
    return { pair: taken, requests: [], diagnostics };
  }
  const old = presentCertificates(certificate);
  const pair = await wholePair(forHolder);
  const key = await inFile(privateKey.path, () =>
    PrivateKey.read(pair.privateKey, { passphrase: passphraseOf(forHolder) }),
  );
  // A certificate that signed itself is its own issuer.
  const issuedBy = certificatePem((path[1] ?? path[0]!).der);
  const { chain } = await inFile(certificate.path, () => authority.renewCertificate(old, { issuedBy, key }));
  await assertAccepted({ certificate: chain, holder, roots: next.certificate, now });
  return { pair: { certificate: chain, privateKey: pair.privateKey, kept: 'key' }, requests: [], diagnostics };
}

/**
 * Diagnostics for certificates that the steps do not replace, because no valid chain leads to one of the two CAs, or
 * because a certificate of the chain is revoked.
 */
async function keptCertificates(request: Rollover, settings: ConfTree): Promise<readonly Diagnostic[]> {
  const { server, client, current, next, now } = request;
  const found: Diagnostic[] = [];
  for (const holder of client === undefined ? (['server'] as const) : (['server', 'client'] as const)) {
    const { certificate } = holder === 'server' ? server : client!;
    const search = { others: rootFiles(request), now };
    if (presentCertificates(certificate) === '') continue;
    const path = await pathTo(current, holder, certificate, search);
    if (path !== undefined) {
      const revoked = await firstRevoked({ server, settings }, path);
      if (revoked === undefined) continue;
      const message = `${shownInPath(revoked, path)} is revoked, so the next CA does not issue the certificate again`;
      found.push(planDiagnostic({ file: certificate.path }, 'tls-certificate-revoked', 'warning', message));
    } else if ((await pathTo(next, holder, certificate, search)) === undefined) {
      const message =
        'No valid chain leads from the certificate to one of the two CAs, so the certificate stays as it is';
      found.push(planDiagnostic({ file: certificate.path }, 'tls-certificate-foreign', 'info', message));
    }
  }
  return found;
}

function rootFiles({ server, client }: Rollover): readonly TargetFile[] {
  return [server.ca, ...(client === undefined ? [] : [client.ca])];
}

function noFiles(server: ServerState): Pick<StepParts, 'serverFiles' | 'paths'> {
  return { serverFiles: [], paths: presentPaths(server) };
}
