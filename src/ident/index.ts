/**
 * Reads, checks and edits `pg_ident.conf`. A mapping of this file lets a system user log in as a role.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { IdentFile } from 'pg-hostssl/ident';
 *
 * const file = IdentFile.parse('people zoe@example.com webadmin\n', { version: 18 });
 * const changed = file.insert({ map: 'people', systemUser: 'max@example.com', pgUser: 'reporting' }, 'end');
 * assert.equal(changed.toString(), 'people zoe@example.com webadmin\npeople max@example.com reporting\n');
 * ```
 * @module pg-hostssl/ident
 */

export type {
  BlankEntry,
  CommentEntry,
  CommonEntry,
  IncludeEntry,
  IndirectEntry,
  InvalidEntry,
} from '../auth-file/read/entry.ts';
export type { IdentColumnStyle, IdentEdit, IdentEntry, IdentInsertOptions } from './file.ts';
export { IdentFile } from './file.ts';
export type { IdentMapping, IdentMappingInput, IdentPgUser, IdentSystemUser } from './mapping.ts';
export type { IdentFileMappingsRow } from './view.ts';
export { identFileMappings } from './view.ts';
export type { IdentMappingChange } from './write/change.ts';
