import { matchUser } from '../../../access/match/match-names.ts';
import { readMappings } from '../../../access/rules/read-mappings.ts';
import { includeReaders } from '../../../disk/included-files.ts';
import { IdentFile } from '../../../ident/file.ts';
import type { IdentMapping } from '../../../ident/mapping.ts';
import type { ServerState } from '../../state.ts';

/** The user name maps of a server; `undefined` if the given `ServerState` does not hold its pg_ident.conf. */
export function mapsOf({ version, ident, included }: ServerState): IdentFile | undefined {
  if (ident === undefined) return undefined;
  return IdentFile.parse(ident.content?.() ?? '', { version, file: ident.path, ...includeReaders(included) });
}

/**
 * Whether a user name map may let a role log in with a certificate whose name is not the name of the role. If
 * pg_ident.conf was not read, the result is true.
 */
export function takesOtherNames(maps: IdentFile | undefined, map: string, user: string): boolean {
  if (maps === undefined) return true;
  return readMappings(maps).some(
    (each) => each.kind !== 'record' || (each.entry.map === map && mayTakeOther(each.entry, user)),
  );
}

function mayTakeOther({ systemUser, pgUser }: IdentMapping, user: string): boolean {
  if (systemUser === user) return false;
  if (typeof pgUser === 'string' || !('substitute' in pgUser)) return matchUser(pgUser, { user }, {}) !== false;
  const [first, ...rest] = pgUser.substitute.split('\\1');
  return user.startsWith(first!) && user.endsWith(rest.at(-1)!);
}
