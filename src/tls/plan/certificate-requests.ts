import { inspectCertificate } from '../../pki/certificate/inspect.ts';
import { clientProfile, hostSubject, parseHosts } from '../../pki/issue/profile.ts';
import type { ClientState } from '../state.ts';
import { assertCertificateRequests } from './check/check-lifecycle-requests.ts';
import type { CertificateRequestPlan } from './data/plan-data.ts';
import { foreign } from './pairs/certificates.ts';
import { keyOfClient, keyOfServer, requestFor, wantedKey } from './pairs/request-keys.ts';
import { inFile, presentCertificates } from './pem-files.ts';
import type { CertificateRequestsRequest } from './request/lifecycle-requests.ts';
import { assemblePlan } from './result/assemble.ts';
import { acceptedSettings, presentPaths } from './settings/settings.ts';

/**
 * Plans certificate requests for a CA whose key is on another machine: for example the CA of a company, or a CA in an
 * HSM or a vault. The private keys never leave this machine. Existing keys are kept, and the plan writes the keys that
 * are missing. Send `plan.requests` to the CA. Then give the issued certificates as `serverCertificate` and
 * `clientCertificate` to {@link planClientCertificates} or {@link planServerCertificate}, which find the keys. The
 * function itself reads and writes no files.
 *
 * If the server already has a key, a new key is written to another file, which no setting names until its certificate
 * is installed. If you plan again, the requests are for the same keys.
 *
 * @returns the plan with the requests, the server's request first
 * @throws PgHostsslError `argument-invalid`; `version-unknown`; `apply-interrupted`; `conf-refused`; `host-invalid`,
 * `role-name-invalid`, `text-invalid`; `certificate-foreign` if the client's key is for the certificate of another
 * user; the codes of `PrivateKey.read`
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
  acceptedSettings(server);
  if (client !== undefined) await assertOwnKey(client, user!);
  const ofServer = hosts && (await keyOfServer(request));
  const ofClient = client && (await keyOfClient(request, client.privateKey));
  const requests = [
    ...(hosts && ofServer ? [await requestFor('server', hostSubject(parseHosts(hosts)[0]!), ofServer.key, hosts)] : []),
    ...(user !== undefined && ofClient
      ? [await requestFor('client', clientProfile({ user }).subject, ofClient.key)]
      : []),
  ];
  const holders = requests.map(({ holder }) => `the ${holder}`).join(' and ');
  const plan = await assemblePlan({
    summary: `Requests a certificate for ${holders}`,
    server,
    client,
    serverFiles: ofServer === undefined ? [] : [wantedKey(ofServer, 'server', server.owner)],
    clientFiles: ofClient === undefined ? [] : [wantedKey(ofClient, 'client', client?.owner)],
    paths: presentPaths(server),
    diagnostics: [],
  });
  // The server needs no reload, because it does not read the new key before the certificate of the key is installed.
  return { ...plan, action: 'none', requests };
}

/**
 * Checks that the key in the client's directory does not belong to a certificate of another user.
 *
 * @throws PgHostsslError `certificate-foreign`
 */
async function assertOwnKey({ certificate, privateKey }: ClientState, user: string): Promise<void> {
  const present = presentCertificates(certificate);
  if (present === '' || privateKey.content === undefined) return;
  const { commonName } = await inFile(certificate.path, () => inspectCertificate(present));
  if (commonName === user) return;
  throw foreign(certificate.path, `the certificate of another user than ${JSON.stringify(user)}, with its key`);
}
