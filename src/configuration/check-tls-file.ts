import { checkSslKeyFilePermissions } from '../c/key-file-permissions.ts';
import { readsHosts } from '../conf/server/server-facts.ts';
import type { PlacelessDiagnostic } from '../conf/server/setting-diagnostic.ts';
import type { CheckedConfiguration, TlsFile } from './checked-configuration.ts';
import { namerOf, replacedByHosts, replacesSettings } from './hosts-files.ts';

/**
 * @internal Whether the server uses the files that the settings name, and not those of pg_hosts.conf (19); `undefined`
 * if this depends on a file that was not read.
 */
export function usesFilesOfSettings({ conf, files, hosts }: CheckedConfiguration): boolean | undefined {
  const reads = readsHosts(conf);
  if (reads !== true) return reads === false ? true : undefined;
  if (hosts !== undefined) return !replacesSettings(hosts);
  return files.some(({ setting, state }) => setting === 'hosts_file' && state === 'missing') || undefined;
}

/**
 * The diagnostic for a TLS file that is missing, that the server cannot read or does not accept, or that was not read;
 * `undefined` if the server can use the file, or if it is not certain that the server uses the file.
 */
export function tlsFileProblem(file: TlsFile, configuration: CheckedConfiguration): PlacelessDiagnostic | undefined {
  const { path, setting, state, named, kind } = file;
  if (replacedByHosts.includes(setting) && usesFilesOfSettings(configuration) !== true) return undefined;
  const isKey = setting === 'ssl_key_file' || named?.field === 'privateKey';
  if (state === 'missing' || (isKey && kind === 'other')) {
    const message = `The server does not start: ssl is on, and ${whatIsThere(file)}`;
    return { code: 'configuration-file-missing', severity: 'error', message };
  }
  // The server checks mode and owner of the key before it reads the key.
  const fault = isKey ? keyFileFault(file, configuration) : undefined;
  if (fault !== undefined) {
    const message = `The server does not start: ${keyFileMessage(fault, file, configuration)}`;
    return { code: 'ssl-key-permissions', severity: 'error', message };
  }
  if (isUnreadable(file, configuration)) {
    const message = `The server does not start: its account, user id ${configuration.owner!.uid}, cannot read ${path} of ${namerOf(file)}. Give the file to that account`;
    return { code: 'ssl-file-permissions', severity: 'error', message };
  }
  if (state !== 'unread') return undefined;
  const message = `${path} was not read, so it is unknown whether the server starts`;
  return { code: 'configuration-file-unread', severity: 'info', message };
}

/** Says what is at the path of a file that is missing, or is no regular file. */
function whatIsThere(file: TlsFile): string {
  const { path, kind } = file;
  const namer = namerOf(file);
  if (kind === undefined) return `the file of ${namer} is not at ${path}`;
  return kind === 'directory'
    ? `${path} of ${namer} is a directory. Replace the directory by a file`
    : `${path} of ${namer} is not a regular file. Replace it by a file`;
}

/**
 * Whether the mode and the owner of a file keep the account of the server from reading the file. A file that
 * its group may read counts as readable, because the groups of the account are not known.
 */
function isUnreadable({ mode, owner }: TlsFile, { owner: account }: Pick<CheckedConfiguration, 'owner'>): boolean {
  if (mode === undefined || owner === undefined || account === undefined || account.uid === 0) return false;
  return (mode & (owner.uid === account.uid ? 0o400 : 0o044)) === 0;
}

/**
 * @internal The reason why the server refuses the mode or owner of a private key file. `undefined` if the server
 * accepts both, or if they are not known.
 */
export function keyFileFault(
  { mode, owner }: TlsFile,
  { owner: account }: Pick<CheckedConfiguration, 'owner'>,
): 'owner' | 'mode' | undefined {
  if (mode === undefined || owner === undefined || account === undefined) return undefined;
  return checkSslKeyFilePermissions({ mode, uid: owner.uid }, account.uid);
}

function keyFileMessage(
  fault: 'owner' | 'mode',
  { path, owner }: TlsFile,
  { owner: account }: CheckedConfiguration,
): string {
  if (fault === 'owner') return `the private key ${path} must belong to the account of the server or to root`;
  const most = owner?.uid === 0 && account?.uid !== 0 ? '640' : '600';
  return `the private key ${path} can be used by group or others. Its mode must be ${most} or less`;
}
