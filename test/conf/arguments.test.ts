import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as conf from '../../src/conf/index.ts';
import { HbaFile } from '../../src/hba/index.ts';

// These calls are possible in JavaScript, without type checks.
// biome-ignore lint/suspicious/noExplicitAny: the arguments are of the wrong type on purpose
const { ConfFile, ConfTree, ...functions } = conf as any;
const file = ConfFile.parse('ssl = on\n');
const tree = ConfTree.read({ main: file });

const kind = 'argument-invalid';
const version = 'version-unknown';
const wrongSources = [undefined, null, 5, {}, [], Promise.resolve('ssl = on'), new ArrayBuffer(2), file];

/** Calls with a wrong argument, each with the code of the expected error and a part of its message. */
const calls: readonly (readonly [name: string, call: () => unknown, code: string, words: RegExp])[] = [
  ...wrongSources.map(
    (source) => [`parse(${typeof source})`, () => ConfFile.parse(source), kind, /ConfFile\.parse takes/] as const,
  ),
  ['parse of a promise', () => ConfFile.parse(Promise.resolve('')), kind, /Await it first/],
  ['parse with an unknown option', () => ConfFile.parse('', { fiel: 'x' }), kind, /no property "fiel"/],
  ['parse with an unknown fact', () => ConfFile.parse('', { server: { tls: true } }), kind, /no property "tls"/],
  ['parse with a number as options', () => ConfFile.parse('', 17), kind, /must be an object; got a number/],
  ...[8, 99, 18.1, Number.NaN, '18', null].flatMap((major): (typeof calls)[number][] => [
    [`parse of ${major}`, () => ConfFile.parse('', { version: major }), version, /must be a PostgreSQL major version/],
    [`settingDefinition of ${major}`, () => functions.settingDefinition('ssl', major), version, /major version/],
    [`settingDefinitions of ${major}`, () => functions.settingDefinitions(major), version, /major version/],
    [`alterSystem of ${major}`, () => functions.alterSystem({ ssl: true }, major), version, /major version/],
    [`confFileSettings of ${major}`, () => functions.confFileSettings({ main: '' }, major), version, /major version/],
  ]),
  ['settingDefinition without a version', () => functions.settingDefinition('ssl'), version, /got undefined/],
  ['set with an unknown option', () => file.set('ssl', true, { before: 'port' }), kind, /no property "before"/],
  ['set to undefined', () => file.set('ssl', undefined), kind, /got undefined/],
  ['set to null', () => file.set('ssl', null), kind, /got null/],
  ['set to an object', () => file.set('ssl', { amount: 5 }), kind, /got an object/],
  ['set to a list of numbers', () => file.set('search_path', [1]), kind, /got an array/],
  ['set of a name that is not a text', () => file.set(5, true), 'setting-name-invalid', /not the name of a setting/],
  ['setAll without values', () => file.setAll(), kind, /values of ConfFile\.setAll must be an object/i],
  ['setAll with an unknown option', () => file.setAll({}, { where: 'ssl' }), kind, /no property "where"/],
  ['unset with an unknown option', () => file.unset('ssl', { remove: true }), kind, /no property "remove"/],
  [
    'unset with an unknown mode',
    () => file.unset('ssl', { mode: 'delete' }),
    kind,
    /^Mode of ConfFile\.unset must be one of "comment", "remove"; got "delete"$/,
  ],
  ['read of nothing', () => ConfTree.read(), kind, /must be an object; got undefined/],
  ['read of a text', () => ConfTree.read({ main: 'ssl = on' }), kind, /must be an instance of ConfFile; got a string/],
  ['read of a promise', () => ConfTree.read({ main: Promise.resolve(file) }), kind, /got a promise/],
  ['read of another file', () => ConfTree.read({ main: HbaFile.parse('') }), kind, /got an object \(HbaFile\)/],
  ['read of a text as auto', () => ConfTree.read({ main: file, auto: '' }), kind, /auto of ConfTree\.read must be/i],
  ['read of an unknown part', () => ConfTree.read({ main: file, hba: '' }), kind, /no property "hba"/],
  ['read of a text as command line', () => ConfTree.read({ main: file, commandLine: '-c' }), kind, /commandLine/],
  ['tree.set with an unknown option', () => tree.set('ssl', true, { path: 'x' }), kind, /no property "path"/],
  ['alterSystem without values', () => functions.alterSystem(), kind, /values of alterSystem/i],
  ['alterAutoConf of a text', () => functions.alterAutoConf('', {}), kind, /must be an instance of ConfFile/],
  ['alterAutoConf without values', () => functions.alterAutoConf(file), kind, /values of alterAutoConf/i],
  ['settingChanges of texts', () => functions.settingChanges('', 'ssl = on'), kind, /must be an instance of ConfFile/],
  ['settingChanges of one file', () => functions.settingChanges(file), kind, /got undefined/],
  ['confFileSettings of a text', () => functions.confFileSettings('', 18), kind, /must be an object; got a string/],
  ['confFileSettings of a promise', () => functions.confFileSettings({ main: Promise.resolve('') }, 18), kind, /Await/],
  ['confFileSettings of an unknown part', () => functions.confFileSettings({ conf: '' }, 18), kind, /"conf"/],
  ['memorySize of nothing', () => functions.memorySize(), 'quantity-invalid', /not an amount/],
  ['duration of an unknown unit', () => functions.duration('5 weeks'), 'quantity-invalid', /not an amount/],
];

for (const [name, call, code, words] of calls) {
  test(`refuses ${name}`, () => {
    assert.throws(call, (error: { code?: string; message: string }) => {
      assert.equal(error.code, code);
      assert.match(error.message, words);
      return true;
    });
  });
}
