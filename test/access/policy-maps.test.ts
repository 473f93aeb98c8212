import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { authenticate, checkPolicy, type PolicyStatement } from '../../src/access/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { runs, seed } from '../property.ts';

const users = ['a', 'b', 'adm', 'admin', 'app_a', 'aa', '/a', '\\1', 'é'];
const texts = [...users, 'x', 'admé', 'ad', ''];
/** System users. If a mapping below lets in one of the users, it lets in the user for one of these system users. */
const systemUsers = [...new Set(texts.flatMap((text) => [text, `${text}@x`, `c:${text}`, `c:${text}@x`]))];

const systems = [
  ...['a', 'b', 'a@x', '"é"', '/^a$', '/^\\/a$', '/^(a)$', '/^(a|b)$', '/^(.*)$', '/^(.*)@x$', '/(.*)@x$', '/^(.*)@x'],
  ...['/^(adm.*)@x$', '/^(a.*)$', '/^c:(.*)$', '/^c:(.*)@x$', '/^c:([^@]*)@?x?$', '/^(?:a)$', '/^(.)$', '/^(é)@x$'],
];
const roles = [
  'a',
  'b',
  'admin',
  '"é"',
  '\\1',
  '\\1',
  '\\1',
  '\\1',
  'app_\\1',
  '\\1\\1',
  '\\1\\1',
  'all',
  '/^ad',
  '+a',
];
const line = fc
  .tuple(fc.constantFrom(...systems), fc.constantFrom(...roles))
  .map(([system, role]) => `m ${system} ${role}\n`);
const maps = fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join(''));
const asked = fc.uniqueArray(fc.constantFrom(...users), { minLength: 1, maxLength: 2 });
const facts = fc.option(fc.subarray(users), { nil: undefined }).map((list) => (list ? { roles: list } : {}));

test('permit and some hold and are violated as authenticate lets in the users of a map', (t) => {
  const counts: Record<string, number> = {};
  const check = (map: string, list: string[], version: 18 | 19, known: { readonly roles?: string[] }): void => {
    const input = {
      hba: HbaFile.parse('local all all peer map=m\n', { version }),
      ident: IdentFile.parse(map, { version }),
    };
    // Whether the server lets in a user, whatever operating-system user the client is.
    const letsIn = (user: string, given: typeof known): string => {
      const kinds = systemUsers.map(
        (systemUser) => authenticate(input, { transport: 'local', user, database: 'd', systemUser }, given).kind,
      );
      return kinds.includes('admitted') ? 'yes' : kinds.includes('unknown') ? 'perhaps' : 'no';
    };
    const verdictOf = (statement: Omit<PolicyStatement, 'id'>): string => {
      const found = checkPolicy(input, { version: 1, statements: [{ id: 'a', ...statement }] }, undefined, known);
      const verdict = found.kind === 'checked' ? found.verdict : found.kind;
      const kind = `${Object.keys(statement)[0]} ${verdict}`;
      counts[kind] = (counts[kind] ?? 0) + 1;
      return verdict;
    };
    const shown = `${map}${JSON.stringify([list, known])} ${version}`;
    const agrees = (verdict: string, holds: boolean, fails: boolean): void => {
      if (verdict === 'holds') assert.ok(holds, `holds: ${shown}`);
      if (verdict === 'violated') assert.ok(fails, `violated: ${shown}`);
    };
    // `authenticate` says `unknown` if it cannot evaluate a regular expression, even if a line below decides the same.
    const isPossible = (answers: readonly string[]) => answers.some((answer) => answer !== 'no');
    const mapped = list.map((user) => letsIn(user, {}));
    const permit = { transport: ['local' as const], users: list, databases: ['d'] };
    agrees(
      verdictOf({ permit }),
      !mapped.includes('no'),
      mapped.some((answer) => answer !== 'yes'),
    );
    const existing = list.map((user) => letsIn(user, known));
    agrees(verdictOf({ some: { users: list } }), isPossible(existing), !existing.includes('yes'));
    const all = users.map((user) => letsIn(user, known));
    agrees(verdictOf({ some: {} }), known.roles === undefined || isPossible(all), !all.includes('yes'));
  };
  const numRuns = runs(250);
  fc.assert(fc.property(maps, asked, fc.constantFrom(18, 19), facts, check), { numRuns, seed });
  t.diagnostic(`${numRuns} maps, seed ${seed}: ${JSON.stringify(counts)}`);
  for (const kind of ['permit', 'some'])
    for (const verdict of ['holds', 'violated', 'unknown']) assert.ok(counts[`${kind} ${verdict}`]! > 0, kind);
});
