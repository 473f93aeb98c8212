/**
 * Reads, checks and edits `pg_hba.conf`. An edit changes only the bytes of the edited field, and returns a new file.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { all, HbaFile } from 'pg-hostssl/hba';
 *
 * const file = HbaFile.parse('host all all 10.0.0.0/8 md5  # the office\n', { version: 18 });
 * const [office] = file.rules;
 * const changed = file
 *   .replace(office!, { method: 'scram-sha-256' })
 *   .insert({ type: 'hostssl', databases: ['app'], users: ['webadmin'], address: all, method: 'cert' }, 'start');
 * assert.match(changed.toString(), /^hostssl\s+app\s+webadmin\s+all\s+cert\nhost all all 10\.0\.0\.0\/8 scram-sha-256 /);
 * ```
 * @module pg-hostssl/hba
 */

export type { AuthFileEdit } from '../auth-file/edit.ts';
export type {
  BlankEntry,
  CommentEntry,
  CommonEntry,
  IncludeEntry,
  IndirectEntry,
  InvalidEntry,
} from '../auth-file/read/entry.ts';
export type { HbaEdit, HbaEntry, InsertOptions } from './file.ts';
export { HbaFile } from './file.ts';
export type {
  HbaAddress,
  HbaDatabase,
  HbaDatabasePattern,
  HbaOption,
  HbaRule,
  HbaRuleInput,
  HbaUser,
  HbaUserPattern,
  HostRule,
  HostRuleInput,
  LocalRule,
  LocalRuleInput,
  NonEmptyList,
} from './rule.ts';
export { all } from './rule.ts';
export type { ClientCertLevel, ClientCertOption } from './tables/client-cert.ts';
export { clientCertOption } from './tables/client-cert.ts';
export type { AuthMethod, AuthOptionName, ConnectionType } from './tables/tables.ts';
export type { HbaFileRulesRow } from './view.ts';
export { hbaFileRules } from './view.ts';
export type { HbaRuleChange } from './write/change.ts';
export type { ColumnStyle } from './write/layout.ts';
