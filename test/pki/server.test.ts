import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CertificateAuthority,
  checkRevocation,
  formatName,
  type IssuedKeyPair,
  inspectCertificate,
  keyAlgorithmNames,
  PrivateKey,
  parseName,
  verifyChain,
} from '../../src/pki/index.ts';
import { forEachMajor, startServer, type TestServer } from '../server/index.ts';

const day = 86_400_000;

const root = await CertificateAuthority.create({
  subject: '/O=Example/CN=Root',
  validity: { notBefore: new Date(Date.now() - 90 * day) },
});
const middle = await root.issueIntermediateAuthority({
  subject: 'CN=Clients',
  validity: { notBefore: new Date(Date.now() - 90 * day) },
});
const key = await PrivateKey.generate();
const keys = new Map(
  await Promise.all(keyAlgorithmNames.map(async (kind) => [kind, await PrivateKey.generate(kind)] as const)),
);
const serverCertificate = await root.issueServerCertificate({ hosts: ['localhost', '127.0.0.1'], key });
const alice = await root.issueClientCertificate({ user: 'alice', key });

const hba = `local all all trust
hostssl dn all 127.0.0.1/32 cert map=dn DN_OPTION
hostssl all all 127.0.0.1/32 cert
`;

interface Attempt {
  readonly user?: string;
  readonly chain?: string | undefined;
  readonly database?: string;
  readonly tls?: 'TLSv1.2' | 'TLSv1.3';
  readonly serverRoots?: string;
}

/** Returns the result of a login: the row of pg_stat_ssl, or the reason why it failed. */
async function attempt(
  server: TestServer,
  issued: { chain: string; privateKey: PrivateKey } | undefined,
  options: Attempt = {},
): Promise<Record<string, unknown> | string> {
  const { user = 'alice', database = 'postgres', tls, serverRoots = root.certificate } = options;
  const certificate =
    issued === undefined ? {} : { cert: options.chain ?? issued.chain, key: issued.privateKey.toPem() };
  const versions = tls === undefined ? {} : { minVersion: tls, maxVersion: tls };
  try {
    const client = await server.connect({ user, database, ssl: { ca: serverRoots, ...certificate, ...versions } });
    const { rows } = await client.query('select * from pg_stat_ssl where pid = pg_backend_pid()');
    await client.end();
    return rows[0];
  } catch (error) {
    return (error as Error).message || String((error as { code?: string }).code);
  }
}

async function accepted(
  server: TestServer,
  issued: { chain: string; privateKey: PrivateKey },
  options?: Attempt,
): Promise<void> {
  const result = await attempt(server, issued, options);
  assert.ok(typeof result === 'object', `${result}\n${server.log().split('\n').slice(-6).join('\n')}`);
}

async function refused(
  server: TestServer,
  issued: { chain: string; privateKey: PrivateKey } | undefined,
  options?: Attempt,
): Promise<void> {
  const result = await attempt(server, issued, options);
  assert.ok(typeof result === 'string', 'the login should have failed');
}

