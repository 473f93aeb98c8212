import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdentFile, type IdentMappingInput } from '../../src/ident/index.ts';
import type { PgMajor } from '../../src/version.ts';

const plain = { systemUser: 'zoe' };
const pattern = { systemUser: { regex: '^(.*)@x$' } };

/**
 * Mappings with each kind of user, each with its line in each major version; `null` if the major version has no
 * notation for the mapping. One blank separates the columns.
 */
const cases: readonly [Omit<IdentMappingInput, 'map'>, { readonly 15: string | null; readonly 16: string | null }][] = [
  [
    { ...plain, pgUser: 'app' },
    { 15: 'm zoe app', 16: 'm zoe app' },
  ],
  [
    { ...plain, pgUser: 'all' },
    { 15: 'm zoe "all"', 16: 'm zoe "all"' },
  ],
  [
    { ...plain, pgUser: '+staff' },
    { 15: 'm zoe "+staff"', 16: 'm zoe "+staff"' },
  ],
  [
    { ...plain, pgUser: '/x' },
    { 15: 'm zoe "/x"', 16: 'm zoe /^\\/x$' },
  ],
  [
    { ...plain, pgUser: { keyword: 'all' } },
    { 15: null, 16: 'm zoe all' },
  ],
  [
    { ...plain, pgUser: { memberOf: 'staff' } },
    { 15: null, 16: 'm zoe +staff' },
  ],
  [
    { ...plain, pgUser: { memberOf: 'my staff' } },
    { 15: null, 16: 'm zoe +"my staff"' },
  ],
  [
    { ...plain, pgUser: { regex: '^a' } },
    { 15: null, 16: 'm zoe /^a' },
  ],
  [
    { ...pattern, pgUser: { substitute: '\\1' } },
    { 15: 'm /^(.*)@x$ \\1', 16: 'm /^(.*)@x$ \\1' },
  ],
  [
    { ...pattern, pgUser: 'x\\1' },
    { 15: null, 16: 'm /^(.*)@x$ /^x\\\\1$' },
  ],
  [
    { ...plain, pgUser: { substitute: '\\1' } },
    { 15: null, 16: null },
  ],
];

for (const [mapping, expected] of cases) {
  test(`writes ${JSON.stringify(mapping)}`, () => {
    for (const version of [15, 16] as const satisfies readonly PgMajor[]) {
      const written = (): string =>
        IdentFile.parse('', { version })
          .insert({ map: 'm', ...mapping }, 'end')
          .toString()
          .trimEnd()
          .replace(/ +/g, ' ');
      if (expected[version] === null) assert.throws(written, { code: 'mapping-invalid' });
      else assert.equal(written(), expected[version]);
    }
  });
}
