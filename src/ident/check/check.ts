import type { FileCheck } from '../../auth-file/check/check-file.ts';
import { lintLookAlike } from '../../auth-file/check/look-alike.ts';
import type { LineDiagnostic } from '../../auth-file/read/line-diagnostic.ts';
import type { LineContext } from '../../auth-file/read/record-format.ts';
import { regularExpressionsSince } from '../../auth-file/scan/scan-rules.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import type { IdentMapping } from '../mapping.ts';
import type { IdentRecord } from '../read/mapping.ts';
import { hasGroup, isOpenAtEnds, matchesNothing } from '../read/pattern.ts';

/** Returns the functions that check one pg_ident.conf. */
export function startIdentCheck(): FileCheck<IdentRecord, IdentMapping> {
  return {
    checkRecord(record, context, diagnostics) {
      for (const token of [record.map, record.systemUser, record.pgUser]) diagnostics.push(...lintLookAlike(token));
      diagnostics.push(...lintRegex(record, context), ...lintPgUser(record.pgUser, context), ...lintIgnored(record));
    },
  };
}

function lintIgnored({ ignored }: IdentRecord): readonly LineDiagnostic[] {
  const start = ignored[0]?.[0].start;
  const end = ignored.at(-1)?.at(-1)?.end;
  if (start === undefined || end === undefined) return [];
  const message =
    'The server ignores all words after the third column. Remove these words, or turn them into a comment';
  return [{ code: 'ident-ignored-columns', severity: 'warning', message, span: { start, end } }];
}

function lintRegex({ systemUser, pgUser }: IdentRecord, { rules }: LineContext): readonly LineDiagnostic[] {
  if (!systemUser.value.startsWith('/')) return [];
  const regex = systemUser.value.slice(1);
  const found: LineDiagnostic[] = [];
  const add = (code: LineDiagnostic['code'], message: string, span: Token, fix?: LineDiagnostic['fix']): void => {
    found.push({ code, severity: 'warning', message, span, fix });
  };
  if (matchesNothing(regex)) {
    const { start, end, value } = systemUser;
    const isSlash = regex.endsWith('/');
    const why = isSlash
      ? 'the slash at the end is part of the expression. Remove the slash at the end'
      : 'a character is outside ^ and $';
    const isBare = end - start === value.length;
    const fix = isSlash && isBare ? { title: 'remove the slash', start: end - 1, end, text: '' } : undefined;
    add('ident-regex-slash', `The regular expression "/${regex}" matches no name: ${why}`, systemUser, fix);
  } else if (regex.endsWith('/')) {
    add(
      'ident-regex-slash',
      `The slash at the end of "/${regex}" is part of the regular expression. Remove the slash`,
      systemUser,
    );
  } else if (isOpenAtEnds(regex)) {
    add(
      'ident-regex-unanchored',
      `The regular expression "/${regex}" also matches longer names that contain a match. Write ^ before and $ after the expression`,
      systemUser,
    );
  }
  const { value, quoted } = pgUser;
  const isPattern = rules.regularExpressions && (value.startsWith('/') || (value.startsWith('+') && !quoted));
  if (pgUser.value.includes('\\1') && !isPattern && !hasGroup(regex)) {
    add(
      'ident-substitute-without-group',
      `"${pgUser.value}" repeats the text in the first parentheses of the system user, but that regular expression has no parentheses. The login fails`,
      pgUser,
    );
  }
  return found;
}

/**
 * Warns about words in the third column that only later versions treat as patterns. Before major version 16, every word
 * of this column is a name, even `all` and `+role`.
 */
function lintPgUser(token: Token, { rules, version }: LineContext): readonly LineDiagnostic[] {
  const { value, quoted } = token;
  if (rules.regularExpressions || quoted || (value !== 'all' && !/^[+/]./.test(value))) return [];
  const message = `PostgreSQL ${version} reads "${value}" as the name of a role. Keywords, memberships and regular expressions need ${regularExpressionsSince} or later`;
  return [{ code: 'ident-name-as-pattern', severity: 'warning', message, span: token }];
}
