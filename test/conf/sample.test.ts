import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ConfFile } from '../../src/conf/index.ts';
import { availableMajors, readSample, samplesFolder } from '../server/index.ts';
import { loadConf } from './postgres.ts';

test('servers to judge by are installed', () => assert.notEqual(availableMajors.length, 0));

/** Settings whose default in the sample is an explanation, which the server would not take as a value. */
const explained: readonly string[] = ['lc_messages'];

for (const version of availableMajors) {
  test(`every sample file of ${version} prints as it was`, () => {
    const folder = samplesFolder(version);
    const samples = readdirSync(folder).filter((name) => name.endsWith('.sample'));
    assert.ok(samples.includes('postgresql.conf.sample'));
    for (const name of samples) {
      const bytes = readFileSync(`${folder}/${name}`);
      assert.deepEqual(Buffer.from(ConfFile.parse(bytes, { version }).toBytes()), bytes);
    }
  });

  test(`the commented defaults of ${version}'s sample are found, and no prose`, () => {
    const file = ConfFile.parse(readSample(version, 'postgresql.conf.sample'), { version });
    const found = file.entries.filter((entry) => entry.kind === 'commented').map((entry) => entry.text);
    const expected = file.entries.map((entry) => entry.text).filter((text) => /^#(?!include)\w+ ?= /.test(text));
    assert.deepEqual(found, expected);
    assert.ok(found.length > 180, `${found.length}`);
    assert.equal(file.entries.filter((entry) => entry.kind === 'invalid').length, 0);
  });

  test(`the how-to's edit of ${version}'s sample changes two lines, and the server takes it`, () => {
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

  test(`every commented default of ${version}'s sample can be set, and the server takes them all`, () => {
    const before = ConfFile.parse(readSample(version, 'postgresql.conf.sample'), { version });
    const commented = before.entries
      .filter((entry) => entry.kind === 'commented')
      .filter(({ name, value }) => !value.includes('ConfigDir') && !explained.includes(name));
    const after = commented.reduce((file, { name, value }) => file.set(name as 'a.b', value), before);
    assert.equal(after.toString().replace(/^#(?=\w)/gm, ''), before.toString().replace(/^#(?=\w)/gm, ''));
    assert.deepEqual(
      commented.map(({ name }) => after.get(name)),
      commented.map(({ value }) => value),
    );
    assert.deepEqual(
      after.diagnostics.filter(({ severity }) => severity === 'error'),
      [],
    );
    const loaded = loadConf(version, { 'postgresql.conf': after.toBytes() });
    assert.deepEqual([loaded.accepted, loaded.messages], [true, []]);
  });

  test(`${version} reads strings as they were meant`, () => {
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
