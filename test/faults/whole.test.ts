import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { confFileSettings } from '../../src/conf/index.ts';
import { checkConfiguration, readConfiguration } from '../../src/configuration/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { planClientCertificates, readServer } from '../../src/tls/index.ts';
import type { PgMajorSpan } from '../../src/version.ts';
import { spanIncludes } from '../../src/version.ts';
import { serverSpawnOptions } from '../server/account.ts';
import { serverBinary } from '../server/binaries.ts';
import { forEachMajor, queryWithFiles, withServer } from '../server/index.ts';
import { serverState } from '../tls/state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=Authority' });
const connection = 'postgresql://webadmin@localhost/app';
const trust = 'local all all trust\nhost all all 127.0.0.1/32 trust\n';

/** A configuration of several files that would get a wrong verdict if only one of the files was checked. */
interface Whole extends PgMajorSpan {
  readonly main?: string;
  readonly auto?: string;
  readonly hba?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Whether the server starts with the configuration, and a plan can be made for it. */
  readonly starts: boolean;
  /** True if pg_hba.conf has no rule for replication. */
  readonly isReplicationUncovered?: true;
}

const conflict = 'wal_level = minimal\n';
const wholes: readonly Whole[] = [
  { since: 16, hba: 'include other.conf\n', files: { 'other.conf': trust }, starts: true },
  { since: 16, hba: 'include other.conf\n', files: { 'other.conf': '# none\n' }, starts: false },
  {
    since: 16,
    hba: 'include other.conf\nhost all all 10.0.0.0/8 scram-sha-256\n',
    files: { 'other.conf': 'host replication all 10.0.0.0/8 scram-sha-256\n' },
    starts: true,
  },
  {
    since: 16,
    hba: 'include other.conf\nhost all all 10.0.0.0/8 scram-sha-256\n',
    files: { 'other.conf': trust },
    starts: true,
    isReplicationUncovered: true,
  },
  { main: conflict, starts: false },
  { main: `${conflict}include 'x.conf'\n`, files: { 'x.conf': 'max_wal_senders = 0\n' }, starts: true },
  { main: conflict, auto: 'max_wal_senders = 0\n', starts: true },
  { main: `${conflict}max_wal_senders = 0\n`, auto: 'max_wal_senders = 5\n', starts: false },
  { main: 'work_mem = bogus\n', auto: "work_mem = '5MB'\n", starts: true },
  { auto: 'oops oops oops\n', starts: false },
  { main: 'checkpoint_segments = 3\n', starts: false },
  { main: "standby_mode = 'on'\n", starts: false },
  { main: "pg_stat_statements.max = 'abc'\n", starts: true },
  // pg_stat_statements only warns about an invalid value of its setting, and uses the default.
  { main: "pg_stat_statements.max = 'abc'\nshared_preload_libraries = 'pg_stat_statements'\n", starts: true },
];

