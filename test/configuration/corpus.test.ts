import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Configuration, readConfiguration } from '../../src/configuration/index.ts';
import type { Diagnostic } from '../../src/text/diagnostic.ts';
import { availableMajors, isNamed, otherServers, withServer } from '../server/index.ts';

/** The expected verdict on a configuration of the corpus. */
interface Label {
  readonly about: string;
  readonly dataDirectory: string;
  /**
   * The expected diagnostics, as `file:line severity code`: problems that a DBA would fix. All other diagnostics must
   * be of severity `info`.
   */
  readonly expected: readonly string[];
}

for (const name of readdirSync('fixtures/corpus')) {
  const folder = `fixtures/corpus/${name}`;
  const label: Label = JSON.parse(readFileSync(`${folder}/label.json`, 'utf8'));
  const paths = readdirSync(`${folder}/files`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(`${folder}/files`.length));
  test(`${name} (${label.about}) has warnings only for real problems`, () => {
    const contents: Record<string, Uint8Array | null> = {
      [`${label.dataDirectory}/postgresql.auto.conf`]: null,
      [`${label.dataDirectory}/postmaster.opts`]: null,
    };
    for (const path of paths) contents[path] = new Uint8Array(readFileSync(`${folder}/files${path}`));
    const configuration = Configuration.fromContents(contents, label.dataDirectory);
    assert.deepEqual(actionable(configuration.diagnostics), label.expected);
  });
}

const packaged = availableMajors.filter(isNamed).map((major) => ({ major, programs: undefined }));
for (const { major, programs } of [...packaged, ...otherServers()]) {
  test(`the files that initdb of ${major} ${programs ?? ''} writes have no warning`, () =>
    withServer({ major, programs, start: false }, async (server) => {
      const configuration = await readConfiguration(server.dataDirectory);
      assert.equal(configuration.version, major);
      assert.deepEqual(actionable(configuration.diagnostics), []);
    }));
}

function actionable(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics
    .filter(({ severity }) => severity !== 'info')
    .map(({ file, range, severity, code }) => `${file}:${range.start.line} ${severity} ${code}`);
}
