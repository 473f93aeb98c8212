import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  applyPlan,
  type LoginProbe,
  planClientCertificates,
  readServer,
  signalReload,
  type VerifyResult,
  verifyServer,
} from '../../src/tls/index.ts';
import { forEachMajor, startServer, type TestServer } from '../server/index.ts';

const day = 24 * 60 * 60 * 1000;
const validity = { notBefore: new Date(Date.now() - 3 * day) };
const authority = await CertificateAuthority.create({ subject: '/CN=Example CA', validity });
const successor = await CertificateAuthority.create({ subject: '/CN=Next CA' });

forEachMajor([10, 18, 19], (major) => {
  let server: TestServer;

  before(async () => {
    server = await startServer({ major });
    await server.query('CREATE ROLE webadmin LOGIN');
    const connection = { host: 'localhost', user: 'webadmin', database: 'postgres' };
    const plan = await planClientCertificates({
      server: await readServer(server.dataDirectory),
      ...{ authority, connection, withoutCertificate: 'reject' },
    });
    await applyPlan(plan, { reload: () => signalReload(server.dataDirectory) });
  });
  after(() => server.remove());

  test('a new CA is loaded when a login below it gets in, and a login below the former CA does not', async () => {
    const [former, next] = [await loginOf(authority), await loginOf(successor)];
    assert.equal((await logins([former], [next])).kind, 'verified');
    server.writeFiles({ 'root.crt': successor.certificate });
    // The new root file is in place, but the server has not reloaded yet.
    assert.deepEqual(await failures([next], [former]), ['is not let in', 'is not refused']);
    await signalReload(server.dataDirectory);
    assert.deepEqual(await logins([next], [former]), { kind: 'verified', reasons: [] });
    server.writeFiles({ 'root.crt': authority.certificate });
    await signalReload(server.dataDirectory);
    assert.equal((await logins([former], [next])).kind, 'verified');
  });

  test('a CA that the server cannot load fails the proof, though the views show the reload without an error', async () => {
    const [former, next] = [await loginOf(authority), await loginOf(successor)];
    server.writeFiles({ 'root.crt': 'no certificate\n' });
    const loadedAfter = new Date();
    await signalReload(server.dataDirectory);
    await server.waitForLog(/SSL configuration was not reloaded|could not load root certificate file/);
    const views = await verifyServer({ query: (sql) => queryOnNewConnection(sql), expected: { loadedAfter } });
    assert.equal(views.kind, 'unproved');
    assert.deepEqual(await failures([next], [former]), ['is not let in', 'is not refused']);
    server.writeFiles({ 'root.crt': authority.certificate });
    await signalReload(server.dataDirectory);
    assert.equal((await logins([former], [next])).kind, 'verified');
  });

  test('a line that the server refuses fails, also if the view shows no error, and a line that it loads does not', async () => {
    const stock = await readFile(join(server.dataDirectory, 'pg_hba.conf'), 'utf8');
    const verdictWith = async (line: string): Promise<VerifyResult> => {
      server.writeFiles({ 'pg_hba.conf': `${line}\n${stock}` });
      return verifyServer({ query: (sql) => queryOnNewConnection(sql), expected: {}, timeout: 500 });
    };
    // The view shows an error for hostgssenc if the server is built without GSSAPI, as in npm, but the server loads it.
    if (major > 11) assert.equal((await verdictWith('hostgssenc all nobody all trust')).kind, 'unproved');
    // From 12 on, the server refuses the value, and the view shows no error.
    const refused = `hostssl all nobody all trust ${major > 11 ? 'clientcert=sometimes' : 'map=people'}`;
    const { kind, reasons } = await verdictWith(refused);
    assert.deepEqual([kind, reasons.map((reason) => reason.split(':', 2).join(':'))], ['failed', ['pg_hba.conf:1']]);
    server.writeFiles({ 'pg_hba.conf': stock });
  });

  test('from 15 on, a mapping that the server refuses fails, and so does a map without a pg_ident.conf', async () => {
    const [rules = '', stock = ''] = await Promise.all(
      ['pg_hba.conf', 'pg_ident.conf'].map((name) => readFile(join(server.dataDirectory, name), 'utf8')),
    );
    const verdict = async (): Promise<VerifyResult> =>
      verifyServer({ query: (sql) => queryOnNewConnection(sql), expected: {}, timeout: 500 });
    const refused = major < 15 ? 'unproved' : 'failed';
    server.writeFiles({ 'pg_ident.conf': 'people alice\n' });
    assert.equal((await verdict()).kind, refused);
    await rm(join(server.dataDirectory, 'pg_ident.conf'));
    assert.equal((await verdict()).kind, 'unproved');
    server.writeFiles({ 'pg_hba.conf': `hostssl all nobody all cert map=people\n${rules}` });
    const { kind, reasons } = await verdict();
    assert.equal(kind, refused);
    if (major >= 15) assert.deepEqual(reasons, ['pg_hba.conf:1: the rule has a map, but pg_ident.conf does not exist']);
    server.writeFiles({ 'pg_hba.conf': rules, 'pg_ident.conf': stock });
    assert.equal((await verdict()).kind, 'unproved');
  });

  test('a refusal after the handshake proves nothing about the certificate', async () => {
    await server.query('CREATE ROLE other LOGIN');
    const stock = await readFile(join(server.dataDirectory, 'pg_hba.conf'), 'utf8');
    const own = await loginOf(authority);
    const lines = ['hostssl webadmin webadmin all ident', 'hostssl all other all cert', stock];
    server.writeFiles({ 'pg_hba.conf': lines.join('\n') });
    await signalReload(server.dataDirectory);
    const { client, ...bare } = own;
    const other = { ...own, user: 'other' };
    // These logins are refused by no rule, by an identification without a certificate, and by the name in the certificate.
    for (const probe of [{ ...own, database: 'nowhere' }, { ...own, database: 'webadmin' }, other]) {
      const { kind, reasons } = await logins([], [probe], 1_500);
      assert.equal(kind, 'unproved', probe.database);
      assert.match(
        reasons.join(),
        /^The server refuses "(?:webadmin|other)", but not the certificate, .* Give the user /,
      );
    }
    // The certificate must be accepted, so the server can only refuse the role.
    assert.deepEqual(await logins([own], [other]), { kind: 'verified', reasons: [] });
    // The former rules, too, could refuse a login without a certificate.
    assert.equal((await logins([], [bare])).kind, 'unproved');
    server.writeFiles({ 'pg_hba.conf': stock });
    await signalReload(server.dataDirectory);
  });

  test('each certificate that the server refuses in the handshake is a refused login', async () => {
    const [ago, hence] = [new Date(Date.now() - 2 * day), new Date(Date.now() + 2 * day)];
    const late = await CertificateAuthority.load({
      ...{ certificate: authority.certificate, privateKey: authority.privateKey, provider: { now: () => ago } },
    });
    const namesake = await CertificateAuthority.create({ subject: '/CN=Example CA' });
    const own = async (issuer: CertificateAuthority, validity = {}): Promise<LoginProbe> =>
      loginWith(await issuer.issueClientCertificate({ user: 'webadmin', validity }));
    const refused: Readonly<Record<string, LoginProbe>> = {
      expired: await own(late, { days: 1 }),
      early: await own(authority, { notBefore: hence }),
      'for servers': loginWith(
        await authority.issueServerCertificate({ hosts: ['webadmin'], subject: '/CN=webadmin' }),
      ),
      'of another CA': await own(successor),
      'of a CA with the same name': await own(namesake),
    };
    const good = await loginOf(authority);
    for (const [name, probe] of Object.entries(refused)) {
      assert.deepEqual(await logins([good], [probe]), { kind: 'verified', reasons: [] }, name);
    }
  });

  test('a CRL is loaded when the revoked certificate is refused, and another certificate of the user gets in', async () => {
    const [revoked, good] = [await authority.issueClientCertificate({ user: 'webadmin' }), await loginOf(authority)];
    const lost = loginWith(revoked);
    const { crl } = await authority.issueCrl({ revoked: [{ certificate: revoked.certificate }] });
    server.writeFiles({ 'root.crl': crl });
    await server.query("ALTER SYSTEM SET ssl_crl_file = 'root.crl'");
    assert.deepEqual(await failures([good], [lost]), ['is not refused']);
    await signalReload(server.dataDirectory);
    assert.deepEqual(await logins([good], [lost]), { kind: 'verified', reasons: [] });
    // A CRL of another CA makes the server refuse everybody. The login in `mustEnter` detects this.
    const other = await successor.issueCrl({ revoked: [] });
    server.writeFiles({ 'root.crl': other.crl });
    await signalReload(server.dataDirectory);
    assert.deepEqual(await failures([good], [lost]), ['is not let in']);
  });

  async function loginOf(issuer: CertificateAuthority): Promise<LoginProbe> {
    return loginWith(await issuer.issueClientCertificate({ user: 'webadmin' }));
  }

  function loginWith({ chain, privateKey }: Awaited<ReturnType<typeof authority.issueClientCertificate>>): LoginProbe {
    const client = { certificate: chain, privateKey: privateKey.toPem() };
    return { user: 'webadmin', database: 'postgres', client };
  }

  function logins(
    mustEnter: readonly LoginProbe[],
    mustNotEnter: readonly LoginProbe[],
    timeout = 10_000,
  ): Promise<VerifyResult> {
    const address = { host: server.host, port: server.port };
    return verifyServer({ address, expected: { mustEnter, mustNotEnter }, timeout });
  }

  /** Checks logins that are expected to fail, and returns the problem of each. */
  async function failures(mustEnter: readonly LoginProbe[], mustNotEnter: readonly LoginProbe[]): Promise<string[]> {
    const { kind, reasons } = await logins(mustEnter, mustNotEnter, 1_500);
    assert.equal(kind, 'failed');
    return reasons.map((reason) => /is not (?:let in|refused)/.exec(reason)?.[0] ?? reason);
  }

  async function queryOnNewConnection(sql: string): Promise<Record<string, unknown>[]> {
    const session = await server.connect({ host: server.socketDirectory });
    try {
      return (await session.query(sql)).rows;
    } finally {
      await session.end();
    }
  }
});
