import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hbaFormat } from '../../src/hba/format.ts';
import { HbaFile } from '../../src/hba/index.ts';

/** Returns how many times the library reads fields as a record while a function runs. */
function readings(run: () => unknown): number {
  const format = hbaFormat as { readRecord: typeof hbaFormat.readRecord };
  const { readRecord } = format;
  let count = 0;
  format.readRecord = (fields, context) => {
    count += 1;
    return readRecord(fields, context);
  };
  try {
    run();
  } finally {
    format.readRecord = readRecord;
  }
  return count;
}

const rule = { type: 'local', databases: ['a'], users: ['b'], method: 'peer' } as const;

test('one insert reads the new record once, and a neighbor once for its columns', () => {
  const empty = HbaFile.parse('');
  assert.equal(
    readings(() => empty.insert(rule, 'end')),
    1,
  );
  const one = HbaFile.parse('local all all peer\n');
  assert.equal(one.rules.length, 1);
  assert.equal(
    readings(() => one.insert(rule, 'end')),
    2,
  );
});

test('rules reads each record once, and the diagnostics of ordinary rules read nothing again', () => {
  const file = HbaFile.parse('# a\nlocal a b peer\nlocal c d peer\n');
  assert.equal(
    readings(() => file.rules),
    2,
  );
  assert.equal(
    readings(() => file.diagnostics),
    0,
  );
});
