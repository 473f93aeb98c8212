import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePrograms, type Program, programFolder, runPrograms } from './programs.ts';
import { readModuleComments, readPublicExports, readTagExamples } from './public-exports.ts';

const values = readPublicExports().filter(({ isValue }) => isValue);
const modules = readModuleComments();
const programs: readonly Program[] = [
  ...values.flatMap(({ name, examples }) => examples.map((code, index) => ({ name: numbered(name, index), code }))),
  ...modules.flatMap(({ specifier, examples }) =>
    examples.map((code, index) => ({ name: numbered(specifier.replace('/', '-'), index), code })),
  ),
];

test('every function, class and constant of the package has an @example with a ts code block', () => {
  assert.ok(values.length > 50);
  const missing = values.filter(({ examples }) => examples.length === 0).map(({ name }) => name);
  assert.deepEqual(missing, []);
});

test('the index of every subpath begins with a @module comment: a sentence and an example that imports the subpath', () => {
  for (const { specifier, name, opening, examples } of modules) {
    assert.equal(name, specifier);
    assert.match(opening, /^[A-Z].*\.$/s, specifier);
    assert.ok(
      examples.some((code) => code.includes(`from '${specifier}';`)),
      specifier,
    );
  }
});

test('every @example uses the export that it belongs to', () => {
  const strangers = values.filter(({ name, examples }) =>
    examples.some((code) => !new RegExp(`\\b${name}\\b`).test(code)),
  );
  assert.deepEqual(
    strangers.map(({ name }) => name),
    [],
  );
});

test('every @example compiles and runs', { skip: programs.length === 0 && 'there is none' }, async (context) => {
  const folder = programFolder('examples');
  assert.equal(compilePrograms(folder, programs), '');
  for (const [name, { error }] of runPrograms(folder, programs)) {
    await context.test(`the @example of ${name}`, () => assert.equal(error, undefined));
  }
});

test('the examples of a doc comment are the ts code blocks below its @example tags', () => {
  const comment = [
    '*',
    ' * Sentence.',
    ' * ```ts',
    ' * notBelowTheTag();',
    ' * ```',
    ' *',
    ' * @example',
    ' * ```ts',
    ' * if (true) {',
    ' *   first();',
    ' * }',
    ' * ```',
    ' * @example Another',
    ' * ```ts',
    ' *',
    ' * second();',
    ' * ```',
    ' * @see somewhere',
    ' ',
  ].join('\n');
  assert.deepEqual(readTagExamples(comment), ['if (true) {\n  first();\n}\n', '\nsecond();\n']);
});

function numbered(name: string, index: number): string {
  return index === 0 ? name : `${name}-${index + 1}`;
}
