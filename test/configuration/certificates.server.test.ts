import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { authenticate } from '../../src/access/index.ts';
import { derInteger } from '../../src/asn1/der.ts';
import { decodePem } from '../../src/asn1/pem.ts';
import { settingDefinition } from '../../src/conf/index.ts';
import { checkCertificates, readConfiguration } from '../../src/configuration/index.ts';
import { extension } from '../../src/pki/certificate/extensions.ts';
import { CertificateAuthority, certificateFileName, crlFileName, type PrivateKey } from '../../src/pki/index.ts';
import { forgeList } from '../pki/forge.ts';
import { forEachMajor, otherServers, startServer, type TestServer, withServer } from '../server/index.ts';

const day = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * day);
const past = { notBefore: inDays(-90), notAfter: inDays(-1) };

const root = await CertificateAuthority.create({ subject: '/CN=Root', validity: { notBefore: inDays(-90) } });
const other = await CertificateAuthority.create({ subject: '/CN=Other' });
const ended = await CertificateAuthority.create({
  subject: '/CN=Ended',
  validity: past,
  provider: { now: () => inDays(-50) },
});
const middle = await root.issueIntermediateAuthority({ subject: '/CN=Middle' });
const hosts = ['127.0.0.1'];
const good = await root.issueServerCertificate({ hosts });
const alice = await root.issueClientCertificate({ user: 'alice' });
const byMiddle = await middle.issueServerCertificate({ hosts });
const key = good.privateKey.toPem();

/** Returns the CA with its clock at another date. */
const at = (date: Date) =>
  CertificateAuthority.load({
    certificate: root.certificate,
    privateKey: root.privateKey,
    provider: { now: () => date },
  });
const expired = await (await at(inDays(-50))).issueServerCertificate({ hosts, key, validity: past });
const forClients = await root.issueClientCertificate({ user: 'db', key });
const crl = (await root.issueCrl()).crl;
const expiredCrl = (await (await at(inDays(-50))).issueCrl({ validity: { days: 7 } })).crl;
const otherCrl = (await other.issueCrl()).crl;
const deltaCrl = await forgeList({
  issuer: 'CN=Root',
  issuerKey: root.privateKey,
  thisUpdate: inDays(-1),
  nextUpdate: inDays(7),
  revoked: [],
  extensions: [extension('2.5.29.27', derInteger(1), { critical: true })],
});
const der = (pem: string) => decodePem(pem)[0]!.der;

const damagedCrl = crl.replace(/^M/m, '!');

interface Case {
  /**
   * Whether the version of OpenSSL decides if the client gets in. OpenSSL 1.1.1 of the servers from npm stops at a CRL
   * file that it cannot load. Later versions of OpenSSL 3.0 continue, and so may the servers of this machine.
   */
  readonly isDecidedByOpenssl?: boolean;
  /** Whether the client gets in; by default, whether there is no warning. */
  readonly isLetIn?: boolean;
  /** The files below crls/. If given, `ssl_crl_dir` names this directory. */
  readonly directory?: Readonly<Record<string, string | Uint8Array>>;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly client?: { readonly chain: string; readonly privateKey: PrivateKey };
  readonly expected: readonly string[];
  readonly says?: RegExp;
}

