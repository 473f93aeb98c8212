import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkUpgrade, lintAccess } from '../../src/access/index.ts';
import { Configuration, checkCertificates, checkConfiguration } from '../../src/configuration/index.ts';
import { PgHostsslError } from '../../src/errors.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { type Diagnostic, renderDiagnostic } from '../../src/text/diagnostic.ts';
import { planClientCertificates } from '../../src/tls/index.ts';
import { type PgMajor, pgMajors } from '../../src/version.ts';
import { runs, seed } from '../property.ts';
import { clientState, serverState } from '../tls/state.ts';

/** The secret of the generated files. It is nowhere else in the files. */
const mark = 'zq9';
const authority = await CertificateAuthority.create({ subject: '/CN=Authority' });

const ldap = 'ldapserver=x ldapbasedn=y ldapbinddn=b';
const ending = fc.constantFrom('', '', ' # note', ` # password=${mark}`, ' # C:\\', '\r', '\\\nlocal all all peer');

function hbaLine(version: PgMajor): fc.Arbitrary<string> {
  const method = fc.constantFrom(
    ...[`ldap ${ldap} ldapbindpasswd=${mark}`, `ldap ${ldap} ldapbindpasswd="${mark} , ${mark}"`],
    `ldap "ldapurl=ldap://h/dc=x?uid?sub??!X-BINDPW=${mark}"`,
    ...(version <= 18 ? [`radius radiusservers=10.0.0.1 radiussecrets=${mark}`] : []),
    ...(version <= 13 ? [`ldap clientcert=1 ${ldap} ldapbindpasswd=${mark} clientcert=1`] : []),
    ...(version <= 13 ? [`ldap clientcert=1 ${ldap} ldapbindpasswd=${mark}`] : []),
    ...['trust', 'reject', 'md5', 'password', 'cert map=m', 'cert map=other', 'ident map=m'],
  );
  return fc
    .tuple(
      fc.constantFrom('host', 'hostssl', 'hostnossl'),
      fc.constantFrom('all', 'app', '"/x"', '/y', '""', '@words'),
      fc.constantFrom('all', 'postgres', '"/^z"', '+staff'),
      fc.constantFrom('all', '10.0.0.0/8', '127.0.0.1/32', '0.0.0.0/0'),
      method,
    )
    .map((fields) => fields.join(' '));
}

function hbaText(version: PgMajor): fc.Arbitrary<string> {
  const include = version >= 16 ? [`include more.conf # password=${mark}`, `include_dir none # token=${mark}`] : [];
  const line = fc.oneof(
    { weight: 6, arbitrary: hbaLine(version) },
    { weight: 1, arbitrary: fc.constantFrom('local all all peer', `# password=${mark}`, ...include) },
  );
  return fc.array(fc.tuple(line, ending), { minLength: 1, maxLength: 4 }).map(joined);
}

const identText = fc
  .array(
    fc.tuple(
      fc.constantFrom('m a all', 'm /^(.*)$ \\1\\1', 'm "b" +c', 'unused d e', 'm a "/b"', 'm @words x'),
      ending,
    ),
    { maxLength: 3 },
  )
  .map(joined);

const confText = fc
  .array(
    fc.constantFrom(
      ...[`ssl_passphrase_command = 'echo ${mark}'`, `ssl_ca_file = 'ca.crt' # password=${mark}`, `# token=${mark}`],
      ...[`ssl_cert_file = 'other.crt' # password=${mark}`, `archive_command = 'curl -u a:${mark} %p'`],
      ...[
        `authentication_timeout = '1500ms' # password=${mark}`,
        'ssl = on',
        'ssl_sni = on',
        'shared_buffers = 1020kB',
      ],
      ...[
        `myext.password = '${mark}`,
        `include 'more.conf' # password=${mark}`,
        'max_wal_senders = 0',
        'archive_mode = on',
      ],
    ),
    { maxLength: 6 },
  )
  .map((lines) => lines.map((line) => `${line}\n`).join(''));

