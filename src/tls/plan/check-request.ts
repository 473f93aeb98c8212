import { assertProperties, assertVersion, type PropertyNames } from '../../arguments.ts';
import { maxNameBytes } from '../../c/names.ts';
import type { FileState, TargetFile } from '../../disk/file-state.ts';
import { PgHostsslError } from '../../errors.ts';
import { authMethodsOf } from '../../hba/tables/tables.ts';
import { CertificateAuthority, type ClientCertificateOptions, type ServerCertificateOptions } from '../../pki/index.ts';
import type { ClientState, ServerState } from '../state.ts';
import type {
  CaRolloverRequest,
  ForeignCertificate,
  KeptAccess,
  MigrationRequest,
  RenewalRequest,
  RevocationRequest,
  RuleRequest,
  ServerCertificateRequest,
  TlsRequest,
  UserRemovalRequest,
  UserRequest,
} from './request.ts';

const serverRequestNames: PropertyNames<ServerCertificateRequest> = {
  server: true,
  authority: true,
  hosts: true,
  serverCertificate: true,
  passphrase: true,
  minProtocol: true,
  issue: true,
  replaceForeign: true,
  newKey: true,
  now: true,
  keep: true,
};

const requestNames: PropertyNames<TlsRequest> = {
  ...serverRequestNames,
  connection: true,
  roots: true,
  rule: true,
  withoutCertificate: true,
  users: true,
  client: true,
};

const userNames: PropertyNames<UserRequest> = { user: true, database: true, rule: true, withoutCertificate: true };

const foreignNames: PropertyNames<ForeignCertificate> = { roots: true, certificate: true, privateKey: true };

const ruleNames: PropertyNames<RuleRequest> = { databases: true, address: true, password: true };

const issueNames: PropertyNames<NonNullable<TlsRequest['issue']>> = { server: true, client: true };

const certificateNames = { subject: true, validity: true, serialNumber: true, keyAlgorithm: true, key: true } as const;
const serverOptionNames: PropertyNames<Omit<ServerCertificateOptions, 'hosts'>> = {
  ...certificateNames,
  dnsTextOfAddresses: true,
};
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
  assertCommon(request);
  assertServerSide(request);
  const { issue, client, users = [] } = request;
  if (client !== undefined) assertClient(client);
  if (issue?.client !== undefined) assertProperties(issue.client, clientOptionNames, 'issue.client of the request');
  assertOneOf('newKey', request.newKey, [true, false, 'server', 'client']);
  assertAccess(request, '');
  if (!Array.isArray(users)) throw invalid('users', 'must be an array');
  for (const [i, user] of users.entries()) {
    assertProperties(user, userNames, `users[${i}] of the request`);
    assertAccess(user, `users[${i}].`);
  }
}

function assertAccess(
  { rule, withoutCertificate }: Pick<UserRequest, 'rule' | 'withoutCertificate'>,
  at: string,
): void {
  if (rule !== undefined) assertProperties(rule, ruleNames, `the ${at}rule of the request`);
  assertOneOf(`${at}withoutCertificate`, withoutCertificate, ['unchanged', 'reject']);
  assertOneOf(`${at}rule.password`, rule?.password, ['scram-sha-256', 'md5']);
}

/**
 * Checks a request of a caller without type checks.
 *
 * @throws PgHostsslError `argument-invalid`, naming the property
 */
export function assertServerCertificate(request: ServerCertificateRequest): void {
  assertProperties(request, serverRequestNames, 'the request of planServerCertificate');
  assertCommon(request);
  if (request.hosts === undefined) throw invalid('hosts', 'must be given');
  assertServerSide(request);
  assertOneOf('newKey', request.newKey, [true, false]);
}

function assertServerSide(request: Omit<TlsRequest, 'connection'>): void {
  const { issue, serverCertificate, hosts, passphrase } = request;
  if (issue !== undefined) {
    assertProperties(issue, issueNames, 'the issue options of the request');
    if (issue.server !== undefined) assertProperties(issue.server, serverOptionNames, 'issue.server of the request');
  }
  if (serverCertificate !== undefined) {
    assertProperties(serverCertificate, foreignNames, 'serverCertificate of the request');
    const { certificate, privateKey } = serverCertificate;
    for (const [name, text] of Object.entries({ certificate, privateKey })) {
      if (text !== undefined && typeof text !== 'string') throw invalid(`serverCertificate.${name}`, 'must be PEM');
    }
    if (certificate === undefined && privateKey !== undefined) {
      throw invalid('serverCertificate.privateKey', 'needs its certificate');
    }
  }
  if (hosts !== undefined && !(Array.isArray(hosts) && hosts.every((host) => typeof host === 'string'))) {
    throw invalid('hosts', 'must be an array of strings');
  }
  assertPassphrase(passphrase);
  assertOneOf('minProtocol', request.minProtocol, ['TLSv1.2', 'TLSv1.3']);
  assertOneOf('replaceForeign', request.replaceForeign, [true, false]);
}

function assertPassphrase(passphrase: unknown): void {
  if (passphrase === undefined || (typeof passphrase === 'string' && passphrase !== '')) return;
  throw invalid('passphrase', 'must be a string that is not empty');
}

const renewalNames: PropertyNames<RenewalRequest> = {
  server: true,
  authority: true,
  client: true,
  newKey: true,
  passphrase: true,
  now: true,
  keep: true,
};

/**
 * Checks a request of a caller without type checks.
 *
 * @throws PgHostsslError `argument-invalid`, naming the property
 */
