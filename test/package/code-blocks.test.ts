import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExamples } from './code-blocks.ts';

test('the programs of a text are its code blocks, joined if one continues another', () => {
  const markdown = [
    '# Title',
    '```sh',
    'npm install',
    '```',
    '<!-- run -->',
    '```ts',
    'const a = 1;',
    '```',
    'which is continued by',
    '',
    '<!-- continued -->',
    '```js',
    'console.log(a);',
    '```',
    'and prints',
    '```text',
    '1',
    '```',
    '```ts',
    'const b = 2;',
    '```',
    '```text',
    'not what it prints, since it is not run',
    '```',
    '',
  ].join('\n');
  assert.deepEqual(readExamples(markdown), [
    { line: 6, code: 'const a = 1;\nconsole.log(a);\n', run: true, output: '1\n' },
    { line: 19, code: 'const b = 2;\n', run: false },
  ]);
});
