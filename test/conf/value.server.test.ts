import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type SettingContext,
  type SettingDefinition,
  settingDefinition,
  settingDefinitions,
} from '../../src/conf/catalogue/catalogue.ts';
import { quoteValue } from '../../src/conf/lines/quote.ts';
import { unitNames } from '../../src/conf/values/units.ts';
import { readValue } from '../../src/conf/values/value.ts';
import type { PgMajor } from '../../src/version.ts';
import { runs, seed, unicodeTraps } from '../property.ts';
import { withServer } from '../server/index.ts';
import { asShown, foretold, isSame, judgingMajors, loadConf, withoutJudges } from './postgres.ts';

/** Settings that a session can set, one for each type and unit. */
const tried = [
  ...['enable_seqscan', 'extra_float_digits', 'from_collapse_limit', 'gin_pending_list_limit', 'effective_cache_size'],
  ...['statement_timeout', 'log_parameter_max_length', 'random_page_cost', 'geqo_seed'],
  ...['vacuum_cost_delay', 'client_min_messages', 'synchronous_commit', 'bytea_output', 'constraint_exclusion'],
  ...['log_min_messages', 'wal_compression', 'track_functions', 'temp_file_limit'],
];

const digits = fc.oneof(
  fc.constantFrom('0', '1', '010', '09', '0x1F', '0X1f', '0x', '65', '66', '2147483647', '2147483648', '1e3', '08'),
  fc.constantFrom('9223372036854775807', '9223372036854775808', '99999999999999999999', '1e400', '1e-400', '1e-310'),
  fc.constantFrom('inf', 'Infinity', 'nan', 'NAN(1)', '0x1.8', '0x1p4', '0x.8p1', '1e', '1e+', '5.', '.5', '.', '1.5.'),
  fc.integer({ min: -20, max: 100_000 }).map(String),
  fc.double({ min: 0, max: 5000, noNaN: true }).map(String),
  fc.tuple(fc.nat(2000), fc.constantFrom('.5', '.25', '.1', '.49999', '.')).map(([n, f]) => `${n}${f}`),
);
const blanks = fc.constantFrom('', '', '', ' ', '\t', '\v', '\n ', ...unicodeTraps);
const oddUnit = fc.constantFrom('us', 'd', 'KB', 'kb', 'M', 'S', 'm', 'kBx', 'x', '%', 'B');
const booleanWord = fc.constantFrom(
  ...['on', 'off', 'true', 'false', 'yes', 'no', 'o', 'of', 't', 'TR', 'y', 'n', 'F', '1', '0', '01', '2', ''],
  ...['on ', ' on', 'truex', 'offf', 'ye', 'nO'],
);

/** Returns generated texts for a setting. Some of them are valid values. */
function textFor({ type, unit, values = [], hiddenValues = [] }: SettingDefinition): fc.Arbitrary<string> {
  if (type === 'bool') return booleanWord;
  if (type === 'enum') {
    const words = fc.constantFrom(...values, ...hiddenValues);
    return fc.oneof(
      words,
      words.map((word) => word.toUpperCase()),
      booleanWord,
    );
  }
  const units = unit === undefined ? [''] : ['', ...unitNames(unit, 18)];
  const unitText = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...units) }, { weight: 1, arbitrary: oddUnit });
  const sign = fc.constantFrom('', '', '', '', '-', '+', '- ');
  return fc.tuple(blanks, sign, digits, blanks, unitText, blanks).map((parts) => parts.join(''));
}

const tryFunction = `CREATE FUNCTION pg_temp.try(name text, value text) RETURNS text LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM set_config($1, $2, true);
    RETURN (SELECT setting FROM pg_settings AS s WHERE s.name = $1);
  EXCEPTION WHEN OTHERS THEN RETURN NULL;
  END $$`;

test(`reads values as the servers do (seed ${seed})`, { concurrency: 2, skip: withoutJudges }, async (t) => {
  for (const version of judgingMajors) await t.test(`${version}`, () => compareWithServer(version));
});

