import {
  assertKnownValue,
  assertList,
  assertPort,
  assertProperties,
  assertRecord,
  assertVersion,
  isTextList,
  type PropertyNames,
} from '../../../arguments.ts';
import { settingDefinition } from '../../../conf/catalogue/catalogue.ts';
import type { FileState, Owner, TargetFile } from '../../../disk/file-state.ts';
import type { IncludedFiles } from '../../../disk/included-files.ts';
import { authMethodsOf } from '../../../hba/tables/tables.ts';
import { CertificateAuthority } from '../../../pki/issue/authority.ts';
import type { ClientState, CrlDirectoryState, ServerState } from '../../state.ts';
import { invalid } from '../request/invalid.ts';
import type { KeptAccess, TlsRequest } from '../request/request.ts';
import { pathFrom } from '../settings/settings.ts';

const serverNames: PropertyNames<ServerState> = {
  version: true,
  versionFile: true,
  dataDirectory: true,
  dataDirectoryAlias: true,
  owner: true,
  conf: true,
  autoConf: true,
  startOptions: true,
  hba: true,
  ident: true,
  included: true,
  certificate: true,
  privateKey: true,
  ca: true,
  crl: true,
  crlDirectory: true,
  ownFiles: true,
  interrupted: true,
};

const includedNames: PropertyNames<IncludedFiles> = { files: true, directories: true, unread: true };

const crlDirectoryNames: PropertyNames<CrlDirectoryState> = { path: true, realPath: true, names: true, files: true };

const clientNames: PropertyNames<ClientState> = {
  directory: true,
  exists: true,
  owner: true,
  certificate: true,
  privateKey: true,
  ca: true,
};

