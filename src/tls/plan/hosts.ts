import { parseHost } from '../../pki/certificate/host.ts';
import type { CertificateInfo } from '../../pki/index.ts';

/**
 * Whether a server certificate is valid for all these hosts, as libpq and Node check it: a wildcard stands for one whole
 * label.
 *
 * @throws PgHostsslError `host-invalid`
 */
export function coversHosts(info: CertificateInfo, hosts: readonly string[]): boolean {
  return hosts.every((text) => {
    const host = parseHost(text);
    if (host.kind === 'ip') return host.texts.some((address) => info.ipAddresses.includes(address));
    const wildcard = host.name.startsWith('*.') ? undefined : host.name.replace(/^[^.]+/, '*');
    return info.dnsNames.some((name) => [host.name, wildcard].includes(name.toLowerCase()));
  });
}
