import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type SettingDefinition, settingDefinitions } from '../../src/conf/catalogue/catalogue.ts';
import { judgeSetting } from '../../src/conf/check/judge-setting.ts';
import { ConfFile } from '../../src/conf/index.ts';
import { quoteValue } from '../../src/conf/lines/quote.ts';
import type { PgMajor } from '../../src/version.ts';
import { runs, seed } from '../property.ts';
import { foretold, isSame, judgingMajors, loadConf, withoutJudges } from './postgres.ts';

/** Settings that this test does not set, because they decide where the server looks for its configuration file. */
const leftOut = ['data_directory', 'config_file'];

// There are about 1,700 values for each major version, and each value takes a query. PG_HOSTSSL_RUNS=100 tries all
// values.
test(`reads the default, limits and words of every setting as each server does (seed ${seed})`, {
  skip: withoutJudges,
}, async (t) => {
  for (const version of judgingMajors) {
    await t.test(`${version}`, () => {
      const cases = settingDefinitions(version).flatMap((definition) =>
        valuesOf(definition).map((text) => [definition.name, text] as const),
      );
      assert.ok(cases.length > 1200, `${cases.length}`);
      const count = Math.min(runs(30), cases.length);
      const [chosen] = fc.sample(fc.shuffledSubarray(cases, { minLength: count, maxLength: count }), {
        seed,
        numRuns: 1,
      });
      const differences = chosen!.flatMap(([name, text]) => difference(version, name, text));
      assert.deepEqual(differences, []);
      t.diagnostic(`${version}: ${count} of ${cases.length}`);
    });
  }
});

/**
 * Returns the values of a setting to try: the default, the limits, the numbers just outside the limits, and every word,
 * even hidden words.
 */
function valuesOf({ name, min, max, context, type, ...rest }: SettingDefinition): readonly string[] {
  if (context === 'internal' || rest.hidden || leftOut.includes(name)) return [];
  const step = type === 'real' ? 0.5 : 1;
  const limits = [min, max].flatMap((n) => (n === undefined ? [] : [n, n - step, n + step])).map(spelt);
  const words = type === 'bool' ? ['on', 'off'] : [...(rest.values ?? []), ...(rest.hiddenValues ?? [])];
  return [...(rest.default === undefined ? [] : [rest.default]), ...limits, ...words];
}

/** Returns a number in a form that the server reads back exactly. */
function spelt(number: number): string {
  return Number.isInteger(number) && Math.abs(number) < 1e15 ? String(number) : number.toExponential(17);
}

function difference(version: PgMajor, name: string, text: string): readonly string[] {
  const judgement = judgeSetting(name, text, version);
  const conf = `${name} = ${quoteValue(text, 'utf-8', { quoted: true })}\n`;
  const { accepted, value } = loadConf(version, { 'postgresql.conf': conf }, name);
  const isUnsure = judgement.kind === 'unchecked' || conflicts(conf, version);
  if (isUnsure && !accepted) return [];
  const isRefusedLater = judgement.kind === 'refused' && judgement.when === 'start';
  // The server accepts a value that the library judges as `no-effect`, so this does not count as a difference.
  if (judgement.kind === 'no-effect' && accepted) return [];
  const [ours, theirs] = [isRefusedLater ? value : foretold(name, text, version), accepted ? value : null];
  return isSame(ours, theirs) ? [] : [`${conf.trim()}: ${ours}, server ${theirs ?? 'refuses'}`];
}

/**
 * Returns whether the value contradicts the defaults of other settings. Another test compares such conflicts with
 * servers that start.
 */
function conflicts(conf: string, version: PgMajor): boolean {
  return ConfFile.parse(conf, { version }).diagnostics.some(({ code }) => code === 'setting-conflict');
}
