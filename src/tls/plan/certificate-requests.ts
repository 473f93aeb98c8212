import type { TargetFile } from '../../disk/file-state.ts';
import { createCertificateRequest, PrivateKey } from '../../pki/index.ts';
import { clientProfile, type Profile, serverProfile } from '../../pki/issue/profile.ts';
import { assemblePlan } from './assemble.ts';
import { keyOptions } from './certificates.ts';
import { assertCertificateRequests } from './check-life-request.ts';
import { assertNotInterrupted } from './interrupted.ts';
import type { CertificateRequestsRequest } from './life-request.ts';
import { ownKeyTarget, pendingKeys } from './own-files.ts';
import { inFile, textOf } from './pem-files.ts';
import type { CertificateRequestPlan, PlannedRequest } from './plan-data.ts';
import type { WantedFile } from './planned-write.ts';
import { acceptedSettings } from './settings.ts';

/**
 * Plans certificate requests for a CA whose key is elsewhere: at a company, in an HSM, in a vault. The keys never leave the
 * machine. Keys that are there are kept, and the plan writes those that are missing. `plan.requests` are for the CA; its
 * certificates then go into `serverCertificate` and `clientCertificate` of {@link planClientCertificates} or
 * {@link planServerCertificate}, which find the keys. Nothing is read or written.
 *
 * A new key of a server that has one goes to a file with a name of its own, which no setting names until the certificate
 * is there. Planned again, the requests are for the same keys.
 *
 * @returns the plan with the requests, that of the server first
 * @throws PgHostsslError `argument-invalid`; `apply-interrupted`; `conf-refused`; `host-invalid`, `role-name-invalid`; the
 * codes of reading keys
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 * import { fileState, planCertificateRequests } from 'pg-hostssl/tls';
 *
 * const plan = await planCertificateRequests({
 *   server: {
 *     version: 18,
 *     dataDirectory: '/data',
 *     conf: fileState('/data/postgresql.conf', "listen_addresses = '*'\n"),
 *     hba: fileState('/data/pg_hba.conf', 'host all all all scram-sha-256\n'),
 *     certificate: { path: '/data/server.crt' },
 *     privateKey: { path: '/data/server.key' },
 *     ca: { path: '/data/root.crt' },
 *   },
 *   hosts: ['db.example.com'],
 * });
 * assert.deepEqual(plan.writes.map(({ path }) => path), ['/data/server.key']);
 * // On the machine of the CA:
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain } = await authority.signRequest(plan.requests[0]!.request, { hosts: ['db.example.com'] });
 * assert.match(chain, /BEGIN CERTIFICATE/);
 * ```
 */
export async function planCertificateRequests(request: CertificateRequestsRequest): Promise<CertificateRequestPlan> {
  assertCertificateRequests(request);
  const { server, hosts, client, user } = request;
  assertNotInterrupted(server.dataDirectory, server.interrupted);
  acceptedSettings(server);
  const ofServer = hosts && (await keyOfServer(request));
  const ofClient = client && (await keyOfClient(request, client.privateKey));
  const requests = [
    ...(hosts && ofServer
      ? [
          await requestFor(
            'server',
            serverProfile({ hosts }, () => true),
            ofServer.key,
            hosts,
          ),
        ]
      : []),
    ...(user !== undefined && ofClient ? [await requestFor('client', clientProfile({ user }), ofClient.key)] : []),
  ];
  const holders = requests.map(({ holder }) => `the ${holder}`).join(' and ');
  const plan = await assemblePlan({
    summary: `Requests a certificate for ${holders}`,
    server,
    client,
    keep: undefined,
    now: new Date(),
    serverFiles: ofServer === undefined ? [] : [wantedKey(ofServer, 'server', server.owner)],
    clientFiles: ofClient === undefined ? [] : [wantedKey(ofClient, 'client', client?.owner)],
    paths: { certificate: server.certificate.path, privateKey: server.privateKey.path, ca: server.ca.path },
    diagnostics: [],
  });
  // No key is read by the server before its certificate is there.
  return { ...plan, action: 'none', requests };
}

/** A key, and its file with the content that the file is to have. */
interface KeyInFile {
  readonly key: PrivateKey;
  readonly file: TargetFile;
  readonly content: Uint8Array;
}

async function keyOfServer(request: CertificateRequestsRequest): Promise<KeyInFile> {
  const { server, newKey = false } = request;
  const { certificate, privateKey } = server;
  if (privateKey.content !== undefined && !newKey) return await keyIn(request, privateKey);
  const [pending] = await pendingKeys(server);
  if (pending !== undefined) return await keyIn(request, pending);
  const key = await PrivateKey.generate(request.keyAlgorithm);
  const isFree = privateKey.content === undefined && certificate.content === undefined;
  return { key, file: isFree ? privateKey : await ownKeyTarget(server, key), content: await newContent(request, key) };
}

async function keyOfClient(request: CertificateRequestsRequest, file: TargetFile): Promise<KeyInFile> {
  if (file.content !== undefined) return await keyIn({}, file);
  const key = await PrivateKey.generate(request.keyAlgorithm);
  return { key, file, content: new TextEncoder().encode(key.toPem()) };
}

async function keyIn(request: Pick<CertificateRequestsRequest, 'passphrase'>, file: TargetFile): Promise<KeyInFile> {
  const content = file.content!();
  const key = await inFile(file.path, () => PrivateKey.read(textOf(content), keyOptions(request)));
  return { key, file, content };
}

async function newContent({ passphrase }: CertificateRequestsRequest, key: PrivateKey): Promise<Uint8Array> {
  return new TextEncoder().encode(passphrase === undefined ? key.toPem() : await key.toEncryptedPem(passphrase));
}

function wantedKey(
  { file, content }: KeyInFile,
  holder: PlannedRequest['holder'],
  owner: WantedFile['owner'],
): WantedFile {
  const step = holder === 'server' ? 'new-file' : 'client';
  return { file, step, what: `the ${holder}'s private key`, content, secret: true, owner };
}

async function requestFor(
  holder: PlannedRequest['holder'],
  { subject }: Profile,
  key: PrivateKey,
  hosts?: readonly string[],
): Promise<PlannedRequest> {
  const { request } = await createCertificateRequest({ subject, key, ...(hosts && { hosts }) });
  return { holder, request };
}
