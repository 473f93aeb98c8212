import type { FileCheck } from '../../auth-file/check/check-file.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import type { HostsTokens } from '../read/record.ts';
import { type HostsRecord, isHostsKeyword } from '../record.ts';

/** Returns the functions that check one pg_hosts.conf. They report a host name that has more than one record. */
export function startHostsCheck(): FileCheck<HostsTokens, HostsRecord> {
  const keywords = new Set<string>();
  const names = new Set<string>();
  return {
    checkRecord({ hosts }, _context, diagnostics) {
      for (const token of hosts) {
        const [seen, name] = isHostsKeyword(token.value)
          ? [keywords, token.value]
          : [names, pgAsciiToLower(token.value)];
        if (!seen.has(name)) {
          seen.add(name);
          continue;
        }
        const message = `The host "${token.value}" has a record already; host names are compared without regard to case. Remove one of the records`;
        diagnostics.push({ code: 'hosts-repeated', severity: 'error', message, span: token });
      }
    },
  };
}
