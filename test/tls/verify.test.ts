import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyServer } from '../../src/tls/index.ts';

test('rows without the names of columns prove nothing', async () => {
  const rows = (sql: string): readonly unknown[] => {
    if (sql.includes('pg_conf_load_time')) return [{ loaded: Date.now() / 1000 + 60 }];
    return sql.includes('to_regclass') ? [{ rules: true }] : [];
  };
  const expected = { loadedAfter: new Date() };
  const verdict = async (query: (sql: string) => Promise<unknown>): Promise<string> =>
    (await verifyServer({ query: query as never, expected, timeout: 100 })).kind;
  assert.equal(await verdict(async (sql) => rows(sql)), 'verified');
  // Results from which no time can be read: arrays instead of objects (`rowMode: 'array'` of pg), renamed columns,
  // values as text, and no rows.
  assert.equal(await verdict(async (sql) => rows(sql).map((row) => Object.values(row as object))), 'failed');
  assert.equal(await verdict(async () => [{ Loaded: 1, Rules: true }]), 'failed');
  assert.equal(await verdict(async (sql) => (sql.includes('to_regclass') ? [{ rules: 't' }] : rows(sql))), 'failed');
  assert.equal(await verdict(async () => []), 'failed');
});