const cases: Readonly<Record<string, Case>> = {
  'all is well': { expected: [] },
  'the server certificate has expired': {
    files: { 'server.crt': expired.chain },
    expected: ['warning ssl-certificate-refused'],
    says: /clients that verify the server refuse it.*valid until/,
  },
  'the server certificate is for clients': {
    files: { 'server.crt': forClients.chain },
    expected: ['warning ssl-certificate-refused', 'info ssl-certificate-without-host'],
    says: /not for the purpose serverAuth/,
  },
  'the key is of another certificate': {
    files: { 'server.key': alice.privateKey.toPem() },
    expected: ['error ssl-key-mismatch'],
  },
  'the chain is right': {
    files: { 'server.crt': byMiddle.chain, 'server.key': byMiddle.privateKey.toPem() },
    expected: [],
  },
  'the leaf is not the first': {
    files: { 'server.crt': middle.certificate + byMiddle.certificate, 'server.key': byMiddle.privateKey.toPem() },
    expected: ['warning ssl-certificate-refused', 'info ssl-certificate-without-host', 'error ssl-key-mismatch'],
  },
  'the certificate is DER': {
    files: { 'server.crt': der(good.certificate) },
    expected: ['error ssl-file-invalid'],
    says: /is DER.*openssl x509 -inform DER/,
  },
  'the certificate is empty': { files: { 'server.crt': '' }, expected: ['error ssl-file-invalid'] },
  'the certificate is cut off': {
    files: { 'server.crt': good.certificate.slice(0, -60) },
    expected: ['error ssl-file-invalid'],
  },
  'the key is DER': {
    files: { 'server.key': good.privateKey.toDer() },
    expected: ['error ssl-file-invalid'],
    says: /openssl pkey -inform DER/,
  },
  'the key file holds a certificate': {
    files: { 'server.key': good.certificate },
    expected: ['error ssl-file-invalid'],
  },
  'the file of CA certificates is DER': {
    files: { 'root.crt': der(root.certificate) },
    expected: ['error ssl-file-invalid'],
  },
  'the file of CA certificates holds a key': {
    files: { 'root.crt': root.privateKey.toPem() },
    expected: ['error ssl-file-invalid'],
  },
  'the root is missing in the file of CA certificates': {
    files: { 'root.crt': middle.certificate },
    client: await middle.issueClientCertificate({ user: 'alice' }),
    expected: ['warning ssl-certificate-refused'],
    says: /refuses every client certificate/,
  },
  'the root has expired': { files: { 'root.crt': ended.certificate }, expected: ['warning ssl-certificate-refused'] },
  'an old root beside the new root has expired': {
    files: { 'root.crt': ended.certificate + root.certificate },
    expected: [],
  },
  'the CRL is good': { files: { 'root.crl': crl }, expected: [] },
  'the CRL is of another CA': {
    files: { 'root.crl': otherCrl },
    expected: ['warning tls-crl-refuses'],
  },
  'the CRL is DER': {
    files: { 'root.crl': der(crl) },
    expected: ['error ssl-file-invalid'],
    says: /openssl crl -inform DER/,
  },
  'the CRL has a wrong label': {
    files: { 'root.crl': crl.replaceAll('X509 CRL', 'CRL') },
    expected: ['error ssl-file-invalid'],
  },
  'the file of CRLs holds only a certificate': {
    files: { 'root.crl': root.certificate },
    expected: ['warning tls-crl-refuses'],
  },
  'the file of CRLs also holds the certificate of another CA': {
    files: { 'root.crl': crl + other.certificate + otherCrl },
    client: await other.issueClientCertificate({ user: 'alice' }),
    expected: ['warning ssl-crl-file-trusted'],
    says: /^The server also trusts the CA certificate of "CN=Other", because .*root\.crl holds it/,
    isLetIn: true,
  },
  'the file of CRLs also holds certificates that give nobody access': {
    files: { 'root.crl': crl + root.certificate + middle.certificate },
    expected: [],
  },
  'the file of CRLs also holds a delta CRL': {
    files: { 'root.crl': crl + deltaCrl },
    expected: ['warning ssl-crl-delta'],
    says: /root\.crl holds a delta CRL/,
    isLetIn: true,
  },
  'the directory of CRLs also holds a delta CRL': {
    directory: { [crlFileName(crl)]: crl, [crlFileName(crl, { index: 1 })]: deltaCrl },
    expected: ['warning ssl-crl-delta'],
    isLetIn: true,
  },
  'the directory of CRLs also holds the certificate of another CA': {
    directory: {
      [crlFileName(crl)]: crl,
      [crlFileName(otherCrl)]: otherCrl,
      [certificateFileName(other.certificate)]: other.certificate,
    },
    client: await other.issueClientCertificate({ user: 'alice' }),
    expected: ['warning ssl-crl-file-trusted'],
    isLetIn: true,
  },
  'the directory of CRLs has one named by hash': {
    directory: { [crlFileName(crl)]: crl, 'a.pem': 'junk' },
    expected: [],
  },
  'the directory of CRLs has the CRL of another CA first': {
    directory: { [crlFileName(crl)]: otherCrl, [crlFileName(crl, { index: 1 })]: crl },
    expected: [],
  },
  'the directory of CRLs has one in a file named otherwise': {
    directory: { 'root.pem': crl },
    expected: ['warning tls-crl-refuses'],
    says: /and ignores root\.pem\. Run "openssl rehash /,
  },
  'the directory of CRLs has no file of the number 0': {
    directory: { [crlFileName(crl, { index: 1 })]: crl },
    expected: ['warning tls-crl-refuses'],
  },
  'the directory of CRLs has a bad file before the good one': {
    directory: { [crlFileName(crl)]: der(crl), [crlFileName(crl, { index: 1 })]: crl },
    expected: ['info tls-crl-refuses'],
    says: /is not known.*only if its OpenSSL continues\. Replace or remove/,
    isDecidedByOpenssl: true,
    isLetIn: false,
  },
  'the directory of CRLs has a bad file between two good ones': {
    directory: {
      [crlFileName(crl)]: crl,
      [crlFileName(crl, { index: 1 })]: 'junk',
      [crlFileName(crl, { index: 2 })]: crl,
    },
    expected: [],
  },
  'the directory of CRLs has a bad file before an expired CRL': {
    directory: { [crlFileName(crl)]: 'junk', [crlFileName(crl, { index: 1 })]: expiredCrl },
    expected: ['warning tls-crl-refuses'],
  },
  'the directory of CRLs is empty': { directory: {}, expected: ['warning tls-crl-refuses'] },
  'the directory of CRLs is empty, and the file has a good one': {
    directory: {},
    files: { 'root.crl': crl },
    expected: [],
  },
  'the directory of CRLs has a good one, and the file is DER': {
    directory: { [crlFileName(crl)]: crl },
    files: { 'root.crl': der(crl) },
    expected: ['error ssl-file-invalid'],
  },
  'the directory of CRLs has a good one, and the file holds only a certificate': {
    directory: { [crlFileName(crl)]: crl },
    files: { 'root.crl': root.certificate },
    expected: [],
  },
  'the CRL is not base64': { files: { 'root.crl': damagedCrl }, expected: ['error ssl-file-invalid'] },
  'the directory of CRLs has a good one, and the CRL in the file is not base64': {
    directory: { [crlFileName(crl)]: crl },
    files: { 'root.crl': damagedCrl },
    expected: ['error ssl-file-invalid'],
    says: /damaged PEM block/,
  },
};

