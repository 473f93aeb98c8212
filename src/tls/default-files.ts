import { pathInDataDirectory } from '../c/paths.ts';
import type { TargetFile } from '../disk/file-state.ts';
import type { ServerState } from './state.ts';

/** The names, in the data directory, of the files that a plan writes if the settings name no files. */
export const defaultFiles = {
  ssl_cert_file: 'server.crt',
  ssl_key_file: 'server.key',
  ssl_ca_file: 'root.crt',
  ssl_crl_file: 'root.crl',
} as const;

/** The file of CRLs of a server: the file that the state has, or the default file. */
export function crlFileOf({ crl, dataDirectory }: Pick<ServerState, 'crl' | 'dataDirectory'>): TargetFile {
  return crl ?? { path: pathInDataDirectory(dataDirectory, defaultFiles.ssl_crl_file) };
}
