import { parseHost } from '../../pki/certificate/host.ts';
import { matchesHost } from '../../pki/certificate/match-host.ts';

/**
 * The version of libpq whose rules decide whether a certificate covers a host. From 15 on, libpq compares IP addresses
 * with the iPAddress entries of a certificate, as Node does.
 */
const libpq = 18;

/**
 * Whether the subject alternative names of a server certificate cover all these hosts, as libpq and Node compare them.
 * The common name is ignored.
 *
 * @throws PgHostsslError `host-invalid`
 */
export function coversHosts(certificate: string, hosts: readonly string[]): boolean {
  return hosts.every((text) => {
    const host = parseHost(text);
    const names = host.kind === 'ip' ? host.texts : [host.name];
    return names.some((name) => matchesHost(certificate, name, libpq).because === 'alternative-name');
  });
}
