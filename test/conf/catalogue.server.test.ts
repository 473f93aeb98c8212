import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { settingDefinition, settingDefinitions, settingMajors } from '../../src/conf/catalogue/catalogue.ts';
import { judgeSetting } from '../../src/conf/check/judge-setting.ts';
import { type PgMajor, pgMajors } from '../../src/version.ts';
import { repositoryRoot } from '../repository.ts';
import { availableMajors, otherServers, type TestServer, withServer } from '../server/index.ts';

/** The generator of the committed table, without the queries to servers. */
const { ask, catalogueTexts, recordedMajors, rowsOf, settingsOfAskedServer } = (await import(
  `${repositoryRoot}/scripts/catalogue/table.js`
)) as unknown as {
  readonly catalogueTexts: (rows: ReadonlyMap<PgMajor, readonly PgSetting[]>) => Readonly<Record<string, string>>;
  readonly ask: (server: TestServer) => Promise<readonly PgSetting[]>;
  readonly settingsOfAskedServer: Readonly<Record<string, string>>;
  readonly rowsOf: (rows: readonly PgSetting[], which: { readonly ofModules: boolean }) => readonly PgSetting[];
  readonly recordedMajors: readonly PgMajor[];
};

interface PgSetting {
  readonly name: string;
  readonly unit: string | null;
  readonly category: string;
  readonly context: string;
  readonly vartype: string;
  readonly min_val: string | null;
  readonly max_val: string | null;
  readonly enumvals: readonly string[] | null;
  readonly boot_val: string | null;
}

const rowsOfServers = new Map<PgMajor, readonly PgSetting[]>();

/** Settings whose default depends on how the server was built. */
const fromBuild = ['krb_server_keyfile', 'server_version', 'server_version_num'];

for (const version of availableMajors) {
  test(`the catalogue equals the settings that ${version} shows`, () =>
    withServer({ major: version, settings: settingsOfAskedServer }, async (server) => {
      const all = await ask(server);
      rowsOfServers.set(version, all);
      for (const { name } of rowsOf(all, { ofModules: true })) {
        assert.notEqual(settingDefinition(name, version)?.module, undefined, name);
      }
      const rows = rowsOf(all, { ofModules: false });
      const shown = settingDefinitions(version).filter((definition) => !definition.hidden);
      assert.deepEqual(
        shown.map((d) => d.name),
        rows.map((row) => row.name),
      );
      for (const row of rows.filter(({ name }) => !fromBuild.includes(name))) {
        const definition = settingDefinition(row.name.toUpperCase(), version)!;
        assert.deepEqual(
          {
            type: definition.type === 'list' ? 'string' : definition.type,
            unit: definition.unit ?? null,
            category: definition.category,
            context: definition.context,
            enumvals: definition.values ?? null,
            boot_val: definition.default ?? null,
            limits: [definition.min, definition.max].map((limit) => limit?.toPrecision(6)),
          },
          {
            type: row.vartype,
            unit: row.unit,
            category: row.category,
            context: row.context,
            enumvals: row.enumvals,
            boot_val: row.boot_val,
            limits: [row.min_val, row.max_val].map((limit) =>
              limit === null ? undefined : Number(limit).toPrecision(6),
            ),
          },
          row.name,
        );
      }
    }));
}

for (const { major: version, programs } of otherServers()) {
  test(`the catalogue knows each setting of the ${version} in ${programs}`, () =>
    withServer({ major: version, programs, settings: settingsOfAskedServer }, async (server) => {
      const rows = await ask(server);
      assert.ok(rows.length > 250);
      for (const { name, context, vartype, min_val } of rows) {
        if (fromBuild.includes(name)) continue;
        const judgement = judgeSetting(name, '', version);
        const definition = settingDefinition(name, version);
        if (definition === undefined) {
          // The catalogue lacks this setting: only the distribution's server has it, or only a newer minor release.
          assert.equal(judgement.kind, 'unchecked', name);
          continue;
        }
        assert.deepEqual(
          [definition.context, definition.type === 'list' ? 'string' : definition.type, definition.min?.toPrecision(6)],
          [context, vartype, min_val === null ? undefined : Number(min_val).toPrecision(6)],
          name,
        );
      }
    }));
}

test('generating the catalogue again changes nothing', () => {
  assert.equal(availableMajors.length + recordedMajors.length, pgMajors.length);
  const texts = catalogueTexts(rowsOfServers);
  assert.deepEqual(Object.keys(texts), ['catalogue-data.ts', 'module-data.ts', 'setting-types.ts']);
  for (const [name, text] of Object.entries(texts)) {
    const path = `src/conf/catalogue/${name}`;
    const biome = join(repositoryRoot, 'node_modules/.bin/biome');
    const formatted = execFileSync(biome, ['format', `--stdin-file-path=${path}`], {
      cwd: repositoryRoot,
      input: text,
      encoding: 'utf8',
    });
    assert.equal(formatted, readFileSync(join(repositoryRoot, path), 'utf8'));
  }
});

test('the catalogue knows major versions that cannot run here', () => {
  assert.equal(settingDefinition('sql_inheritance', 9.6)?.type, 'bool');
  assert.equal(settingDefinition('sql_inheritance', 10), undefined);
  assert.equal(settingDefinition('ssl', 9.6)?.context, 'postmaster');
  assert.equal(settingDefinition('ssl_sni', 19)?.default, 'off');
  assert.equal(settingDefinition('log_min_messages', 19)?.type, 'list');
  assert.equal(settingDefinition('ssl_ecdh_curve', 18)?.name, 'ssl_groups');
  assert.deepEqual(settingMajors('wal_keep_segments'), { since: 9.6, until: 12 });
  assert.equal(settingMajors('no_such_setting'), undefined);
});
