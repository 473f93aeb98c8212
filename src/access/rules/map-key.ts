import type { IdentFile } from '../../ident/index.ts';
import { type PgMajorSpan, spanIncludes } from '../../version.ts';
import { readMappings } from './read-mappings.ts';

/** The majors that put the captured text in place of each `\1`; older ones replace the first one alone. */
export const replacesEach: PgMajorSpan = { since: 19 };

/** A text that is equal for maps that map the same users in the same order, whatever their names. */
export function mapKey(ident: IdentFile, map: string): string {
  const mappings = readMappings(ident).flatMap((each) =>
    each.kind === 'record' && each.entry.map === map ? [each.entry] : [],
  );
  // From 19 on a line with several \\1 maps a system user to another role than before.
  const substitutes = mappings.some(
    ({ pgUser }) => typeof pgUser === 'object' && 'substitute' in pgUser && /\\1.*\\1/s.test(pgUser.substitute),
  );
  const lines = mappings.map(({ systemUser, pgUser }) => [systemUser, pgUser]);
  return JSON.stringify([substitutes && spanIncludes(replacesEach, ident.version), lines]);
}
