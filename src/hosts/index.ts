/**
 * Reads, checks and edits `pg_hosts.conf` of PostgreSQL 19. A record of this file gives the certificate of the server
 * for a host name.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { HostsFile } from 'pg-hostssl/hosts';
 *
 * const file = HostsFile.parse('db.example.com server.crt server.key\n');
 * assert.equal(file.hosts.length, 1);
 * assert.deepEqual(file.diagnostics, []);
 * ```
 * @module pg-hostssl/hosts
 */

export type {
  BlankEntry,
  CommentEntry,
  CommonEntry,
  IncludeEntry,
  IndirectEntry,
  InvalidEntry,
} from '../auth-file/read/entry.ts';
export type { HostsEdit, HostsEntry } from './file.ts';
export { HostsFile } from './file.ts';
export type { HostsRecord, HostsRecordInput, HostsSelector } from './record.ts';
export type { HostsRecordChange } from './write/change.ts';
