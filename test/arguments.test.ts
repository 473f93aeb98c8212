import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertList,
  assertProperties,
  assertSource,
  assertTexts,
  assertVersion,
  type PropertyNames,
} from '../src/arguments.ts';
import { pgMajors } from '../src/version.ts';

interface Options {
  readonly file?: string;
  readonly version?: number;
}
const known: PropertyNames<Options> = { file: true, version: true };

test('assertProperties names the unknown property and the known properties', () => {
  assertProperties({ file: 'a' } as Options, known, 'options');
  assertProperties({ file: 'a', other: undefined } as Options, known, 'options');
  assert.throws(() => assertProperties({ fiel: 'a' } as Options, known, 'options of parse'), {
    code: 'argument-invalid',
    message: /^Options of parse has no property "fiel"\. Its properties are file, version\.$/,
  });
});

test('assertProperties rejects a name of Object.prototype as a property', () => {
  assert.throws(() => assertProperties({ toString: 'a' } as Options, known, 'options'), { code: 'argument-invalid' });
});

test('assertProperties rejects a value that is not an object', () => {
  for (const value of [undefined, null, 5, 'text', [], () => 1]) {
    assert.throws(() => assertProperties(value as unknown as Options, known, 'options'), { code: 'argument-invalid' });
  }
});

test('assertSource accepts text and bytes, and says that a promise must be awaited', () => {
  assertSource('text', 'HbaFile.parse');
  assertSource(Buffer.from('text'), 'HbaFile.parse');
  assert.throws(() => assertSource(Promise.resolve('text'), 'HbaFile.parse'), {
    code: 'argument-invalid',
    message: /got a promise\. Await it first/,
  });
  for (const value of [undefined, null, 5, {}, ['text'], new ArrayBuffer(1)]) {
    assert.throws(() => assertSource(value, 'HbaFile.parse'), { code: 'argument-invalid' });
  }
});

test('assertSource shows no content', () => {
  assert.throws(
    () => assertSource({ password: 'hush' }, 'HbaFile.parse'),
    (error: Error) => !error.message.includes('hush'),
  );
});

test('assertVersion accepts only the known major versions', () => {
  for (const version of pgMajors) assertVersion(version);
  for (const value of [8, 99, 18.1, Number.NaN, '18', undefined, null]) {
    assert.throws(() => assertVersion(value), { code: 'version-unknown' });
  }
});

test('assertList rejects a hole, and assertTexts an empty object and a value that is no text', () => {
  assertList(['a', undefined], 'list');
  for (const list of [new Array(1), Object.assign(['a'], { 2: 'c' }), { length: 0 }]) {
    assert.throws(() => assertList(list, 'list'), { code: 'argument-invalid' });
  }
  assertTexts({ file: 'a' } as { file?: string }, { file: true }, 'user');
  for (const value of [{}, { file: undefined }, { file: 5 }, { other: 'a' }]) {
    assert.throws(() => assertTexts(value as { file?: string }, { file: true }, 'user'), { code: 'argument-invalid' });
  }
});
