import type { FileCheck } from '../../auth-file/check/check-file.ts';
import { parseHostName } from '../../net/host-name.ts';
import { parseIpAddress } from '../../net/ip.ts';
import type { HostsTokens } from '../read/record.ts';
import { type HostsRecord, hostKey, isHostsKeyword } from '../record.ts';

/**
 * Returns the functions that check one pg_hosts.conf. They report a host name that has more than one record, a host
 * name that clients do not send, and an empty certificate or private key.
 */
export function startHostsCheck(): FileCheck<HostsTokens, HostsRecord> {
  const seen = new Set<string>();
  return {
    checkRecord({ hosts, columns }, _context, diagnostics) {
      for (const [i, name] of ['certificate', 'private key'].entries()) {
        const token = columns[i]!;
        if (token.value !== '') continue;
        const message = `The ${name} is empty, so the server does not start. Name a file`;
        diagnostics.push({ code: 'hosts-column-empty', severity: 'error', message, span: token });
      }
      for (const token of hosts) {
        const unsent = isHostsKeyword(token.value) ? undefined : whyNotSent(token.value);
        if (unsent !== undefined) {
          diagnostics.push({ code: 'hosts-name-not-sent', severity: 'warning', message: unsent, span: token });
        }
        const key = hostKey(token.value);
        if (!seen.has(key)) {
          seen.add(key);
          continue;
        }
        const message = `The host "${token.value}" has a record already; host names are compared without regard to case. Remove one of the records`;
        diagnostics.push({ code: 'hosts-repeated', severity: 'error', message, span: token });
      }
    },
  };
}

/**
 * Returns why clients do not send a host name, as a message; `undefined` for an ordinary name. The server compares the
 * name that a client sends literally, and libpq sends no name if it connects to an IP address (`initialize_SSL` in
 * fe-secure-openssl.c).
 */
function whyNotSent(host: string): string | undefined {
  if (parseIpAddress(host) !== undefined)
    return `Clients that connect to an IP address send no host name, so the server does not use this record for "${host}". Write /no_sni/ for clients without a host name`;
  if (host.includes('*'))
    return `The server compares the star in "${host}" literally, and no client sends this name. Write each host name, or * alone for all other hosts`;
  if (host.endsWith('.'))
    return `The server compares the final dot of "${host}" literally, so the record is not used for clients that send the name without the dot. Remove the dot`;
  if (/^[\0-\x7f]*$/.test(host)) return undefined;
  const parsed = parseHostName(host);
  const form = 'name' in parsed ? `"${parsed.name}"` : 'the A-labels';
  return `Clients send an international name such as "${host}" with A-labels (xn--…), and the server compares the name literally. Write ${form}`;
}
