import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AccessInput } from '../../src/access/index.ts';
import { der, derSequence } from '../../src/asn1/der.ts';
import { decodePem, encodePem } from '../../src/asn1/pem.ts';
import {
  type ClientBundleParts,
  type ConnectionBundle,
  checkBundle,
  clientBundle,
  testBundle,
} from '../../src/client/index.ts';
import { causeCodes } from '../../src/codes.ts';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { Configuration, readConfiguration } from '../../src/configuration/index.ts';
import { causes, type ExplainOptions, explain } from '../../src/doctor/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { extension } from '../../src/pki/certificate/extensions.ts';
import { CertificateAuthority, inspectCertificate, PrivateKey } from '../../src/pki/index.ts';
import type { PgMajor } from '../../src/version.ts';
import { endsSoon } from '../ends-soon.ts';
import { forge } from '../pki/forge.ts';
import { opensslFiles, withoutOpenssl } from '../pki/openssl.ts';
import { runs, seed } from '../property.ts';
import { repositoryRoot } from '../repository.ts';
import { temporaryFolder } from '../server/temporary.ts';
import { type RecordedText, textsFile } from './texts.ts';

const texts = JSON.parse(readFileSync(textsFile, 'utf8')) as readonly RecordedText[];

async function codesOf(error: unknown, options: Parameters<typeof explain>[1] = {}): Promise<readonly string[]> {
  return (await explain(error, options)).causes.map(({ code }) => code);
}

test('each recorded text has its cause first, if the side is given', async () => {
  assert.ok(texts.length > 150);
  for (const { cause, side, text, serverLog, from, server, needsConfiguration = false } of texts) {
    const codes = await codesOf(text, { side, ...(serverLog === undefined ? {} : { serverLog }) });
    assert.equal(
      needsConfiguration ? codes.find((code) => code === cause) : codes[0],
      cause,
      `${from}, PostgreSQL ${server}: ${text}\n${serverLog}`,
    );
  }
});

test('each recorded text of a client has its cause first, even if the side is not given', async () => {
  for (const { cause, side, text, serverLog, needsConfiguration } of texts) {
    if (side === 'server' || serverLog !== undefined || needsConfiguration) continue;
    const codes = await codesOf(text);
    // A server prints the same text about its own key, so the cause on the server's side may come first.
    const twins: Readonly<Record<string, string>> = {
      'client-file-damaged': 'server-file-damaged',
      'client-file-permission': 'server-file-permission',
      'key-file-mode': 'server-key-file-mode',
      'key-mismatch': 'server-key-mismatch',
      'passphrase-wrong': 'server-key-encrypted',
    };
    assert.ok(codes[0] === cause || (codes[0] === twins[cause] && codes.includes(cause)), `${text}\n${codes.join()}`);
  }
});

test('a private key that is not a regular file is blamed on the side that the text names', async () => {
  const text = 'private key file "server.key" is not a regular file';
  assert.deepEqual(await codesOf(text), ['client-file-damaged']);
  for (const level of ['FATAL', 'LOG'])
    assert.deepEqual(await codesOf(`2026-11-27 03:16:17 UTC [1] ${level}:  ${text}`), ['server-file-damaged']);
});

test('a scene provoked each cause, and its text was recorded', () => {
  assert.deepEqual(causes.map(({ code }) => code).toSorted(), Object.keys(causeCodes).toSorted());
  const recorded = new Set(texts.map(({ cause }) => cause));
  assert.deepEqual(
    causes.map(({ code }) => code).filter((code) => !recorded.has(code)),
    [],
  );
});

test('a log that only says that the client refused the server comes after the error of the client', async () => {
  const errors: readonly (readonly [error: string, cause: string])[] = [
    ['CERT_HAS_EXPIRED certificate has expired', 'server-certificate-expired'],
    ["ERR_TLS_CERT_ALTNAME_INVALID IP: 127.0.0.1 is not in the cert's list: ", 'host-not-covered'],
    ['could not load private key file "alice.key": key values mismatch', 'key-mismatch'],
  ];
  const ends = ['EOF detected', 'Success', 'tlsv1 alert bad certificate', 'sslv3 alert certificate unknown'];
  for (const end of ends) {
    const serverLog = `LOG:  could not accept SSL connection: ${end}`;
    for (const [error, cause] of errors) {
      const codes = await codesOf(error, { side: 'client', serverLog });
      assert.equal(codes[0], cause, `${error}\n${serverLog}\n${codes.join()}`);
      assert.ok(codes.includes('server-not-trusted-by-client'));
    }
    const unclear = await codesOf('SSL connection has been closed unexpectedly', { side: 'client', serverLog });
    assert.equal(unclear[0], 'server-not-trusted-by-client');
  }
});

test('an address without a route, and a limit of time, are causes that a scene cannot provoke everywhere', async () => {
  // The programs printed these texts on a machine without a route to 192.0.2.99.
  const unreachable = [
    'connection to server at "192.0.2.99", port 5432 failed: No route to host\n\tIs the server running on that host and accepting TCP/IP connections?\n',
    'EHOSTUNREACH\nError\nconnect EHOSTUNREACH 192.0.2.99:5432',
    'org.postgresql.util.PSQLException: The connection attempt failed.\njava.net.NoRouteToHostException: No route to host\n',
    'org.postgresql.util.PSQLException: The connection attempt failed.\njava.net.SocketTimeoutException: Connect timed out\n',
    'dial tcp 192.0.2.99:5432: i/o timeout',
    'failed to connect to `host=192.0.2.99 user=alice database=`: dial error (dial tcp 192.0.2.99:5432: connect: no route to host)',
    'connection timeout expired',
  ];
  for (const text of unreachable) assert.deepEqual(await codesOf(text), ['server-not-answering'], text);
  // A pool of `pg`: the second error is the cause of the first.
  const pool = new Error('Connection terminated due to connection timeout', {
    cause: new Error('Connection terminated unexpectedly'),
  });
  assert.deepEqual(await codesOf(pool), ['server-not-answering', 'connection-closed']);
});

test('texts of clients and states that no scene provokes', async () => {
  const known: readonly (readonly [text: string, causes: readonly string[]])[] = [
    ['ERR_POSTGRES_CONNECTION_CLOSED\nPostgresError\nConnection closed', ['connection-closed']],
    ['P1017: Server has closed the connection.', ['connection-closed']],
    [
      'P1011: Error opening a TLS connection: error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed:../ssl/statem/statem_clnt.c:1889: (self-signed certificate in certificate chain)',
      ['server-issuer-unknown'],
    ],
    ['P1011: Error opening a TLS connection: certificate has expired', ['server-certificate-expired']],
    ['FATAL:  the database system is starting up', ['server-not-ready']],
    ['FATAL:  the database system is in recovery mode', ['server-not-ready']],
    ['FATAL:  the database system is not yet accepting connections', ['server-not-ready']],
    [
      'FATAL:  the database system is not accepting connections\nDETAIL:  Hot standby mode is disabled.',
      ['server-not-ready'],
    ],
  ];
  for (const [text, codes] of known) assert.deepEqual(await codesOf(text), codes, text);
});

test('a closed connection has the cause that the log names, and without a log only a possible cause', async () => {
  for (const text of ['server closed the connection unexpectedly', 'read ECONNRESET']) {
    const { causes: found } = await explain(text, { side: 'client' });
    assert.deepEqual(
      found.filter(({ code }) => code !== 'server-without-tls').map(({ code, certainty }) => [code, certainty]),
      [['connection-closed', 'possible']],
    );
    const serverLog = 'LOG:  could not accept SSL connection: certificate verify failed';
    assert.equal((await codesOf(text, { side: 'client', serverLog }))[0], 'client-issuer-unknown');
  }
  assert.deepEqual(await codesOf('LOG:  could not receive data from client: Connection reset by peer'), []);
});

test('an unknown setting of a file is not a parameter that a client sent', async () => {
  const unknown = 'unrecognized configuration parameter "ssl_min_protocol_version"';
  const log = `LOG:  ${unknown} in file "/d/postgresql.conf" line 5\nFATAL:  configuration file "/d/postgresql.conf" contains errors`;
  assert.deepEqual(await codesOf(log, { side: 'server' }), ['conf-refused']);
  assert.deepEqual(await codesOf(`FATAL:  ${unknown}`, { side: 'server' }), ['url-parameters-sent']);
});