/**
 * Checks a passphrase.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertPassphrase(passphrase: unknown): void {
  if (passphrase === undefined || (typeof passphrase === 'string' && passphrase !== '')) return;
  throw invalid('passphrase', 'must be a string that is not empty');
}

/**
 * Checks a list of hosts.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertHosts(hosts: unknown): void {
  if (hosts === undefined || isTextList(hosts)) return;
  throw invalid('hosts', 'must be an array of strings');
}

const keptNames: PropertyNames<KeptAccess> = {
  transport: true,
  address: true,
  database: true,
  user: true,
  replication: true,
  method: true,
  certificate: true,
  host: true,
  port: true,
  systemUser: true,
};

/**
 * Checks the property `keep` of a request. The property `server` must have been checked before.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertKeep({ server, keep }: Pick<TlsRequest, 'server' | 'keep'>): void {
  for (const access of keep === undefined ? [] : [keep].flat()) {
    assertProperties(access, keptNames, 'keep of the request');
    const { method, certificate, transport, address, host, port } = access;
    if (!authMethodsOf(server.version).has(method)) {
      throw invalid('keep.method', `must be an authentication method of PostgreSQL ${server.version}`);
    }
    if (certificate !== undefined && typeof certificate !== 'string') throw invalid('keep.certificate', 'must be PEM');
    if (address !== undefined && typeof address !== 'string') throw invalid('keep.address', 'must be an IP address');
    if (host !== undefined && (typeof host !== 'string' || host === '')) throw invalid('keep.host', 'must be a string');
    if (port !== undefined) assertPort(port, 'the property keep.port of the request');
    if (certificate !== undefined && transport !== 'ssl') {
      throw invalid('keep.certificate', 'is for the transport ssl');
    }
    if (method === 'cert' && certificate === undefined)
      throw invalid('keep.certificate', 'must be given for method cert');
  }
}

/**
 * Checks the properties that most requests have.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertCommon({
  server,
  authority,
  now,
  keep,
}: Pick<TlsRequest, 'server' | 'authority' | 'now' | 'keep'>): void {
  assertServer(server);
  assertKeep({ server, keep });
  if (authority !== undefined) assertAuthority('authority', authority);
  assertMoment(now);
}

/**
 * Checks a CA.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertAuthority(name: string, authority: CertificateAuthority): void {
  if (!(authority instanceof CertificateAuthority)) throw invalid(name, 'must be a CertificateAuthority');
}

/**
 * Checks the moment of a plan.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertMoment(now: Date | undefined): void {
  if (now === undefined || (now instanceof Date && !Number.isNaN(now.getTime()))) return;
  throw invalid('now', 'must be a valid Date');
}

/**
 * Checks the state of a server.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertServer(server: ServerState): void {
  assertProperties(server, serverNames, 'the server of the request');
  assertVersion(server.version);
  if (typeof server.dataDirectory !== 'string') throw invalid('server.dataDirectory', 'must be a string');
  for (const name of ['conf', 'hba'] as const) assertFile(server[name], `server.${name}`);
  for (const name of ['certificate', 'privateKey', 'ca'] as const) assertTarget(server[name], `server.${name}`);
  for (const name of ['versionFile', 'autoConf', 'startOptions', 'ident', 'crl'] as const) {
    if (server[name] !== undefined) assertTarget(server[name], `server.${name}`);
  }
  if (server.owner !== undefined) assertOwner(server.owner, 'server.owner');
  if (server.ownFiles !== undefined) assertFiles(server.ownFiles, 'server.ownFiles');
  if (server.included !== undefined) assertIncluded(server.included);
  if (server.crlDirectory !== undefined) assertCrlDirectory(server.crlDirectory, server);
  if (server.interrupted !== undefined) assertRecord(server.interrupted, 'server.interrupted of the request');
}

function assertIncluded(included: IncludedFiles): void {
  assertProperties(included, includedNames, 'the server.included of the request');
  const { files, directories, unread = [] } = included;
  assertList(files, 'server.included.files of the request');
  for (const [i, file] of files.entries()) assertTarget(file, `server.included.files[${i}]`);
  assertList(directories, 'server.included.directories of the request');
  for (const directory of directories) {
    const isNamed = directory?.names === undefined || isTextList(directory.names);
    if (typeof directory?.path !== 'string' || !isNamed) {
      throw invalid('server.included.directories', 'must be directories with the names in them');
    }
  }
  assertList(unread, 'server.included.unread of the request');
  if (!Array.from(unread).every((file) => typeof file?.path === 'string' && typeof file.reason === 'string')) {
    throw invalid('server.included.unread', 'must be files with a path and a reason');
  }
}

function assertOwner(owner: Owner, name: string): void {
  const ids = [owner?.uid, owner?.gid];
  if (!ids.every((id) => Number.isInteger(id) && id >= 0)) throw invalid(name, 'must have uid and gid, whole numbers');
}

function assertFiles(files: readonly FileState[], name: string): void {
  assertList(files, `${name} of the request`);
  for (const [i, file] of files.entries()) assertFile(file, `${name}[${i}]`);
}

function assertCrlDirectory(directory: CrlDirectoryState, { version, dataDirectory }: ServerState): void {
  assertProperties(directory, crlDirectoryNames, 'the server.crlDirectory of the request');
  const { path, names, files } = directory;
  if (typeof path !== 'string' || !(names === undefined || isTextList(names)))
    throw invalid('server.crlDirectory', 'must be a directory with its files');
  assertFiles(files, 'server.crlDirectory.files');
  if (pathFrom(dataDirectory, path).includes(':')) {
    throw invalid(
      'server.crlDirectory',
      `must have a path without a colon, because OpenSSL splits a list of directories at colons: ${path}`,
      'Move all CRLs to one directory, name it in ssl_crl_dir, and read the server again.',
    );
  }
  if (settingDefinition('ssl_crl_dir', version) !== undefined) return;
  const hint = 'Use a file of CRLs (ssl_crl_file).';
  throw invalid('server.crlDirectory', `is for PostgreSQL 14 and later: ${version} has no ssl_crl_dir`, hint);
}

/**
 * Checks the state of a client's directory.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertClient(client: ClientState): void {
  assertProperties(client, clientNames, 'the client of the request');
  if (typeof client.directory !== 'string') throw invalid('client.directory', 'must be a string');
  if (client.owner !== undefined) assertOwner(client.owner, 'client.owner');
  for (const name of ['certificate', 'privateKey', 'ca'] as const) assertTarget(client[name], `client.${name}`);
}

function assertFile(file: FileState, name: string): void {
  if (typeof file?.path !== 'string' || typeof file.content !== 'function') {
    throw invalid(name, 'must be a file', 'Make a file with `fileState(path, content)`.');
  }
}

function assertTarget(file: TargetFile, name: string): void {
  if (typeof file?.path !== 'string' || !['function', 'undefined'].includes(typeof file.content)) {
    throw invalid(
      name,
      'must be a file with its content, or an object with a path alone',
      'Make a file with `fileState(path, content)`, or give `{ path }`.',
    );
  }
}

/**
 * Checks a property that has one of a few values, or is not given.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertOneOf(name: string, value: unknown, known: readonly unknown[]): void {
  if (value !== undefined) assertKnownValue(value, known, `the property ${name} of the request`);
}
