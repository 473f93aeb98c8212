import type { FileCheck } from '../../auth-file/check/check-file.ts';
import type { IdentMapping } from '../mapping.ts';
import type { IdentRecord } from '../read/mapping.ts';

/** A new check of one pg_ident.conf. */
export function startIdentCheck(): FileCheck<IdentRecord, IdentMapping> {
  return {
    checkRecord({ ignored }, _context, diagnostics) {
      const start = ignored[0]?.[0].start;
      const end = ignored.at(-1)?.at(-1)?.end;
      if (start === undefined || end === undefined) return;
      const message =
        'The server ignores what follows the third column. Remove the further columns, or make them a comment';
      diagnostics.push({ code: 'ident-ignored-columns', severity: 'warning', message, span: { start, end } });
    },
  };
}