test('causes with the same text are distinguished by other facts', async () => {
  const noTls = 'The server does not support SSL connections';
  assert.deepEqual(await codesOf(noTls), ['server-without-tls', 'setting-hidden', 'tls-over-socket']);
  const conf = ConfTree.read({ main: ConfFile.parse("ssl = on\nssl_ca_file = 'root.crt'\n") });
  const configuration = { hba: HbaFile.parse('hostssl all all all cert\n'), conf };
  const { causes: found } = await explain(noTls, { configuration });
  assert.deepEqual(
    found.map(({ code, certainty }) => [code, certainty]),
    [
      ['setting-hidden', 'possible'],
      ['tls-over-socket', 'possible'],
      ['server-without-tls', 'possible'],
    ],
  );
});

test('alerts of Go and Java, and of OpenSSL 1.1, 3.0 and later, are the same alerts', async () => {
  const words = [
    'tlsv1 alert unknown ca',
    'ssl/tls alert unknown ca',
    'SSL alert number 48',
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
    'remote error: tls: unknown certificate authority',
    'Received fatal alert: unknown_ca',
  ];
  for (const text of words) assert.equal((await codesOf(text))[0], 'client-issuer-unknown', text);
  const bySides = [
    'LOG:  could not accept SSL connection: tlsv1 alert unknown ca',
    'LOG:  could not accept SSL connection: ssl/tls alert unknown ca',
  ];
  for (const text of bySides) assert.equal((await codesOf(text))[0], 'server-issuer-unknown', text);
});

test('the reason that Python prints names the cause', async () => {
  // Printed by Python 3.11 for servers of these kinds.
  const reasons: readonly (readonly [reason: string, cause: string])[] = [
    ['unable to get local issuer certificate', 'server-issuer-unknown'],
    ['self-signed certificate in certificate chain', 'server-issuer-unknown'],
    ['certificate has expired', 'server-certificate-expired'],
    ['certificate is not yet valid', 'server-certificate-not-yet-valid'],
    ["Hostname mismatch, certificate is not valid for 'localhost'.", 'host-not-covered'],
    ["IP address mismatch, certificate is not valid for '127.0.0.1'.", 'host-not-covered'],
    ['unsuitable certificate purpose', 'server-certificate-purpose'],
    ['unable to get certificate CRL', 'client-crl-missing'],
    ['certificate revoked', 'server-certificate-revoked'],
    ['CRL has expired', 'client-crl-expired'],
    ['CRL is not yet valid', 'client-crl-not-yet-valid'],
  ];
  for (const [reason, cause] of reasons) {
    const text = `ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: ${reason} (_ssl.c:1006)`;
    const { causes: found } = await explain(text, { side: 'client' });
    assert.deepEqual([found[0]?.code, found[0]?.certainty], [cause, 'likely'], text);
    assert.ok(found.every(({ code }) => code !== 'ssl-options-replaced'));
  }
});

test('explain names no cause of pg alone for an error of libpq or pgjdbc', async () => {
  const said = 'FATAL:  connection requires a valid client certificate';
  const isOfPg = async (text: string): Promise<boolean> =>
    (await explain(text)).causes.some(({ code }) => code === 'ssl-options-replaced');
  assert.equal(await isOfPg(`error: ${said.slice(8)}`), true);
  for (const start of [
    'psql: error: ',
    'connection to server at "localhost" (::1), port 5432 failed: ',
    'org.postgresql.util.PSQLException: ',
  ]) {
    assert.equal(await isOfPg(start + said), false, start);
  }
});

test('the texts of Node.js without their codes name the cause', async () => {
  // Printed by Node.js 20 and by libpq 18.
  const messages: readonly (readonly [message: string, cause: string])[] = [
    ['self-signed certificate in certificate chain', 'ssl-options-replaced'],
    ['self signed certificate in certificate chain', 'ssl-options-replaced'],
    ['self-signed certificate', 'server-issuer-unknown'],
    ['unable to verify the first certificate', 'server-issuer-unknown'],
    ['unable to get local issuer certificate', 'server-issuer-unknown'],
    ['certificate has expired', 'server-certificate-expired'],
    ['certificate is not yet valid', 'server-certificate-not-yet-valid'],
    ['unsuitable certificate purpose', 'server-certificate-purpose'],
    ['certificate revoked', 'server-certificate-revoked'],
    ['unable to get certificate CRL', 'client-crl-missing'],
    ['CRL has expired', 'client-crl-expired'],
    ['CRL is not yet valid', 'client-crl-not-yet-valid'],
    [
      "Hostname/IP does not match certificate's altnames: Host: db. is not in the cert's altnames: DNS:x",
      'host-not-covered',
    ],
    ["Hostname/IP does not match certificate's altnames: IP: 10.0.0.7 is not in the cert's list: ", 'host-not-covered'],
    ['host name must be specified for a verified SSL connection', 'connection-parameter-invalid'],
    ['definition of service "app" not found', 'connection-parameter-invalid'],
    ['syntax error in service file "/home/a/.pg_service.conf", line 3', 'connection-parameter-invalid'],
  ];
  for (const [message, cause] of messages) {
    for (const error of [message, `Error: Error opening a TLS connection: ${message}`, new Error(message)]) {
      const { causes: found } = await explain(error);
      assert.deepEqual([found[0]?.code, found[0]?.certainty], [cause, 'likely'], message);
    }
  }
  const detail = 'DETAIL:  Client certificate verification failed at depth 0: certificate has expired.';
  assert.deepEqual(await codesOf(detail), ['client-certificate-expired']);
});

test('a name that peer, ident or GSSAPI refuses is not a fault of a certificate', async () => {
  const names = 'LOG:  provided user name (a1) and authenticated user name (root) do not match';
  for (const method of ['Peer', 'Ident', 'GSSAPI', 'SSPI']) {
    for (const line of [names, 'LOG:  no match in usermap "m" for user "a1" authenticated as "root"']) {
      const serverLog = `${line}\nFATAL:  ${method} authentication failed for user "a1"`;
      const expected = method === 'Peer' || method === 'Ident' ? ['system-user-refused'] : [];
      assert.deepEqual(await codesOf('', { serverLog }), expected, serverLog);
    }
  }
  assert.deepEqual(await codesOf('', { serverLog: names }), ['user-not-named']);
  const both = `${names}\nFATAL:  certificate authentication failed for user "a1"\nFATAL:  Peer authentication failed for user "b"`;
  assert.deepEqual((await codesOf('', { serverLog: both })).toSorted(), [
    'map-without-match',
    'system-user-refused',
    'user-not-named',
  ]);
});

test('a setting that OpenSSL refuses is a refused setting', async () => {
  // Printed by 10, 12, 18 and 19.
  for (const text of [
    'could not set the cipher list (no valid ciphers available)',
    'could not set the TLSv1.2 cipher list (no valid ciphers available)',
    'could not set the TLSv1.3 cipher suites (no valid ciphers available)',
    'ECDH: unrecognized curve name: bogus',
    'could not set group names specified in ssl_groups: No valid groups found',
    'could not load DH parameters file: no start line',
  ]) {
    const { causes: found } = await explain(`LOG:  ${text}\nLOG:  SSL configuration was not reloaded`);
    assert.deepEqual(
      found.map(({ code, certainty }) => `${code} ${certainty}`),
      ['conf-refused likely'],
      text,
    );
  }
});

test('texts of other versions have the causes of the recorded texts', async () => {
  const others: readonly (readonly [text: string, cause: string])[] = [
    ["server doesn't support GSSAPI encryption, but it was required", 'gss-encryption-demanded'],
    ['GSSAPI encryption required but it is not supported over a local socket', 'gss-encryption-demanded'],
    ['gssencmode value "require" invalid when GSSAPI support is not compiled in', 'gss-encryption-demanded'],
    ['sorry, too many clients already', 'connections-exhausted'],
    ['FATAL:  too many connections for database "app"', 'connections-exhausted'],
    ['invalid ssl_min_protocol_version value: "1.2"', 'connection-parameter-invalid'],
    [
      'pq: unsupported sslmode "verify_full"; only "require" (default), "verify-full" supported',
      'connection-parameter-invalid',
    ],
    ['invalid sslmode value: "no-verify"', 'connection-parameter-invalid'],
  ];
  for (const [text, cause] of others) assert.deepEqual(await codesOf(text), [cause], text);
});

