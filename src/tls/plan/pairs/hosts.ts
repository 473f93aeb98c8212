import { parseHost } from '../../../pki/certificate/host.ts';
import { inspectCertificate } from '../../../pki/certificate/inspect.ts';
import { matchesHost } from '../../../pki/certificate/match-host.ts';
import { defaultPgMajor } from '../../../version.ts';

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