async function compareWithServer(version: PgMajor): Promise<void> {
  const definitions = tried.flatMap((name) => settingDefinition(name, version) ?? []).filter((d) => d.type !== 'list');
  const samples = fc.sample(
    fc.constantFrom(...definitions).chain((definition) => fc.tuple(fc.constant(definition), textFor(definition))),
    { seed, numRuns: runs(3000) },
  );
  await withServer({ major: version }, async (server) => {
    await server.query(tryFunction);
    const rows = await server.query<{ readonly result: string | null }>(
      'SELECT pg_temp.try(name, value) AS result FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t(name, value, i) ORDER BY i',
      [samples.map(([definition]) => definition.name), samples.map(([, text]) => text)],
    );
    const differences = samples.flatMap(([definition, text], i) => {
      const reading = readValue(definition, text, version);
      const server = rows[i]!.result;
      const ours = reading.ok ? asShown(reading.value) : null;
      // Since 19, the build of the server decides which method `on` means.
      if (definition.name === 'wal_compression' && ours === 'on' && /^(?:pglz|lz4|zstd)$/.test(server ?? '')) return [];
      return isSame(ours, server) ? [] : [`${definition.name} = ${JSON.stringify(text)}: ${ours}, server ${server}`];
    });
    assert.deepEqual(differences.slice(0, 20), []);
    const accepted = rows.filter((row) => row.result !== null).length;
    assert.ok(accepted > rows.length / 5 && accepted < rows.length * 0.9, `${accepted} of ${rows.length} accepted`);
  });
}

test(`reads numbers that only a file can set as the servers do (seed ${seed})`, { skip: withoutJudges }, async (t) => {
  for (const version of judgingMajors) {
    await t.test(`${version}`, async () => {
      await compareAfterReloads(version);
      compareAtStarts(version);
    });
  }
});

/**
 * Compares the values of all settings that a reload changes, in one reload. If the server refuses a value, the setting
 * keeps its default.
 */
async function compareAfterReloads(version: PgMajor): Promise<void> {
  const definitions = numbersWithUnits(version, 'sighup');
  assert.ok(definitions.length > 20);
  await withServer({ major: version }, async (server) => {
    const stock = readFileSync(`${server.dataDirectory}/postgresql.conf`, 'utf8');
    const asked = definitions.map(({ name }) => name);
    const shownBy = async () => {
      const session = await server.connect();
      const { rows } = await session.query('SELECT name, setting FROM pg_settings WHERE name = ANY($1)', [asked]);
      await session.end();
      return new Map<string, string>(rows.map(({ name, setting }) => [name, setting]));
    };
    const defaults = await shownBy();
    for (const texts of fc.sample(fc.tuple(...definitions.map(textFor)), { seed, numRuns: runs(6) })) {
      const lines = definitions.map(({ name }, i) => `${name} = ${quoteValue(texts[i]!, 'utf-8', { quoted: true })}\n`);
      server.writeFiles({ 'postgresql.conf': `${stock}\n${lines.join('')}` });
      await server.reload();
      const shown = await shownBy();
      const differences = definitions.flatMap((definition, i) => {
        const ours = foretold(definition.name, texts[i]!, version) ?? defaults.get(definition.name)!;
        const theirs = shown.get(definition.name)!;
        return isSame(ours, theirs)
          ? []
          : [`${definition.name} = ${JSON.stringify(texts[i])}: ${ours}, server ${theirs}`];
      });
      assert.deepEqual(differences, []);
      // The defaults are set again before each comparison, because the server keeps the former value if it refuses a
      // new value.
      server.writeFiles({ 'postgresql.conf': stock });
      await server.reload();
    }
  });
}

/** Compares settings that take effect only at a start: one setting for each unit. */
function compareAtStarts(version: PgMajor): void {
  const all = numbersWithUnits(version, 'postmaster');
  const units = [...new Set(all.map(({ unit }) => unit))];
  assert.ok(units.length > 1);
  for (const unit of units) {
    const samples = fc.sample(
      fc
        .constantFrom(...all.filter((definition) => definition.unit === unit))
        .chain((definition) => fc.tuple(fc.constant(definition), textFor(definition))),
      { seed, numRuns: runs(8) },
    );
    for (const [definition, text] of samples) {
      const { name } = definition;
      const conf = `${name} = ${quoteValue(text, 'utf-8', { quoted: true })}\n`;
      const { accepted, value } = loadConf(version, { 'postgresql.conf': conf }, name);
      const ours = foretold(name, text, version);
      assert.ok(isSame(ours, accepted ? value : null), `${conf}: ${ours}, server ${accepted ? value : 'refuses'}`);
    }
  }
}

function numbersWithUnits(version: PgMajor, context: SettingContext): readonly SettingDefinition[] {
  return settingDefinitions(version).filter((d) => d.unit !== undefined && d.context === context);
}
