import type { AuthFileEdit } from '../auth-file/edit.ts';
import { AuthFile, parseLines } from '../auth-file/file.ts';
import type { LineList } from '../auth-file/line-list.ts';
import type { CommonEntry } from '../auth-file/read/entry.ts';
import { PgHostsslError } from '../errors.ts';
import { assertParseOptions, type ParseOptions } from '../parse-options.ts';
import { spanIncludes } from '../version.ts';
import { hostsFormat } from './format.ts';
import type { HostsRecord, HostsRecordInput } from './record.ts';
import type { HostsRecordChange } from './write/change.ts';

/** A logical line of pg_hosts.conf, as data. */
export type HostsEntry = HostsRecord | CommonEntry;

/** The major versions that read pg_hosts.conf. */
const hostsFileVersions = { since: 19 } as const;

/** An edit of pg_hosts.conf for {@link HostsFile.edit}. */
export type HostsEdit = AuthFileEdit<HostsRecord, HostsRecordInput, HostsRecordChange, NoOptions>;

/**
 * A pg_hosts.conf file as PostgreSQL 19 reads it while `ssl_sni` is on. For each host name that clients ask for, the
 * file names the certificate of the server. If the file contains a record, the server does not use the certificate
 * settings of postgresql.conf. If the diagnostics contain an `error`, the server does not start while `ssl_sni` is on.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { HostsFile } from 'pg-hostssl/hosts';
 *
 * const record = { hosts: ['db.example.com'], certificate: 'server.crt', privateKey: 'server.key' } as const;
 * const file = HostsFile.parse('').insert(record, 'end');
 * assert.equal(file.toString(), 'db.example.com server.crt server.key\n');
 * assert.equal(file.ensure({ ...record, hosts: ['DB.example.com'] }).outcome, 'present');
 * ```
 */
export class HostsFile extends AuthFile<HostsRecord, HostsRecordInput, HostsRecordChange, NoOptions, HostsFile> {
  private constructor(list: LineList<unknown, HostsRecord>, options: ParseOptions) {
    super(hostsFormat, list, options, (edited) => new HostsFile(edited, options));
  }

  /**
   * Parses pg_hosts.conf. Any text or bytes are accepted. `diagnostics` lists the problems.
   *
   * @param source the content of the file
   * @param options parse options; the default of `version` is 19, because older major versions do not read the file
   * @throws PgHostsslError `argument-invalid` for a source that is neither text nor bytes, for an unknown option, and
   * for a `version` before 19; `version-unknown` for an unsupported major version
   */
  static parse(source: string | Uint8Array, options: ParseOptions = {}): HostsFile {
    assertParseOptions(options, 'options of HostsFile.parse');
    const { version = hostsFileVersions.since } = options;
    if (!spanIncludes(hostsFileVersions, version)) {
      throw new PgHostsslError('argument-invalid', `PostgreSQL ${version} does not read pg_hosts.conf`, {
        hint: `Give a version from ${hostsFileVersions.since} on, or leave version out.`,
      });
    }
    const known = { ...options, version };
    return new HostsFile(parseLines(hostsFormat, source, known), known);
  }

  /** The records of this file, in file order. Records of included files are not listed. */
  get hosts(): readonly HostsRecord[] {
    return this.records();
  }
}

/** A new line of pg_hosts.conf always has one blank between its columns. */
interface NoOptions {
  readonly columns?: never | undefined;
}
