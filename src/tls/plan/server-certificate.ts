import type { Diagnostic } from '../../text/diagnostic.ts';
import { assertServerCertificate } from './check/check-request.ts';
import type { TlsPlan } from './data/plan-data.ts';
import { authorityEnds } from './pairs/authority-ends.ts';
import { checkedRoots, rootOf, trustedNow } from './pairs/roots.ts';
import { dated } from './request/moment.ts';
import type { ServerCertificateRequest } from './request/request.ts';
import { assemblePlan } from './result/assemble.ts';
import { switchedOnDiagnostics } from './rules/rule-diagnostics.ts';
import { acceptedHba } from './rules/rules.ts';
import { planServerSide } from './server-side.ts';
import { settingDiagnostics } from './settings/setting-diagnostics.ts';
import { acceptedSettings, isSslOn } from './settings/settings.ts';
import { mayFail } from './summary.ts';

/**
 * Plans TLS without client certificates: a server certificate, its key, and the setting that switches TLS on. Clients
 * that trust the CA can then verify the server. The rules in pg_hba.conf stay as they are; use `requireTls` of
 * `pg-hostssl/access` to reject connections without TLS. The function reads and writes no files.
 *
 * @returns the plan
 * @throws PgHostsslError the codes of {@link planClientCertificates}
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 * import { fileState, planServerCertificate } from 'pg-hostssl/tls';
 *
 * const plan = await planServerCertificate({
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
 *   hosts: ['db.example.com'],
 *   minProtocol: 'TLSv1.3',
 * });
 * assert.deepEqual(
 *   plan.writes.map(({ path }) => path),
 *   ['/data/server.key', '/data/server.crt', '/data/postgresql.conf'],
 * );
 * ```
 */
export async function planServerCertificate(given: ServerCertificateRequest): Promise<TlsPlan> {
  assertServerCertificate(given);
  const request = dated(given);
  const { server, hosts } = request;
  const settings = acceptedSettings(server);
  const hba = acceptedHba(server, settings);
  const { serverCertificate, authority } = request;
  const roots =
    serverCertificate === undefined
      ? rootOf(authority!)
      : checkedRoots(serverCertificate.roots, 'serverCertificate.roots');
  // If the server listens where the clients of one host connect, nothing is said about the other hosts.
  const [ofSettings = []] = hosts
    .map((host) => settingDiagnostics(settings, host))
    .toSorted((a, b) => a.length - b.length);
  const side = await planServerSide(request, settings, { hosts, roots, trusted: trustedNow(server, settings) }, {});
  return assemblePlan({
    ...side,
    summary: (found) => summaryOf(hosts, found),
    server,
    kept: request,
    diagnostics: [
      ...side.diagnostics,
      ...(authority === undefined ? [] : await authorityEnds({ ...request, settings, authority })),
      ...(isSslOn(settings) ? [] : switchedOnDiagnostics(hba, server.hba.path, [])),
      ...ofSettings,
    ],
  });
}

function summaryOf(hosts: readonly string[], diagnostics: readonly Diagnostic[]): string {
  const [names, why] = [hosts.join(', '), mayFail(diagnostics)];
  if (why === undefined) return `Clients reach the server with TLS as ${names}`;
  return `The server gets a certificate for ${names}, but connections may fail (${why})`;
}
