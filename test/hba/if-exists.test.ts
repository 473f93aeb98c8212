import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HbaFile } from '../../src/hba/index.ts';

test('include_if_exists ignores a missing file, and no other failure', () => {
  const codes = (failure: unknown): string[] => {
    const readFile = (): never => {
      throw failure;
    };
    const file = HbaFile.parse('local all all trust\ninclude_if_exists more.conf\n', { version: 18, readFile });
    return file.diagnostics.map(({ severity, code }) => `${severity} ${code}`);
  };
  const failed = (code: string): Error => Object.assign(new Error('the reader failed'), { code });
  assert.deepEqual(codes(failed('ENOENT')), []);
  for (const failure of [failed('EACCES'), failed('ENOTDIR'), failed('ELOOP'), new Error('other'), undefined]) {
    assert.deepEqual(codes(failure), ['error include-failed'], String(failure));
  }
});
