import { assertProperties, assertRecord, type PropertyNames } from '../../../arguments.ts';
import { isBlank } from '../../../c/ascii.ts';
import { maxNameBytes } from '../../../c/names.ts';
import { assertLifePart } from '../../../pki/lifecycle/due.ts';
import { invalid } from '../request/invalid.ts';
import type {
  CaRolloverRequest,
  CertificateRequestsRequest,
  MigrationRequest,
  RenewalRequest,
  RevocationRequest,
  UserRemovalRequest,
} from '../request/lifecycle-requests.ts';
import type { TlsRequest } from '../request/request.ts';
import {
  assertAuthority,
  assertClient,
  assertCommon,
  assertHosts,
  assertKeep,
  assertMoment,
  assertOneOf,
  assertPassphrase,
  assertServer,
} from './check-parts.ts';
import { assertCertificatesIn, assertGivenCrls } from './check-pem.ts';
import { assertForeign, assertRequest, requestNames } from './check-request.ts';

const certificateRequestNames: PropertyNames<CertificateRequestsRequest> = {
  server: true,
  hosts: true,
  client: true,
  user: true,
  newKey: true,
  keyAlgorithm: true,
  passphrase: true,
};

/**
 * Checks the argument of `planCertificateRequests`. A caller without type checks may pass another value.
 *
 * @throws PgHostsslError `argument-invalid` with the name of the property
 */
export function assertCertificateRequests(request: CertificateRequestsRequest): void {
  assertProperties(request, certificateRequestNames, 'the request of planCertificateRequests');
  const { server, hosts, client, user, newKey, passphrase } = request;
  assertServer(server);
  assertHosts(hosts);
  if (client !== undefined) assertClient(client);
  if (hosts === undefined && client === undefined)
    throw invalid('hosts', 'must be given if client and user are not given');
  if ((client === undefined) !== (user === undefined))
    throw invalid('user', 'must be given if, and only if, client is given');
  if (user !== undefined && typeof user !== 'string') throw invalid('user', 'must be a string');
  assertOneOf('newKey', newKey, [true, false]);
  assertPassphrase(passphrase);
}

const renewalNames: PropertyNames<RenewalRequest> = {
  server: true,
  authority: true,
  serverCertificate: true,
  clientCertificate: true,
  client: true,
  newKey: true,
  passphrase: true,
  lifePart: true,
  now: true,
  keep: true,
};

/**
 * Checks the argument of `planRenewal`. A caller without type checks may pass another value.
 *
 * @throws PgHostsslError `argument-invalid` with the name of the property
 */
export function assertRenewal(request: RenewalRequest): void {
  assertProperties(request, renewalNames, 'the request of planRenewal');
  assertCommon(request);
  const { client, authority, newKey } = request;
  if (client !== undefined) assertClient(client);
  for (const name of ['serverCertificate', 'clientCertificate'] as const) {
    const given = request[name];
    if (given === undefined) continue;
    assertForeign(given, name);
    if (given.certificate === undefined) throw invalid(`${name}.certificate`, 'must be given');
    if ('privateKey' in given)
      throw invalid(
        `${name}.privateKey`,
        'must not be given: a renewal reads the private key from the existing key file',
      );
  }
  if (request.clientCertificate !== undefined && client === undefined)
    throw invalid('client', 'must be given with clientCertificate');
  if (authority === undefined && client !== undefined && (newKey === true || newKey === 'client')) {
    throw invalid(
      'newKey',
      'makes a new key for the client, which is only possible if authority is given',
      'The key file of the client has a fixed name, so a new key would replace the key of the present certificate. Move both files away, and ask with planCertificateRequests.',
    );
  }
  assertOneOf('newKey', request.newKey, [true, false, 'server', 'client']);
  assertPassphrase(request.passphrase);
  assertLifePart(request.lifePart, 'The property lifePart of the request');
}

const revocationNames: PropertyNames<RevocationRequest> = {
  server: true,
  authority: true,
  revoked: true,
  user: true,
  crls: true,
  issuers: true,
  validity: true,
  now: true,
  keep: true,
};

/**
 * Checks the argument of `planRevocation`. A caller without type checks may pass another value.
 *
 * @throws PgHostsslError `argument-invalid` with the name of the property
 */
