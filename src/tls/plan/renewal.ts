import type { ConfTree } from '../../conf/index.ts';
import type { TargetFile } from '../../disk/file-state.ts';
import { inspectCertificate, renewalsDue } from '../../pki/index.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { assemblePlan } from './assemble.ts';
import { type CertificatePair, ensurePair } from './certificates.ts';
import { assertRenewal } from './check-life-request.ts';
import { isCrlDue, isRevoked, nextCrls } from './crl.ts';
import { crlDirectoryDiagnostics } from './crl-diagnostics.ts';
import { diagnosticAt } from './diagnostic-at.ts';
import { assertNotInterrupted } from './interrupted.ts';
import type { RenewalRequest } from './life-request.ts';
import { type Dated, dated } from './moment.ts';
import { type PairFiles, pairFiles, serverTargetsOf } from './pair-files.ts';
import { certificatesOf, inFile, textOf } from './pem-files.ts';
import type { TlsPlan } from './plan-data.ts';
import { acceptedSettings, planSettings } from './settings.ts';

/**
 * Plans the renewal of what is due: the server's certificate, a client's certificate and the CRL, each when less than a
 * third of its life is left. Names, hosts and purposes stay as they are. Nothing is read or written. Call it from a timer:
 * where nothing is due, the plan has nothing to write.
 *
 * A certificate that the server's CRL revokes is not renewed, unless `newKey` asks for a new key.
 *
 * @returns the plan. Diagnostics name certificates that stay because they are revoked or of other CAs, and the
 * end of the CA if it is near: no certificate is valid longer than its CA
 * @throws PgHostsslError `argument-invalid`; `apply-interrupted`; `conf-refused`; `key-mismatch`; `certificate-foreign`
 * for half a pair; `setting-overridden`; the codes of reading and issuing certificates and CRLs
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
  const { server, client, authority, now } = request;
  assertNotInterrupted(server.dataDirectory, server.interrupted);
  const settings = acceptedSettings(server);
  const ofServer = await renewal(request, settings, server, 'server');
  const ofClient = client === undefined ? nothingDue : await renewal(request, settings, client, 'client');
  const { pair } = ofServer;
  const targets = pair === undefined ? server : await serverTargetsOf(server, pair);
  const paths = { certificate: targets.certificate.path, privateKey: targets.privateKey.path, ca: server.ca.path };
  const isCrlRenewed = await isCrlDue({ server, settings, authority, now });
  const crls = isCrlRenewed ? await nextCrls({ server, settings, authority, now }) : undefined;
  const done = [
    ...(pair === undefined ? [] : ["the server's certificate"]),
    ...(ofClient.pair === undefined ? [] : ["the client's certificate"]),
    ...(isCrlRenewed ? ['the certificate revocation list'] : []),
  ];
  return assemblePlan({
    summary: done.length === 0 ? 'Nothing is due for renewal' : `Renews ${done.join(', ')}`,
    server,
    client,
    keep: request.keep,
    now,
    serverFiles: [
      ...(pair === undefined ? [] : pairFiles(targets, pair, 'server', server.owner)),
      ...(crls?.files ?? []),
    ],
    clientFiles:
      client === undefined || ofClient.pair === undefined
        ? []
        : pairFiles(client, ofClient.pair, 'client', client.owner),
    ...(crls && { serverDirectories: crls.directories }),
    conf: planSettings(server, settings, {
      ...(pair && { ssl_cert_file: paths.certificate, ssl_key_file: paths.privateKey }),
      ...crls?.wanted,
    }),
    paths,
    read: [targets.certificate, targets.privateKey],
    diagnostics: [
      ...ofServer.diagnostics,
      ...ofClient.diagnostics,
      ...endOfAuthority(request),
      ...crlDirectoryDiagnostics({ server, settings }),
    ],
  });
}

/** Whether a certificate and its key are kept or replaced. */
interface Renewal {
  /** The new certificate with its key; undefined if nothing is due. */
  readonly pair?: CertificatePair;
  readonly diagnostics: readonly Diagnostic[];
}

const nothingDue: Renewal = { diagnostics: [] };

async function renewal(
  { server, authority, newKey = false, passphrase, now }: Dated<RenewalRequest>,
  settings: ConfTree,
  { certificate, privateKey }: PairFiles,
  holder: 'server' | 'client',
): Promise<Renewal> {
  if (certificate.content === undefined && privateKey.content === undefined) return nothingDue;
  const old = certificate.content === undefined ? '' : certificatesOf(textOf(certificate.content()));
  if (old !== '' && !(await inFile(certificate.path, () => authority.hasIssued(old)))) {
    const message = 'Another CA issued this certificate, which stays as it is. Renew it there';
    return { diagnostics: [diagnosticAt({ file: certificate.path }, 'tls-certificate-foreign', 'info', message)] };
  }
  const needsNewKey = newKey === true || newKey === holder;
  if (!needsNewKey && (await isRevoked({ server, settings, authority }, certificate))) {
    return { diagnostics: [revokedDiagnostic(certificate)] };
  }
  const pair = await ensurePair({
    certificate,
    privateKey,
    authority,
    replaceForeign: false,
    newKey: needsNewKey,
    ...(holder === 'server' && { passphrase }),
    now,
    suffices: () => true,
    issue: (key) => authority.renewCertificate(old, key === undefined ? {} : { key }),
  });
  return pair.kept === 'both' ? nothingDue : { pair, diagnostics: [] };
}

/** A renewal with the same key would take back the revocation. */
function revokedDiagnostic({ path }: TargetFile): Diagnostic {
  const message = 'This certificate is revoked, and stays as it is. `newKey` replaces it and its key';
  return diagnosticAt({ file: path }, 'tls-certificate-revoked', 'warning', message);
}

/** A certificate is valid no longer than its CA, so the last ones get shorter and shorter. */
function endOfAuthority({ server, authority, now }: Dated<RenewalRequest>): readonly Diagnostic[] {
  const { notAfter } = inspectCertificate(authority.certificate);
  const [item] = renewalsDue({ now, certificates: authority.certificate });
  if (item!.state === 'good') return [];
  const message = `The CA ends at ${notAfter.toISOString()}, and no certificate of it is valid longer. Plan its successor with planCaRollover`;
  return [diagnosticAt({ file: server.ca.path }, 'tls-authority-ends', 'warning', message)];
}
