import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { Configuration } from '../../src/configuration/index.ts';
import { HostsFile } from '../../src/hosts/index.ts';
import { renderDiagnostic } from '../../src/text/diagnostic.ts';

const secret = 'hunter2';

test('inspection and JSON of a file, of a tree and of a configuration show no secret', () => {
  const text = `primary_conninfo = 'host=db password=${secret}'\n`;
  const hba = `host all all all ldap ldapserver=a ldapbasedn=b ldapbinddn=c ldapbindpasswd=${secret}\n`;
  const main = ConfFile.parse(text, { version: 17 });
  const contents = { '/d/PG_VERSION': '17\n', '/d/postgresql.conf': text, '/d/pg_hba.conf': hba };
  const configuration = Configuration.fromContents(contents, '/d');
  assert.equal(configuration.hba.rules.length, 1);
  for (const object of [main, ConfTree.read({ main }), configuration, configuration.hba]) {
    const shown = `${inspect(object, { depth: 9 })} ${JSON.stringify(object)}`;
    assert.ok(!shown.includes(secret), shown);
  }
});

test('no secret of a file shows in a message', () => {
  const lines = [
    `primary_conninfo = host=db password=${secret}`,
    `primary_conninfo = 'host=db password=${secret}' x`,
    `primary_conninfo = "host=db password=${secret}"`,
    `primary_conninfo 'postgresql://u:${secret}@db/x' y`,
    `ssl_passphrase_command = echo ${secret}`,
    `ssl_passphrase_command 'echo' ${secret}`,
    `ssl_passphrase_comand = 'echo ${secret}'`,
    `my_ext.password ${secret}.x.y ${secret}`,
    `my_ext.password '${secret}' ${secret}`,
    `my_ext.jwt_secret = a ${secret}`,
    `my_ext.api_key a ${secret}`,
    `my_ext.auth_token = a ${secret}`,
    `#my_ext.auth_token = ${secret}\r#x`,
    `archive_command = 'PGPASSWORD=${secret} push' x`,
    `my_ext.pwd ${secret}.x.y ${secret}`,
    `my_ext.pwd = '${secret}' x`,
    `azure.storage_account_key = '${secret}' x`,
    `azure.storage_account_key: ${secret}`,
    `my_ext.conn = 'host=h pwd=${secret}' x`,
    `archive_command = 'curl -u user:${secret} -T %p' x`,
    `archive_command = 'curl --user "user:${secret}" -T %p' x`,
    `archive_command = 'push --password ${secret} %p' x`,
    `archive_command = 'push --db-password=${secret} %p' x`,
    `archive_command = 'AWS_SECRET_ACCESS_KEY=${secret} push' x`,
    `primary_conninfo = 'postgresql://u:a ${secret}@db/x' y`,
    `listen_addresses = 'postgres://u:${secret}@h/db'`,
    `listen_addresses = '*, postgres://u:${secret}@h/db, a"b'`,
    `my_ext.conn = 'host=h db_pass=${secret}' x`,
    `primary_conninfo = 'host=h password\u00a0=${secret}' x`,
    `primary_conninfo = 'host=h password=\n${secret}' x`,
    `primary_conninfo = 'host=h password=a\n${secret}\n${secret}'`,
  ];
  for (const version of [10, 18] as const) {
    for (const line of lines) {
      const { diagnostics } = ConfFile.parse(line, { version });
      assert.ok(diagnostics.length > 0, line);
      for (const diagnostic of diagnostics) {
        const shown = `${JSON.stringify(diagnostic)} ${renderDiagnostic(diagnostic, line)}`;
        assert.ok(!shown.includes(secret), shown);
      }
    }
  }
});

test('no secret of the command line shows in a message', () => {
  const main = ConfFile.parse('');
  const tree = ConfTree.read({ main, commandLine: { listen_addresses: `postgres://u:${secret}@h/db` } });
  assert.deepEqual(
    tree.diagnostics.map(({ code }) => code),
    ['setting-value-invalid'],
  );
  assert.ok(!JSON.stringify(tree.diagnostics).includes(secret));
});

test('no secret that looks like a number shows in a message', () => {
  const digits = '472';
  for (const end of [',55', ' MB', '%', ',', ';', ',123,456', "'", ' 8', '_000', '.5 GB']) {
    for (const name of ['my_ext.password', 'ssl_passphrase_command']) {
      for (const line of [`${name} = ${digits}${end}`, `${name}: ${digits}${end}`, `${name} = '${digits}'${end}`]) {
        const { diagnostics } = ConfFile.parse(line, { version: 18 });
        assert.ok(diagnostics.length > 0, line);
        for (const diagnostic of diagnostics) {
          const shown = `${JSON.stringify(diagnostic)} ${renderDiagnostic(diagnostic, line)}`;
          assert.ok(!shown.includes(digits), shown);
        }
      }
    }
  }
});

test('no secret shows in the error that refuses to set it', () => {
  const isSilent = (error: unknown) =>
    error instanceof Error && !JSON.stringify([error.message, error]).includes(secret);
  for (const end of ['\0', '\ud800']) {
    assert.throws(() => ConfFile.parse('').set('my_ext.salt', `${secret}${end}`), isSilent);
    assert.throws(() => ConfFile.parse('').set('ssl_passphrase_command', `${secret}${end}`), isSilent);
  }
  const entry = { hosts: ['a'], certificate: 'c', privateKey: 'k', ca: 'ca', passphraseReload: true } as const;
  for (const end of ['\n', '\0', '\ud800']) {
    const passphraseCommand = `echo ${secret}${end}`;
    assert.throws(() => HostsFile.parse('').insert({ ...entry, passphraseCommand }, 'end'), isSilent);
  }
  const [diagnostic] = HostsFile.parse(`a c k ca echo ${secret}\n`).diagnostics;
  assert.ok(diagnostic !== undefined && !diagnostic.message.includes(secret));
});
