/**
 * Reads, checks and edits `pg_ident.conf`, whose mappings say which system user may log in as which role.
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

export type { IdentInsertion, IdentInsertOptions, IdentMappingChange } from './file.ts';
export { IdentFile, identFileMappings } from './file.ts';
export type { IdentEntry, IdentMapping, IdentMappingInput, IdentPgUser, IdentSystemUser } from './mapping.ts';
export type { IdentFileMappingsRow } from './view.ts';
export type { IdentColumnStyle } from './write/layout.ts';
