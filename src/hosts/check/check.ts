import type { FileCheck } from '../../auth-file/check/check-file.ts';
import type { HostsTokens } from '../read/record.ts';
import { type HostsRecord, hostKey } from '../record.ts';

/** Returns the functions that check one pg_hosts.conf. They report a host name that has more than one record. */
export function startHostsCheck(): FileCheck<HostsTokens, HostsRecord> {
  const seen = new Set<string>();
  return {
    checkRecord({ hosts }, _context, diagnostics) {
      for (const token of hosts) {
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
