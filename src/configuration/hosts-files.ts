import { pathInDataDirectory } from '../c/paths.ts';
import type { ConfTree } from '../conf/index.ts';
import type { HostsFile, HostsRecord } from '../hosts/index.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { rangeAt } from '../text/position.ts';
import { settingDiagnostic } from './setting-diagnostic.ts';

/** How a record of pg_hosts.conf (19) names a file of TLS. */
export interface HostsFileUse {
  /** The record. */
  readonly record: HostsRecord;
  /** The field of the record that holds the path. */
  readonly field: 'certificate' | 'privateKey' | 'ca';
  /** The path of the file that holds the record, if known. */
  readonly file?: string;
  /** 1-based physical line at which the record starts. */
  readonly line: number;
}

/** The settings that the server ignores if pg_hosts.conf has records. The settings of CRLs stay in force. */
export const replacedByHosts: readonly string[] = ['ssl_cert_file', 'ssl_key_file', 'ssl_ca_file'];

/** A file of TLS, by its path and by what names it. */
export interface NamedTlsFile {
  /** The setting that names the file; `hosts_file` for a file that pg_hosts.conf names. */
  readonly setting: string;
  /** Its path. */
  readonly path: string;
  /** How pg_hosts.conf names the file, if it does. */
  readonly named?: HostsFileUse;
}

/** The files that the records of pg_hosts.conf name. The paths start from the data directory. */
export function hostsTlsFilesOf(hosts: HostsFile | undefined, dataDirectory: string): readonly NamedTlsFile[] {
  return (hosts?.expandedRecords() ?? []).flatMap((found) => {
    if (found.kind !== 'record') return [];
    const { entry: record, line, file } = found;
    return (['certificate', 'privateKey', 'ca'] as const).flatMap((field) => {
      const path = record[field];
      if (path === undefined || path === '') return [];
      const named = { record, field, line, ...(file === undefined ? {} : { file }) };
      return [{ setting: 'hosts_file', path: pathInDataDirectory(dataDirectory, path), named }];
    });
  });
}

/**
 * Whether the records of pg_hosts.conf take the place of the files that the settings name. A line that is refused, or
 * includes a file that was not read, counts as records.
 */
export function replacesSettings(hosts: HostsFile | undefined): boolean {
  return hosts !== undefined && hosts.expandedRecords().length > 0;
}

/** A diagnostic of a file of TLS: at the record of pg_hosts.conf that names the file, else at the setting. */
export function tlsFileDiagnostic(
  conf: ConfTree,
  { setting, named }: NamedTlsFile,
  diagnostic: Pick<Diagnostic, 'code' | 'severity' | 'message'>,
): Diagnostic {
  if (named === undefined) return settingDiagnostic(conf, setting, diagnostic);
  const { record, line, file } = named;
  const range = rangeAt(record.text, 0, record.text.replace(/[\r\n]+$/, '').length, line);
  return { ...diagnostic, range, ...(file === undefined ? {} : { file }) };
}

/** What names a file, in words: the setting, or the file of records. */
export function namerOf({ setting, named }: NamedTlsFile): string {
  return named === undefined ? setting : 'pg_hosts.conf';
}