forEachMajor([10, 14, 18, 19], (major) => {
  test('the TLS tests of PostgreSQL pass with certificates made here', async (t) => {
    const mapped = parseName('/C=US/O=Größe, "Ä" & Co/OU=a\\+b+L=x/CN=zoë');
    const server = await startServer({
      major,
      hba: hba.replace('DN_OPTION', major >= 14 ? 'clientname=DN' : ''),
      ident: `dn "${formatName(mapped, 'clientname-dn').replaceAll('"', '""')}" alice\n`,
      conf: "ssl = on\nssl_ca_file = 'root.crt'\n",
      files: {
        'server.key': serverCertificate.privateKey.toPem(),
        'server.crt': serverCertificate.chain,
        'root.crt': root.certificate,
      },
    });
    const load = async (files: Record<string, string>) => {
      server.writeFiles(files);
      await server.reload();
    };
    try {
      const nasty = ['zoë o\'b, x+y="z" #1', 'CN=x', '/a=b', ' #lead', 'tab\there', 'x'.repeat(63)];
      for (const role of ['alice', 'Bob', ...nasty]) {
        await server.query(`create role "${role.replaceAll('"', '""')}" login`);
      }
      await server.query('create database dn');

      await t.test('key types, under TLS 1.2 and 1.3', async () => {
        const client = await root.issueClientCertificate({ user: 'alice', key });
        for (const kind of keyAlgorithmNames) {
          const issued = await root.issueServerCertificate({ hosts: ['127.0.0.1'], key: keys.get(kind)! });
          await load({ 'server.key': issued.privateKey.toPem(), 'server.crt': issued.chain });
          for (const tls of ['TLSv1.2', 'TLSv1.3'] as const) await accepted(server, client, { tls });
        }
        await load({ 'server.key': serverCertificate.privateKey.toPem(), 'server.crt': serverCertificate.chain });
        for (const kind of keyAlgorithmNames) {
          const issued = await root.issueClientCertificate({ user: 'alice', key: keys.get(kind)! });
          await accepted(server, issued, { tls: 'TLSv1.3' });
          // The servers allow only the curve P-256. In TLS 1.2, this limit also applies to client certificates.
          if (kind === 'ecdsa-p384' || kind === 'ecdsa-p521') await refused(server, issued, { tls: 'TLSv1.2' });
          else await accepted(server, issued, { tls: 'TLSv1.2' });
        }
      });

      await t.test('the role is the common name, byte for byte', async () => {
        for (const user of ['alice', 'Bob', ...nasty]) {
          const issued = await root.issueClientCertificate({ user, key, subject: '/O=Example' });
          const row = await attempt(server, issued, { user });
          assert.ok(typeof row === 'object', `${user}: ${row}`);
          const dn = formatName(inspectCertificate(issued.certificate).subject, 'pg-stat-ssl');
          const shown = String(row.client_dn ?? row.clientdn);
          assert.equal(shown, Buffer.from(dn).subarray(0, 63).toString());
          if (major >= 12) assert.equal(row.client_serial, String(BigInt(`0x${issued.serialNumber}`)));
        }
        await refused(server, await root.issueClientCertificate({ user: 'bob', key }), { user: 'Bob' });
        await refused(server, alice, { user: 'Bob' });
        await refused(server, undefined);
      });

      await t.test(
        'clientname=DN with a map compares the text that formatName returns',
        { skip: major < 14 && 'clientname is there since 14' },
        async () => {
          const issued = await root.issueClientCertificate({ user: 'zoë', subject: mapped, key });
          await accepted(server, issued, { database: 'dn' });
          await refused(server, alice, { database: 'dn' });
        },
      );

      await t.test('the server accepts chains', async () => {
        const below = await middle.issueClientCertificate({ user: 'alice', key });
        await accepted(server, below);
        await refused(server, below, { chain: below.certificate });
        await load({ 'root.crt': root.certificate + middle.certificate });
        await accepted(server, below, { chain: below.certificate });
        await load({ 'root.crt': middle.certificate });
        await refused(server, below);
        await load({ 'root.crt': root.certificate });
        const servers = await root.issueIntermediateAuthority({ subject: 'CN=Servers' });
        const issued = await servers.issueServerCertificate({ hosts: ['127.0.0.1'], key });
        await load({ 'server.crt': issued.chain });
        await accepted(server, alice);
        await load({ 'server.crt': servers.certificate + issued.certificate });
        await server.waitForLog(/could not load private key file|key values mismatch/);
        await accepted(server, alice);
        await load({ 'server.crt': serverCertificate.chain });
      });

      await t.test('verifyChain says of a client what the server does', async () => {
        const validity = (from: number, to: number) => ({
          notBefore: new Date(Date.now() + from * day),
          notAfter: new Date(Date.now() + to * day),
        });
        const foreign = await CertificateAuthority.create({ subject: '/O=Example/CN=Root' });
        // A CA with a clock in the past and one with a clock in the future, because a CA issues no certificates outside
        // its own validity.
        const past = await CertificateAuthority.load({
          certificate: root.certificate,
          privateKey: root.privateKey.toPem(),
          provider: { now: () => new Date(Date.now() - 60 * day) },
        });
        const cases: Readonly<Record<string, IssuedKeyPair>> = {
          good: alice,
          expired: await past.issueClientCertificate({ user: 'alice', key: key.toPem(), validity: validity(-70, -50) }),
          'not yet valid': await root.issueClientCertificate({ user: 'alice', key, validity: validity(1, 20) }),
          "a server's": await root.issueServerCertificate({ hosts: ['x'], subject: 'CN=alice', key }),
          "a foreign root's": await foreign.issueClientCertificate({ user: 'alice', key }),
        };
        for (const [name, issued] of Object.entries(cases)) {
          const { ok } = await verifyChain({ chain: issued.chain, roots: root.certificate, purpose: 'clientAuth' });
          const result = await attempt(server, issued);
          assert.equal(typeof result === 'object', ok, `${name}: ${JSON.stringify(result)}`);
          assert.equal(ok, name === 'good', name);
        }
      });

      await t.test('a CRL refuses revoked certificates, and an expired CRL refuses everybody', async () => {
        const below = await middle.issueClientCertificate({ user: 'alice', key });
        const revoked = await root.issueClientCertificate({ user: 'alice', key });
        const listed = { revoked: [{ certificate: revoked.certificate }] };
        const ofRoot = (await root.issueCrl(listed)).crl;
        const ofMiddle = (await middle.issueCrl()).crl;
        const old = await CertificateAuthority.load({
          certificate: root.certificate,
          privateKey: root.privateKey.toPem(),
          provider: { now: () => new Date(Date.now() - 60 * day) },
        });
        const stale = (await old.issueCrl()).crl;
        server.writeFiles({ 'root.crl': ofRoot + ofMiddle });
        await server.query("alter system set ssl_crl_file = 'root.crl'");
        for (const [lists, outcome] of [
          [ofRoot + ofMiddle, { alice: true, below: true, revoked: false }],
          [ofMiddle + ofRoot, { alice: true, below: true, revoked: false }],
          [ofRoot, { alice: true, below: false, revoked: false }],
          [ofMiddle, { alice: false, below: false, revoked: false }],
          [stale + ofMiddle, { alice: false, below: false, revoked: false }],
        ] as const) {
          await load({ 'root.crl': lists });
          for (const [name, issued] of Object.entries({ alice, below, revoked })) {
            const result = await attempt(server, issued);
            const expected = outcome[name as keyof typeof outcome];
            assert.equal(typeof result === 'object', expected, `${name}: ${JSON.stringify(result)}`);
            const { ok } = await verifyChain({
              chain: issued.chain,
              roots: root.certificate,
              purpose: 'clientAuth',
              crls: lists,
            });
            assert.equal(ok, expected, name);
          }
          const authorities = root.certificate + middle.certificate;
          const problems = await checkRevocation({ authorities, crls: lists });
          assert.equal(problems.length === 0, outcome.alice && outcome.below);
        }
        await server.query('alter system reset ssl_crl_file');
        await server.reload();
      });

      await t.test(
        'ssl_crl_dir finds a CRL only by its hash name, without a reload',
        { skip: major < 14 && 'ssl_crl_dir is there since 14' },
        async () => {
          const revoked = await root.issueClientCertificate({ user: 'alice', key });
          const empty = await root.issueCrl();
          server.writeFiles({ [`crls/${empty.fileName}`]: empty.crl });
          await server.query("alter system set ssl_crl_dir = 'crls'");
          await server.reload();
          await accepted(server, revoked);
          const list = await root.issueCrl({
            previous: empty.crl,
            revoked: [{ serialNumber: revoked.serialNumber }],
          });
          server.writeFiles({ [`crls/${list.fileName}`]: list.crl });
          await refused(server, revoked);
          await accepted(server, alice);
          await server.query('alter system reset ssl_crl_dir');
          await server.reload();
        },
      );

      await t.test(
        'an encrypted server key',
        { skip: major < 11 && 'ssl_passphrase_command is there since 11' },
        async () => {
          const issued = await root.issueServerCertificate({ hosts: ['127.0.0.1'] });
          const encrypted = await (await PrivateKey.read(issued.privateKey.toPem())).toEncryptedPem('secret');
          await server.query("alter system set ssl_passphrase_command = 'echo secret'");
          await server.query('alter system set ssl_passphrase_command_supports_reload = on');
          await load({ 'server.key': encrypted, 'server.crt': issued.chain });
          const row = await attempt(server, alice, { serverRoots: root.certificate });
          assert.ok(typeof row === 'object', `${row}`);
          assert.doesNotMatch(
            server.log().split('\n').slice(-5).join('\n'),
            /could not load private key|was not reloaded/,
          );
        },
      );
    } finally {
      await server.remove();
    }
  });
});
