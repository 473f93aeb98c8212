import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { asciiBytes } from '../../src/asn1/bytes.ts';
import { der, derSequence } from '../../src/asn1/der.ts';
import { clientBundle, libpqFiles, libpqKeyValue, pgConfig } from '../../src/client/index.ts';
import { extension } from '../../src/pki/certificate/extensions.ts';
import { extendedKeyUsage } from '../../src/pki/certificate/key-usage.ts';
import { CertificateAuthority, matchesHost, PrivateKey, verifyChain } from '../../src/pki/index.ts';
import { forEachMajor, psql, startServer, withoutPsql } from '../server/index.ts';
import { forge } from './forge.ts';

const day = 86_400_000;
const validity = { notBefore: new Date(Date.now() - 90 * day) };
const root = await CertificateAuthority.create({ subject: 'CN=Root', validity });
const key = await PrivateKey.generate();
const alice = await root.issueClientCertificate({ user: 'alice', key });

const chains = await serverChains();
const hosts = [
  'db.pg.test',
  'other.pg.test',
  'x.wild.pg.test',
  'deep.x.wild.pg.test',
  'wild.pg.test',
  'xn--bcher-kva.pg.test',
  '127.0.0.1',
  '127.0.0.2',
  '::1',
];

// The psql of the distribution is 15 or later. The test libpq.test.ts covers libpq before 15.
forEachMajor([10, 14, 18, 19], (major) => {
  test('psql and pg accept a server certificate for its hosts, and for nothing else', {
    skip: withoutPsql,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-names-'));
    const server = await startServer({
      major,
      hba: 'local all all trust\nhostssl all all 127.0.0.1/32 cert\n',
      conf: "ssl = on\nssl_ca_file = 'root.crt'\n",
      files: { 'server.key': key.toPem(), 'server.crt': chains.DNS!, 'root.crt': root.certificate },
    });
    try {
      await server.query('create role alice login');
      const counts = { in: 0, out: 0 };
      for (const [name, chain] of Object.entries(chains)) {
        server.writeFiles({ 'server.crt': chain });
        await server.reload();
        const { ok } = await verifyChain({ chain, roots: root.certificate, purpose: 'serverAuth' });
        for (const [i, host] of hosts.entries()) {
          const expected = ok && matchesHost(chain, host, 15).matches;
          // The client compares the names, not the server. With older servers, a quarter of the cases in which the
          // client refuses is enough.
          if (major !== 18 && !expected && (i + Object.keys(chains).indexOf(name)) % 4 > 0) continue;
          const bundle = clientBundle({
            target: { host, hostaddr: server.host, port: server.port, user: 'alice', database: 'postgres' },
            ca: root.certificate,
            certificate: alice.chain,
            privateKey: alice.privateKey.toPem(),
          });
          for (const file of libpqFiles(bundle, folder)) {
            writeFileSync(file.path, file.content());
            chmodSync(file.path, file.mode);
          }
          const answers = await Promise.all([
            outcome(psql(libpqKeyValue(bundle, { directory: folder }), 'select current_user')),
            outcome(server.connect(pgConfig(bundle)).then((client) => client.end())),
          ]);
          for (const answer of answers) assert.equal(answer === 'in', expected, `${name} for ${host}: ${answer}`);
          counts[expected ? 'in' : 'out'] += 1;
        }
      }
      assert.equal(counts.in, 10);
      assert.ok(counts.out >= 30, JSON.stringify(counts));
    } finally {
      await server.remove();
      rmSync(folder, { recursive: true });
    }
  });
});

function outcome(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'in',
    (error: Error) => error.message,
  );
}

/**
 * Issues server certificates for one key: with the names of PostgreSQL's own TLS tests, and with names that no client
 * accepts.
 */
async function serverChains(): Promise<Readonly<Record<string, string>>> {
  const at = (days: number) => new Date(Date.now() + days * day);
  const issue = async (...names: readonly string[]) => (await root.issueServerCertificate({ hosts: names, key })).chain;
  const issuerKey = await PrivateKey.read(root.privateKey.toPem());
  const forged = (subject: string, extensions: Parameters<typeof forge>[0]['extensions'] = []) =>
    forge({ subject, issuer: 'CN=Root', key, issuerKey, extensions });
  const middle = await root.issueIntermediateAuthority({ subject: 'CN=Servers' });
  const foreign = await CertificateAuthority.create({ subject: 'CN=Root' });
  const past = await CertificateAuthority.load({
    certificate: root.certificate,
    privateKey: root.privateKey.toPem(),
    provider: { now: () => at(-60) },
  });
  const alternative = extension('2.5.29.17', derSequence(der(0x82, asciiBytes('db.pg.test'))));
  return {
    DNS: await issue('db.pg.test'),
    'IPv4 address': await issue('127.0.0.1'),
    'IPv6 address': await issue('::1'),
    'DNS and addresses': await issue('db.pg.test', '127.0.0.1', '::1'),
    wildcard: await issue('*.wild.pg.test'),
    'an international name': await issue('bücher.pg.test'),
    'CN only': await forged('CN=db.pg.test'),
    'no name': await forged('O=Example'),
    'leaf and intermediate': (await middle.issueServerCertificate({ hosts: ['db.pg.test'], key })).chain,
    'without the intermediate': (await middle.issueServerCertificate({ hosts: ['db.pg.test'], key })).certificate,
    expired: (
      await past.issueServerCertificate({
        hosts: ['db.pg.test'],
        key: key.toPem(),
        validity: { notBefore: at(-70), notAfter: at(-50) },
      })
    ).chain,
    'not yet valid': (await root.issueServerCertificate({ hosts: ['db.pg.test'], key, validity: { notBefore: at(1) } }))
      .chain,
    "a client's": await forged('CN=db.pg.test', [extendedKeyUsage(['clientAuth']), alternative]),
    "a namesake root's": (await foreign.issueServerCertificate({ hosts: ['db.pg.test'], key })).chain,
  };
}