export function assertRenewal(request: RenewalRequest): void {
  assertProperties(request, renewalNames, 'the request of planRenewal');
  assertCommon(request);
  if (request.client !== undefined) assertClient(request.client);
  assertOneOf('newKey', request.newKey, [true, false, 'server', 'client']);
  assertPassphrase(request.passphrase);
}

const revocationNames: PropertyNames<RevocationRequest> = {
  server: true,
  authority: true,
  revoked: true,
  user: true,
  crls: true,
  validity: true,
  now: true,
  keep: true,
};

/**
 * Checks a request of a caller without type checks.
 *
 * @throws PgHostsslError `argument-invalid`, naming the property
 */
export function assertRevocation(request: RevocationRequest): void {
  assertProperties(request, revocationNames, 'the request of planRevocation');
  assertCommon(request);
  const { revoked, user, crls } = request;
  if (revoked !== undefined && !Array.isArray(revoked)) throw invalid('revoked', 'must be an array');
  if (crls !== undefined && typeof crls !== 'string') throw invalid('crls', 'must be a string');
  if (user === undefined) return;
  assertProperties(user, { name: true, ledger: true, reason: true }, 'the user of the request');
  if (typeof user.name !== 'string') throw invalid('user.name', 'must be a string');
  if (typeof user.ledger?.certificates !== 'function') throw invalid('user.ledger', 'must be a Ledger');
}

const migrationNames: PropertyNames<Omit<MigrationRequest, keyof TlsRequest>> = { step: true };

/**
 * Checks the part of a request that only `planMigration` has.
 *
 * @returns the other part
 * @throws PgHostsslError `argument-invalid`, naming the property
 */
export function requestOfMigration(request: MigrationRequest): TlsRequest {
  assertProperties(request, { ...requestNames, ...migrationNames }, 'the request of planMigration');
  const { step, ...rest } = request;
  if (step === undefined) throw invalid('step', 'must be given');
  assertOneOf('step', step, ['offer', 'require', 'back']);
  return rest;
}

const rolloverNames: PropertyNames<CaRolloverRequest> = {
  server: true,
  client: true,
  current: true,
  next: true,
  retireCurrent: true,
  passphrase: true,
  now: true,
  keep: true,
};

/**
 * Checks a request of a caller without type checks.
 *
 * @throws PgHostsslError `argument-invalid`, naming the property
 */
export function assertCaRollover(request: CaRolloverRequest): void {
  assertProperties(request, rolloverNames, 'the request of planCaRollover');
  const { server, client, current, next, retireCurrent, passphrase, now } = request;
  assertPassphrase(passphrase);
  assertServer(server);
  if (client !== undefined) assertClient(client);
  for (const [name, authority] of Object.entries({ current, next })) assertAuthority(name, authority);
  assertOneOf('retireCurrent', retireCurrent, [true, false]);
  assertMoment(now);
  assertKeep(request);
}

const removalNames: PropertyNames<UserRemovalRequest> = {
  server: true,
  user: true,
  otherRules: true,
  revocation: true,
  now: true,
  keep: true,
};

/**
 * Checks a request of a caller without type checks.
 *
 * @throws PgHostsslError `argument-invalid`, naming the property
 */
export function assertUserRemoval(request: UserRemovalRequest): void {
  assertProperties(request, removalNames, 'the request of planUserRemoval');
  const { server, user, otherRules, revocation, now } = request;
  assertServer(server);
  if (typeof user !== 'string' || user === '' || user.includes('\0') || /\p{Surrogate}/u.test(user)) {
    throw invalid('user', 'must be the name of a role');
  }
  const bytes = new TextEncoder().encode(user).length;
  if (bytes > maxNameBytes) {
    throw invalid('user', `must have at most ${maxNameBytes} bytes in UTF-8`, 'Give the name as pg_roles shows it.');
  }
  assertOneOf('otherRules', otherRules, ['unchanged', 'reject']);
  assertMoment(now);
  assertKeep(request);
  if (revocation === undefined) return;
  if ('keep' in revocation) throw invalid('revocation.keep', 'must be given as `keep` of the request');
  assertRevocation({ ...revocation, server });
}

const keptNames: PropertyNames<KeptAccess> = {
  transport: true,
  address: true,
  database: true,
  user: true,
  replication: true,
  method: true,
  certificate: true,
  systemUser: true,
};

function assertKeep({ server, keep }: Pick<TlsRequest, 'server' | 'keep'>): void {
  for (const access of keep === undefined ? [] : [keep].flat()) {
    assertProperties(access, keptNames, 'keep of the request');
    const { method, certificate, transport } = access;
    if (!authMethodsOf(server.version).has(method)) {
      throw invalid('keep.method', `must be an authentication method of PostgreSQL ${server.version}`);
    }
    if (certificate !== undefined && typeof certificate !== 'string') throw invalid('keep.certificate', 'must be PEM');
    if (certificate !== undefined && transport !== 'ssl') {
      throw invalid('keep.certificate', 'is for the transport ssl');
    }
    if (method === 'cert' && certificate === undefined)
      throw invalid('keep.certificate', 'must be given for method cert');
  }
}

function assertCommon({
  server,
  authority,
  now,
  keep,
}: Pick<TlsRequest, 'server' | 'authority' | 'now' | 'keep'>): void {
  assertServer(server);
  assertKeep({ server, ...(keep && { keep }) });
  assertAuthority('authority', authority);
  assertMoment(now);
}

function assertAuthority(name: string, authority: CertificateAuthority): void {
  if (!(authority instanceof CertificateAuthority)) throw invalid(name, 'must be a CertificateAuthority');
}

function assertMoment(now: Date | undefined): void {
  if (now === undefined || (now instanceof Date && !Number.isNaN(now.getTime()))) return;
  throw invalid('now', 'must be a valid Date');
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
