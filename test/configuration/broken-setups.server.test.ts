import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkCertificates, checkConfiguration, readConfiguration } from '../../src/configuration/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { type PgMajorSpan, spanIncludes } from '../../src/version.ts';
import { runs, seed } from '../property.ts';
import { forEachMajor, startServer, type TestServer } from '../server/index.ts';

/** The differences of a server's files from a set-up with which a server starts. */
interface SetUp extends PgMajorSpan {
  /** Lines that are appended to postgresql.conf. */
  readonly conf?: string;
  readonly auto?: string;
  readonly hba?: string;
  readonly ident?: string;
  /** The permission bits of server.key. */
  readonly mode?: number;
  /** The user id of the owner of server.key; the account of the server if not given. */
  readonly keyOwner?: number;
}

const authority = await CertificateAuthority.create({ subject: '/CN=First' });
const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['localhost'] });

/**
 * The tested set-ups, most of them broken. Broken contents of certificates are tested in `certificates.server.test.ts`.
 */
const setUps: readonly SetUp[] = [
  {},
  ...[
    'ssl = maybe',
    'no_such_setting = 1',
    'oops oops oops',
    "log_line_prefix = 'x",
    "include 'none.conf'",
    "include_if_exists 'none.conf'",
    "include_dir 'none.d'",
    'wal_level = minimal\nmax_wal_senders = 5',
    'wal_level = minimal\nmax_wal_senders = 0',
    'wal_level = minimal\nmax_wal_senders = 0\narchive_mode = on',
    'max_connections = 5\nmax_wal_senders = 1\nsuperuser_reserved_connections = 5',
    'max_connections = 0',
    'shared_buffers = 25%',
    'work_mem = 64 MB',
    'work_mem = 5mb',
    "search_path = 'a,,b'",
    "log_destination = 'bogus'",
    "client_min_messages = 'bogus'",
    "DateStyle = 'bogus'",
    "synchronous_standby_names = '2147483648 (a)'",
    'unix_socket_permissions = 0999',
    'data_checksums = on',
    "ssl_cert_file = 'none.crt'",
    "ssl_key_file = 'none.key'",
    "ssl_ca_file = 'none.crt'",
    "ssl_crl_file = 'none.crl'",
    "ssl = off\nssl_cert_file = 'none.crt'",
    "ssl_cert_file = 'root.crt'",
    'ssl = off',
    'ssl_prefer_server_ciphers = sometimes',
  ].map((conf) => ({ conf })),
  { since: 12, conf: "ssl_min_protocol_version = 'TLSv2'" },
  { since: 12, conf: "ssl_min_protocol_version = 'tlsv1.3'" },
  { auto: 'oops oops oops' },
  { auto: 'work_mem = bogus' },
  { conf: 'work_mem = bogus', auto: "work_mem = '5MB'" },
  { conf: "ssl_cert_file = 'none.crt'", auto: "ssl_cert_file = 'server.crt'" },
  { auto: "ssl_key_file = 'none.key'" },
  ...[0o600, 0o400, 0o640, 0o644, 0o666, 0o700, 0o604].map((mode) => ({ mode })),
  // Only root can give a file to another account. The group of the file stays the group of the server's account.
  ...(process.getuid?.() === 0
    ? [0, 1].flatMap((keyOwner) => [0o640, 0o440, 0o660, 0o650, 0o644].map((mode) => ({ mode, keyOwner })))
    : []),
  ...[
    '',
    '# nothing\n\n',
    'host all all 10.0.0.1 md5',
    'host all all 0.0.0.0/33 md5',
    'host all all ::1/200 md5',
    'host all all 127.0.0.1 255.0.0.256 md5',
    'host all all localhost/32 md5',
    'host all all all bogus',
    'host all all trust',
    'host all',
    'hostx all all all md5',
    'local all all cert',
    'host all all all cert',
    'host all all all peer',
    'hostssl all all all trust clientcert=bogus',
    'host all all all trust clientcert=verify-ca',
    'host all all all ldap',
    'host all all all radius radiusservers=127.0.0.1',
    'host all all all md5 map=m',
    'host all all all md5 bogus=1',
    'host all @none all md5',
    'host all "all all trust',
    'host all all 10.0.0.0 md5 255.0.0.0',
    'local all all 127.0.0.1/32 trust',
  ].map((hba) => ({ hba: `local all all trust\n${hba}\n` })),
  { hba: '# nothing\n' },
  { since: 16, hba: 'local all all trust\ninclude none.conf\n' },
  { since: 16, hba: 'local all all trust\nhost all /( all trust\n' },
  { until: 15, hba: 'local all all trust\ninclude none.conf\n' },
  ...['m root', 'm /( a', 'm /x \\1', 'm root postgres', 'm "root postgres'].map((ident) => ({
    hba: 'local all all trust\nlocal all all peer map=m\n',
    ident: `${ident}\n`,
  })),
];

