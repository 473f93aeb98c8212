import type { ConfTree } from '../../conf/tree.ts';
import { assertNotRevoked, isRevoked } from './crl/crl-state.ts';
import { reissuedAfterRevocation } from './pairs/holder.ts';
import { ensureServerPair, pairFiles, serverTargetsOf } from './pairs/pair-files.ts';
import { replacedDiagnostics } from './pairs/replaced-certificate.ts';
import type { Dated } from './request/moment.ts';
import type { TlsRequest } from './request/request.ts';
import type { PlanParts } from './result/assemble.ts';
import { assertCiphersFit, assertProtocolsFit } from './settings/ciphers.ts';
import { minProtocolSetting, planSettings, type WantedSettings } from './settings/settings.ts';

/** What the server's certificate must be like. */
export interface WantedCertificate {
  /** The hosts that the certificate must name. */
  readonly hosts: readonly string[];
  /** The roots by which clients trust the certificate, PEM; `undefined` if they are not known. */
  readonly roots: string | undefined;
  /** The CRLs that the server reads after the plan, PEM. If not given, its CRLs stay as they are. */
  readonly crls?: string | undefined;
  /** The certificates that the server trusts after the plan, PEM. */
  readonly trusted: string;
}

/**
 * Plans the server's certificate and key, the settings that switch TLS on, and the files that the plan read. The
 * diagnostics are about clients that refuse the certificate although they accept the present one.
 *
 * @param settings the settings in effect
 * @param more further settings that the plan must set
 * @throws PgHostsslError `authority-unfit`, and the codes of reading and issuing certificates
 */
export async function planServerSide(
  request: Dated<Omit<TlsRequest, 'connection'>>,
  settings: ConfTree,
  { hosts, roots, crls, trusted }: WantedCertificate,
  more: WantedSettings,
): Promise<Required<Pick<PlanParts, 'serverFiles' | 'conf' | 'paths' | 'read' | 'diagnostics'>>> {
  const { server, authority, minProtocol, serverCertificate, newKey, now } = request;
  assertProtocolsFit(settings, minProtocol);
  if (authority !== undefined) await assertNotRevoked({ server, settings, crls }, authority, { trusted, now });
  const isReplaced =
    serverCertificate === undefined && (await isRevoked({ server, settings, crls }, server.certificate));
  const pair = await ensureServerPair(isReplaced ? { ...request, newKey: 'server' } : request, hosts, roots);
  const { certificate, privateKey } = await serverTargetsOf(server, pair);
  const conf = planSettings(server, settings, {
    ssl: 'on',
    ...more,
    ssl_cert_file: certificate.path,
    ssl_key_file: privateKey.path,
    ...minProtocolSetting(server, minProtocol),
  });
  assertCiphersFit(settings, pair.certificate, certificate.path);
  return {
    serverFiles: pairFiles({ certificate, privateKey }, pair, 'server', server.owner),
    conf,
    paths: { certificate: certificate.path, privateKey: privateKey.path, ca: server.ca.path },
    read: [certificate, privateKey],
    diagnostics: [
      ...(isReplaced ? [reissuedAfterRevocation(server.certificate, 'server', newKey)] : []),
      ...(await replacedDiagnostics({ server, settings, certificate: pair.certificate, roots })),
    ],
  };
}
