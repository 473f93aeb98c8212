import { assertText, assertTexts, type PropertyNames } from '../arguments.ts';
import type { AuthFormat } from '../auth-file/format.ts';
import { startIdentCheck } from './check/check.ts';
import type { IdentMapping, IdentMappingInput, IdentPgUser } from './mapping.ts';
import { type IdentRecord, mappingOfRecord, readMapping } from './read/mapping.ts';
import { hasGroup, matchesNothing } from './read/pattern.ts';
import { changesOfMapping, type IdentMappingChange } from './write/change.ts';
import { keyOfMapping, serializeMapping } from './write/serialize.ts';

/** The format of pg_ident.conf. */
export const identFormat: AuthFormat<IdentRecord, IdentMapping, IdentMappingInput, IdentMappingChange> = {
  className: 'IdentFile',
  kind: 'mapping',
  invalidCode: 'mapping-invalid',
  inputProperties: { map: true, systemUser: true, pgUser: true, comment: true, kind: true, text: true },
  changeProperties: { map: true, systemUser: true, pgUser: true, comment: true },
  requiredProperties: ['map', 'systemUser', 'pgUser'],
  layout: {
    // The widths in the file that `initdb` writes.
    widths: { map: 16, systemUser: 24 },
    startsOf: ({ map, systemUser, pgUser }) => [map.start, systemUser.start, pgUser.start],
  },
  followsNeighbours: true,
  secretNames: { secret: [] },
  readRecord: readMapping,
  entryOf: mappingOfRecord,
  assertValues({ map, systemUser, pgUser }) {
    if (map !== undefined) assertText(map, 'the map of a mapping');
    if (systemUser !== undefined && typeof systemUser !== 'string') {
      assertTexts(systemUser, { regex: true }, 'system user of a mapping');
    }
    if (pgUser !== undefined && typeof pgUser !== 'string') assertTexts(pgUser, userProperties, 'user of a mapping');
  },
  serialize: serializeMapping,
  changes: changesOfMapping,
  normalize: (mapping) => mapping,
  keyOf: keyOfMapping,
  trapOf({ systemUser, pgUser }) {
    if (typeof systemUser !== 'object') return undefined;
    const { regex } = systemUser;
    if (matchesNothing(regex))
      return `The regular expression "/${regex}" matches no name, because the slash at the end is part of the expression`;
    const isSubstituted = typeof pgUser === 'object' && 'substitute' in pgUser;
    return isSubstituted && !hasGroup(regex)
      ? `"${pgUser.substitute}" repeats the text in the first parentheses of "/${regex}", but the expression has no parentheses`
      : undefined;
  },
  startCheck: startIdentCheck,
};

const userProperties: PropertyNames<Exclude<IdentPgUser, string>> = {
  substitute: true,
  keyword: true,
  memberOf: true,
  regex: true,
};
