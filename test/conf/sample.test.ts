import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ConfFile } from '../../src/conf/index.ts';
import { judgingMajors, readSample, samplesFolder, withServer } from '../server/index.ts';
import { foretold, isSame, loadConf } from './postgres.ts';

test('servers to compare with are installed', () => assert.notEqual(judgingMajors.length, 0));

/**
 * Settings for which the sample file shows an explanation instead of a value. The server would not accept this
 * explanation.
 */
const explained: readonly string[] = ['lc_messages'];

for (const version of judgingMajors) {
  test(`every sample file of ${version} prints unchanged`, () => {
    const folder = samplesFolder(version);
    const samples = readdirSync(folder).filter((name) => name.endsWith('.sample'));
    assert.ok(samples.includes('postgresql.conf.sample'));
    for (const name of samples) {
      const bytes = readFileSync(`${folder}/${name}`);
      assert.deepEqual(Buffer.from(ConfFile.parse(bytes, { version }).toBytes()), bytes);
    }
  });

  test(`the commented defaults in the sample of ${version} are found, and no prose is read as a setting`, () => {
    const file = ConfFile.parse(readSample(version, 'postgresql.conf.sample'), { version });
    const found = file.entries.filter((entry) => entry.kind === 'commented').map((entry) => entry.text);
    const expected = file.entries.map((entry) => entry.text).filter((text) => /^#(?!include)\w+ ?= /.test(text));
    assert.deepEqual(found, expected);
    assert.ok(found.length > 180, `${found.length}`);
    assert.equal(file.entries.filter((entry) => entry.kind === 'invalid').length, 0);
  });

  test(`the edit of the how-to changes two lines of the sample of ${version}, and the server accepts it`, () => {
    const before = ConfFile.parse(readSample(version, 'postgresql.conf.sample'), { version });
    const after = before.set('ssl', true).set('ssl_ca_file', 'root.crt', { after: 'ssl' });
    const lines = before.toString().split('\n');
    const changes = after
      .toString()
      .split('\n')
      .flatMap((line, i) => (line === lines[i] ? [] : [[lines[i], line]]));
    assert.deepEqual(
      changes.map(([old, now]) => [old!.replace(/\t+#.*/, ''), now!.replace(/\t+#.*/, '')]),
      [
        ['#ssl = off', 'ssl = on'],
        ["#ssl_ca_file = ''", "ssl_ca_file = 'root.crt'"],
      ],
    );
    for (const [name, value] of [
      ['ssl', 'on'],
      ['ssl_ca_file', 'root.crt'],
    ] as const) {
      assert.deepEqual(loadConf(version, { 'postgresql.conf': after.toBytes() }, name).value, value);
    }
  });

  test(`every commented default in the sample of ${version} can be set, and the server shows the same value`, async () => {
    const before = ConfFile.parse(readSample(version, 'postgresql.conf.sample'), { version });
    const commented = before.entries
      .filter((entry) => entry.kind === 'commented')
      .filter(({ name, value }) => !value.includes('ConfigDir') && !explained.includes(name));
    const after = commented.reduce((file, { name, value }) => file.set(name as 'a.b', value, { force: true }), before);
    assert.equal(after.toString().replace(/^#(?=\w)/gm, ''), before.toString().replace(/^#(?=\w)/gm, ''));
    assert.deepEqual(
      commented.map(({ name }) => after.get(name)),
      commented.map(({ value }) => value),
    );
    assert.deepEqual(
      after.diagnostics.filter(({ severity }) => severity === 'error'),
      [],
    );
    const conf = { 'postgresql.conf': after.toBytes() };
    const loaded = loadConf(version, conf);
    assert.deepEqual([loaded.accepted, loaded.messages], [true, []]);
    await comeBack(after, new Set(commented.map(({ name }) => name)));
  });

  test(`${version} reads strings as intended`, () => {
    for (const value of [
      "it's",
      'C:\\data\\n',
      'two\nlines\r',
      '\ttab # no comment',
      'ä 😀',
      "''\\'",
      '',
      '%m [%p] ',
    ]) {
      const conf = ConfFile.parse('# x').set('log_line_prefix', value).set('a.b', 'x').toBytes();
      const loaded = loadConf(version, { 'postgresql.conf': conf }, 'log_line_prefix');
      assert.deepEqual([loaded.value, loaded.messages], [value, []]);
    }
  });
}

/**
 * Checks that a server shows the values of a file. A running server loads the file; a server is started with those
 * settings that the test server itself sets.
 */
async function comeBack(file: ConfFile, names: ReadonlySet<string>): Promise<void> {
  const { version } = file;
  // Settings that the view shows in another form than the file has: in octal, or with their effect
  // (`show_archive_command`, `show_timing_clock_source`).
  const octal = ['unix_socket_permissions', 'log_file_mode', 'data_directory_mode'];
  const shownOtherwise = [...octal, 'archive_command', 'timing_clock_source'];
  const conf = { 'postgresql.conf': file.toBytes() };
  const rows = await withServer({ major: version, files: conf }, (server) =>
    server.query<{ name: string; setting: string; isOurs: boolean }>(
      `SELECT name, setting, source = 'configuration file' AND sourcefile LIKE '%/postgresql.conf' AS "isOurs"
       FROM pg_settings`,
    ),
  );
  const shown = new Map(
    rows.map(({ name, setting, isOurs }) => [
      name.toLowerCase(),
      isOurs && !shownOtherwise.includes(name) ? setting : undefined,
    ]),
  );
  let asked = 0;
  for (const name of names) {
    const ours = foretold(name, file.get(name)!, version);
    let theirs = shown.get(name.toLowerCase());
    if (theirs === undefined) {
      asked += 1;
      theirs = loadConf(version, conf, name).value;
    }
    assert.ok(isSame(ours, theirs), `${name} is ${ours}, server ${theirs}`);
  }
  assert.ok(asked < 20, `${asked}`);
}