test('texts of postgres.js, Bun, pg and Prisma that name no reason have possible causes', async () => {
  // Printed by postgres.js 3.4 and Bun 1.4 for servers of these kinds, and by `pg` for another program on the port.
  for (const [text, expected] of [
    [
      'ECONNRESET Client network socket disconnected before secure TLS connection was established',
      ['server-without-tls possible', 'connection-closed possible'],
    ],
    ['LOG:  invalid length of startup packet', ['server-without-tls possible', 'not-tls possible']],
    ['write CONNECTION_CLOSED 127.0.0.1:5432', ['connection-closed possible']],
    [
      'ERR_POSTGRES_CONNECTION_FAILED Connection closed before the connection was established',
      ['connection-closed possible'],
    ],
    // Bun prints the same for a host name that it cannot resolve.
    ['ERR_POSTGRES_CONNECTION_REFUSED Failed to connect', ['server-not-reached likely', 'host-unknown possible']],
    ['ERR_POSTGRES_CONNECTION_TIMEOUT Connection timeout after 1s', ['server-not-answering likely']],
    ['There was an error establishing an SSL connection', ['not-tls likely']],
    [
      "P1001: Can't reach database server at `localhost:5432`",
      ['host-unknown possible', 'server-not-reached possible', 'server-not-answering possible'],
    ],
  ] as const) {
    const { causes: found } = await explain(text);
    assert.deepEqual(
      found.map(({ code, certainty }) => `${code} ${certainty}`),
      expected,
      text,
    );
  }
});

test('psql without a terminal cannot ask for the passphrase of a key', async () => {
  const text = 'could not load private key file "/app/postgresql.key": processing error';
  assert.equal((await codesOf(text, { side: 'client' }))[0], 'passphrase-wrong');
});

test('errors that drivers wrap are unwrapped', async () => {
  const inner = Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' });
  const wrapped = [
    new Error('outer', { cause: inner }),
    Object.assign(new Error('SequelizeConnectionError'), { parent: inner, original: inner }),
    Object.assign(new Error('QueryFailedError'), { driverError: inner }),
    new AggregateError([new Error('a'), inner]),
    { meta: { cause: inner } },
    // The adapter of Prisma 7, and the error of Prisma around it.
    { name: 'DriverAdapterError', cause: { kind: 'postgres', originalCode: 'CERT_HAS_EXPIRED' } },
    { code: 'P2010', meta: { driverAdapterError: { cause: { originalMessage: 'certificate has expired' } } } },
    { code: 'P1011', meta: { driverAdapterError: { cause: { reason: 'certificate has expired' } } } },
  ];
  for (const error of wrapped) assert.equal((await codesOf(error))[0], 'server-certificate-expired');
  const circular: { cause?: unknown } = {};
  circular.cause = circular;
  for (const error of [circular, undefined, null, 7, '']) assert.deepEqual(await codesOf(error), []);
});

test('no answer contains a piece of the text', async () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{12,20}$/);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...texts), secret, fc.nat(), async ({ text, side, serverLog = '' }, word, at) => {
      const mixed = text.slice(0, at % text.length) + word + text.slice(at % text.length);
      const answer = await explain(new Error(`postgresql://alice:${word}@h/d ${mixed}`), {
        side,
        serverLog: serverLog + word,
      });
      assert.ok(!JSON.stringify(answer).includes(word));
    }),
    { numRuns: runs(100), seed },
  );
});

const made = await testBundle({ hosts: ['127.0.0.1'], users: ['alice', 'bob'] });
const alice = made.client({ user: 'alice', database: 'app' });
const bob = made.client({ user: 'bob' });
const [, serverCertificate] = made.serverFiles('/d').map((file) => String(file.content()));

test('a bundle and a configuration say which of the causes applies', async () => {
  const { certificate, target, ca } = alice;
  const noCertificate = 'connection requires a valid client certificate';
  const wrongKey = clientBundle({ target, ca, certificate, privateKey: bob.privateKey() });
  const [first] = (await explain('key values mismatch', { bundle: wrongKey })).causes;
  assert.deepEqual([first?.code, first?.certainty, first?.details.length], ['key-mismatch', 'confirmed', 1]);

  // The error text does not fit the fault of this bundle, so the confirmed cause comes last.
  const { causes: found } = await explain(noCertificate, { bundle: wrongKey });
  assert.equal(found[0]?.code, 'client-certificate-missing');
  assert.deepEqual(
    found.filter(({ certainty }) => certainty === 'confirmed').map(({ code }) => code),
    ['key-mismatch'],
  );

  // A bundle without a certificate confirms the cause. A bundle with a certificate does not rule the cause out, because
  // the client may not send the certificate.
  const certain = async (bundle: ConnectionBundle): Promise<string | undefined> => {
    const configuration = { hba: HbaFile.parse('hostssl all all all cert\n') };
    const { causes } = await explain(noCertificate, { bundle, configuration });
    return causes.find(({ code }) => code === 'client-certificate-missing')?.certainty;
  };
  assert.equal(await certain(clientBundle({ target, ca })), 'confirmed');
  assert.equal(await certain(alice), 'likely');

  const refused = 'certificate authentication failed for user "alice"';
  const configuration = { hba: HbaFile.parse('hostssl all all all cert map=m\n') };
  const options = { bundle: alice, configuration, clientAddress: '10.0.0.1' };
  // Without pg_ident.conf, it is not known which roles the map allows.
  const [unknown] = (await explain(refused, options)).causes;
  assert.deepEqual([unknown?.code, unknown?.certainty], ['user-not-named', 'likely']);
  const withMaps = { ...configuration, ident: IdentFile.parse('') };
  const [byMap] = (await explain(refused, { ...options, configuration: withMaps })).causes;
  assert.deepEqual([byMap?.code, byMap?.certainty], ['map-without-match', 'confirmed']);
  assert.match(byMap?.details[0] ?? '', /no match in usermap "m"/);

  // The same fault has another cause if the rule asks for a password, too.
  const withPassword = { hba: HbaFile.parse('hostssl all all all scram-sha-256 clientcert=verify-full\n') };
  const asAlice = clientBundle({ target, ca, certificate: bob.certificate, privateKey: bob.privateKey() });
  const failed = 'password authentication failed for user "alice"';
  const byPassword = await explain(failed, {
    ...options,
    bundle: asAlice,
    configuration: withPassword,
    side: 'client',
  });
  assert.deepEqual(
    byPassword.causes.slice(0, 2).map(({ code, certainty }) => [code, certainty]),
    [
      ['certificate-name-and-password', 'confirmed'],
      ['password-wrong', 'likely'],
    ],
  );
});

test('a role that the facts do not list is confirmed as missing, and the name is not ruled out', async () => {
  const configuration = { hba: HbaFile.parse('hostssl all all all cert\n') };
  const options = { bundle: alice, configuration, facts: { roles: ['bob'] } };
  const { causes: found } = await explain('role "alice" does not exist', options);
  assert.deepEqual(
    found.map(({ code, certainty }) => [code, certainty]),
    [['role-missing', 'confirmed']],
  );
});

test('a name has no fault only for a known address, and not if the log of the server names it', async () => {
  const configuration = {
    hba: HbaFile.parse('hostssl all alice 127.0.0.1/32 cert map=m\nhostssl all alice ::1/128 cert\n'),
    ident: IdentFile.parse('m bob alice\n'),
  };
  const refused = 'certificate authentication failed for user "alice"';
  const noMatch = `LOG:  no match in usermap "m" for user "alice" authenticated as "alice"\nFATAL:  ${refused}`;
  const wrongName = `LOG:  provided user name (alice) and authenticated user name (bob) do not match\nFATAL:  ${refused}`;
  for (const [error, options, expected] of [
    [refused, {}, ['user-not-named likely', 'map-without-match possible']],
    [refused, { serverLog: noMatch }, ['map-without-match likely', 'user-not-named likely']],
    [refused, { clientAddress: '127.0.0.1' }, ['map-without-match confirmed', 'user-not-named possible']],
    [refused, { clientAddress: '::1' }, ['user-not-named possible', 'map-without-match ruled-out']],
    [refused, { clientAddress: '::1', serverLog: wrongName }, ['user-not-named likely', 'map-without-match ruled-out']],
    [wrongName, { clientAddress: '::1' }, ['user-not-named likely', 'map-without-match ruled-out']],
  ] as const) {
    const { causes: found } = await explain(error, { bundle: alice, configuration, ...options });
    assert.deepEqual(
      found.map(({ code, certainty }) => `${code} ${certainty}`),
      expected,
    );
  }
});

test('a missing rule is not confirmed as a wrong name in the certificate', async () => {
  const configuration = { hba: HbaFile.parse('hostssl other all all cert\nhostssl reports all all reject\n') };
  const entry = 'no pg_hba.conf entry for host "10.0.0.1", user "alice", database "app", SSL encryption';
  for (const [database, text, expected] of [
    ['app', entry, 'no-rule-with-tls confirmed'],
    ['reports', 'pg_hba.conf rejects connection for host "10.0.0.1", user "alice"', 'rejected-by-rule confirmed'],
  ] as const) {
    const bundle = made.client({ user: 'alice', database });
    const { causes: found } = await explain(text, { bundle, configuration });
    assert.deepEqual(
      found.map(({ code, certainty }) => `${code} ${certainty}`),
      [expected],
    );
  }
});

