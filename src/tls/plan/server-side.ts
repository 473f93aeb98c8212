import type { ConfTree } from '../../conf/tree.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { isRevoked } from './crl/next-crls.ts';
import { diagnosticAt } from './diagnostic-at.ts';
import { ensureServerPair, pairFiles, serverTargetsOf } from './pairs/pair-files.ts';
import { replacedDiagnostics } from './pairs/replaced-certificate.ts';
import type { Dated } from './request/moment.ts';
import type { TlsRequest } from './request/request.ts';
import type { PlanParts } from './result/assemble.ts';
import { assertCiphersFit } from './settings/ciphers.ts';
import { minProtocolSetting, planSettings, type WantedSettings } from './settings/settings.ts';

/** What the server's certificate must be like. */
export interface WantedCertificate {
  /** The hosts that the certificate must name. */
  readonly hosts: readonly string[];
  /** The roots by which clients trust the certificate, PEM; `undefined` if they are not known. */
  readonly roots: string | undefined;
  /** The CRLs that the server reads after the plan, PEM. If not given, its CRLs stay as they are. */
  readonly crls?: string | undefined;
}

/**
 * Plans the server's certificate and key, the settings that switch TLS on, and the files that the plan read. The
 * diagnostics are about clients that refuse the certificate although they accept the present one.
 *
 * @param settings the settings in effect
 * @param more further settings that the plan must set
 */
export async function planServerSide(
  request: Dated<Omit<TlsRequest, 'connection'>>,
  settings: ConfTree,
  { hosts, roots, crls }: WantedCertificate,
  more: WantedSettings,
): Promise<Required<Pick<PlanParts, 'serverFiles' | 'conf' | 'paths' | 'read' | 'diagnostics'>>> {
  const { server, minProtocol, serverCertificate, now } = request;
  const isReplaced =
    serverCertificate === undefined && (await isRevoked({ server, settings, now, crls }, server.certificate));
  const pair = await ensureServerPair(isReplaced ? { ...request, newKey: 'server' } : request, hosts);
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
      ...(isReplaced ? [revokedDiagnostic(request)] : []),
      ...(await replacedDiagnostics({ server, settings, certificate: pair.certificate, roots })),
    ],
  };
}

/** The diagnostic is a warning unless the caller has asked for a new key, because clients trust the server again. */
function revokedDiagnostic({ server, newKey }: Pick<TlsRequest, 'server' | 'newKey'>): Diagnostic {
  const isWanted = newKey === true || newKey === 'server';
  const message = `The server's certificate is revoked. The plan issues a new certificate with a new key, and clients trust the server again${isWanted ? '' : '. If this is intended, plan with `newKey`'}`;
  return diagnosticAt(
    { file: server.certificate.path },
    'tls-certificate-revoked',
    isWanted ? 'info' : 'warning',
    message,
  );
}
