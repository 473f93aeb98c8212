import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExamples } from './code-blocks.ts';
import { documents } from './documents.ts';
import { compilePrograms, programFolder, runPrograms } from './programs.ts';

const programs = documents.flatMap(({ path, text }) =>
  readExamples(text).map((example) => ({
    ...example,
    name: `${path.replace(/\.md$/, '').replaceAll('/', '-')}-line-${example.line}`,
    place: `${path}:${example.line}`,
  })),
);
const folder = programFolder('documents');

test('README and docs contain programs, some of which run', () => {
  assert.ok(programs.filter(({ run }) => run).length > 10);
});

test('every program of README and docs compiles', () => {
  assert.equal(compilePrograms(folder, programs), '');
});

test('every program of README and docs prints what the page says', async (context) => {
  const results = runPrograms(
    folder,
    programs.filter(({ run }) => run),
  );
  for (const { name, place, output } of programs.filter(({ run }) => run)) {
    await context.test(place, () => {
      const result = results.get(name)!;
      assert.equal(result.error, undefined);
      if (output !== undefined) assert.equal(result.output, output);
    });
  }
});
