import type { AuthFileEdit } from '../auth-file/edit.ts';
import { AuthFile, parseLines } from '../auth-file/file.ts';
import type { LineList } from '../auth-file/line-list.ts';
import type { CommonEntry } from '../auth-file/read/entry.ts';
import { PgHostsslError } from '../errors.ts';
import { assertParseOptions, type ParseOptions } from '../parse-options.ts';
import { spanIncludes } from '../version.ts';
import { hostsFormat } from './format.ts';
import { type HostsRecord, type HostsRecordInput, hostKey } from './record.ts';
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

  /**
   * Makes several edits at once. Entries and places refer to this file, and new lines follow the line ends of this file.
   * New lines at the same place are in the order of the edits. The methods for single edits use this method.
   *
   * @returns a new file; this file if there are no edits
   * @throws PgHostsslError for the same reasons as the methods for single edits, such as `insert`; `hosts-entry-invalid`
   * also if an inserted or changed record names a host that another record of this file names; `argument-invalid` if two
   * edits change, move or remove the same entry
   */
  override edit(edits: readonly HostsEdit[]): HostsFile {
    const edited = super.edit(edits);
    if (edits.some(({ kind }) => kind === 'insert' || kind === 'replace')) assertNotRepeated(edited, this);
    return edited;
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

/**
 * Refuses an edited file in which more records name a host than before. If two records name a host, the server does not
 * start. Hosts that were repeated before may stay, so that a broken file can be edited.
 */
function assertNotRepeated(edited: HostsFile, before: HostsFile): void {
  const former = timesByHost(before);
  for (const [host, times] of timesByHost(edited)) {
    if (times <= Math.max(1, former.get(host) ?? 0)) continue;
    throw new PgHostsslError('hosts-entry-invalid', `The host ${host} would be named twice`, {
      hint: 'The server does not start with such a file. Change the record that names the host: `replace(record, change)`.',
    });
  }
}

/** How many times the records name each host. */
function timesByHost(file: HostsFile): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { hosts } of file.hosts) {
    for (const host of 'keyword' in hosts ? [hosts.keyword] : hosts) {
      const key = hostKey(host);
      times.set(key, (times.get(key) ?? 0) + 1);
    }
  }
  return times;
}