test('the client may use another key than the key of the bundle', async () => {
  const text = 'could not load private key file "alice.key": key values mismatch';
  const [first] = (await explain(text, { side: 'client', bundle: alice })).causes;
  assert.deepEqual([first?.code, first?.certainty], ['key-mismatch', 'likely']);
});

test('each fault of a bundle confirms its cause, and a bundle without faults rules causes out', async () => {
  const day = 24 * 60 * 60 * 1000;
  const from = (days: number) => new Date(Date.now() + days * day);
  const validity = { notBefore: from(-30), days: 300 };
  const lasting = await testBundle({ hosts: ['127.0.0.1'], users: ['alice'], validity });
  const { authority } = lasting;
  const ours = lasting.client({ user: 'alice' });
  const { target, ca, certificate } = ours;
  const [, chain] = lasting.serverFiles('/d').map((file) => String(file.content()));
  const { chain: asServer, privateKey: serverKey } = await authority.issueServerCertificate({ hosts: ['alice'] });
  const { privateKey: pem } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const weakKey = await PrivateKey.read(pem.export({ type: 'pkcs8', format: 'pem' }), { allowWeak: true });
  const forged = {
    subject: 'CN=alice',
    issuer: 'CN=Test CA of pg-hostssl',
    key: weakKey,
    issuerKey: authority.privateKey,
  };
  const weak = await forge({
    ...forged,
    extensions: [extension('2.5.29.17', derSequence(der(0x87, Uint8Array.of(127, 0, 0, 1))))],
  });
  const encrypted = await (await PrivateKey.read(ours.privateKey())).toEncryptedPem('open sesame');
  const crlOf = async (issuer: CertificateAuthority, revoked: readonly string[] = []) => {
    return (
      await issuer.issueCrl({ revoked: revoked.map((serialNumber) => ({ serialNumber })), validity: { days: 7 } })
    ).crl;
  };
  const { serialNumber } = inspectCertificate(certificate);
  const [crl, revoked, foreign] = [
    await crlOf(authority),
    await crlOf(authority, [serialNumber]),
    await crlOf(made.authority),
  ];
  const rows: readonly (readonly [
    causes: readonly string[],
    options: ExplainOptions,
    parts?: Partial<ClientBundleParts>,
  ])[] = [
    [[], { crls: crl, serverCa: ca, serverCertificate: chain!, keyFile: { mode: 0o600, uid: 1 } }],
    [['key-mismatch'], {}, { privateKey: bob.privateKey() }],
    [['passphrase-wrong'], {}, { privateKey: encrypted, passphrase: 'wrong' }],
    [['client-file-damaged'], {}, { privateKey: encodePem('PRIVATE KEY', Uint8Array.of(0x30, 0)) }],
    // OpenSSL reads this kind of key, so nothing is confirmed.
    [[], {}, { privateKey: String(generateKeyPairSync('ed448').privateKey.export({ type: 'pkcs8', format: 'pem' })) }],
    [['key-file-mode'], { keyFile: { mode: 0o666, uid: 1 } }],
    [['client-issuer-unknown'], { serverCa: made.ca }],
    [['client-certificate-expired'], { at: from(400) }],
    [['client-certificate-not-yet-valid'], { at: from(-40) }],
    [['client-certificate-purpose'], {}, { certificate: asServer, privateKey: serverKey }],
    [['client-certificate-revoked'], { crls: revoked }],
    [['crl-missing'], { crls: foreign }],
    [['crl-expired'], { crls: crl, at: from(20) }],
    [['crl-not-yet-valid'], { crls: crl, at: from(-20) }],
    [['certificate-weak'], {}, { certificate: weak, privateKey: weakKey }],
    [['client-issuer-unknown'], { serverCa: ca }, { certificate: withOtherSignature(certificate) }],
    [['user-not-named'], {}, { target: { ...target, user: 'bob' } }],
    [['server-issuer-unknown'], { serverCertificate: withOtherSignature(chain!) }],
    [['server-issuer-unknown'], { serverCertificate: serverCertificate! }],
    [['server-certificate-expired', 'client-certificate-expired'], { serverCertificate: chain!, at: from(400) }],
    [
      ['server-certificate-not-yet-valid', 'client-certificate-not-yet-valid'],
      { serverCertificate: chain!, at: from(-40) },
    ],
    [['server-certificate-purpose', 'host-not-covered'], { serverCertificate: certificate }],
    [['server-certificate-weak', 'host-not-covered'], { serverCertificate: weak }],
    [['host-not-covered'], { serverCertificate: chain! }, { target: { ...target, host: 'db' } }],
  ];
  for (const [expected, options, parts] of rows) {
    const bundle = clientBundle({ target, ca, certificate, privateKey: ours.privateKey(), ...parts });
    const { causes: found } = await explain('', { bundle, ...options });
    assert.deepEqual(found.map(({ code }) => code).toSorted(), expected.toSorted());
    assert.ok(found.every(({ certainty, details }) => certainty === 'confirmed' && details.length > 0));
  }
  // Every recorded text is in this text, so the answer lists all causes that the bundle can rule out.
  const noEntry = 'no pg_hba.conf entry for host "10.0.0.1", user "alice", database "alice", SSL encryption';
  const all = [...texts.map(({ text, serverLog = '' }) => `${text}\n${serverLog}`), noEntry].join('\n');
  const ruledOut = async (options: ExplainOptions) => {
    const { causes: found } = await explain(all, { bundle: ours, side: 'client', ...options });
    return found.flatMap(({ code, certainty }) => (certainty === 'ruled-out' ? [code] : []));
  };
  const ofCrls = ['client-certificate-revoked', 'crl-missing', 'crl-expired', 'crl-not-yet-valid'];
  const ofChain = [
    'client-issuer-unknown',
    ...['expired', 'not-yet-valid', 'purpose'].map((fault) => `client-certificate-${fault}`),
  ];
  for (const [options, codes] of [
    [{}, []],
    // The CA certificates of the server may have a fault, and without them no chain is complete.
    [{ crls: crl }, []],
    [{ serverCa: ca }, ofChain],
    [{ serverCa: ca, crls: crl }, [...ofChain, ...ofCrls]],
    [{ serverCa: made.ca, crls: crl }, ofChain.slice(1)],
    [{ keyFile: { mode: 0o600, uid: 1 } }, ['key-file-mode']],
    // The client may trust other roots than those of the bundle.
    [
      { serverCertificate: chain! },
      [...['expired', 'not-yet-valid', 'purpose'].map((fault) => `server-certificate-${fault}`), 'host-not-covered'],
    ],
    // The texts name the other causes that this configuration does not have.
    [
      { configuration: { hba: HbaFile.parse('hostssl all all all cert\n') }, clientAddress: '10.0.0.1' },
      ['map-without-match', 'certificate-name-and-password'],
    ],
  ] as const) {
    assert.deepEqual((await ruledOut(options)).toSorted(), ['certificate-weak', ...codes].toSorted());
  }
  // If the log of the server names a cause, the client uses another certificate than that of the bundle.
  const serverLog = 'DETAIL:  Client certificate verification failed at depth 0: certificate has expired.';
  const [first] = (await explain('tlsv1 alert certificate expired', { bundle: ours, serverLog })).causes;
  assert.deepEqual([first?.code, first?.certainty], ['client-certificate-expired', 'likely']);
});

test('a certificate with a SHA-1 signature is named as weak', { skip: withoutOpenssl }, async () => {
  const made = await testBundle({ hosts: ['127.0.0.1'], users: ['alice'] });
  const ours = made.client({ user: 'alice' });
  const { target, ca, certificate } = ours;
  const privateKey = ours.privateKey();
  const { weak } = opensslFiles(
    [
      ['req', '-new', '-key', 'own', '-subj', '/CN=alice', '-out', 'r'],
      ['x509', '-req', '-sha1', '-in', 'r', '-CA', 'c', '-CAkey', 'k', '-CAcreateserial', '-out', 'weak'],
    ],
    ['weak'],
    { own: privateKey, c: ca, k: made.authority.privateKey.toPem() },
  );
  const codesFor = async (parts: { certificate: string }, options: ExplainOptions) => {
    const bundle = clientBundle({ target, ca, privateKey, ...parts });
    return (await explain('', { bundle, ...options })).causes.map(({ code }) => code);
  };
  assert.deepEqual(await codesFor({ certificate: weak! }, {}), ['certificate-weak']);
  const codes = await codesFor({ certificate }, { serverCertificate: weak! });
  assert.ok(codes.includes('server-certificate-weak'), codes.join());
});

