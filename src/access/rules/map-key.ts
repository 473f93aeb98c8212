import { trimSpaces } from '../../c/ascii.ts';
import type { IdentFile, IdentPgUser } from '../../ident/index.ts';
import { type PgMajorSpan, spanIncludes } from '../../version.ts';
import { readMappings } from './read-mappings.ts';

/** The majors that put the captured text in place of each `\1`; older ones replace the first one alone. */
export const replacesEach: PgMajorSpan = { since: 19 };

/**
 * A text that is equal for maps that map the same users, whatever their names. Any line that matches lets in, so that their
 * order and repeated lines are ignored, unless a line may end the search with an error.
 */
export function mapKey(ident: IdentFile, map: string): string {
  const lines: string[] = [];
  let isOrdered = false;
  for (const each of readMappings(ident)) {
    // A line that the server refuses keeps it from loading any map.
    if (each.kind === 'refused') return 'refused';
    // A file that was not read may hold lines of the map.
    if (each.kind === 'unread') lines.push(JSON.stringify([each.file, trimSpaces(each.text)]));
    else if (each.entry.map === map) {
      const { systemUser, pgUser } = each.entry;
      // From 19 on a line with several \\1 maps a system user to another role than before.
      const replacesAll = replacesTwice(pgUser) && spanIncludes(replacesEach, ident.version);
      lines.push(JSON.stringify([systemUser, pgUser, ...(replacesAll ? ['each'] : [])]));
      isOrdered ||= typeof pgUser === 'object' && 'substitute' in pgUser;
    }
  }
  return JSON.stringify(isOrdered ? lines : [...new Set(lines)].sort());
}

/** Whether a role is made by putting the captured text in two places. */
export function replacesTwice(pgUser: IdentPgUser): boolean {
  return typeof pgUser === 'object' && 'substitute' in pgUser && /\\1.*\\1/s.test(pgUser.substitute);
}
