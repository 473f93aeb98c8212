import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type SettingDefinition, settingDefinitions } from '../../src/conf/catalogue/catalogue.ts';
import { judgeSetting } from '../../src/conf/check/judge-setting.ts';
import { ConfFile } from '../../src/conf/index.ts';
import { quoteValue } from '../../src/conf/lines/quote.ts';
import type { PgMajor } from '../../src/version.ts';
import { runs, seed } from '../property.ts';
import { judgingMajors, loadConf, withoutJudges } from './postgres.ts';

/** Settings that change which messages the server logs. Each of their values is tried in a file of its own. */
const apart = ['log_min_messages', 'log_destination'];
/** Settings of which a server accepts only one at its start, so each round of the test sets one of them. */
const targets = ['', '_lsn', '_name', '_time', '_xid'].map((suffix) => `recovery_target${suffix}`);
/**
 * Settings that this test does not set, because they decide which files the server reads or because their largest
 * values contradict each other.
 */
const leftOut = [
  ...['data_directory', 'log_line_prefix', 'log_statement_stats', 'max_connections', 'max_worker_processes'],
  ...['autovacuum_max_workers', 'autovacuum_worker_slots', 'max_wal_senders'],
];
const texts = ['', 'x', 'X y', 'a,b', '"', 'a,,b', '5', '/x/y', ' ', '*', '-1', '1.5', 'on', 'none', '1, 2', '"A b",c'];
const words = [
  ...[
    'FIRST 2 (a, b)',
    'ANY 1 (*)',
    '2(a,b)',
    'first 0 (a)',
    'ANY',
    'a b',
    '"a b", 3',
    '()',
    '2 (a',
    'any, first',
    'a$,_b',
  ],
  ...[
    'ISO, DMY',
    'sql,european',
    'ISO, SQL',
    'postgresql',
    'default',
    'stderr, csvlog',
    'jsonlog',
    'syslog',
    'eventlog',
  ],
  ...['all', 'heap, BTree', 'heap2,hash', 'all,foo', 'receipt, all', 'on, all', 'SET,inherit', 'view, foreign-table'],
  ...[
    'data, WAL',
    'immediate',
    '0/0',
    '1/123456789',
    'slot_1',
    'Slot',
    'now',
    'warning',
    'f,g',
    'a'.repeat(64),
    '127',
    '128',
  ],
  ...['18446744073709551615', '18446744073709551616', '4294967296', '4294967299', ' 0x10', '3 ', '-3', '2', 'latest'],
];

test(`judges the values of every setting as each server does at its start (seed ${seed})`, {
  skip: withoutJudges,
}, async (t) => {
  for (const version of judgingMajors) {
    await t.test(`${version}`, () => {
      const definitions = settingDefinitions(version).filter(
        ({ name, context }) => context !== 'internal' && !leftOut.includes(name),
      );
      const values = definitions.map((definition) => valuesToTry(definition));
      const rounds = Math.max(...values.map((list) => list.length));
      const differences: string[] = [];
      let refused = 0;
      for (const round of chosenRounds(rounds)) {
        const isTried = (name: string) => !targets.includes(name) || name === targets[round % targets.length];
        const batch = definitions.flatMap((d, i) =>
          round < values[i]!.length && isTried(d.name) ? [[d.name, values[i]![round]!] as const] : [],
        );
        const expected = new Set([
          ...refusedByServer(
            version,
            batch.filter(([name]) => !apart.includes(name)),
          ),
          ...batch.filter(([name]) => apart.includes(name)).flatMap((pair) => [...refusedByServer(version, [pair])]),
        ]);
        const judged = batch.map(([name, text]) => [name, judgeSetting(name, text, version), text] as const);
        for (const [name, judgement, text] of judged) {
          if (judgement.kind === 'unchecked') continue;
          const isRefused = judgement.kind === 'refused' && judgement.when === 'load';
          if (isRefused !== expected.has(name))
            differences.push(`${name} = ${JSON.stringify(text)}: ${judgement.kind}`);
        }
        refused += expected.size;
      }
      assert.deepEqual(differences.slice(0, 30), []);
      assert.ok(refused > 200, `${refused}`);
    });
  }
});

/**
 * Returns the numbers of the rounds to run. The first rounds set defaults and limits and always run. Of the other
 * rounds, a random sample runs.
 */
function chosenRounds(count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, round) => round);
  const [some] = fc.sample(fc.shuffledSubarray(all.slice(7), { minLength: all.length - 7 }), { seed, numRuns: 1 });
  return [...all.slice(0, 7), ...some!.slice(0, runs(10))];
}