forEachMajor([10, 18, 19], (major) => {
  test('a server starts with exactly the files for which a plan is made', () =>
    withServer({ major, start: false }, async (server) => {
      for (const whole of wholes.filter((one) => spanIncludes(one, major))) {
        const { main = '', auto = '', hba = trust, files = {}, starts } = whole;
        const all = { 'postgresql.conf': main, 'postgresql.auto.conf': auto, 'pg_hba.conf': hba, ...files };
        server.writeFiles(all);
        const what = JSON.stringify(whole);
        const configuration = await readConfiguration(server.dataDirectory);
        const found = checkConfiguration(configuration);
        const errors = found.filter(({ severity }) => severity === 'error').map(({ code }) => code);
        assert.equal(errors.length === 0, starts, `${what}: ${errors.join()}`);
        const isUncovered = found.some(({ code }) => code === 'hba-replication-uncovered');
        assert.equal(isUncovered, whole.isReplicationUncovered ?? false, what);
        const plan = planClientCertificates({ server: await readServer(server.dataDirectory), authority, connection });
        if (starts) await plan;
        else await assert.rejects(plan, { code: /^(?:conf|hba)-refused$/ }, what);
        const isStarted = await server.start().then(
          () => true,
          () => false,
        );
        assert.equal(isStarted, starts, `${what}\n${server.log()}`);
        if (isStarted) await server.stop();
      }
    }));

  test('a server without an address and without a socket directory does not start', () =>
    withServer({ major, start: false }, async (server) => {
      const main = "listen_addresses = ''\nunix_socket_directories = ''\n";
      server.writeFiles({ 'postgresql.conf': main });
      const { diagnostics } = await readConfiguration(server.dataDirectory);
      assert.ok(diagnostics.some(({ code, severity }) => code === 'setting-conflict' && severity === 'error'));
      const program = serverBinary(major, 'postgres');
      const options = { ...serverSpawnOptions(), encoding: 'utf8', timeout: 20_000 } as const;
      const { status, stderr } = spawnSync(program, ['-D', server.dataDirectory], options);
      assert.ok(status !== null && status !== 0);
      assert.match(stderr, /no socket created for listening/);
    }));

  test('hostssl with cert on a server without CA certificates refuses every login', () =>
    withServer({ major, start: false }, async (server) => {
      const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['127.0.0.1'] });
      const alice = await authority.issueClientCertificate({ user: 'alice' });
      server.writeFiles({
        'pg_hba.conf': 'local all all trust\nhostssl all alice all cert\n',
        'postgresql.conf': 'ssl = on\n',
        'server.crt': chain,
        'server.key': privateKey.toPem(),
      });
      const found = checkConfiguration(await readConfiguration(server.dataDirectory));
      assert.ok(found.some(({ code, severity }) => code === 'hba-clientcert-without-ca' && severity === 'warning'));
      await server.start();
      await server.query('CREATE ROLE alice LOGIN');
      const ssl = { ca: authority.certificate, cert: alice.chain, key: alice.privateKey.toPem() };
      await assert.rejects(server.connect({ user: 'alice', ssl }), /root certificate store|certificate/);
    }));

  test('values that a session shows differently than the file are predicted in pg_file_settings', () =>
    withServer({ major }, async (server) => {
      const shown = await server.query<{ name: string; setting: string | null }>(
        'SELECT name, setting FROM pg_settings',
      );
      const running = Object.fromEntries(shown.map(({ name, setting }) => [name.toLowerCase(), setting]));
      for (const text of [
        "external_pid_file = ''",
        "session_authorization = 'postgres'",
        'client_min_messages = debug2',
      ]) {
        const files = { 'postgresql.conf': `${text}\n`, 'postgresql.auto.conf': '' };
        const rows = await queryWithFiles<{ applied: boolean; error: string | null }>(
          server,
          files,
          'SELECT applied, error FROM pg_file_settings WHERE sourcefile IS NOT NULL',
        );
        const own = confFileSettings({ main: files['postgresql.conf'] }, major, running);
        assert.deepEqual(
          own.map(({ applied, error }) => ({ applied, error })),
          rows,
          text,
        );
      }
    }));
});

test('a plan is made if an unread file may have the missing rule', async () => {
  const parts = [
    { hba: 'include other.conf\n' },
    { hba: 'include other.conf\nhost all all 10.0.0.0/8 scram-sha-256\n' },
    { conf: `${conflict}include 'x.conf'\n` },
    { conf: conflict, autoConf: 'max_wal_senders = 0\n' },
    { conf: "output_plugin_libraries = 'pgoutput'\n" },
    { conf: "extension_destdir = '/x'\n" },
  ];
  for (const part of parts) {
    const plan = await planClientCertificates({ server: serverState(part), authority, connection });
    assert.equal(plan.action, 'reload', JSON.stringify(part));
  }
});

test('a private key among the roots of a plan is rejected', async () => {
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['localhost'] });
  for (const key of [authority.privateKey.toPem(), privateKey.toPem()]) {
    const serverCertificate = {
      roots: authority.certificate + key,
      certificate: chain,
      privateKey: privateKey.toPem(),
    };
    const plan = planClientCertificates({ server: serverState(), authority, connection, serverCertificate });
    await assert.rejects(plan, { code: 'private-key-misplaced', message: /serverCertificate\.roots/ });
  }
});
