import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { checkConfiguration, locateConfiguration, readConfiguration } from '../../src/configuration/index.ts';
import { readServer } from '../../src/tls/index.ts';
import { account, attack, secret } from '../tls/attack.ts';

// In these tests, root reads a data directory of an account that tries to make root show files of root.

const skip = process.getuid?.() !== 0 && 'needs root';

test('shows no file of root’s that a link, a setting or an include line names', { skip }, () =>
  attack(async ({ data, victim, write, link }) => {
    const stock = 'port = 5433\n';
    for (const [conf, hba] of [
      [`include '${victim}/secret'\n`, 'local all all peer\n'],
      [`include_dir '${victim}'\n`, 'local all all peer\n'],
      [`hba_file = '${victim}/secret'\n`, 'local all all peer\n'],
      [`ident_file = '${victim}/secret'\n`, 'local all all peer\n'],
      [`ssl = on\nssl_cert_file = '${victim}/secret'\n`, 'local all all peer\n'],
      [stock, `local all @${victim}/secret peer\ninclude ${victim}/secret\n`],
    ] as const) {
      write(join(data, 'postgresql.conf'), conf);
      write(join(data, 'pg_hba.conf'), hba);
      const all = await readConfiguration(data);
      const read = all.files.filter(({ path, state }) => path.startsWith(victim) && state !== 'unread');
      assert.deepEqual(read, [], conf + hba);
      assert.ok(!all.tlsFiles.some(({ state }) => state === 'read'));
      assert.ok(!inspect([all.diagnostics, all], { depth: 12, showHidden: true }).includes(secret), conf + hba);
      const alone = await readConfiguration({ conf: join(data, 'postgresql.conf') });
      assert.ok(!inspect([alone.diagnostics, alone], { depth: 12, showHidden: true }).includes(secret), conf + hba);
    }
    write(join(data, 'postgresql.conf'), stock);
    for (const name of ['pg_hba.conf', 'postgresql.conf', 'postgresql.auto.conf', 'postmaster.opts', 'PG_VERSION']) {
      link(join(victim, 'secret'), join(data, name));
      const read = await readConfiguration({ dataDirectory: data, version: 18 });
      assert.ok(!inspect([read.diagnostics, read], { depth: 12, showHidden: true }).includes(secret), name);
      assert.ok(!inspect(await locateConfiguration({ dataDirectory: data })).includes(secret), name);
    }
    write(join(data, 'postgresql.conf'), stock);
    link(join(victim, 'PG_VERSION'), join(data, 'PG_VERSION'));
    assert.equal((await locateConfiguration({ dataDirectory: data }))[0]?.version, undefined);
  }),
);

test('a search says why root does not read the given data directory', { skip }, () =>
  attack(async ({ data, write }) => {
    write(join(data, 'postgresql.conf'), '');
    chmodSync(dirname(data), 0o777);
    await assert.rejects(locateConfiguration({ dataDirectory: data }), { code: 'path-not-trusted' });
    await assert.rejects(readConfiguration(data), { code: 'path-not-trusted' });
  }),
);

test('root reads no data directory in a runtime without process.setgroups(), such as Deno', { skip }, () =>
  attack(async ({ data, write }) => {
    write(join(data, 'postgresql.conf'), '');
    const { setgroups } = process;
    process.setgroups = undefined as never;
    try {
      const refused = { code: 'account-unavailable', message: /has no process\.setgroups\(\)/ };
      await assert.rejects(readServer(data), refused);
      await assert.rejects(readConfiguration(data), refused);
    } finally {
      process.setgroups = setgroups!;
    }
  }),
);

test('a path that a setting or the last start names is not a path that the caller named', { skip }, () =>
  attack(async ({ data, victim, write }) => {
    const hba = join(victim, 'pg_hba.conf');
    write(join(data, 'postgresql.conf'), `hba_file = '${hba}'\n`);
    const configuration = await readConfiguration(data);
    for (const server of [data, configuration, { dataDirectory: data }]) {
      await assert.rejects(readServer(server), { code: 'file-not-readable', file: hba });
    }
    // Root reads a file of root's if the caller names it.
    const { hba: named } = await readServer(data, { paths: { hba } });
    assert.ok(new TextDecoder().decode(named.content()).includes(secret));

    const conf = join(victim, 'postgresql.conf');
    write(join(data, 'postgresql.conf'), '');
    write(join(data, 'postmaster.opts'), `/usr/bin/postgres "-D" "${data}" "-c" "config_file=${conf}"\n`);
    const [found] = await locateConfiguration({ dataDirectory: data });
    assert.equal(found?.conf, conf);
    assert.ok(!found.evidence.some(({ path }) => path === conf));
    for (const place of [data, found, { dataDirectory: data, conf }]) {
      const read = await readConfiguration(place);
      const main = read.files.find(({ path }) => path === conf);
      assert.deepEqual([read.conf.main.toString(), main?.state], ['', 'unread']);
      for (const server of [place, read]) {
        if (server !== data) await assert.rejects(readServer(server), { code: 'file-not-readable', file: conf });
      }
    }
    // The account removes its data directory after the search.
    rmSync(data, { recursive: true });
    await assert.rejects(readConfiguration(found), { code: 'data-directory-incomplete' });
    await assert.rejects(readServer(found), { code: 'data-directory-incomplete' });
  }),
);