test('an expired root is named as the certificate that has expired', async () => {
  const day = 24 * 60 * 60 * 1000;
  const then = { provider: { now: () => new Date(Date.now() - 20 * day) } };
  const old = await CertificateAuthority.create({ subject: '/CN=Old', validity: { days: 10 }, ...then });
  const { certificate: ca, privateKey } = old;
  const dead = await CertificateAuthority.load({ certificate: ca, privateKey });
  const renewed = await dead.renew({ key: dead.privateKey });
  const user = await renewed.issueClientCertificate({ user: 'alice' });
  const server = await renewed.issueServerCertificate({ hosts: ['localhost'] });
  const target = { host: 'localhost', user: 'alice', port: 5432, database: 'app' };
  const bundle = clientBundle({ target, ca, certificate: user.chain, privateKey: user.privateKey });
  const files = { serverCertificate: server.chain, serverCa: ca };
  const { problems } = await checkBundle(bundle, files);
  assert.deepEqual(
    problems.map(({ code, of }) => `${of} ${code}`),
    ['client-certificate expired', 'server-certificate expired'],
  );
  assert.ok(problems.every(({ hint }) => /If it is a CA certificate, .* root\.crt .* ssl_ca_file/.test(hint)));
  for (const [text, side] of [
    ['CERT_HAS_EXPIRED', 'server'],
    ['sslv3 alert certificate expired', 'client'],
  ] as const) {
    const [first] = (await explain(text, { bundle, ...files, side: 'client' })).causes;
    assert.deepEqual([first?.code, first?.certainty], [`${side}-certificate-expired`, 'confirmed']);
    assert.match(first!.details.join(), /^[^,]*The CA certificate was valid until/);
    assert.match(first!.wayOut, /If a CA certificate has expired, renew the CA with its key/);
  }
  // The bundle has the new root, and it is not known which one the server has.
  const { certificate: next } = renewed;
  const ofNext = clientBundle({ target, ca: next, certificate: user.chain, privateKey: user.privateKey });
  for (const [serverCa, certainty] of [
    [undefined, 'likely'],
    [ca, 'confirmed'],
    [next, 'ruled-out'],
  ] as const) {
    const { causes: found } = await explain('sslv3 alert certificate expired', {
      bundle: ofNext,
      serverCa,
      side: 'client',
    });
    const cause = found.find(({ code }) => code === 'client-certificate-expired');
    assert.equal(cause?.certainty, certainty);
  }
});

/** Returns a certificate whose last byte, which belongs to the signature, is another one. */
function withOtherSignature(pem: string): string {
  const [{ der: bytes } = assert.fail()] = decodePem(pem);
  return encodePem(
    'CERTIFICATE',
    bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte)),
  );
}

test('the state of the key file decides whether libpq refuses it', async () => {
  const text = 'private key file "/d/postgresql.key" has group or world access';
  for (const [mode, certainty] of [
    [0o100644, 'confirmed'],
    [0o100600, 'ruled-out'],
  ] as const) {
    const { causes: found } = await explain(text, { side: 'client', bundle: alice, keyFile: { mode, uid: 1000 } });
    assert.deepEqual(
      found.map((cause) => `${cause.code} ${cause.certainty}`),
      [`key-file-mode ${certainty}`],
    );
  }
});

test('an error object and the errors of libpq come from a client, and LOG lines from a server', async () => {
  const alert = 'tlsv1 alert unknown ca';
  for (const [error, expected] of [
    [new Error(alert), 'client-issuer-unknown'],
    [`connection to server at "h" (10.0.0.1), port 5432 failed: ${alert}`, 'client-issuer-unknown'],
    [`connection to server on socket "/tmp/.s.PGSQL.5432" failed: FATAL: ${alert}`, 'client-issuer-unknown'],
    [`2026-11-27 10:00:00 UTC [1] LOG:  could not accept SSL connection: ${alert}`, 'server-issuer-unknown'],
  ] as const) {
    assert.equal((await codesOf(error))[0], expected);
  }
  // The text of a server's key file fits a client's key file, too. An error object cannot be from a server.
  const access = 'private key file "x" has group or world access';
  assert.deepEqual(await codesOf(new Error(access)), ['key-file-mode']);
  assert.deepEqual(await codesOf(`LOG:  ${access}`), ['server-key-file-mode']);
  assert.deepEqual(await codesOf(access), ['key-file-mode', 'server-key-file-mode']);
});

test('the certificate of the server decides which cause an alert has', async () => {
  const failed = 'SSL error: certificate verify failed';
  const elsewhere = made.client({ user: 'alice', host: 'localhost' });
  const [first] = (
    await explain('does not match host name', { bundle: elsewhere, serverCertificate: serverCertificate! })
  ).causes;
  assert.deepEqual([first?.code, first?.certainty], ['host-not-covered', 'confirmed']);
  const codes = (await explain(failed, { bundle: alice, serverCertificate: serverCertificate! })).causes;
  // Without the certificate of the server, nothing about it is ruled out.
  const { causes: open } = await explain(failed, { bundle: alice });
  assert.ok(open.length > 1 && open.every(({ certainty }) => certainty !== 'ruled-out'));
  // The client may check CRLs of its own, which are not among the facts.
  for (const { code, certainty } of codes) {
    const isAboutCrl = code.startsWith('client-crl-') || code === 'server-certificate-revoked';
    // The client may also trust other roots than those of the bundle.
    const expected = code === 'server-issuer-unknown' ? 'likely' : isAboutCrl ? 'possible' : 'ruled-out';
    assert.equal(certainty, expected, code);
  }
});

test('the rules of the server explain a connection with TLS and a connection without', async () => {
  const hba = HbaFile.parse('hostssl app alice 10.0.0.0/8 cert\nhost all all 192.168.0.0/16 reject\n', {
    file: 'pg_hba.conf',
  });
  const text = 'no pg_hba.conf entry for host "10.0.0.1", user "alice", database "app", no encryption';
  const [first] = (await explain(text, { bundle: alice, configuration: { hba }, clientAddress: '10.0.0.1' })).causes;
  assert.deepEqual([first?.code, first?.certainty], ['no-rule-without-tls', 'confirmed']);
  const off = { hba, conf: ConfTree.read({ main: ConfFile.parse("ssl = off\nssl_ca_file = 'root.crt'\n") }) };
  const { causes: withoutTls } = await explain(text, { bundle: alice, configuration: off, clientAddress: '10.0.0.1' });
  assert.deepEqual(
    withoutTls.map(({ code, certainty }) => `${code} ${certainty}`),
    ['server-without-tls confirmed', 'no-rule-without-tls confirmed', 'setting-hidden possible'],
  );
  const rejected = 'pg_hba.conf rejects connection for host "192.168.0.1", user "alice"';
  const [second] = (await explain(rejected, { bundle: alice, configuration: { hba }, clientAddress: '192.168.0.1' }))
    .causes;
  assert.deepEqual([second?.code, second?.certainty], ['rejected-by-rule', 'confirmed']);
  assert.match(second?.details[0] ?? '', /^pg_hba\.conf line 2 decides/);
});

test('a server that refuses connections without TLS has no fault, unless the text is about such a connection', async () => {
  const answers = async (text: string, lines: string) => {
    const options = { bundle: alice, configuration: { hba: HbaFile.parse(lines) }, clientAddress: '10.0.0.1' };
    const { causes: found } = await explain(text, { ...options, side: 'client' });
    return found.map(({ code, certainty, details }) => `${code} ${certainty} ${details[0] ?? ''}`.trim());
  };
  const cert = 'hostssl all all all cert\n';
  const line = (number: number, way: string) =>
    `pg_hba.conf line ${number} decides about a connection ${way} TLS: method`;
  assert.deepEqual(await answers('', cert), []);
  assert.deepEqual(await answers('', `${cert}hostnossl all all all reject\n`), []);
  assert.deepEqual(await answers('CERT_REVOKED', `${cert}host all all all reject\n`), [
    'server-certificate-revoked likely',
  ]);
  const rejects = 'pg_hba.conf rejects connection for host "10.0.0.1", user "alice", database "app", no encryption';
  assert.deepEqual(await answers(rejects, `${cert}hostnossl all all all reject\n`), [
    `rejected-by-rule confirmed ${line(2, 'without')} reject`,
  ]);
  // If the server refuses both kinds of connections, the rule for TLS is the fault.
  assert.deepEqual(await answers('', 'hostssl all all all reject\nhost all all all reject\n'), [
    `rejected-by-rule confirmed ${line(1, 'with')} reject`,
  ]);
  assert.deepEqual(await answers('', 'hostnossl all all all reject\n'), [
    'no-rule-with-tls confirmed No rule matches a connection with TLS',
  ]);
  const noEntry = 'no pg_hba.conf entry for host "10.0.0.1", user "alice", database "app"';
  assert.deepEqual(await answers(`${noEntry}, no encryption`, cert), [
    'no-rule-without-tls confirmed No rule matches a connection without TLS',
    'server-without-tls possible',
    'setting-hidden possible',
  ]);
  assert.deepEqual(
    await answers(`${noEntry}, no encryption\n${noEntry}, SSL encryption`, `${cert}host all all all trust\n`),
    [`no-rule-with-tls possible ${line(1, 'with')} cert`, `no-rule-without-tls possible ${line(2, 'without')} trust`],
  );
});