/** Returns the names that the server refuses when it loads a file with all these values at once. */
function refusedByServer(version: PgMajor, batch: readonly (readonly [string, string])[]): ReadonlySet<string> {
  const conf = batch.map(([name, text]) => `${name} = ${quoteValue(text, 'utf-8', { quoted: true })}\n`).join('');
  const { accepted, messages } = loadConf(version, { 'postgresql.conf': conf });
  const names = messages.filter(isReason).map((message) => {
    const name = unnamed[message] ?? /parameter "(\w+)"/.exec(message)?.[1];
    return name ?? assert.fail(`${version} says ${message}`);
  });
  assert.equal(accepted, names.length === 0, `${version}: ${conf}`);
  return new Set(names);
}

/**
 * Returns whether a log message gives the reason for refusing a setting. PostgreSQL 12 also logs a warning about the
 * name of a replication slot before it refuses the setting.
 */
function isReason(message: string): boolean {
  return !/configuration file ".*" contains errors|^WARNING: .*replication slot name/.test(message);
}

/** Log messages that do not name the setting that they are about, each with the setting. */
const unnamed: Readonly<Record<string, string>> = {
  'LOG:  Bonjour is not supported by this build': 'bonjour',
  'LOG:  could not read time zone file "": Is a directory': 'timezone_abbreviations',
  'LOG:  number of synchronous standbys (0) must be greater than zero': 'synchronous_standby_names',
  'LOG:  tables declared WITH OIDS are not supported': 'default_with_oids',
};

function valuesToTry({
  type,
  min,
  max,
  values = [],
  hiddenValues = [],
  buildValues = [],
  default: boot,
}: SettingDefinition): readonly string[] {
  const given = boot === undefined ? [] : [boot];
  if (type === 'string' || type === 'list') return [...given, ...texts, ...words];
  const numbers = [min, max].flatMap((n) => (n === undefined ? [] : [n, n - 1, n + 1])).map(plain);
  return [
    ...given,
    ...numbers,
    ...values,
    ...hiddenValues,
    ...buildValues,
    ...values.map((word) => word.toUpperCase()),
    ...texts,
  ];
}

function plain(number: number): string {
  return Number.isInteger(number) && Math.abs(number) < 1e15 ? String(number) : number.toExponential(17);
}

const piece = fc.constantFrom(
  ...['ssl', 'work_mem', 'a.b', 'x', 'SORT_MEM', 'ä', ' ', '\t', '=', ' = ', "'", "''", '\\', '#', '\n', '\r\n', '\r'],
  ...[
    '.',
    '-',
    '+',
    '1',
    '0x1F',
    '5MB',
    '1.5',
    'e-5',
    '"',
    "'x'",
    'on',
    '\0',
    '\ufeff',
    '\nssl = on',
    '\nwork_mem = 64',
  ],
  ...["a.b = 'it''s'", '\nwork_mem = bogus', '\nx = 1\n', '\nssl=off # x\n', '\n', '\n', '\nport = server.crt', '\f'],
);

test(`refuses files for the same reasons as each server (seed ${seed})`, { skip: withoutJudges }, async (t) => {
  for (const version of judgingMajors) {
    await t.test(`${version}`, () => {
      const files = fc.sample(
        fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
        { seed, numRuns: runs(20) },
      );
      for (const text of files) {
        const { accepted, messages } = loadConf(version, { 'postgresql.conf': text });
        const { diagnostics } = ConfFile.parse(text, { version });
        // The library only warns about a setting name that it does not know, whereas the servers of the tests refuse
        // this name.
        const errors = diagnostics.filter(
          ({ severity, code, message }) =>
            severity === 'error' || (code === 'setting-unknown' && message.includes('does not start')),
        );
        assert.equal(errors.length === 0, accepted, `${JSON.stringify(text)}: ${messages.join('; ')}`);
        const lines = (code: string) =>
          errors.filter((error) => error.code === code).map(({ range }) => range.start.line);
        const serverLines = (pattern: RegExp) =>
          messages.flatMap((message) => pattern.exec(message)?.[1] ?? []).map(Number);
        const syntax = serverLines(/syntax error in file .* line (\d+)/);
        // If the last line is an incomplete setting without a line end, the server reports the line before it.
        const cutOff = syntax.length > 0 && !text.endsWith('\n') && syntax.at(-1) !== lines('conf-syntax').at(-1);
        assert.deepEqual(
          cutOff ? [...syntax.slice(0, -1), syntax.at(-1)! + 1] : syntax,
          lines('conf-syntax'),
          JSON.stringify(text),
        );
        if (syntax.length === 0) {
          assert.deepEqual(
            serverLines(/unrecognized configuration .* line (\d+)/),
            lines('setting-unknown'),
            JSON.stringify(text),
          );
        }
      }
    });
  }
});
