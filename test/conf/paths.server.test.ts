import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfFile, settingDefinition } from '../../src/conf/index.ts';
import { runs, seed } from '../property.ts';
import { judgingMajors, loadConf } from './postgres.ts';

const pieces = fc.constantFrom(
  '/',
  '//',
  '/./',
  '/../',
  '..',
  '.',
  'a',
  '.b',
  'ä',
  '...',
  '/..',
  '/.',
  './',
  '../',
  '\\',
);
const path = fc.array(pieces, { maxLength: 7 }).map((parts) => parts.join(''));
const checked = ['log_directory', 'external_pid_file', 'stats_temp_directory'] as const;
const absolute = ['hba_file', 'ident_file'] as const;

for (const version of judgingMajors) {
  test(`makes paths canonical as ${version} does (seed ${seed})`, () => {
    const names = checked.filter((name) => settingDefinition(name, version) !== undefined);
    const samples = fc.sample(fc.tuple(path, fc.constantFrom(...names), fc.constantFrom(...absolute)), {
      seed,
      numRuns: runs(25),
    });
    for (const [text, name, startName] of samples) {
      const rooted = `/${text}`;
      const file = ConfFile.parse('', { version }).set(name, text, { force: true }).set(startName, rooted);
      const shown = (name: string) => loadConf(version, { 'postgresql.conf': file.toBytes() }, name).value;
      assert.deepEqual([file.value(name), file.value(startName)], [shown(name), shown(startName)], text);
    }
  });
}
