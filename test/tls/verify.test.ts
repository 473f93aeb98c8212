import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { TLSSocket } from 'node:tls';
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
  assert.equal(await verdict(async (sql) => rows(sql)), 'verified');
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
      const { kind, reasons } = await verifyServer({ address, expected: { mustNotEnter }, timeout: 300 });
      assert.equal(kind, 'failed', name);
      assert.match(reasons.join(), /^"alice" is not refused: [^\n]+$/, name);
    } finally {
      server.close();
    }
  }
});