export function assertRevocation(request: RevocationRequest): void {
  assertProperties(request, revocationNames, 'the request of planRevocation');
  assertCommon(request);
  const { authority, revoked, user, crls, issuers, validity } = request;
  if (revoked !== undefined && !Array.isArray(revoked)) throw invalid('revoked', 'must be an array');
  // The plan issues a CRL of the authority, and `issuers` can be CAs whose CRLs this CRL needs beside it.
  assertGivenCrls({ crls: crls === undefined && authority !== undefined ? '' : crls, issuers });
  if (authority !== undefined) {
    assertAuthority('authority', authority);
  } else {
    if (crls === undefined || isBlank(crls)) throw invalid('authority', 'must be given, or a CRL in crls');
    for (const [name, value] of Object.entries({ revoked, user, validity })) {
      if (value !== undefined)
        throw invalid(
          name,
          'must not be given without authority',
          'If you give a finished CRL, its CA has revoked the certificates already.',
        );
    }
  }
  if (user === undefined) return;
  assertProperties(user, { name: true, ledger: true, reason: true }, 'the user of the request');
  if (typeof user.name !== 'string') throw invalid('user.name', 'must be a string');
  if (typeof user.ledger?.certificates !== 'function') throw invalid('user.ledger', 'must be a Ledger');
}

const migrationNames: PropertyNames<Omit<MigrationRequest, keyof TlsRequest>> = { step: true };

/**
 * Checks the argument of `planMigration`. A caller without type checks may pass another value.
 *
 * @returns the request without the properties that only `planMigration` has
 * @throws PgHostsslError `argument-invalid` with the name of the property
 */
export function requestOfMigration(request: MigrationRequest): TlsRequest {
  assertProperties(request, { ...requestNames, ...migrationNames }, 'the request of planMigration');
  const { step, ...rest } = request;
  if (step === undefined) throw invalid('step', 'must be given');
  assertOneOf('step', step, ['offer', 'require', 'back']);
  assertRequest(rest);
  return rest;
}

const rolloverNames: PropertyNames<CaRolloverRequest> = {
  server: true,
  client: true,
  current: true,
  next: true,
  serverCertificate: true,
  clientCertificate: true,
  crls: true,
  issuers: true,
  retireCurrent: true,
  passphrase: true,
  now: true,
  keep: true,
};

/**
 * Checks the argument of `planCaRollover`. A caller without type checks may pass another value.
 *
 * @throws PgHostsslError `argument-invalid` with the name of the property
 */
export function assertCaRollover(request: CaRolloverRequest): void {
  assertProperties(request, rolloverNames, 'the request of planCaRollover');
  const { server, client, current, next, retireCurrent, passphrase, now } = request;
  assertPassphrase(passphrase);
  assertServer(server);
  if (client !== undefined) assertClient(client);
  for (const [name, authority] of Object.entries({ current, next })) {
    if (typeof authority !== 'string') assertAuthority(name, authority);
    else assertCertificatesIn(name, authority);
  }
  const { serverCertificate, clientCertificate, crls, issuers } = request;
  for (const [name, text] of Object.entries({ serverCertificate, clientCertificate, crls, issuers })) {
    if (text === undefined) continue;
    if (typeof text !== 'string') throw invalid(name, 'must be PEM');
    if (typeof next !== 'string')
      throw invalid(name, 'is for a next CA whose key is elsewhere', 'Give the certificate of that CA as `next`.');
    if (name.endsWith('Certificate')) assertCertificatesIn(name, text);
  }
  assertGivenCrls({ crls, issuers });
  if (clientCertificate !== undefined && client === undefined)
    throw invalid('client', 'must be given with clientCertificate');
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
 * Checks the argument of `planUserRemoval`. A caller without type checks may pass another value.
 *
 * @throws PgHostsslError `argument-invalid` with the name of the property
 */
export function assertUserRemoval(request: UserRemovalRequest): void {
  assertProperties(request, removalNames, 'the request of planUserRemoval');
  const { server, user, otherRules, revocation, now } = request;
  assertServer(server);
  if (typeof user !== 'string' || user === '' || user.includes('\0') || !user.isWellFormed()) {
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
  assertRecord(revocation, 'revocation of the request');
  if ('keep' in revocation)
    throw invalid('revocation.keep', 'must not be given: give `keep` as a property of the request itself');
  assertRevocation({ ...revocation, server });
}
