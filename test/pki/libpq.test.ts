import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { asciiBytes } from '../../src/asn1/bytes.ts';
import { der, derSequence } from '../../src/asn1/der.ts';
import { extension } from '../../src/pki/certificate/extensions.ts';
import { CertificateAuthority, type DistinguishedName, matchesHost, PrivateKey } from '../../src/pki/index.ts';
import { forEachMajor, withServer } from '../server/index.ts';
import { forge } from './forge.ts';

const authority = await CertificateAuthority.create({ subject: 'CN=Root' });
const issuerKey = await PrivateKey.read(authority.privateKey.toPem());
const key = await PrivateKey.generate();

/** Issues a server certificate with any common name and any alternative names in any order. */
function serverCertificate(
  commonName: string | DistinguishedName | undefined,
  names: readonly (string | Uint8Array)[] = [],
): Promise<string> {
  const encoded = names.map((name) => (typeof name === 'string' ? der(0x82, asciiBytes(name)) : der(0x87, name)));
  return forge({
    subject: typeof commonName === 'string' ? `CN=${commonName}` : (commonName ?? 'O=Example'),
    issuer: 'CN=Root',
    key,
    issuerKey,
    extensions: encoded.length === 0 ? [] : [extension('2.5.29.17', derSequence(...encoded))],
  });
}

function utf16(text: string): string {
  return Buffer.from(text, 'utf16le').swap16().toString('hex');
}

const ipv4 = Uint8Array.of(192, 0, 2, 1);
const ipv6 = Uint8Array.from({ length: 16 }, (_, i) => ({ 0: 0x20, 1: 0x01, 2: 0x0d, 3: 0xb8, 15: 1 })[i] ?? 0);

/** Certificates like those of PostgreSQL's own TLS tests (src/test/ssl/conf), and some more. */
const certificates: Readonly<Record<string, Promise<string>>> = {
  'CN only': serverCertificate('common-name.pg.test'),
  'CN and DNS': serverCertificate('common-name.pg.test', ['dns1.alt-name.pg.test', 'dns2.alt-name.pg.test']),
  'CN and IP': serverCertificate('common-name.pg.test', [ipv4, ipv6]),
  'IP only': serverCertificate(undefined, [ipv4, ipv6]),
  'IP in CN': serverCertificate('192.0.2.1'),
  'IP in CN, other IP': serverCertificate('192.0.2.2', [ipv4, ipv6]),
  'IP in CN, DNS': serverCertificate('192.0.2.1', ['dns1.alt-name.pg.test']),
  'IP text in DNS': serverCertificate(undefined, ['192.0.2.1', '2001:db8::1']),
  'single DNS': serverCertificate(undefined, ['single.alt-name.pg.test']),
  wildcard: serverCertificate(undefined, ['dns1.alt-name.pg.test', '*.wildcard.pg.test']),
  'wildcard CN': serverCertificate('*.wildcard.pg.test'),
  'odd stars': serverCertificate(undefined, ['*', '*.', 'a*.pg.test', 'dns.*.test', '*foo.pg.test']),
  capitals: serverCertificate('Common-Name.PG.test', ['DNS1.Alt-Name.pg.test']),
  'no names': serverCertificate(undefined),
  'a NUL before the match': serverCertificate(undefined, ['x\0y', 'dns1.alt-name.pg.test']),
  'a NUL after the match': serverCertificate(undefined, ['dns1.alt-name.pg.test', 'x\0y']),
  'a short address before the match': serverCertificate(undefined, [Uint8Array.of(1, 2, 3), 'dns1.alt-name.pg.test']),
  'bytes of UTF-8': serverCertificate(undefined, [Buffer.from('b\u00fccher.pg.test').toString('latin1'), 'k.pg.test']),
  'CN in UTF-16': serverCertificate([[{ type: 'CN', value: 'k.pg.test', der: `1e12${utf16('k.pg.test')}` }]]),
  'CN in Latin-1': serverCertificate([[{ type: 'CN', value: 'bücher', der: '140662fc63686572' }]]),
  'CN in UTF-8 that says Latin-1': serverCertificate([[{ type: 'CN', value: 'bÃ¼cher', der: '140762c3bc63686572' }]]),
  'CN in UTF-8': serverCertificate([[{ type: 'CN', value: 'bücher' }]]),
};

const hosts = [
  'common-name.pg.test',
  'COMMON-NAME.pg.TEST',
  'dns1.alt-name.pg.test',
  'single.alt-name.pg.test',
  'foo.wildcard.pg.test',
  'deep.foo.wildcard.pg.test',
  '.wildcard.pg.test',
  'wildcard.pg.test',
  '*.wildcard.pg.test',
  'ab.pg.test',
  'foo.pg.test',
  '192.0.2.1',
  '192.0.513',
  '0xc0.0.2.1',
  '192.0.2.2',
  '2001:db8::1',
  '2001:DB8:0:0:0:0:0:1',
  '::ffff:192.0.2.1',
  '*',
  'bücher.pg.test',
  'BüCHER.pg.test',
  'BÜCHER.pg.test',
  // The Kelvin sign, whose lower case is k.
  '\u212a.pg.test',
  'K.pg.test',
  'bücher',
];

// The tests use the libpq of each server, through dblink. libpq changed its rules in 15, so four major versions are
// enough.
forEachMajor([10, 14, 15, 18, 19], (major) => {
  test(`matchesHost answers as libpq ${major} does`, async () =>
    withServer(
      { major, conf: 'ssl = on\n', files: { 'server.key': key.toPem(), 'server.crt': await certificates['CN only']! } },
      async (server) => {
        server.writeFiles({ 'root.crt': authority.certificate });
        const root = join(server.dataDirectory, 'root.crt');
        await server.query('create extension dblink');
        const counts = { matches: 0, others: 0 };
        const names = Object.keys(certificates);
        for (const [name, certificate] of Object.entries(certificates)) {
          server.writeFiles({ 'server.crt': await certificate });
          await server.reload();
          for (const host of hosts) {
            const isTried = major === 14 || major === 15 || (hosts.indexOf(host) + names.indexOf(name)) % 3 === 0;
            if (!isTried) continue;
            const settings = {
              host,
              hostaddr: server.host,
              port: server.port,
              user: server.superuser,
              dbname: 'postgres',
            };
            const connection = Object.entries({ ...settings, sslmode: 'verify-full', sslrootcert: root })
              .map(([setting, value]) => `${setting}='${value}'`)
              .join(' ');
            const error = await server.query(`select * from dblink($1, 'select 1') as t (n int)`, [connection]).then(
              () => undefined,
              (reason: Error & { detail?: string }) => `${reason.message}: ${reason.detail}`,
            );
            const mine = matchesHost(await certificate, host, major);
            assert.equal(mine.matches, error === undefined, `${name} for ${host}: ${error}`);
            if (error !== undefined) assert.match(error, /certificate|name/, `${name} for ${host}`);
            counts[mine.matches ? 'matches' : 'others'] += 1;
          }
        }
        assert.ok(counts.matches > 5 && counts.others > 50, JSON.stringify(counts));
      },
    ));
});
