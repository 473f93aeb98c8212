import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { accountOf } from '../../src/disk/account/account.ts';

const skip = process.platform !== 'linux' && 'needs getent';
const unknown = 2_000_000_001;

test('the group of an account comes from the name services if the passwd file lacks the account', {
  skip,
}, async () => {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n').slice(0, 20);
  const accounts = lines.map((line) => line.split(':')).filter((fields) => Number(fields[2]) > 0);
  assert.ok(accounts.length > 1);
  for (const [, , uid, gid] of accounts) {
    const expected = { uid: Number(uid), gid: Number(gid) || 65534 };
    assert.deepEqual(await accountOf(Number(uid)), expected);
    assert.deepEqual(await accountOf(Number(uid), '/dev/null'), expected);
  }
});

test('an account that the system does not know has no group', { skip }, async () => {
  assert.deepEqual(await accountOf(unknown), { uid: unknown, gid: 65534 });
});
