import { trimSpaces } from '../../c/ascii.ts';
import type { IdentFile, IdentMapping, IdentPgUser } from '../../ident/index.ts';
import { type PgMajorSpan, spanIncludes } from '../../version.ts';
import { readMappings } from './read-mappings.ts';

/** The major versions that replace each `\1` by the captured text. Older versions replace only the first `\1`. */
export const replacesEach: PgMajorSpan = { since: 19 };

/** The mappings of pg_ident.conf, by map. */
interface Maps {
  /** `false` if a file was not read, or if the server refuses a line, so that it loads no map of the file. */
  readonly isKnown: boolean;
  readonly byName: ReadonlyMap<string, readonly IdentMapping[]>;
}

const kept = new WeakMap<IdentFile, Maps>();

function mapsOf(ident: IdentFile): Maps {
  let maps = kept.get(ident);
  if (maps === undefined) {
    const byName = new Map<string, IdentMapping[]>();
    const records = readMappings(ident);
    for (const each of records) {
      if (each.kind !== 'record') continue;
      const list = byName.get(each.entry.map);
      if (list === undefined) byName.set(each.entry.map, [each.entry]);
      else list.push(each.entry);
    }
    const isKnown = records.every(({ kind }) => kind === 'record') && !hasErrors(ident);
    maps = { isKnown, byName };
    kept.set(ident, maps);
  }
  return maps;
}

function hasErrors({ diagnostics }: IdentFile): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

/**
 * Returns the mappings of a map, or no mapping if pg_ident.conf does not define the map. Returns `undefined` if a file
 * was not read, or if the server refuses the file.
 */
export function mappingsOf(ident: IdentFile | undefined, map: string): readonly IdentMapping[] | undefined {
  const maps = ident && mapsOf(ident);
  return maps?.isKnown === true ? (maps.byName.get(map) ?? []) : undefined;
}

/**
 * Returns a key of a map. Two maps with the same key let the same users in; the names of the maps do not count. The
 * order of the mappings and repeated mappings do not change the key, unless a mapping can end the server's search with
 * an error.
 */
export function mapKey(ident: IdentFile, map: string): string {
  const lines: string[] = [];
  let isOrdered = false;
  for (const each of readMappings(ident)) {
    // If the server refuses a line, it loads no map of the file.
    if (each.kind === 'refused') return 'refused';
    // A file that was not read can contain mappings of the map.
    if (each.kind === 'unread') lines.push(JSON.stringify([each.file, trimSpaces(each.text)]));
    else if (each.entry.map === map) {
      const { systemUser, pgUser } = each.entry;
      // Since major version 19, the server replaces each `\1` of a mapping, so the mapping means another role than in
      // older versions.
      const replacesAll = replacesTwice(pgUser) && spanIncludes(replacesEach, ident.version);
      lines.push(JSON.stringify([systemUser, pgUser, ...(replacesAll ? ['each'] : [])]));
      isOrdered ||= typeof pgUser === 'object' && 'substitute' in pgUser;
    }
  }
  return JSON.stringify(isOrdered ? lines : [...new Set(lines)].sort());
}

/** Returns whether the role name of a mapping contains `\1` more than once. */
export function replacesTwice(pgUser: IdentPgUser): boolean {
  return typeof pgUser === 'object' && 'substitute' in pgUser && /\\1.*\\1/s.test(pgUser.substitute);
}
