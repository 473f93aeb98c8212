import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkServerIdentity } from 'node:tls';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { asciiBytes } from '../../src/asn1/bytes.ts';
import { der, derSequence } from '../../src/asn1/der.ts';
import { driverRules } from '../../src/client/check/host-rules.ts';
import { connectionTarget } from '../../src/client/index.ts';
import { parseIpAddress } from '../../src/net/ip.ts';
import { extension } from '../../src/pki/certificate/extensions.ts';
import { inspectCertificate, PrivateKey } from '../../src/pki/index.ts';
import { forge } from '../pki/forge.ts';
import { runs, seed } from '../property.ts';
import { temporaryFolder } from '../server/temporary.ts';

const run = promisify(execFile);
const jar = '/usr/share/java/postgresql.jar';
const withoutJava = existsSync(jar) && existsSync('/usr/bin/java') ? false : 'pgjdbc is not installed';
const withoutGo = existsSync('/usr/bin/go') ? false : 'Go is not installed';

const key = await PrivateKey.generate();
const labels = fc.constantFrom(
  'a',
  'b',
  'db',
  '*',
  'a*',
  '*b',
  'a*b',
  '**',
  'xn--bcher-kva',
  'xn--*',
  'A',
  '_x',
  'a-b',
  '-a',
  '',
);
const patterns = fc.oneof(
  { weight: 6, arbitrary: fc.array(labels, { minLength: 1, maxLength: 4 }).map((list) => list.join('.')) },
  { weight: 1, arbitrary: fc.constantFrom('10.0.0.1', '::1', '*.0.0.1', '*', '.', 'a.', '*.', 'a b.c') },
);
const hosts = fc
  .oneof(
    fc
      .array(fc.constantFrom('a', 'b', 'db', 'ab', 'axb', 'xn--bcher-kva', '_x', 'a-b'), { minLength: 1, maxLength: 4 })
      .map((list) => list.join('.')),
    fc.constantFrom('10.0.0.1', '10.0.0.2', '::1', '::1:0', 'fe80::1'),
  )
  .map((host) => connectionTarget({ host, user: 'u' }).host);
const cases = fc.record({
  host: hosts,
  dns: fc.array(patterns, { maxLength: 3 }),
  ip: fc.subarray(['10.0.0.1', '::1', '::1:0', 'fe80::1']),
  // Empty common names are left out, because OpenSSL makes no certificate with an empty common name.
  names: fc.array(
    patterns.filter((text) => text !== ''),
    { maxLength: 2 },
  ),
});

interface Case {
  readonly host: string;
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  readonly names?: readonly string[];
}

/** Cases that the generator makes too seldom, each with the clients that accept the host. */
const rare: readonly (readonly [Case, accepting: string])[] = [
  [{ host: 'a.b.db', dns: ['a*a.b.db'] }, ''],
  [{ host: 'aa.b.db', dns: ['a*a.b.db'] }, 'node'],
  [{ host: 'axc.b.db', dns: ['a*c.b.db'] }, 'node'],
  [{ host: 'axb.b.db', dns: ['a*c.b.db'] }, ''],
  [{ host: 'xab.b.db', dns: ['a*b.b.db'] }, ''],
  [{ host: 'a.b.db', dns: ['a*b*.b.db'] }, ''],
  [{ host: 'a.db', dns: ['*.db'] }, 'go java'],
  [{ host: 'a.b.db', dns: ['*.b.db'] }, 'node go java'],
  [{ host: 'x.a.b.db', dns: ['*.b.db'] }, ''],
  [{ host: 'b.db', dns: ['*.b.db'] }, ''],
  [{ host: 'a.b-c.db', dns: ['*.b-c.db'] }, 'node go java'],
  [{ host: 'a.b7.db', dns: ['*.b7.db'] }, 'node go java'],
  [{ host: 'a.7b.db', dns: ['*.7b.db'] }, 'node go java'],
  [{ host: 'a.b_c.db', dns: ['*.b_c.db'] }, 'node go java'],
  [{ host: 'a.b.db', dns: ['*.-b.db', '*.b.db'] }, 'node go java'],
  [{ host: 'a.b.db', dns: ['b.b.db'] }, ''],
  [{ host: 'a.b.db', dns: ['*.c.db'] }, ''],
  [{ host: 'a', dns: ['*'] }, ''],
  [{ host: 'a.b.db', dns: ['A.B.DB'] }, 'node go java'],
  [{ host: 'a.b.db', dns: ['c.db'], names: ['a.b.db'] }, ''],
  [{ host: 'a.b.db', names: ['a.b.db'] }, 'node java'],
  [{ host: 'a.b.db', names: ['b', 'a.b.db'] }, 'node java'],
  [{ host: 'b', names: ['b', 'a.b.db'] }, 'node'],
  [{ host: 'b', names: ['a.b.db', 'b'] }, 'node'],
  [{ host: 'a.db', names: ['a.db', '*.db'] }, 'node java'],
  [{ host: 'x.db', names: ['a.db', '*.db'] }, ''],
  [{ host: 'x.db', names: ['*.db', 'a.db'] }, ''],
  [{ host: 'ab', names: ['ab', 'c'] }, 'node java'],
  [{ host: 'c', names: ['c', 'ab'] }, 'node'],
  [{ host: '10.0.0.1', ip: ['10.0.0.1'] }, 'node go java'],
  [{ host: '10.0.0.1', dns: ['10.0.0.1'] }, 'java'],
  [{ host: '::1', ip: ['::1'], names: ['::1'] }, 'node go'],
];