forEachMajor([10, 14, 18, 19], (major) => {
  test('a server refuses exactly the set-ups that have an error', async (t) => {
    const server = await startServer({ major });
    try {
      const conf = await server.query<{ path: string }>(
        "SELECT setting AS path FROM pg_settings WHERE name = 'config_file'",
      );
      assert.equal(conf[0]!.path, join(server.dataDirectory, 'postgresql.conf'));
      mkdirSync(join(server.dataDirectory, 'empty.d'));
      const all = setUps.filter((setUp) => spanIncludes(setUp, major));
      const count = Math.min(runs(12), all.length);
      const chosen = fc.sample(fc.shuffledSubarray([...all], { minLength: count, maxLength: count }), {
        numRuns: 1,
        seed,
      })[0]!;
      let refused = 0;
      for (const setUp of chosen) refused += (await judge(server, setUp)) ? 1 : 0;
      t.diagnostic(`${count} of ${all.length} set-ups, ${refused} refused, seed ${seed}`);
    } finally {
      await server.remove();
    }
  });
});

/**
 * Returns true if the server refuses a set-up, and checks that the server refuses each set-up in which the library
 * finds an error.
 */
async function judge(server: TestServer, setUp: SetUp): Promise<boolean> {
  await put(server, {});
  await server.restart();
  await put(server, setUp);
  const configuration = await readConfiguration(server.dataDirectory);
  const found = [...checkConfiguration(configuration), ...(await checkCertificates(configuration))];
  const errors = found.filter(
    ({ severity, code, message }) =>
      // A name of a setting that the library does not know counts as refused if its message says that the server does
      // not start.
      severity === 'error' || (code === 'setting-unknown' && message.includes('does not start')),
  );
  const start = server.log().length;
  await server.reload();
  const isReloadRefused = /was not reloaded|were not reloaded/.test(server.log().slice(start));
  await server.stop();
  const isStartRefused = await server.start().then(
    () => false,
    () => true,
  );
  const isRefused = isReloadRefused || isStartRefused;
  const what = `${JSON.stringify(setUp)}\n${JSON.stringify(found, null, 1)}\n${server.log().slice(start)}`;
  assert.equal(errors.length > 0, isRefused, what);
  return isRefused;
}

async function put(server: TestServer, setUp: SetUp): Promise<void> {
  const { conf = '', auto = '', hba = 'local all all trust\n', ident = '', mode = 0o600, keyOwner } = setUp;
  rmSync(join(server.dataDirectory, 'server.key'), { force: true });
  server.writeFiles({
    'postgresql.conf': `ssl = on\nssl_ca_file = 'root.crt'\n${conf}\n`,
    'postgresql.auto.conf': `${auto}\n`,
    'pg_hba.conf': hba,
    'pg_ident.conf': ident,
    'server.crt': chain,
    'server.key': privateKey.toPem(),
    'root.crt': authority.certificate,
  });
  const key = join(server.dataDirectory, 'server.key');
  chmodSync(key, mode);
  if (keyOwner !== undefined) chownSync(key, keyOwner, -1);
}