test('a search reads no file of root’s that a file of an account names', { skip }, () =>
  attack(async ({ data, victim, write }) => {
    const conf = join(victim, 'postgresql.conf');
    writeFileSync(conf, 'port = 5444\n', { mode: 0o600 });
    write(join(data, 'postgresql.conf'), `include '${conf}'\n`);
    const [found] = await locateConfiguration({ dataDirectory: data });
    assert.deepEqual([found?.dataDirectory, found?.port], [data, undefined]);
    writeFileSync(conf, `${secret}\n`);
  }),
);

test('reads the files of the account, and a postgresql.conf of root’s that names them', { skip }, () =>
  attack(async ({ data, victim }) => {
    const read = await readConfiguration(data);
    assert.equal(read.hba.rules.length > 0, true);
    assert.deepEqual([read.owner?.uid, read.version], [account.uid, 18]);
    // A layout like Debian's, in which root may own the configuration files.
    const etc = join(victim, 'etc');
    mkdirSync(etc);
    const conf = join(etc, 'postgresql.conf');
    const settings = `data_directory = '${data}'\nhba_file = '${data}/pg_hba.conf'\nport = 5434\n`;
    writeFileSync(conf, settings, { mode: 0o600 });
    const named = await readConfiguration({ conf });
    assert.deepEqual([named.dataDirectory, named.owner?.uid, named.hasHba], [data, account.uid, true]);
    assert.equal(named.conf.effective('port')?.value, '5434');
    const [found] = await locateConfiguration({ dataDirectory: data });
    assert.deepEqual([found?.version, found?.dataDirectory], [18, data]);
    rmSync(etc, { recursive: true });
  }),
);

test('reports mode and owner of a private key that the account cannot read', { skip }, () =>
  attack(async ({ data, write }) => {
    write(join(data, 'postgresql.conf'), 'ssl = on\n');
    const path = join(data, 'server.key');
    writeFileSync(path, secret, { mode: 0o600 });
    for (const [uid, expected] of [
      [account.uid + 1, 'error ssl-key-permissions'],
      // The server accepts this mode for a key of root, but cannot read the key.
      [0, 'error ssl-file-permissions'],
    ] as const) {
      chownSync(path, uid, 0);
      const read = await readConfiguration(data);
      const { state, mode, owner } = read.tlsFiles.find(({ setting }) => setting === 'ssl_key_file')!;
      assert.deepEqual([state, mode, owner?.uid], ['unread', 0o600, uid]);
      const told = checkConfiguration(read).filter(({ message }) => message.includes(path));
      assert.deepEqual(
        told.map(({ severity, code }) => `${severity} ${code}`),
        [expected],
      );
    }
    rmSync(path);
  }),
);

test('rejects a postgresql.conf of another account for a data directory of root’s', { skip }, () =>
  attack(async ({ data, victim, write }) => {
    // `victim` is a data directory of root, for example a copy that root keeps.
    const conf = join(data, 'postgresql.conf');
    write(conf, `data_directory = '${victim}'\ninclude '${victim}/secret'\n`);
    const place = { dataDirectory: victim, conf };
    const error = { code: 'path-not-trusted', message: /^[^:]+: An account other than root can redirect this path\./ };
    await assert.rejects(readConfiguration(place), error);
    await assert.rejects(readServer(place), error);
  }),
);

test('reports a missing server as missing', { skip }, async () => {
  const read = await readConfiguration({ dataDirectory: '/there/is/no/such/directory', version: 18 });
  assert.equal(read.hasHba, false);
  await assert.rejects(readConfiguration('/there/is/no/such/directory'), { code: 'version-unknown' });
});
