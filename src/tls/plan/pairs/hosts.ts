import type { ConfTree } from '../../../conf/tree.ts';
import { PgHostsslError, unlessInvalid } from '../../../errors.ts';
import { parseHost } from '../../../pki/certificate/host.ts';
import { inspectCertificate } from '../../../pki/certificate/inspect.ts';
import { matchesHost } from '../../../pki/certificate/match-host.ts';
import { mayName } from '../../../pki/issue/authority.ts';
import { defaultPgMajor } from '../../../version.ts';
import { isRevoked } from '../crl/crl-state.ts';
import type { Dated } from '../request/moment.ts';
import type { TlsRequest } from '../request/request.ts';
import { readPair } from './certificates.ts';
import { isForHolder } from './peer.ts';

/**
 * Whether the subject alternative names of a server certificate cover all these hosts, as a current libpq and Node
 * compare them. The common name is ignored.
 *
 * @throws PgHostsslError `host-invalid`
 */
export function coversHosts(certificate: string, hosts: readonly string[]): boolean {
  return hosts.every((text) => {
    const host = parseHost(text);
    const names = host.kind === 'ip' ? host.texts : [host.name];
    return names.some((name) => matchesHost(certificate, name, defaultPgMajor).because === 'alternative-name');
  });
}

/** The hosts that a server certificate names. */
export function hostsOf(certificate: string): readonly string[] {
  const { dnsNames, ipAddresses } = inspectCertificate(certificate);
  return [...new Set([...dnsNames, ...ipAddresses])];
}

/**
 * The hosts of the server's present certificate, if the CA of the request issued this certificate for a server, if it
 * is valid now and not revoked, and if the server has its private key. A certificate that replaces it keeps these
 * hosts, because other clients connect to them. Names that the CA would not issue are left out.
 *
 * The owner of the data directory can put another certificate there, and must not get a certificate with its hosts.
 *
 * @param crls the CRLs that the server reads after the plan, PEM
 */
export async function presentHosts(
  {
    server,
    authority,
    serverCertificate,
    passphrase,
    now,
  }: Dated<Pick<TlsRequest, 'server' | 'authority' | 'serverCertificate' | 'passphrase'>>,
  settings: ConfTree,
  crls: string | undefined,
): Promise<readonly string[]> {
  if (authority === undefined || serverCertificate !== undefined) return [];
  const { certificate, privateKey } = server;
  try {
    const { info, pair } = await readPair(certificate, privateKey, { passphrase });
    if (!(await authority.hasIssued(pair.certificate)) || !isForHolder(pair.certificate, 'server')) return [];
    if (now < info.notBefore || now > info.notAfter || (await isRevoked({ server, settings, crls }, certificate)))
      return [];
    return hostsOf(pair.certificate).filter((text) => {
      const host = unlessInvalid(() => parseHost(text));
      return host !== undefined && mayName(authority, host);
    });
  } catch (error) {
    if (error instanceof PgHostsslError) return [];
    throw error;
  }
}
