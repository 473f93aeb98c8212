import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../repository.ts';
import { documents } from './documents.ts';

const withoutHunspell = spawnSync('hunspell', ['--version']).status === 0 ? false : 'hunspell is not installed';

/** Technical words and names that no dictionary has. */
const ownWords = new Set(
  readFileSync(join(repositoryRoot, 'test/package/spelling-words.txt'), 'utf8').split('\n').filter(Boolean),
);

test('every word of README and docs is in a dictionary or in spelling-words.txt', { skip: withoutHunspell }, () => {
  const found = documents.flatMap(({ path, text }) => unknownWords(prose(text)).map((word) => `${path}: ${word}`));
  assert.deepEqual([...new Set(found)].sort(), []);
});

/**
 * Returns the text of a page without code, comments, targets of links, and the error texts of other programs that
 * troubleshooting.md quotes.
 */
function prose(markdown: string): string {
  return markdown
    .replace(/^```.*?^```$/gms, '')
    .replace(/<!--.*?-->/gs, '')
    .replace(/^Looks like: .*$/gm, '')
    .replace(/`[^`]*`/g, '')
    .replace(/\]\([^)]*\)/g, ']')
    .replace(/https?:\S+/g, '')
    .replace(/\b[\w-]+\.(?:conf|md|key|crt|json)\b/g, '');
}

function unknownWords(text: string): readonly string[] {
  const { stdout, status } = spawnSync('hunspell', ['-d', 'en_US', '-l'], {
    input: text,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  assert.equal(status, 0);
  return stdout.split('\n').filter((word) => word !== '' && !ownWords.has(word));
}
