import { trimSpaces } from '../../c/ascii.ts';
import { groupBy } from '../../group-by.ts';
import type { IdentFile } from '../../ident/file.ts';
import type { IdentMapping, IdentPgUser } from '../../ident/mapping.ts';
import { type Diagnostic, isError } from '../../text/diagnostic.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import { type AccessRule, mapOf } from './access-rule.ts';
import type { AccessInput } from './input.ts';
import { readMappings } from './read-mappings.ts';

/** The major versions that replace each `\1` by the captured text. Older versions replace only the first `\1`. */
export const replacesEach: PgMajorSpan = { since: 19 };

/** The mappings of pg_ident.conf, by map. */
interface Maps {
  /** `false` if a file was not read, or if the server refuses a line, so that it loads no map of the file. */
  readonly isKnown: boolean;
  readonly byName: ReadonlyMap<string, readonly PlacedMapping[]>;
  /** The lines of files that were not read, each as a part of a key, with its position among all lines. */
  readonly unread: readonly { readonly position: number; readonly key: string }[];
  /** `true` if the server refuses a line, so that it loads no map of the file. */
  readonly isRefused: boolean;
  /** The keys that were computed. */
  readonly keys: Map<string, string>;
}

/** A mapping and its position among all lines. */
interface PlacedMapping {
  readonly position: number;
  readonly mapping: IdentMapping;
}

const kept = new WeakMap<IdentFile, Maps>();

function mapsOf(ident: IdentFile): Maps {
  let maps = kept.get(ident);
  if (maps === undefined) {
    const records = readMappings(ident);
    const unread = records.flatMap((each, position) =>
      each.kind === 'unread' ? [{ position, key: JSON.stringify([each.file, trimSpaces(each.text)]) }] : [],
    );
    const mappings = records.flatMap((each, position): readonly PlacedMapping[] =>
      each.kind === 'record' ? [{ position, mapping: each.entry }] : [],
    );
    const byName = groupBy(mappings, ({ mapping }) => mapping.map);
    const isRefused = records.some(({ kind }) => kind === 'refused');
    const isKnown = !isRefused && unread.length === 0 && !ident.diagnostics.some(isError);
    maps = { isKnown, byName, unread, isRefused, keys: new Map() };
    kept.set(ident, maps);
  }
  return maps;
}

/**
 * Returns the mappings of a map, or no mapping if pg_ident.conf does not define the map. Returns `undefined` if a file
 * was not read, or if the server refuses the file.
 */
export function mappingsOf(ident: IdentFile | undefined, map: string): readonly IdentMapping[] | undefined {
  const maps = ident && mapsOf(ident);
  return maps?.isKnown === true ? (maps.byName.get(map) ?? []).map(({ mapping }) => mapping) : undefined;
}

/**
 * Returns the errors of pg_ident.conf, if a rule names a map and the server refuses the file; otherwise `undefined`. A
 * server that starts then has no map, so nobody gets in by the rule, and a server that reloads keeps its old maps.
 */
export function refusalOfMap(
  rule: Pick<AccessRule, 'options'>,
  { ident }: Pick<AccessInput, 'ident'>,
): readonly Diagnostic[] | undefined {
  if (ident === undefined || mapOf(rule) === '' || !ident.diagnostics.some(isError)) return undefined;
  return ident.diagnostics.filter(isError);
}

/**
 * Returns a key of a map. Two maps with the same key let the same users in; the names of the maps do not count. The
 * order of the mappings and repeated mappings do not change the key, unless a mapping can end the server's search with
 * an error.
 */
export function mapKey(ident: IdentFile, map: string): string {
  const maps = mapsOf(ident);
  // If the server refuses a line, it loads no map of the file.
  if (maps.isRefused) return 'refused';
  let key = maps.keys.get(map);
  if (key === undefined) {
    const mappings = maps.byName.get(map) ?? [];
    const isOrdered = mappings.some(({ mapping: { pgUser } }) => typeof pgUser === 'object' && 'substitute' in pgUser);
    const lines = mappings.map(({ position, mapping }) => ({ position, key: mappingKey(mapping, ident.version) }));
    // A file that was not read can contain mappings of the map.
    const all = [...maps.unread, ...lines].sort((a, b) => a.position - b.position).map((line) => line.key);
    key = JSON.stringify(isOrdered ? all : [...new Set(all)].sort());
    maps.keys.set(map, key);
  }
  return key;
}

function mappingKey({ systemUser, pgUser }: IdentMapping, version: PgMajor): string {
  // Since major version 19, the server replaces each `\1` of a mapping, so the mapping means another role than in older
  // versions.
  const replacesAll = replacesTwice(pgUser) && spanIncludes(replacesEach, version);
  return JSON.stringify([systemUser, pgUser, ...(replacesAll ? ['each'] : [])]);
}

/** Returns the role name that a mapping means if the first parenthesis of its system user matches a text. */
export function substitutedName(substitute: string, text: string, version: PgMajor): string {
  return spanIncludes(replacesEach, version)
    ? substitute.replaceAll('\\1', () => text)
    : substitute.replace('\\1', () => text);
}

/** Returns whether the role name of a mapping contains `\1` more than once. */
export function replacesTwice(pgUser: IdentPgUser): boolean {
  return typeof pgUser === 'object' && 'substitute' in pgUser && /\\1.*\\1/s.test(pgUser.substitute);
}