test('a text about a replication connection is explained by the rules for such connections', async () => {
  const rule = 'hostssl all alice all cert\n';
  const answers = async (text: string, lines: string, version: PgMajor = 18) => {
    const configuration = { hba: HbaFile.parse(lines, { version }) };
    const { causes: found } = await explain(text, { bundle: alice, configuration, clientAddress: '10.0.0.1' });
    const fitting = found.filter(({ code }) => code !== 'server-without-tls' && code !== 'setting-hidden');
    return fitting.map(({ code, certainty, details }) => `${code} ${certainty} ${details[0] ?? ''}`.trim());
  };
  const line = (number: number, what: string, way: string) =>
    `pg_hba.conf line ${number} decides about a ${what} ${way}`;
  const noEntry = 'no pg_hba.conf entry for replication connection from host "10.0.0.1", user "alice"';
  // The keyword all does not match such a connection.
  assert.deepEqual(await answers(`${noEntry}, SSL encryption`, rule), [
    'no-rule-with-tls confirmed No rule matches a replication connection with TLS',
  ]);
  assert.deepEqual(await answers(`${noEntry}, no encryption`, rule), [
    'no-rule-without-tls confirmed No rule matches a replication connection without TLS',
  ]);
  assert.deepEqual(await answers(`${noEntry}, SSL encryption`, 'hostssl replication alice all cert\n'), [
    `no-rule-with-tls possible ${line(1, 'replication connection', 'with TLS: method cert')}`,
  ]);
  const rejects = 'pg_hba.conf rejects replication connection for host "10.0.0.1", user "alice", SSL encryption';
  assert.deepEqual(await answers(rejects, `hostssl replication alice all reject\n${rule}`), [
    `rejected-by-rule confirmed ${line(1, 'replication connection', 'with TLS: method reject')}`,
  ]);
  // Up to 13, the text may be about a logical replication connection, which the keyword all matches.
  const before14 = `${noEntry}, SSL on`;
  assert.deepEqual(await answers(before14, rule, 13), [
    'no-rule-with-tls confirmed No rule matches a replication connection with TLS',
  ]);
  assert.deepEqual(await answers(before14, `hostssl replication alice all cert\n`, 13), [
    'no-rule-with-tls confirmed No rule matches a replication connection with TLS',
  ]);
  assert.deepEqual(await answers(before14, `hostssl replication alice all cert\n${rule}`, 13), [
    `no-rule-with-tls possible ${line(1, 'replication connection', 'with TLS: method cert')}`,
  ]);
});

test('a rule that matches says nothing about a text that is about another connection', async () => {
  const configuration = { hba: HbaFile.parse('hostssl app alice 10.0.0.0/8 cert\n') };
  const options = { bundle: alice, configuration, clientAddress: '10.0.0.1' };
  for (const [host, user, database, certainty] of [
    ['10.0.0.1', 'alice', 'app', 'possible'],
    // A server in a container sees the address of the bridge.
    ['172.17.0.1', 'alice', 'app', 'likely'],
    ['10.0.0.1', 'bob', 'app', 'likely'],
    ['10.0.0.1', 'alice', 'other', 'likely'],
  ] as const) {
    const text = `no pg_hba.conf entry for host "${host}", user "${user}", database "${database}", SSL encryption`;
    const [first] = (await explain(text, options)).causes;
    assert.deepEqual([first?.code, first?.certainty], ['no-rule-with-tls', certainty], text);
  }
});

/**
 * Returns the configuration of a working server, in which these files are replaced, added, or (with `null`) removed.
 */
async function configurationWith(changes: Readonly<Record<string, string | null>>): Promise<Configuration> {
  const [key, certificate] = made.serverFiles('/d').map((file) => String(file.content()));
  const contents = {
    '/data/PG_VERSION': '18\n',
    '/data/postgresql.conf': "ssl = on\nssl_ca_file = 'root.crt'\n",
    '/data/postgresql.auto.conf': '',
    '/data/pg_hba.conf': 'hostssl all all all cert\n',
    '/data/server.key': key!,
    '/data/server.crt': certificate!,
    '/data/root.crt': made.ca,
    ...Object.fromEntries(Object.entries(changes).map(([name, content]) => [`/data/${name}`, content])),
  };
  return Configuration.fromContents(contents, '/data');
}

test('a configuration confirms the faults of its files, and rules out other causes', async () => {
  const bobsKey = bob.privateKey();
  const encrypted = await (await PrivateKey.read(bobsKey)).toEncryptedPem('open sesame');
  const faults: readonly (readonly [Readonly<Record<string, string | null>>, readonly string[]])[] = [
    [{}, []],
    [{ 'server.key': bobsKey }, ['server-key-mismatch']],
    [{ 'server.key': encrypted }, ['server-key-encrypted']],
    [{ 'server.crt': 'nothing' }, ['server-file-damaged']],
    [{ 'root.crt': null }, ['server-file-missing']],
    [{ 'pg_hba.conf': 'hostssl all all all certs\n' }, ['hba-refused']],
    [{ 'postgresql.conf': '' }, ['server-without-tls', 'ca-file-unset']],
    [{ 'postgresql.conf': "ssl = on\nssl_ca_file = 'root.crt'\nwork_mem = x\n" }, ['conf-refused']],
    [{ 'postgresql.auto.conf': 'ssl = off\n' }, ['setting-hidden']],
    [{ 'postgresql.auto.conf': "ssl_ca_file = ''\n" }, ['setting-hidden']],
    [{ 'postgresql.conf': "ssl = on\nssl_ca_file = 'root.crt'\nssl = off\n" }, ['setting-hidden']],
    // An included file that was not read may set `ssl` and `ssl_ca_file`, so nothing is confirmed or ruled out.
    [{ 'postgresql.conf': "include 'unread.conf'\n" }, []],
    [{ 'server.key': bobsKey, 'server.crt': 'nothing' }, ['server-file-damaged']],
  ];
  for (const [changes, expected] of faults) {
    const configuration = await configurationWith(changes);
    const { causes: found } = await explain('', { configuration });
    assert.deepEqual(
      found.map(({ code }) => code).toSorted(),
      expected.toSorted(),
      JSON.stringify(Object.keys(changes)),
    );
    assert.ok(found.every(({ certainty, details }) => certainty === 'confirmed' && details.length > 0));
  }
});

test('the records of pg_hosts.conf decide about the CA file in place of ssl_ca_file', async () => {
  const noStore = 'client certificates can only be checked if a root certificate store is available';
  const mismatch = 'check of private key failed: key values mismatch';
  const certainty = async (cause: string, text: string, options: ExplainOptions): Promise<string | undefined> =>
    (await explain(text, options)).causes.find(({ code }) => code === cause)?.certainty;
  const sni = 'ssl = on\nssl_sni = on\n';
  const withCa = `${sni}ssl_ca_file = 'root.crt'\n`;
  const [bare, named] = ['server.crt server.key\n', 'server.crt server.key root.crt\n'];
  // `null` is a missing pg_hosts.conf, and `undefined` is one that was not read.
  for (const [conf, hosts, expected, ofOthers] of [
    [withCa, `* ${bare}`, 'confirmed', 'likely'],
    [sni, `* ${named}`, 'possible', 'likely'],
    [withCa, `a.example.com ${bare}b.example.com ${named}`, 'likely', 'likely'],
    [withCa, undefined, 'likely', 'likely'],
    [sni, undefined, 'likely', 'likely'],
    [withCa, '', 'possible', 'possible'],
    [withCa, null, 'possible', 'possible'],
    [sni, null, 'confirmed', 'possible'],
  ] as const) {
    const changes = { PG_VERSION: '19\n', 'postgresql.conf': conf };
    const configuration = await configurationWith(
      hosts === undefined ? changes : { ...changes, 'pg_hosts.conf': hosts },
    );
    const where = JSON.stringify([conf, hosts]);
    assert.equal(await certainty('ca-file-unset', noStore, { configuration }), expected, where);
    assert.equal(await certainty('server-key-mismatch', mismatch, { configuration, side: 'server' }), ofOthers, where);
    const hidden = await certainty('setting-hidden', noStore, { configuration });
    assert.equal(hidden, hosts === undefined ? 'possible' : 'ruled-out', where);
  }
  const hba = HbaFile.parse('hostssl all all all cert\n', { version: 19 });
  const conf = ConfTree.read({ main: ConfFile.parse(withCa, { version: 19 }) });
  assert.equal(await certainty('ca-file-unset', noStore, { configuration: { hba, conf } }), 'likely');
});