const hostsText = fc
  .array(
    fc.constantFrom(
      ...[`* server.crt server.key ca.crt "echo ${mark}" on`, `a,b other.crt server.key "" "echo ${mark}" off # x`],
      ...[`b server.crt other.key # password=${mark}`, `a server.crt server.key ca.crt "${mark}" on \\\n# more`],
    ),
    { maxLength: 2 },
  )
  .map((lines) => lines.map((line) => `${line}\n`).join(''));

function joined(lines: readonly (readonly string[])[]): string {
  return lines.map((parts) => `${parts.join('')}\n`).join('');
}

function filesOf(version: PgMajor) {
  return fc
    .record({ hba: hbaText(version), more: hbaText(version), ident: identText, conf: confText, hosts: hostsText })
    .map(({ hba, more, ident, conf, hosts }) => ({
      '/d/PG_VERSION': `${version}\n`,
      '/d/postgresql.conf': conf,
      '/d/postgresql.auto.conf': version >= 19 ? 'ssl = on\nssl_sni = on\n' : null,
      '/d/pg_hba.conf': hba,
      '/d/pg_ident.conf': ident,
      '/d/pg_hosts.conf': hosts,
      '/d/more.conf': more,
      '/d/words': 'app, /x\n',
      '/d/server.crt': 'no certificate',
      '/d/server.key': null,
    }));
}

type Files = Readonly<Record<string, string | null>>;

function assertNoSecret(diagnostics: readonly Diagnostic[], files: Files, what: string): void {
  const texts = new Map(Object.entries(files).flatMap(([path, text]) => (text === null ? [] : [[path, text]])));
  for (const each of diagnostics) {
    const shown = renderDiagnostic(each, texts as Map<string | undefined, string>);
    const hba = files['/d/pg_hba.conf'];
    // Diagnostics of an included file are also rendered with the text of the main file only.
    const all = each.isIncluded === true && hba ? [shown, renderDiagnostic(each, hba)] : [shown];
    for (const text of [...all, JSON.stringify(each)]) {
      assert.ok(!text.includes(mark), `${what}: ${JSON.stringify({ text, each, files }, undefined, 1)}`);
    }
  }
}

test('no diagnostic shows a secret', async (t) => {
  const counts: Record<string, number> = {};
  const note = (what: string, diagnostics: readonly Diagnostic[], files: Files): void => {
    counts[what] = (counts[what] ?? 0) + diagnostics.length;
    assertNoSecret(diagnostics, files, what);
  };
  const versions = pgMajors.filter((version) => version >= 10);
  for (const [index, version] of versions.entries()) {
    const check = async (files: Files): Promise<void> => {
      const configuration = Configuration.fromContents(files, '/d');
      note('checkConfiguration', checkConfiguration(configuration), files);
      note('checkCertificates', await checkCertificates(configuration), files);
      note('lintAccess', lintAccess(configuration), files);
      const newer = versions[index + 1] ?? version;
      note('checkUpgrade', checkUpgrade(configuration, version, newer), files);
      const { hba } = configuration;
      note('lintAccess', lintAccess(hba), files);
    };
    await fc.assert(fc.asyncProperty(filesOf(version), check), { numRuns: runs(30), seed });
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(Object.values(counts).every((count) => count > 0));
});

test('no diagnostic of a plan shows a secret', async (t) => {
  let count = 0;
  const check = async ({ hba, conf }: { readonly hba: string; readonly conf: string }): Promise<void> => {
    const files = { '/nowhere/data/pg_hba.conf': hba, '/nowhere/data/postgresql.conf': conf };
    const server = serverState({ hba, conf });
    const connection = 'postgresql://app@localhost/app';
    const request = { authority, connection, server, client: clientState(), rule: { password: 'md5' } } as const;
    try {
      const { diagnostics } = await planClientCertificates(request);
      assertNoSecret(diagnostics, files, 'planClientCertificates');
      count += diagnostics.length;
    } catch (error) {
      // No plan can be made for files that the server refuses.
      if (!(error instanceof PgHostsslError)) throw error;
      assert.ok(!`${error.message} ${error.hint}`.includes(mark));
    }
  };
  await fc.assert(fc.asyncProperty(fc.record({ hba: hbaText(18), conf: confText }), check), {
    numRuns: runs(15),
    seed,
  });
  t.diagnostic(`${count} diagnostics`);
  assert.ok(count > 0);
});