/** Generates certificates, each with a host that a client compares with it. */
async function certificates(numRuns: number): Promise<readonly { host: string; pem: string }[]> {
  const some: readonly Case[] = [...rare.map(([each]) => each), ...fc.sample(cases, { numRuns, seed })];
  return Promise.all(
    some.map(async ({ host, dns = [], ip = [], names = [] }) => {
      const entries = [
        ...dns.map((name) => der(0x82, asciiBytes(name))),
        ...ip.map((address) => der(0x87, Uint8Array.from(parseIpAddress(address)!.bytes))),
      ];
      const pem = await forge({
        subject: [[{ type: 'O', value: 'x' }], ...names.map((value) => [{ type: 'CN', value }])],
        issuer: 'CN=Root',
        key,
        issuerKey: key,
        extensions: entries.length === 0 ? [] : [extension('2.5.29.17', derSequence(...entries))],
      });
      return { host, pem };
    }),
  );
}

test('hosts are compared as node:tls compares them', async (t) => {
  const counts = { yes: 0, no: 0 };
  for (const { host, pem } of await certificates(runs(200))) {
    const { subject, dnsNames, ipAddresses } = inspectCertificate(pem);
    const expected = checkServerIdentity(host, new X509Certificate(pem).toLegacyObject() as never) === undefined;
    const answer = driverRules.node({ subject, dnsNames, ipAddresses }, host);
    assert.equal(answer, expected, JSON.stringify({ host, dnsNames, ipAddresses, subject }));
    counts[answer ? 'yes' : 'no'] += 1;
  }
  t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.yes > 5 && counts.no > 20);
});

test('each client accepts these hosts, and no others', async () => {
  const made = await certificates(0);
  for (const [index, { host, pem }] of made.entries()) {
    const info = inspectCertificate(pem);
    const accepting = (['node', 'go', 'java'] as const).filter((client) => driverRules[client](info, host));
    assert.equal(accepting.join(' '), rare[index]![1], JSON.stringify(rare[index]![0]));
  }
});

const others = [
  {
    client: 'java',
    skip: withoutJava,
    ask: async (folder: string): Promise<string> => {
      writeFileSync(
        join(folder, 'Judge.java'),
        `import java.io.*; import java.nio.file.*; import java.security.cert.*; import javax.net.ssl.*;
        public class Judge {
          public static void main(String[] a) throws Exception {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (String line : Files.readAllLines(Path.of(a[0], "hosts"))) {
              String[] part = line.split(" ");
              X509Certificate c;
              try (InputStream in = new FileInputStream(a[0] + "/" + part[0])) { c = (X509Certificate) factory.generateCertificate(in); }
              SSLSession session = (SSLSession) java.lang.reflect.Proxy.newProxyInstance(Judge.class.getClassLoader(),
                new Class<?>[] { SSLSession.class },
                (proxy, method, args) -> method.getName().equals("getPeerCertificates") ? new X509Certificate[] { c } : null);
              System.out.println(org.postgresql.ssl.PGjdbcHostnameVerifier.INSTANCE.verify(part[1], session));
            }
          }
        }`,
      );
      return (await run('/usr/bin/java', ['-cp', jar, join(folder, 'Judge.java'), folder])).stdout;
    },
  },
  {
    client: 'go',
    skip: withoutGo,
    ask: async (folder: string): Promise<string> => {
      writeFileSync(
        join(folder, 'judge.go'),
        `package main
        import ("bufio"; "crypto/x509"; "encoding/pem"; "fmt"; "os"; "strings")
        func main() {
          file, _ := os.Open(os.Args[1] + "/hosts")
          lines := bufio.NewScanner(file)
          for lines.Scan() {
            part := strings.Split(lines.Text(), " ")
            text, _ := os.ReadFile(os.Args[1] + "/" + part[0])
            block, _ := pem.Decode(text)
            c, err := x509.ParseCertificate(block.Bytes)
            if err != nil { fmt.Println("unreadable"); continue }
            fmt.Println(c.VerifyHostname(part[1]) == nil)
          }
        }`,
      );
      const env = { PATH: process.env.PATH, HOME: folder, GO111MODULE: 'off', GOCACHE: join(folder, 'cache') };
      return (await run('/usr/bin/go', ['run', join(folder, 'judge.go'), folder], { env })).stdout;
    },
  },
] as const;

for (const { client, skip, ask } of others) {
  test(`hosts are compared as ${client} compares them`, { skip }, async (t) => {
    const folder = temporaryFolder();
    const asked = await certificates(runs(200));
    for (const [index, { pem }] of asked.entries()) writeFileSync(join(folder, String(index)), pem);
    writeFileSync(join(folder, 'hosts'), asked.map(({ host }, index) => `${index} ${host}\n`).join(''));
    const verdicts = (await ask(folder)).trim().split('\n');
    const counts = { yes: 0, no: 0, unreadable: 0, addressV6: 0 };
    for (const [index, { host, pem }] of asked.entries()) {
      // pgjdbc refuses every IPv6 address before it calls the function that this test compares.
      if (client === 'java' && host.includes(':')) {
        counts.addressV6 += 1;
        continue;
      }
      // Go cannot parse a certificate with an invalid entry, and then does not compare the host at all.
      if (verdicts[index] === 'unreadable') {
        counts.unreadable += 1;
        continue;
      }
      const info = inspectCertificate(pem);
      // The name `*` is left out: Go up to 1.19, which Debian 12 has, takes it for a wildcard, and later versions do
      // not.
      if (client === 'go' && info.dnsNames.includes('*')) continue;
      const answer = driverRules[client](info, host);
      assert.equal(String(answer), verdicts[index], JSON.stringify({ host, ...info }));
      counts[answer ? 'yes' : 'no'] += 1;
    }
    t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`);
    assert.ok(counts.yes > 5 && counts.no > 10);
  });
}
