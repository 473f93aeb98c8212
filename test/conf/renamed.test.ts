import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingDefinition, settingDefinitions } from '../../src/conf/catalogue/catalogue.ts';
import { explainUnknownName } from '../../src/conf/catalogue/renamed.ts';
import { pgMajors } from '../../src/version.ts';

test('a name that is suggested instead of an old name exists in that major version', () => {
  const names = new Set(pgMajors.flatMap((version) => settingDefinitions(version).map(({ name }) => name)));
  const older = ['trigger_file', 'standby_mode', 'checkpoint_segments', 'unix_socket_directory', 'replication_timeout'];
  let [suggested, inHints] = [0, 0];
  for (const version of pgMajors) {
    for (const name of [...names, ...older]) {
      if (settingDefinition(name, version) !== undefined) continue;
      const { hint, meant } = explainUnknownName(name, version);
      if (meant !== undefined) {
        suggested += 1;
        assert.ok(settingDefinition(meant, version), `${version} ${name}: ${hint}`);
      }
      // If the hint advises a setting name and not words such as "a file", this name must exist in the major version.
      const [, advised] = /\. Use (\w+)(?:,|$)/.exec(hint) ?? [];
      if (advised !== undefined) {
        inHints += 1;
        assert.ok(settingDefinition(advised, version), `${version} ${name}: ${hint}`);
      }
    }
  }
  assert.ok(suggested > 0 && inHints > 0, `${suggested} suggested, ${inHints} in hints`);
});

test('a new name that counts in another unit is suggested, but gets no fix', () => {
  assert.deepEqual(explainUnknownName('wal_keep_segments', 13), {
    hint: 'PostgreSQL 12 is the last version with this setting. Use wal_keep_size, which is a size, of 16 MB for each segment',
  });
  assert.equal(explainUnknownName('wal_keep_size', 12).meant, undefined);
  assert.equal(explainUnknownName('checkpoint_segments', 18).meant, undefined);
  assert.equal(explainUnknownName('force_parallel_mode', 16).meant, 'debug_parallel_query');
  assert.equal(explainUnknownName('debug_parallel_query', 15).meant, 'force_parallel_mode');
});
