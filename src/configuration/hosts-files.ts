import { given } from '../arguments.ts';
import { pathInDataDirectory } from '../c/paths.ts';
import { hasCaFile } from '../conf/server/server-facts.ts';
import { type PlacelessDiagnostic, settingDiagnostic } from '../conf/server/setting-diagnostic.ts';
import type { ConfTree } from '../conf/tree.ts';
import type { HostsFile } from '../hosts/file.ts';
import type { HostsRecord } from '../hosts/record.ts';
import { withoutControls } from '../text/control-characters.ts';
import type { Diagnostic } from '../text/diagnostic.ts';

/** The place in pg_hosts.conf (19) that names a TLS file. */
export interface HostsFileUse {
  /** The record in pg_hosts.conf. */
  readonly record: HostsRecord;
  /** The field of the record that holds the path. */
  readonly field: 'certificate' | 'privateKey' | 'ca';
  /** The path of the file that contains the record, if known. */
  readonly file?: string;
  /** The physical line at which the record starts, counted from 1. */
  readonly line: number;
}

/** The settings that the server ignores if pg_hosts.conf has records. The settings for CRLs still apply. */
export const replacedByHosts: readonly string[] = ['ssl_cert_file', 'ssl_key_file', 'ssl_ca_file'];

/** The path of a TLS file, and the place that names it. */
export interface NamedTlsFile {
  /** The setting that names the file, or `hosts_file` if pg_hosts.conf names it. */
  readonly setting: string;
  /** The path of the file. */
  readonly path: string;
  /** The place in pg_hosts.conf that names the file, if there is one. */
  readonly named?: HostsFileUse;
}

/** The files that the records of pg_hosts.conf name. Relative paths start from the data directory. */
export function hostsTlsFilesOf(hosts: HostsFile | undefined, dataDirectory: string): readonly NamedTlsFile[] {
  return (hosts?.expandedRecords() ?? []).flatMap((found) => {
    if (found.kind !== 'record') return [];
    const { entry: record, line, file } = found;
    return (['certificate', 'privateKey', 'ca'] as const).flatMap((field) => {
      const path = record[field];
      if (path === undefined || path === '') return [];
      const named = given({ record, field, file, line });
      return [{ setting: 'hosts_file', path: pathInDataDirectory(dataDirectory, path), named }];
    });
  });
}

/**
 * Whether the server uses the files of pg_hosts.conf instead of the files that the settings name. It does so if
 * pg_hosts.conf has a record, an invalid line, or a line that includes an unread file.
 */
export function replacesSettings(hosts: HostsFile | undefined): boolean {
  return hosts !== undefined && hosts.expandedRecords().length > 0;
}

/**
 * Whether the server has a CA file with which it checks client certificates, whatever host name the client asks for;
 * `undefined` if this depends on the host name, or if not all records are known.
 */
export function hasCaForClients(conf: ConfTree, hosts: HostsFile | undefined): boolean | undefined {
  if (hosts === undefined || !replacesSettings(hosts)) return hasCaFile(conf);
  const [first, ...others] = hosts
    .expandedRecords()
    .map((found) => (found.kind === 'record' ? found.entry.ca !== undefined && found.entry.ca !== '' : undefined));
  return others.every((each) => each === first) ? first : undefined;
}

/** A diagnostic of a TLS file. Its range is the record of pg_hosts.conf or the setting that names the file. */
export function tlsFileDiagnostic(
  { conf, hosts }: { readonly conf: ConfTree; readonly hosts?: HostsFile | undefined },
  { setting, named }: NamedTlsFile,
  diagnostic: PlacelessDiagnostic,
): Diagnostic {
  if (named === undefined || hosts === undefined) return settingDiagnostic(conf, setting, diagnostic);
  const { record, line, file } = named;
  const message = withoutControls(diagnostic.message);
  return { ...diagnostic, message, ...hosts.placeOf({ file, line, text: record.text }) };
}

/** The words that a message uses for the place that names a TLS file: the name of the setting, or pg_hosts.conf. */
export function namerOf({ setting, named }: NamedTlsFile): string {
  return named === undefined ? setting : 'pg_hosts.conf';
}
