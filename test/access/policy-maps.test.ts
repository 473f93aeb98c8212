import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { authenticate, checkPolicy, type PolicyStatement, searchAccess } from '../../src/access/index.ts';
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

const columns = fc.constantFrom('all', 'all', 'all', 'a', 'a,admin', 'b,aa', '/^a');

test('statements hold and are violated as authenticate lets in the users of a map', (t) => {
  const counts: Record<string, number> = {};
  const check = (
    column: string,
    map: string,
    list: string[],
    version: 18 | 19,
    known: { readonly roles?: string[] },
  ): void => {
    const input = {
      hba: HbaFile.parse(`local all ${column} peer map=m\n`, { version }),
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
    const shown = `${column} ${map}${JSON.stringify([list, known])} ${version}`;
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
    // These statements count each name, because somebody can create the role later.
    agrees(verdictOf({ forbid: { users: list } }), !mapped.includes('yes'), isPossible(mapped));
    const others = (names: readonly string[]) => names.filter((user) => user !== '' && !list.includes(user));
    const outside = others(users).map((user) => letsIn(user, {}));
    const names = others([...texts, ...texts.flatMap((text) => [`app_${text}`, `${text}${text}`, `${text}\\1`])]);
    const isOutside = names.some((user) => letsIn(user, {}) !== 'no');
    agrees(verdictOf({ only: { users: list } }), !outside.includes('yes'), isOutside);
    agrees(verdictOf({ forbid: { not: { users: list } } }), !outside.includes('yes'), isOutside);
  };
  const numRuns = runs(250);
  fc.assert(fc.property(columns, maps, asked, fc.constantFrom(18, 19), facts, check), { numRuns, seed });
  t.diagnostic(`${numRuns} maps, seed ${seed}: ${JSON.stringify(counts)}`);
  for (const kind of ['permit', 'some', 'forbid', 'only'])
    for (const verdict of ['holds', 'violated', 'unknown']) assert.ok(counts[`${kind} ${verdict}`]! > 0, kind);
});

const subjects = ['CN=a', 'CN=b', 'CN=a,O=x'];
const certificateUsers = ['a', 'b', ...subjects];
const certificateRules = fc
  .tuple(
    fc.constantFrom('all', 'a', 'b,a', '"CN=a"', 'a,"CN=a"', '"CN=a,O=x","CN=b"', '/^CN=', '/^a$'),
    fc.constantFrom(
      ...['cert', 'cert clientname=DN', 'cert clientname=DN', 'trust clientcert=verify-full clientname=DN'],
      ...['scram-sha-256 clientcert=verify-full clientname=DN', 'md5 clientcert=verify-ca clientname=DN'],
      ...['cert clientname=DN map=m', 'cert map=m', 'cert clientname=DN map=""'],
    ),
  )
  .map(([column, method]) => `hostssl all ${column} all ${method}\n`);

test('statements and searches agree with authenticate on the name that a certificate is compared by', (t) => {
  const counts: Record<string, number> = {};
  const check = (rules: readonly string[], map: string, list: string[], roles: string[] | undefined): void => {
    const input = { hba: HbaFile.parse(rules.join('')), ident: IdentFile.parse(map) };
    const letsIn = (user: string, known: { readonly roles?: string[] } = {}): boolean =>
      [...subjects, 'CN=x', 'CN=CN\\=a', 'CN=CN\\=b', 'CN=CN\\=a\\,O\\=x'].some((subject) => {
        const client = {
          transport: 'ssl',
          address: '10.0.0.1',
          user,
          database: 'd',
          certificate: { subject },
        } as const;
        return ['admitted', 'password'].includes(authenticate(input, client, known).kind);
      });
    const known = roles === undefined ? {} : { roles };
    const verdictOf = (statement: Omit<PolicyStatement, 'id'>): string => {
      const found = checkPolicy(input, { version: 1, statements: [{ id: 'a', ...statement }] }, undefined, known);
      assert.ok(found.kind === 'checked');
      const kind = `${Object.keys(statement)[0]} ${found.verdict}`;
      counts[kind] = (counts[kind] ?? 0) + 1;
      return found.verdict;
    };
    const shown = `${rules.join('')}${map}${JSON.stringify({ list, roles })}`;
    const agrees = (verdict: string, holds: boolean): void => {
      if (verdict !== 'unknown') assert.equal(verdict, holds ? 'holds' : 'violated', `${verdict}: ${shown}`);
    };
    const ofList = { users: list, databases: ['d'], transport: ['ssl' as const] };
    // A role such as "CN=c" can be the subject of a certificate that is not among those above.
    if (list.every((user) => subjects.includes(user) || !user.includes('='))) {
      agrees(
        verdictOf({ permit: ofList }),
        list.every((user) => letsIn(user)),
      );
      agrees(
        verdictOf({ some: ofList }),
        list.some((user) => letsIn(user, known)),
      );
      agrees(verdictOf({ forbid: ofList }), !list.some((user) => letsIn(user)));
    }
    const search = searchAccess(input, { users: list, outcome: 'way-in' });
    assert.ok(search.kind === 'connections');
    if (search.found.length === 0) assert.ok(!list.some((user) => letsIn(user)), shown);
  };
  const numRuns = runs(200);
  const mappings = fc.constantFrom('m a a\n', 'm CN=a a\n', 'm "CN=a,O=x" b\n', 'm x c\nm CN=a CN=a\n');
  const rules = fc.array(certificateRules, { minLength: 1, maxLength: 2 });
  const list = fc.uniqueArray(fc.constantFrom(...certificateUsers), { minLength: 1, maxLength: 2 });
  const known = fc.option(fc.subarray(certificateUsers), { nil: undefined });
  fc.assert(fc.property(rules, mappings, list, known, check), { numRuns, seed });
  t.diagnostic(`${numRuns} files, seed ${seed}: ${JSON.stringify(counts)}`);
  for (const kind of ['permit', 'some', 'forbid'])
    for (const verdict of ['holds', 'violated']) assert.ok(counts[`${kind} ${verdict}`]! > 0, kind);
});

test('some and forbid of one user never give two certain answers that contradict each other', () => {
  const verdicts = (hba: string, ident?: string) => {
    const input = { hba: HbaFile.parse(hba), ...(ident === undefined ? {} : { ident: IdentFile.parse(ident) }) };
    const found = checkPolicy(input, {
      version: 1,
      statements: [
        { id: 'some', some: { users: ['alice'] } },
        { id: 'forbid', forbid: { users: ['alice'] } },
        { id: 'only', only: { users: ['bob'] } },
        { id: 'require', in: { users: ['alice'] }, require: { transport: ['local'] } },
      ],
    });
    assert.ok(found.kind === 'checked');
    return found.statements.map(({ verdict }) => verdict);
  };
  const rule = 'hostssl app all all cert map=m\n';
  assert.deepEqual(verdicts(rule, 'm bob bob\n'), ['violated', 'holds', 'holds', 'holds']);
  assert.deepEqual(verdicts(rule, 'm alice alice\n'), ['holds', 'violated', 'violated', 'violated']);
  assert.deepEqual(verdicts(rule), ['unknown', 'unknown', 'unknown', 'unknown']);
  assert.deepEqual(verdicts('hostssl app all all cert\n'), ['holds', 'violated', 'violated', 'violated']);
  const ofSubject = 'hostssl app all all cert clientname=DN\n';
  assert.deepEqual(verdicts(ofSubject), ['violated', 'holds', 'unknown', 'holds']);
  assert.deepEqual(verdicts(ofSubject.replace('all all', 'alice all')), ['violated', 'holds', 'holds', 'holds']);
});

test('a map lets in no user with a name that no client can send', () => {
  const hba = HbaFile.parse('hostssl all all all cert map=m\n');
  for (const name of ['""', 'a'.repeat(64)]) {
    const ident = IdentFile.parse(`m a ${name}\n`);
    const verdicts = [{ forbid: {} }, { some: {} }].map((statement) => {
      const check = checkPolicy({ hba, ident }, { version: 1, statements: [{ id: 'x', ...statement }] });
      return check.kind === 'checked' && check.verdict;
    });
    assert.deepEqual(verdicts, ['holds', 'violated'], name);
  }
});

test('a forbidden connection is shown for a user whom the map lets in', () => {
  const input = {
    hba: HbaFile.parse('hostssl all all all cert map=m\n'),
    ident: IdentFile.parse('m bob bob\n'),
  };
  const found = checkPolicy(input, { version: 1, statements: [{ id: 'a', forbid: {} }] });
  assert.ok(found.kind === 'checked');
  const [violation] = found.statements[0]!.violations;
  assert.deepEqual([violation?.certainty, violation?.witness?.connection.user], ['certain', 'bob']);
});

test('thousands of rules with one map are judged in linear time', { timeout: 30_000 }, () => {
  const users = Array.from({ length: 3000 }, (_, i) => `u${i}`);
  const input = {
    hba: HbaFile.parse(users.map((user) => `hostssl d${user} ${user} all cert map=m\n`).join('')),
    ident: IdentFile.parse(users.map((user) => `m c${user} ${user}\n`).join('')),
  };
  const found = checkPolicy(input, {
    version: 1,
    statements: [
      { id: 'forbid', forbid: {} },
      { id: 'open', forbid: { databases: ['du7'], users: ['u8'] } },
    ],
  });
  assert.ok(found.kind === 'checked');
  assert.deepEqual(
    found.statements.map(({ verdict, violations }) => [verdict, violations.length]),
    [
      ['violated', users.length],
      ['holds', 0],
    ],
  );
});