const stock = {
  'server.crt': good.chain,
  'server.key': key,
  'root.crt': root.certificate,
};

async function judgeAll(server: TestServer, { isFromNpm }: { readonly isFromNpm: boolean }): Promise<void> {
  const outcomes: string[] = [];
  for (const [name, { files = {}, directory, client = alice, expected, says, ...certain }] of Object.entries(cases)) {
    if (directory !== undefined && settingDefinition('ssl_crl_dir', server.major) === undefined) continue;
    const settings = ["ssl_ca_file = 'root.crt'"];
    if ('root.crl' in files) settings.push("ssl_crl_file = 'root.crl'");
    if (directory !== undefined) settings.push("ssl_crl_dir = 'crls'");
    rmSync(join(server.dataDirectory, 'crls'), { recursive: true, force: true });
    const inDirectory = Object.entries(directory ?? {}).map(([file, content]) => [`crls/${file}`, content]);
    const conf = ['ssl = on', ...settings, ''].join('\n');
    server.writeFiles({ ...stock, ...files, 'tls.conf': conf, ...Object.fromEntries(inDirectory) });
    const configuration = await readConfiguration(server.dataDirectory);
    const found = await checkCertificates(configuration);
    assert.deepEqual(
      found.map(({ severity, code }) => `${severity} ${code}`),
      expected,
      name,
    );
    if (says !== undefined) assert.match(found.map(({ message }) => message).join('\n'), says, name);
    const before = server.log().length;
    await server.reload();
    const log = server.log().slice(before);
    const isRefused = /was not reloaded/.test(log);
    assert.equal(
      isRefused,
      expected.some((each) => each.startsWith('error')),
      `${name}: ${log}`,
    );
    if (isRefused) continue;
    const login = server.connect({
      user: 'alice',
      ssl: { ca: root.certificate, cert: client.chain, key: client.privateKey.toPem() },
    });
    const outcome = await login.then(
      async (session) => {
        await session.query('select 1');
        await session.end();
        return 'in';
      },
      (error) => String(error),
    );
    const { isDecidedByOpenssl = false, isLetIn = !expected.some((each) => each.startsWith('warning')) } = certain;
    if (!isDecidedByOpenssl || isFromNpm) assert.equal(outcome === 'in', isLetIn, `${name}: ${outcome}\n${log}`);
    outcomes.push(outcome);
  }
  assert.ok(outcomes.length > 8);
}

const hba = 'local all all trust\nhostssl all alice 127.0.0.1/32 cert\n';
const conf = "ssl = on\nssl_ca_file = 'root.crt'\ninclude 'tls.conf'\n";
const files = { ...stock, 'tls.conf': '' };

forEachMajor([10, 14, 18, 19], (major) => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ major, hba, conf, files });
    await server.query('create role alice login');
  });
  after(() => server.remove());

  test('the server loads the files and lets the client in as the diagnostics say', () =>
    judgeAll(server, { isFromNpm: major !== 19 }));
});