test('a server key without a fault is one that was compared with the certificate', async () => {
  const [key, certificate] = made.serverFiles('/d').map((file) => String(file.content()));
  const [good, other] = await Promise.all(
    [key!, bob.privateKey()].map(async (pem) => (await PrivateKey.read(pem)).toEncryptedPem('open sesame')),
  );
  const command = "ssl = on\nssl_ca_file = 'root.crt'\nssl_passphrase_command = 'echo open sesame'\n";
  const unknown = String(generateKeyPairSync('ed448').privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const mismatch = 'check of private key failed: key values mismatch';
  const passphrase = 'private key file "server.key" cannot be reloaded because it requires a passphrase';
  for (const [changes, text, expected] of [
    [{}, mismatch, 'server-key-mismatch possible'],
    [{ 'server.key': other!, 'postgresql.conf': command }, mismatch, 'server-key-mismatch likely'],
    [{ 'server.key': unknown }, mismatch, 'server-key-mismatch likely'],
    [
      { 'server.key': bob.privateKey(), 'server.crt': certificate!.replaceAll(' CERTIFICATE', ' TRUSTED CERTIFICATE') },
      mismatch,
      'server-key-mismatch likely',
    ],
    [{}, passphrase, 'server-key-encrypted possible'],
    [{ 'server.key': good!, 'postgresql.conf': command }, passphrase, 'server-key-encrypted confirmed'],
    // A key with a passphrase is no fault if no text is about it.
    [{ 'server.key': good!, 'postgresql.conf': command }, '', undefined],
  ] as const) {
    const configuration = await configurationWith(changes);
    const { causes: found } = await explain(`LOG:  ${text}`, { configuration, side: 'server' });
    assert.deepEqual(
      found.map(({ code, certainty }) => `${code} ${certainty}`),
      expected === undefined ? [] : [expected],
      JSON.stringify([Object.keys(changes), text]),
    );
  }
});

test('a file without an error does not rule out that the server refuses it', async () => {
  const more = 'host all all all reject\n';
  for (const [cause, text, changes] of [
    ['hba-refused', 'LOG:  pg_hba.conf was not reloaded', { 'pg_hba.conf': `${more}include more.conf\n` }],
    // It depends on the build of the server whether it knows this method.
    ['hba-refused', 'LOG:  pg_hba.conf was not reloaded', { 'pg_hba.conf': `${more}host all all all pam\n` }],
    [
      'hosts-refused',
      'FATAL:  could not load file "/data/pg_hosts.conf"',
      {
        PG_VERSION: '19\n',
        'postgresql.conf': 'ssl = on\nssl_sni = on\n',
        'pg_hosts.conf': '* server.crt server.key\ninclude more.conf\n',
      },
    ],
  ] as const) {
    const { causes: found } = await explain(text, { configuration: await configurationWith(changes), side: 'server' });
    assert.equal(found.find(({ code }) => code === cause)?.certainty, 'likely', JSON.stringify(changes));
  }
});

test('files that the server may not have loaded rule no cause out that the text names', async () => {
  const configuration = await configurationWith({});
  const options = { configuration, bundle: alice, clientAddress: '10.0.0.1', side: 'client' } as const;
  const mine = 'host "10.0.0.1", user "alice", database "app", SSL encryption';
  for (const [text, code] of [
    ['client certificates can only be checked if a root certificate store is available', 'ca-file-unset'],
    ['server does not support SSL, but SSL was required', 'server-without-tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'host-not-covered'],
    ['CERT_HAS_EXPIRED', 'server-certificate-expired'],
    ['tlsv1 alert unknown ca', 'client-issuer-unknown'],
    [`no pg_hba.conf entry for ${mine}`, 'no-rule-with-tls'],
  ] as const) {
    const { causes: found } = await explain(text, options);
    const cause = found.find((each) => each.code === code);
    assert.equal(cause?.certainty, 'possible', code);
    assert.match(cause.details.at(-1) ?? '', /reload or restart the server/);
    assert.equal(
      found.findLast(({ certainty }) => certainty !== 'ruled-out'),
      cause,
      code,
    );
  }
});

test('a cause that is ruled out has no detail that the server may have it', async () => {
  const configuration = await configurationWith({});
  const text = 'Client network socket disconnected before secure TLS connection was established';
  const { causes: found } = await explain(text, { configuration });
  const ruledOut = found.filter(({ certainty }) => certainty === 'ruled-out');
  assert.deepEqual(
    ruledOut.map(({ code, details }) => [code, details]),
    [['server-without-tls', []]],
  );
});

test('a finding names the file and the line, or the command line', async () => {
  const details = async (configuration: AccessInput) => {
    return (await explain('', { configuration })).causes.map(({ code, details }) => [code, ...details]);
  };
  const hba = HbaFile.parse('hostssl all all all cert\n');
  const main = ConfFile.parse("\nssl = on\nssl_ca_file = 'root.crt'\nssl = off\n", { file: '/etc/app.conf' });
  assert.deepEqual(await details({ hba, conf: ConfTree.read({ main }) }), [
    ['setting-hidden', '/etc/app.conf line 4 turns ssl off, and overrides /etc/app.conf line 2'],
  ]);
  const [plain, auto] = ["ssl = on\nssl_ca_file = 'root.crt'\n", "ssl_ca_file = ''\n"].map((text) =>
    ConfFile.parse(text),
  );
  assert.deepEqual(await details({ hba, conf: ConfTree.read({ main: plain!, auto: auto! }) }), [
    ['setting-hidden', 'postgresql.auto.conf line 1 turns ssl_ca_file off, and overrides postgresql.conf line 2'],
  ]);
  const commandLine = { ssl: 'off' };
  assert.deepEqual(await details({ hba, conf: ConfTree.read({ main: plain!, commandLine }) }), [
    ['setting-hidden', 'the command line turns ssl off, and overrides postgresql.conf line 1'],
  ]);
  const broken = [HbaFile.parse('\nhostssl all all all certs\n'), HbaFile.parse('host\n', { file: '/etc/hba' })];
  for (const [index, place] of ['pg_hba.conf line 2', '/etc/hba line 1'].entries()) {
    const [[code, detail] = assert.fail()] = await details({ hba: broken[index]! });
    assert.ok(code === 'hba-refused' && detail?.startsWith(`${place}: hba-`), detail);
  }
});

test('mode and owner of the server files are faults of a configuration', async () => {
  const data = temporaryFolder();
  const { uid } = statSync(data);
  const [key, certificate] = made.serverFiles(data);
  for (const [name, content] of [
    ['PG_VERSION', '18\n'],
    ['postgresql.conf', `ssl = on\nssl_ca_file = 'root.crt'\n`],
    ['postgresql.auto.conf', ''],
    ['pg_hba.conf', 'hostssl all all all cert\n'],
    ['root.crt', made.ca],
    ['server.crt', String(certificate!.content())],
    ['server.key', String(key!.content())],
  ] as const) {
    writeFileSync(join(data, name), content, { mode: 0o644 });
    chownSync(join(data, name), uid, -1);
  }
  const rows: readonly (readonly [name: string, owner: number, mode: number, expected: readonly string[]])[] = [
    ['server.key', uid, 0o600, []],
    ['server.key', uid, 0o640, ['server-key-file-mode']],
    ['server.crt', uid, 0o000, ['server-file-permission']],
  ];
  const asRoot = [
    ['server.key', uid + 1, 0o600, ['server-key-file-owner']],
    ['server.key', 0, 0o644, ['server-key-file-mode']],
    ['server.key', 0, 0o640, []],
  ] as const;
  for (const [name, owner, mode, expected] of process.getuid?.() === 0 ? [...rows, ...asRoot] : rows) {
    const path = join(data, name);
    const before = statSync(path);
    chownSync(path, owner, -1);
    chmodSync(path, mode);
    const { causes: found } = await explain('', { configuration: await readConfiguration(data) });
    assert.deepEqual(
      found.map(({ code }) => code),
      expected,
      `${name} ${owner} ${mode.toString(8)}`,
    );
    assert.ok(found.every(({ certainty, details: [detail] }) => certainty === 'confirmed' && detail?.includes(path)));
    chownSync(path, before.uid, -1);
    chmodSync(path, 0o600);
  }
  const { causes: found } = await explain('private key file "server.key" has group or world access', {
    side: 'server',
    configuration: await readConfiguration(data),
  });
  assert.deepEqual(
    found.map(({ code, certainty }) => `${code} ${certainty}`),
    ['server-key-file-mode possible'],
  );
});

test('a configuration alone says what is wrong with the server certificate', async () => {
  const day = 24 * 60 * 60 * 1000;
  const asClient = await configurationWith({ 'server.crt': alice.certificate, 'server.key': alice.privateKey() });
  const good = await configurationWith({});
  const text = 'SSL error: certificate verify failed';
  const faults = [
    ['server-certificate-expired', good, new Date(Date.now() + 10 * day)],
    ['server-certificate-not-yet-valid', good, new Date(Date.now() - 10 * day)],
    ['server-certificate-purpose', asClient, new Date()],
  ] as const;
  for (const [cause, configuration, at] of faults) {
    const [first, ...others] = (await explain(text, { configuration, at, side: 'client' })).causes;
    assert.deepEqual([first?.code, first?.certainty], [cause, 'confirmed']);
    assert.ok(first!.details.length > 0 && others.every(({ certainty }) => certainty !== 'confirmed'));
  }
  // A server certificate without faults rules out no cause, because clients may trust other roots.
  const { causes: found } = await explain(text, { configuration: good, side: 'client' });
  assert.ok(found.length > 1 && found.every(({ certainty }) => certainty === 'likely' || certainty === 'possible'));
});

test('a bundle is checked against the files of the configuration', async () => {
  const other = await testBundle({ hosts: ['127.0.0.1'], users: ['alice'] });
  const stranger = other.client({ user: 'alice', database: 'app' });
  const configuration = await configurationWith({});
  const options = { bundle: stranger, configuration };
  const [first] = (await explain('tlsv1 alert unknown ca', { ...options, side: 'client' })).causes;
  assert.deepEqual([first?.code, first?.certainty], ['client-issuer-unknown', 'confirmed']);
  const [second] = (await explain('SSL error: certificate verify failed', options)).causes;
  assert.deepEqual([second?.code, second?.certainty], ['server-issuer-unknown', 'confirmed']);
  // An option with the value `undefined` counts as missing.
  const withUndefined = { ...options, serverCertificate: undefined, serverCa: undefined, crls: undefined };
  assert.deepEqual((await explain('SSL error: certificate verify failed', withUndefined)).causes[0], second);

  const good = await explain('tlsv1 alert unknown ca', { bundle: alice, configuration, side: 'client' });
  assert.deepEqual(
    good.causes.map(({ code, certainty }) => [code, certainty]),
    [
      ['crl-missing', 'possible'],
      ['client-issuer-unknown', 'possible'],
    ],
  );
  // Without the files of the server, it is not known which roots the server trusts.
  const { target, certificate } = stranger;
  const foreign = clientBundle({ target, ca: made.ca, certificate, privateKey: stranger.privateKey() });
  const [third] = (await explain('tlsv1 alert unknown ca', { bundle: foreign, side: 'client' })).causes;
  assert.deepEqual([third?.code, third?.certainty], ['client-issuer-unknown', 'likely']);

  // A damaged certificate file of the server is a finding. A damaged argument of the caller is an error.
  const damaged = await configurationWith({
    'root.crt': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  });
  const { causes: found } = await explain('no start line', { bundle: alice, configuration: damaged });
  assert.ok(found.some(({ code, certainty }) => code === 'server-file-damaged' && certainty === 'confirmed'));
  await assert.rejects(explain('', { bundle: alice, serverCa: 'x' }), { code: 'certificate-invalid' });
});

test('the CRLs of ssl_crl_dir count as those of ssl_crl_file', async () => {
  const serialNumber = inspectCertificate(alice.certificate).serialNumber;
  const minutesAgo = (minutes: number) => ({ notBefore: new Date(Date.now() - minutes * 60_000), days: 7 });
  const old = await made.authority.issueCrl({ validity: minutesAgo(50) });
  const revoked = [{ serialNumber }];
  const { crl, fileName } = await made.authority.issueCrl({ revoked, previous: old.crl, validity: minutesAgo(10) });
  const damaged = '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n';
  const [next, last] = [1, 2].map((number) => fileName.replace(/\.r0$/, `.r${number}`));
  const certainties = async (settings: string, files: Readonly<Record<string, string | null>>) => {
    const conf = `ssl = on\nssl_ca_file = 'root.crt'\n${settings}`;
    const configuration = await configurationWith({ 'postgresql.conf': conf, ...files });
    const options = { configuration, bundle: alice, side: 'client' } as const;
    const alerts = 'alert certificate revoked, alert unknown ca';
    const { causes: found } = await explain(alerts, options);
    return ['client-certificate-revoked', 'crl-missing'].map(
      (cause) => found.find(({ code }) => code === cause)?.certainty,
    );
  };
  const [file, directory] = ["ssl_crl_file = 'old.crl'\n", "ssl_crl_dir = 'crls'\n"];
  for (const [settings, files, expected] of [
    [file, { 'old.crl': old.crl }, ['possible', 'ruled-out']],
    [file + directory, { 'old.crl': old.crl, [`crls/${fileName}`]: crl }, ['confirmed', 'ruled-out']],
    [directory, { [`crls/${fileName}`]: crl }, ['confirmed', 'ruled-out']],
    [directory, { [`crls/${fileName}`]: old.crl, [`crls/${next}`]: crl }, ['confirmed', 'ruled-out']],
    // OpenSSL finds a CRL only by the hash of its issuer.
    [directory, { 'crls/new.crl': crl }, ['possible', 'confirmed']],
    [file + directory, { 'old.crl': old.crl, 'crls/new.crl': crl }, ['possible', 'ruled-out']],
    // Whether OpenSSL reads on behind a damaged file depends on its version.
    [
      directory,
      { [`crls/${fileName}`]: old.crl, [`crls/${next}`]: damaged, [`crls/${last}`]: crl },
      ['likely', 'possible'],
    ],
    // A CRL that was not read, and two directories, whose content is not known.
    [file + directory, { [`crls/${fileName}`]: old.crl }, ['likely', 'possible']],
    ["ssl_crl_dir = 'crls:more'\n", { [`crls/${fileName}`]: old.crl }, ['likely', 'possible']],
  ] as const) {
    assert.deepEqual(await certainties(settings, files), expected, JSON.stringify([settings, Object.keys(files)]));
  }
});

test('a configuration without its pg_hba.conf still explains faults of its other files', async () => {
  const configuration = await configurationWith({ 'pg_hba.conf': null, 'server.key': bob.privateKey() });
  const { causes: found } = await explain('', { configuration, bundle: alice, clientAddress: '10.0.0.1' });
  assert.deepEqual(
    found.map(({ code }) => code),
    ['server-key-mismatch'],
  );
});

test('explain takes linear time for long lines and for many lines', async () => {
  const beginnings = [
    'could not load certificate ',
    'could not accept SSL connection: alert ',
    'no pg_hba.conf entry for SSL ',
    'server certificate for ',
    'provided user name () and authenticated user name (',
    'SSL error: role "ENOENT hostname ',
    'x509: certificate has expired or is not yet valid: current time ',
    'LOG:  connection received: host=127.0.0.1 port=5432\n',
  ];
  for (const beginning of beginnings) {
    const serverLog = beginning.repeat(500_000 / beginning.length);
    await endsSoon(() => explain(serverLog, { serverLog }));
  }
});

test('rejects unknown options, and options of a wrong kind', async () => {
  await assert.rejects(explain('', { log: '' } as never), { code: 'argument-invalid', message: /"log"/ });
  await assert.rejects(explain('', { side: 'both' as never }), { code: 'argument-invalid' });
  await assert.rejects(explain('', { serverLog: 7 as never }), { code: 'argument-invalid' });
  for (const configuration of [null, 5, {}, { hba: 'local all all trust' }, []] as never[]) {
    await assert.rejects(explain('', { configuration }), {
      code: 'argument-invalid',
      message: /^configuration of explain/,
    });
  }
});

test('the page is made from the table', () => {
  const text = readFileSync(join(repositoryRoot, 'docs/troubleshooting.md'), 'utf8').replace(/\s+/g, ' ');
  for (const { code, looksLike, cause, confirm, wayOut } of causes) {
    const section = `### ${code} Looks like: ${looksLike} ${cause} - **Confirm**: ${confirm} - **Way out**: ${wayOut}`;
    assert.ok(text.includes(section.replace(/\s+/g, ' ')), code);
  }
  assert.equal(text.split('### ').length - 1, causes.length);
});
