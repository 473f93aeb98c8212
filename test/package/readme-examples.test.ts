import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../server/index.ts';

// The tests of examples run these files; here is seen to it that the README shows the same.
const readme = readFileSync(join(repositoryRoot, 'README.md'), 'utf8');
const shown = Array.from(readme.matchAll(/^<!-- (examples\/\S+) -->\n```ts\n(.*?)^```$/gms));

test('the programs of examples stand in the README as they are', () => {
  assert.ok(shown.length > 0);
  for (const [, path, code] of shown) assert.equal(code, readFileSync(join(repositoryRoot, path!), 'utf8'), path);
});