for (const { major, programs } of otherServers()) {
  test(`the ${major} in ${programs} loads the files and lets the client in as the diagnostics say`, () =>
    withServer({ major, programs, hba, conf, files }, async (server) => {
      await server.query('create role alice login');
      await judgeAll(server, { isFromNpm: false });
    }));
}

const withoutPipes = process.platform === 'win32' && 'needs named pipes';
const withoutRoot = process.getuid?.() !== 0 && 'needs root';

forEachMajor([10, 14, 18, 19], (major) => {
  test('a directory in place of a file keeps the server from starting', () =>
    withServer({ major, start: false, conf, files }, async (server) => {
      const tls = {
        ssl_cert_file: 'server.crt',
        ssl_key_file: 'server.key',
        ssl_ca_file: 'root.crt',
        ssl_crl_file: 'root.crl',
        ssl_dh_params_file: 'dh.pem',
      };
      for (const [setting, name] of Object.entries(tls)) {
        const path = join(server.dataDirectory, name);
        server.writeFiles({ ...stock, 'tls.conf': `${setting} = '${name}'\n` });
        rmSync(path, { force: true });
        server.writeFiles({ [`${name}/file`]: '' });
        const found = (await readConfiguration(server.dataDirectory)).diagnostics;
        const errors = found.filter(({ severity }) => severity === 'error').map(({ message }) => message);
        assert.deepEqual(errors.length, 1, errors.join());
        assert.ok(errors[0]!.includes(`${path} of ${setting} is a directory`), errors[0]);
        await assert.rejects(server.start(), /FATAL:/);
        rmSync(path, { recursive: true });
      }
    }));

  test('a private key that is a named pipe keeps the server from starting', { skip: withoutPipes }, () =>
    withServer({ major, start: false, conf, files }, async (server) => {
      const path = join(server.dataDirectory, 'server.key');
      rmSync(path);
      assert.equal(spawnSync('mkfifo', ['-m', '600', path]).status, 0);
      const found = (await readConfiguration(server.dataDirectory)).diagnostics;
      const errors = found.filter(({ severity }) => severity === 'error').map(({ message }) => message);
      assert.deepEqual(errors, [
        `The server does not start: ssl is on, and ${path} of ssl_key_file is not a regular file. Replace it by a file`,
      ]);
      await assert.rejects(server.start(), /is not a regular file/);
    }),
  );

  test('a file that only root can read keeps the server from starting', { skip: withoutRoot }, () =>
    withServer({ major, start: false, conf: `${conf}ssl_crl_file = 'root.crl'\n`, files }, async (server) => {
      server.writeFiles({ ...stock, 'root.crl': crl });
      await server.start();
      await server.stop();
      for (const name of ['server.key', 'server.crt', 'root.crt', 'root.crl']) {
        const path = join(server.dataDirectory, name);
        const { uid, gid } = statSync(path);
        chownSync(path, 0, 0);
        chmodSync(path, 0o600);
        const found = (await readConfiguration(server.dataDirectory)).diagnostics;
        const errors = found.filter(({ severity }) => severity === 'error');
        assert.deepEqual(
          errors.map(({ code }) => code),
          ['ssl-file-permissions'],
        );
        assert.ok(errors[0]!.message.includes(`its account, user id ${uid}, cannot read ${path}`), errors[0]!.message);
        await assert.rejects(server.start(), /[Pp]ermission denied/);
        chownSync(path, uid, gid);
      }
    }),
  );
});

/** Settings that name no certificate and no key. */
const withoutFiles = "ssl_cert_file = ''\nssl = on\nssl_sni = on\nssl_key_file = ''\n";

/**
 * The cases for pg_hosts.conf (19): the files that differ from those in `stock`, and the codes of the diagnostics at
 * the line of pg_hosts.conf. The first case has the default pg_hosts.conf.
 */
