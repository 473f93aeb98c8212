import { unlessInvalid } from '../../../errors.ts';
import { parseHost } from '../../../pki/certificate/host.ts';
import { inspectCertificate } from '../../../pki/certificate/inspect.ts';
import { matchesHost } from '../../../pki/certificate/match-host.ts';
import { defaultPgMajor } from '../../../version.ts';
import { presentCertificates } from '../pem-files.ts';
import type { TlsRequest } from '../request/request.ts';

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
 * The hosts of the server's present certificate, if the CA of the request issued this certificate. A certificate that
 * replaces it keeps these hosts, because other clients connect to them. Names that the CA would not issue are left out.
 */
export async function presentHosts({
  server,
  authority,
  serverCertificate,
}: Pick<TlsRequest, 'server' | 'authority' | 'serverCertificate'>): Promise<readonly string[]> {
  const present = presentCertificates(server.certificate);
  if (authority === undefined || serverCertificate !== undefined) return [];
  const hosts = unlessInvalid(() => hostsOf(present));
  if (hosts === undefined || !(await authority.hasIssued(present))) return [];
  return hosts.filter((host) => unlessInvalid(() => parseHost(host)) !== undefined);
}
