import { parseHost } from '../../pki/certificate/host.ts';
import { matchesHost } from '../../pki/index.ts';

/** The libpq whose rules apply. From 15 on, libpq compares IP addresses with those in a certificate, as Node does. */
const libpq = 18;

/**
 * Whether a server certificate covers all these hosts, as libpq and Node compare them. Its common name is ignored.
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
