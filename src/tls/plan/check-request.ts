import { assertProperties, assertVersion, type PropertyNames } from '../../arguments.ts';
import type { FileState, TargetFile } from '../../disk/file-state.ts';
import { PgHostsslError } from '../../errors.ts';
import { CertificateAuthority, type ClientCertificateOptions, type ServerCertificateOptions } from '../../pki/index.ts';
import type { ClientState, ServerState } from '../state.ts';
import type { RuleRequest, TlsRequest } from './request.ts';

const requestNames: PropertyNames<TlsRequest> = {
  server: true,
  authority: true,
  connection: true,
  hosts: true,
  roots: true,
  keepServerCertificate: true,
  rule: true,
  withoutCertificate: true,
  client: true,
  issue: true,
  replaceForeign: true,
  newKey: true,
  now: true,
};

const ruleNames: PropertyNames<RuleRequest> = { databases: true, address: true, password: true };

const issueNames: PropertyNames<NonNullable<TlsRequest['issue']>> = { server: true, client: true };

const certificateNames = { subject: true, validity: true, serialNumber: true, keyAlgorithm: true, key: true } as const;
const serverOptionNames: PropertyNames<Omit<ServerCertificateOptions, 'hosts'>> = certificateNames;
const clientOptionNames: PropertyNames<Omit<ClientCertificateOptions, 'user'>> = certificateNames;

const serverNames: PropertyNames<ServerState> = {
  version: true,
  versionFile: true,
  dataDirectory: true,
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
  ownFiles: true,
  interrupted: true,
};

const clientNames: PropertyNames<ClientState> = {
  directory: true,
  exists: true,
  owner: true,
  certificate: true,
  privateKey: true,
  ca: true,
};

/**
 * Checks a request of a caller without type checks.
 *
 * @throws PgHostsslError `argument-invalid`, naming the property
 */
export function assertRequest(request: TlsRequest): void {
  assertProperties(request, requestNames, 'the request of planClientCertificates');
  const { authority, rule, issue, keepServerCertificate, hosts, client, now } = request;
  assertServer(request.server);
  if (client !== undefined) assertClient(client);
  if (!(authority instanceof CertificateAuthority)) throw invalid('authority', 'must be a CertificateAuthority');
  if (rule !== undefined) assertProperties(rule, ruleNames, 'the rule of the request');
  if (issue !== undefined) {
    assertProperties(issue, issueNames, 'the issue options of the request');
    if (issue.server !== undefined) assertProperties(issue.server, serverOptionNames, 'issue.server of the request');
    if (issue.client !== undefined) assertProperties(issue.client, clientOptionNames, 'issue.client of the request');
  }
  if (keepServerCertificate !== undefined) {
    assertProperties(keepServerCertificate, { roots: true }, 'keepServerCertificate of the request');
  }
  if (hosts !== undefined && !(Array.isArray(hosts) && hosts.every((host) => typeof host === 'string'))) {
    throw invalid('hosts', 'must be an array of strings');
  }
  if (now !== undefined && !(now instanceof Date && !Number.isNaN(now.getTime()))) {
    throw invalid('now', 'must be a valid Date');
  }
  assertOneOf('withoutCertificate', request.withoutCertificate, ['unchanged', 'reject']);
  assertOneOf('replaceForeign', request.replaceForeign, [true, false]);
  assertOneOf('newKey', request.newKey, [true, false, 'server', 'client']);
  assertOneOf('rule.password', rule?.password, ['scram-sha-256', 'md5']);
}

function assertServer(server: ServerState): void {
  assertProperties(server, serverNames, 'the server of the request');
  assertVersion(server.version);
  if (typeof server.dataDirectory !== 'string') throw invalid('server.dataDirectory', 'must be a string');
  for (const name of ['conf', 'hba'] as const) assertFile(server[name], `server.${name}`);
  for (const name of ['certificate', 'privateKey', 'ca'] as const) assertTarget(server[name], `server.${name}`);
  for (const name of ['versionFile', 'autoConf', 'startOptions', 'ident', 'crl'] as const) {
    if (server[name] !== undefined) assertTarget(server[name], `server.${name}`);
  }
}

function assertClient(client: ClientState): void {
  assertProperties(client, clientNames, 'the client of the request');
  if (typeof client.directory !== 'string') throw invalid('client.directory', 'must be a string');
  for (const name of ['certificate', 'privateKey', 'ca'] as const) assertTarget(client[name], `client.${name}`);
}

function assertFile(file: FileState, name: string): void {
  if (typeof file?.path !== 'string' || typeof file.content !== 'function') {
    throw invalid(name, 'must be a file', 'Make it with `fileState(path, content)`.');
  }
}

function assertTarget(file: TargetFile, name: string): void {
  if (typeof file?.path !== 'string' || !['function', 'undefined'].includes(typeof file.content)) {
    throw invalid(
      name,
      'must be a file or the path of one',
      'Make it with `fileState(path, content)`, or give `{ path }`.',
    );
  }
}

function assertOneOf(name: string, value: unknown, known: readonly unknown[]): void {
  if (value === undefined || known.includes(value)) return;
  throw invalid(name, `must be ${known.map((other) => JSON.stringify(other)).join(' or ')}`);
}

function invalid(name: string, what: string, hint?: string): PgHostsslError {
  return new PgHostsslError('argument-invalid', `The property ${name} of the request ${what}`, {
    ...(hint !== undefined && { hint }),
  });
}
