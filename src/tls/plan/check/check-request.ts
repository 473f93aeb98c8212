import { assertProperties, assertRecord, type PropertyNames } from '../../../arguments.ts';
import { hbaFormat } from '../../../hba/format.ts';
import type { ClientCertificateOptions, ServerCertificateOptions } from '../../../pki/issue/authority-options.ts';
import { invalid } from '../request/invalid.ts';
import type {
  ExceptionRequest,
  ForeignCertificate,
  RuleRequest,
  ServerCertificateRequest,
  TlsRequest,
  UserRequest,
} from '../request/request.ts';
import { assertClient, assertCommon, assertHosts, assertOneOf, assertPassphrase } from './check-parts.ts';
import { assertCertificatesIn, assertGivenCrls, assertPrivateKeyIn } from './check-pem.ts';

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

/** The names of the properties that a `TlsRequest` may have. */
export const requestNames: PropertyNames<TlsRequest> = {
  ...serverRequestNames,
  connection: true,
  roots: true,
  rule: true,
  withoutCertificate: true,
  exceptions: true,
  users: true,
  client: true,
  clientCertificate: true,
  crls: true,
  issuers: true,
};

const userNames: PropertyNames<UserRequest> = {
  user: true,
  database: true,
  rule: true,
  withoutCertificate: true,
  exceptions: true,
  clientCertificate: true,
};

const foreignNames: PropertyNames<ForeignCertificate> = { roots: true, certificate: true, privateKey: true };

const ruleNames: PropertyNames<RuleRequest> = { databases: true, address: true, password: true };

const exceptionNames: PropertyNames<ExceptionRequest> = { address: true, password: true, databases: true, type: true };

const issueNames: PropertyNames<NonNullable<TlsRequest['issue']>> = { server: true, client: true };

const certificateNames = { subject: true, validity: true, serialNumber: true, keyAlgorithm: true, key: true } as const;
const serverOptionNames: PropertyNames<Omit<ServerCertificateOptions, 'hosts'>> = {
  ...certificateNames,
  dnsTextOfAddresses: true,
};
const clientOptionNames: PropertyNames<Omit<ClientCertificateOptions, 'user'>> = certificateNames;

/**
 * Checks the argument of `planClientCertificates`. A caller without type checks may pass another value.
 *
 * @throws PgHostsslError `argument-invalid` with the name of the property
 */
export function assertRequest(request: TlsRequest): void {
  assertProperties(request, requestNames, 'the request of planClientCertificates');
  assertCommon(request);
  assertServerSide(request);
  const { connection, issue, client, users = [] } = request;
  if (typeof connection !== 'string') assertRecord(connection, 'the connection of the request');
  if (client !== undefined) assertClient(client);
  const { crls, issuers, roots } = request;
  if (roots !== undefined) assertCertificatesIn('roots', roots);
  if (crls !== undefined && crls !== true && typeof crls !== 'string') throw invalid('crls', 'must be true or PEM');
  assertGivenCrls({ crls: crls === true ? '' : crls, issuers });
  if (issue?.client !== undefined) assertProperties(issue.client, clientOptionNames, 'issue.client of the request');
  assertOneOf('newKey', request.newKey, [true, false, 'server', 'client']);
  assertAccess(request, '');
  if (!Array.isArray(users)) throw invalid('users', 'must be an array');
  const isAllForeign = [request, ...users].every((access) => access?.clientCertificate !== undefined);
  if (request.authority === undefined && !(isAllForeign && request.serverCertificate !== undefined)) {
    throw invalid('authority', 'must be given if serverCertificate or a clientCertificate is not given');
  }
  for (const [i, user] of users.entries()) {
    assertProperties(user, userNames, `users[${i}] of the request`);
    assertAccess(user, `users[${i}].`);
  }
}

function assertAccess(
  {
    rule,
    withoutCertificate,
    exceptions = [],
    clientCertificate,
  }: Pick<UserRequest, 'rule' | 'withoutCertificate' | 'exceptions' | 'clientCertificate'>,
  at: string,
): void {
  if (clientCertificate !== undefined) assertForeign(clientCertificate, `${at}clientCertificate`);
  if (rule !== undefined) {
    assertProperties(rule, ruleNames, `the ${at}rule of the request`);
    const { password: _, ...columns } = rule;
    hbaFormat.assertValues(columns);
  }
  assertOneOf(`${at}withoutCertificate`, withoutCertificate, ['unchanged', 'reject']);
  assertOneOf(`${at}rule.password`, rule?.password, ['scram-sha-256', 'md5']);
  if (!Array.isArray(exceptions)) throw invalid(`${at}exceptions`, 'must be an array');
  for (const [i, exception] of exceptions.entries()) assertException(exception, `${at}exceptions[${i}]`);
}

function assertException(exception: ExceptionRequest, at: string): void {
  assertProperties(exception, exceptionNames, `${at} of the request`);
  const { password, ...columns } = exception;
  for (const [name, value] of Object.entries({ address: columns.address, password })) {
    if (value === undefined) throw invalid(`${at}.${name}`, 'must be given');
  }
  hbaFormat.assertValues(columns);
  assertOneOf(`${at}.password`, password, ['scram-sha-256', 'md5']);
  assertOneOf(`${at}.type`, columns.type, ['host', 'hostssl']);
}

/**
 * Checks the argument of `planServerCertificate`. A caller without type checks may pass another value.
 *
 * @throws PgHostsslError `argument-invalid` with the name of the property
 */
export function assertServerCertificate(request: ServerCertificateRequest): void {
  assertProperties(request, serverRequestNames, 'the request of planServerCertificate');
  assertCommon(request);
  if (request.hosts === undefined) throw invalid('hosts', 'must be given');
  if (request.authority === undefined && request.serverCertificate === undefined) {
    throw invalid('authority', 'must be given if serverCertificate is not given');
  }
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
    assertForeign(serverCertificate, 'serverCertificate');
  }
  assertHosts(hosts);
  assertPassphrase(passphrase);
  assertOneOf('minProtocol', request.minProtocol, ['TLSv1.2', 'TLSv1.3']);
  assertOneOf('replaceForeign', request.replaceForeign, [true, false]);
}

const toPemHint = 'Give the text of the key: `privateKey.toPem()` of a `PrivateKey`.';

/**
 * Checks a certificate from another CA.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertForeign(foreign: ForeignCertificate, at: string): void {
  assertProperties(foreign, foreignNames, `the ${at} of the request`);
  const { roots, certificate, privateKey } = foreign;
  if (roots === undefined) throw invalid(`${at}.roots`, 'must be given');
  assertCertificatesIn(`${at}.roots`, roots);
  for (const [name, text] of Object.entries({ certificate, privateKey })) {
    // An empty text is refused, because the planning functions would treat it as a property that is not given.
    if (text === '' || (text !== undefined && typeof text !== 'string'))
      throw invalid(`${at}.${name}`, 'must be PEM', name === 'privateKey' ? toPemHint : undefined);
  }
  if (certificate === undefined && privateKey !== undefined)
    throw invalid(`${at}.privateKey`, 'must not be given without the certificate');
  if (certificate !== undefined) assertCertificatesIn(`${at}.certificate`, certificate);
  if (privateKey !== undefined) assertPrivateKeyIn(`${at}.privateKey`, privateKey);
}