const hostsCases: Readonly<Record<string, readonly [Readonly<Record<string, string | Uint8Array>>, ...string[]]>> = {
  'all is well': [{}],
  'the files of the settings do not count': [{ 'server.key': 'junk' }],
  'the settings count without a record': [{ 'pg_hosts.conf': '# none\n', 'server.key': 'junk' }, 'ssl-file-invalid'],
  'the certificate is missing': [{ 'pg_hosts.conf': 'db none h.key\n' }, 'configuration-file-missing'],
  'the key is missing': [{ 'pg_hosts.conf': 'db h.crt none\n' }, 'configuration-file-missing'],
  'the CA certificates are missing': [{ 'pg_hosts.conf': 'db h.crt h.key none\n' }, 'configuration-file-missing'],
  'the key is of another certificate': [{ 'h.key': alice.privateKey.toPem() }, 'ssl-key-mismatch'],
  'the certificate is DER': [{ 'h.crt': der(good.certificate) }, 'ssl-file-invalid'],
  'the file of CA certificates has no certificate': [{ 'h.ca': 'junk' }, 'ssl-file-invalid'],
  'the certificate is empty': [{ 'pg_hosts.conf': 'db "" h.key h.ca\n' }, 'hosts-column-empty'],
  'the key is empty': [{ 'pg_hosts.conf': 'db h.crt ""\n' }, 'hosts-column-empty'],
  'only the record names a certificate': [{ 'postgresql.conf': withoutFiles }],
  'nothing names a certificate': [{ 'postgresql.conf': withoutFiles, 'pg_hosts.conf': '# none\n' }, 'setting-conflict'],
  'the record is in an included file': [
    { 'pg_hosts.conf': 'include more.conf\n', 'more.conf': '* h.crt none\n' },
    'configuration-file-missing',
  ],
};

forEachMajor([19], (major) => {
  test('the server loads the files of pg_hosts.conf as the diagnostics say', () =>
    withServer({ major, start: false, conf: 'ssl = on\nssl_sni = on\n', files: stock }, async (server) => {
      const hosts = { 'pg_hosts.conf': 'db h.crt h.key h.ca\n', 'h.crt': good.chain, 'h.key': key };
      for (const [name, [more, ...expected]] of Object.entries(hostsCases)) {
        const conf = { 'postgresql.conf': 'ssl = on\nssl_sni = on\n' };
        server.writeFiles({ ...stock, ...conf, ...hosts, 'h.ca': root.certificate, ...more });
        const configuration = await readConfiguration(server.dataDirectory);
        const all = [...configuration.diagnostics, ...(await checkCertificates(configuration))];
        const errors = all.filter(({ severity }) => severity === 'error');
        assert.deepEqual(
          errors.map(({ code }) => code),
          expected,
          name,
        );
        const place =
          'more.conf' in more
            ? 'more.conf'
            : 'server.key' in more || 'postgresql.conf' in more
              ? 'postgresql.conf'
              : 'pg_hosts.conf';
        for (const { file, range } of errors)
          assert.deepEqual([file, range.start.line], [join(server.dataDirectory, place), 1], name);
        const start = server.start().then(() => server.stop());
        if (expected.length > 0) await assert.rejects(start, /FATAL:/, name);
        else await start;
      }
    }));

  test('the CA files of pg_hosts.conf decide whether a client can show a certificate, as authenticate says', () =>
    withServer({ major, start: false, conf: 'ssl = on\nssl_sni = on\n', files: stock }, async (server) => {
      const names = { servername: 'db', checkServerIdentity: () => undefined };
      const ssl = { ca: root.certificate, cert: alice.chain, key: alice.privateKey.toPem(), ...names };
      const connection = { transport: 'ssl', address: '127.0.0.1', database: 'postgres', user: 'alice' } as const;
      const rules = 'local all all trust\nhostssl all all all cert\n';
      for (const [ssl_ca_file, record, expected] of [
        ['', 'h.ca', 'admitted'],
        ['root.crt', '', 'refused'],
        ['root.crt', 'h.ca', 'admitted'],
        ['', '', 'refused'],
      ] as const) {
        const name = `ssl_ca_file = '${ssl_ca_file}', record with CA '${record}'`;
        server.writeFiles({
          ...{ 'postgresql.conf': `ssl = on\nssl_sni = on\nssl_ca_file = '${ssl_ca_file}'\n`, 'pg_hba.conf': rules },
          ...{ 'h.crt': good.chain, 'h.key': key, 'h.ca': root.certificate, 'root.crt': root.certificate },
          'pg_hosts.conf': `db h.crt h.key ${record}\n`,
        });
        const configuration = await readConfiguration(server.dataDirectory);
        const answer = authenticate(configuration, { ...connection, certificate: { subject: 'CN=alice' } });
        assert.equal(answer.kind, expected, name);
        await server.start();
        await server.query('DROP ROLE IF EXISTS alice; CREATE ROLE alice LOGIN');
        const login = server.connect({ user: 'alice', ssl }).then((client) => client.end());
        if (answer.kind === 'refused') await assert.rejects(login, { message: answer.reason }, name);
        else await login;
        await server.stop();
      }
    }));
});
