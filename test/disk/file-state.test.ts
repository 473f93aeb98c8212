import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileState } from '../../src/disk/file-state.ts';
import { memoryFiles } from '../../src/tls/files/memory.ts';

test('a file keeps its content when a caller changes the bytes that went in or came out', async () => {
  const given = new TextEncoder().encode('ssl = on\n');
  const file = fileState('/data/postgresql.conf', given);
  const files = memoryFiles({ '/data/postgresql.conf': given });
  given.fill(0);
  file.content().fill(0);
  (await files.read('/data/postgresql.conf'))?.content().fill(0);
  for (const each of [file, await files.read('/data/postgresql.conf')]) {
    assert.equal(new TextDecoder().decode(each?.content()), 'ssl = on\n');
  }
});
