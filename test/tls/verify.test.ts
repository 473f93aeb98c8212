import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { createSecureContext, TLSSocket } from 'node:tls';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { verifyServer } from '../../src/tls/index.ts';

test('rows without the names of columns prove nothing', async () => {
  const rows = (sql: string): readonly unknown[] => {
    if (sql.includes('pg_conf_load_time')) return [{ loaded: Date.now() / 1000 + 60 }];
    return sql.includes('to_regclass') ? [{ rules: true }] : [];
  };
  const expected = { loadedAfter: new Date() };
  const verdict = async (query: (sql: string) => Promise<unknown>): Promise<string> =>
    (await verifyServer({ query: query as never, expected, timeout: 100 })).kind;
  assert.equal(await verdict(async (sql) => rows(sql)), 'unproved');
  // Results from which no time can be read: arrays instead of objects (`rowMode: 'array'` of pg), renamed columns,
  // values as text, and no rows.
  assert.equal(await verdict(async (sql) => rows(sql).map((row) => Object.values(row as object))), 'failed');
  assert.equal(await verdict(async () => [{ Loaded: 1, Rules: true }]), 'failed');
  assert.equal(await verdict(async (sql) => (sql.includes('to_regclass') ? [{ rules: 't' }] : rows(sql))), 'failed');
  assert.equal(await verdict(async () => []), 'failed');
});

test('the error of a program that is not a PostgreSQL server does not count as a refusal of a certificate', async () => {
  const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['localhost'] });
  const issued = await authority.issueClientCertificate({ user: 'alice' });
  const client = { certificate: issued.chain, privateKey: issued.privateKey.toPem() };
  const encrypted = (socket: Socket, answer: (secure: TLSSocket) => void): void => {
    const secure = new TLSSocket(socket, { isServer: true, key: privateKey.toPem(), cert: chain });
    secure.on('error', () => undefined).on('secure', () => answer(secure));
  };
  const programs: Readonly<Record<string, (socket: Socket) => void>> = {
    'not TLS': (socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request')),
    'another protocol': (socket) => encrypted(socket, (secure) => secure.end('HTTP/1.1 400 Bad Request')),
    'a message without an end': (socket) =>
      encrypted(socket, (secure) => secure.write(Buffer.concat([Uint8Array.of(69, 127, 0, 0, 0), Buffer.alloc(1000)]))),
  };
  for (const [name, program] of Object.entries(programs)) {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write('S');
        program(socket);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = { host: '127.0.0.1', port: (server.address() as { port: number }).port };
      const mustNotEnter = [{ user: 'alice', client }];
      const { kind, reasons } = await verifyServer({ address, expected: { mustNotEnter }, timeout: 1_000 });
      assert.equal(kind, 'failed', name);
      assert.match(reasons.join(), /^"alice" is not refused: [^\n]+$/, name);
    } finally {
      server.close();
    }
  }
});

test('a login proves something only if the server looks at the certificate', async () => {
  const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['localhost'] });
  const issued = await authority.issueClientCertificate({ user: 'alice' });
  const client = { certificate: issued.chain, privateKey: issued.privateKey.toPem() };
  const verdict = async (request: number, requestCert: boolean, maxVersion: 'TLSv1.2' | 'TLSv1.3', bare = false) => {
    const context = createSecureContext({
      key: privateKey.toPem(),
      cert: chain,
      ca: authority.certificate,
      maxVersion,
    });
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write('S');
        const secure = new TLSSocket(socket, { isServer: true, secureContext: context, requestCert });
        secure.on('error', () => undefined);
        secure.once('data', () => secure.write(Uint8Array.of(82, 0, 0, 0, 8, 0, 0, 0, request)));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = { host: '127.0.0.1', port: (server.address() as { port: number }).port };
      const mustEnter = [bare ? { user: 'alice' } : { user: 'alice', client }];
      return await verifyServer({ address, expected: { mustEnter }, timeout: 1_000 });
    } finally {
      server.close();
    }
  };
  const [accepted, scram] = [0, 10];
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const request of [accepted, scram]) {
      assert.equal((await verdict(request, true, version)).kind, 'verified', `${version} ${request}`);
      const { kind, reasons } = await verdict(request, false, version);
      assert.equal(kind, 'failed', `${version} ${request}`);
      assert.match(
        reasons.join(),
        /^The certificate of "alice" is not checked: the server .* without asking for the certificate: .* set ssl_ca_file/,
      );
    }
  }
  for (const request of [accepted, scram]) {
    assert.equal((await verdict(request, false, 'TLSv1.3', true)).kind, 'unproved');
  }
});

test('an address and a login are checked before the first connection', async () => {
  const [user, host] = ['alice', 'localhost'];
  const refused = (address: unknown, probe: unknown, code = 'argument-invalid'): Promise<void> =>
    assert.rejects(verifyServer({ address, expected: { mustNotEnter: [probe] }, timeout: 1 } as never), { code });
  for (const address of [
    {},
    { host: '' },
    { host: undefined },
    { host, path: '/a' },
    { host, prot: 1 },
    { path: '' },
  ]) {
    await refused(address, { user });
  }
  for (const port of [0, 65_536, 1.5, '5432', null]) await refused({ host, port }, { user });
  await refused({ path: '/a', port: 5432 }, { user });
  await refused({ host: 'a\0b' }, { user }, 'text-invalid');
  for (const probe of [{}, { role: user }, { user: '' }, { user: 5 }, { user, database: '' }, { user, client: {} }]) {
    await refused({ host }, probe);
  }
  await refused({ host }, { user: 'alice\0options\0-cssl=off' }, 'text-invalid');
  await refused({ host }, { user, database: 'app\0' }, 'text-invalid');
});

test('the reason of an abort is reported, and so are the differences that were found before', async () => {
  const query = async (sql: string) => (sql.includes('loaded') ? [{ loaded: 1 }] : []);
  const stopped = new Error('The caller stopped');
  const atOnce = await verifyServer({ query, expected: {}, signal: AbortSignal.abort(stopped) });
  assert.deepEqual(atOnce, { kind: 'failed', reasons: ['The caller stopped'] });
  const controller = new AbortController();
  setTimeout(() => controller.abort(stopped), 50);
  const late = await verifyServer({ query, expected: { loadedAfter: new Date() }, signal: controller.signal });
  const old = 'The server has not loaded its configuration since then';
  assert.deepEqual(late, { kind: 'failed', reasons: ['The caller stopped', old] });
});

test('at the time limit, a check that did not end is no difference', async () => {
  const silent = await verifyServer({ query: () => new Promise(() => undefined), expected: {}, timeout: 20 });
  assert.deepEqual(silent.reasons, ['verifyServer took longer than 20 ms']);
});
