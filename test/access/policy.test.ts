import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkPolicy, type Policy, type PolicyStatement, type Scope } from '../../src/access/index.ts';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { repositoryRoot } from '../repository.ts';
import { schemaErrors } from './json-schema.ts';

const schema = JSON.parse(readFileSync(join(repositoryRoot, 'schema', 'policy.schema.json'), 'utf8'));
const file = HbaFile.parse('hostssl all all 10.0.0.0/8 scram-sha-256\nhost all +staff 192.168.0.0/16 md5\n');

function policyOf(...statements: readonly object[]): Policy {
  return { version: 1, statements: statements as readonly PolicyStatement[] };
}

const wellFormed: readonly Policy[] = [
  policyOf(),
  policyOf({ id: 'a', forbid: { transport: ['plain'], not: { from: ['10.0.0.0/8'] } } }),
  policyOf({ id: 'a', level: 'info', in: { users: ['+staff'] }, only: { method: ['md5'] } }),
  policyOf({ id: 'a', require: { certificate: ['verify-full'] } }, { id: 'b', permit: { replication: 'physical' } }),
  { $schema: 'pg-hostssl/policy.schema.json', ...policyOf({ id: 'a', noNewAccess: { in: { users: ['a'] } } }) },
  policyOf({ id: 'a', permit: { users: ['a'], not: { method: ['trust'] } } }),
];

const malformed: readonly unknown[] = [
  { version: 2, statements: [] },
  { version: 1 },
  { version: 1, statements: {} },
  policyOf({ forbid: {} }),
  policyOf({ id: 'a' }),
  policyOf({ id: 'a', forbid: {}, some: {} }),
  policyOf({ id: 'a', forbid: { transports: ['plain'] } }),
  policyOf({ id: 'a', forbid: { transport: [] } }),
  policyOf({ id: 'a', forbid: { transport: ['tcp'] } }),
  policyOf({ id: 'a', only: { not: {} } }),
  policyOf({ id: 'a', some: { not: {} } }),
  policyOf({ id: 'a', permit: { not: {} } }),
  policyOf({ id: 'a', only: {} }),
  policyOf({ id: 'a', in: { users: ['a'] }, require: {} }),
  policyOf({ id: 'a', forbid: { outcome: 'refused' } }),
  policyOf({ id: 'a', require: { outcome: 'way-in' } }),
  policyOf({ id: 'a', noNewAccess: { in: { not: { outcome: 'way-in' } } } }),
  policyOf({ id: 'a', permit: { method: ['md5'] } }),
  policyOf({ id: 'a', permit: { certificate: ['verify-full'] } }),
  policyOf({ id: 'a', forbid: { method: ['trsut'] } }),
  policyOf({ id: 'a', forbid: { certificate: ['full'] } }),
  policyOf({ id: 'a', forbid: { not: { replication: 'logical' } } }),
  policyOf({ id: 'a', level: 'fatal', forbid: {} }),
  ...['forbid', 'only', 'require', 'some', 'permit'].map((demand) =>
    policyOf({ id: 'a', [demand]: { users: ['a'], outcome: 'way-in' } }),
  ),
  policyOf({ id: 'a', in: { users: ['a'], outcome: 'way-in' }, only: { users: ['b'] } }),
  policyOf({ id: 'a', noNewAccess: { in: { users: ['a'], outcome: 'way-in' } } }),
];

test('the published schema and checkPolicy accept the same policies', () => {
  for (const policy of wellFormed) {
    assert.deepEqual(schemaErrors(policy, schema), []);
    assert.equal(checkPolicy(file, policy, file).kind, 'checked');
  }
  for (const policy of malformed) {
    assert.notDeepEqual(schemaErrors(policy, schema), [], JSON.stringify(policy));
    assert.throws(
      () => checkPolicy(file, policy as Policy, file),
      { code: 'argument-invalid' },
      JSON.stringify(policy),
    );
  }
});

test('the error about a list names the field', () => {
  for (const field of ['transport', 'from', 'databases', 'users', 'method', 'certificate']) {
    for (const value of ['ssl', []]) {
      const scope = { [field]: value } as object;
      assert.throws(() => checkPolicy(file, policyOf({ id: 'a', forbid: scope }) as Policy), {
        message: new RegExp(`${field} must be a list that is not empty`),
      });
    }
  }
});

test('only a statement of level error violates a policy, and noNewAccess needs a baseline', () => {
  const check = checkPolicy(
    file,
    policyOf({ id: 'a', level: 'warning', forbid: {} }, { id: 'b', some: { users: ['x'] } }),
  );
  assert.ok(check.kind === 'checked');
  assert.deepEqual(
    check.statements.map(({ verdict }) => verdict),
    ['violated', 'holds'],
  );
  assert.equal(check.verdict, 'holds');
  assert.throws(() => checkPolicy(file, policyOf({ id: 'c', noNewAccess: {} })), /needs the argument baseline/);
});

test('an answer that depends on a role is unknown without the facts, and known with them', () => {
  const policy = policyOf({ id: 'bob', forbid: { users: ['bob'], from: ['192.168.0.0/16'] } });
  const verdictOf = (facts?: object): string => {
    const check = checkPolicy(file, policy, undefined, facts);
    return check.kind === 'checked' ? check.verdict : check.kind;
  };
  assert.equal(verdictOf(), 'unknown');
  assert.equal(verdictOf({ memberOf: () => true }), 'violated');
  assert.equal(verdictOf({ memberOf: (user: string, role: string) => user === role }), 'holds');
});

test('a file that the server refuses has the result file-refused', () => {
  assert.equal(checkPolicy(HbaFile.parse('hots all all all trust\n'), policyOf()).kind, 'file-refused');
});

test('noNewAccess is unknown if only the map of a rule changed', () => {
  const hba = HbaFile.parse('hostssl all all all cert map=m\n');
  const baseline = { hba, ident: IdentFile.parse('m ann ann\n') };
  const verdictOf = (text: string): string => {
    const input = { hba, ident: IdentFile.parse(text) };
    const check = checkPolicy(input, policyOf({ id: 'no-new', noNewAccess: {} }), baseline);
    return check.kind === 'checked' ? check.verdict : check.kind;
  };
  assert.equal(verdictOf('m ann ann\nm /.* all\n'), 'unknown');
  assert.equal(verdictOf('m   ann ann # Ann\n'), 'holds');
});

test('some is not satisfied by a rule whose map or roles let nobody of the scope in', () => {
  const ident = IdentFile.parse('admins root postgres\nadmins /^a /^app\nopen /^(.*)@example\\.com$ \\1\n');
  const verdictOf = (rule: string, scope: Scope, input = {}, facts = {}): string => {
    const hba = HbaFile.parse(`${rule}\n`);
    const check = checkPolicy({ hba, ...input }, policyOf({ id: 'way-in', some: scope }), undefined, facts);
    return check.kind === 'checked' ? check.verdict : check.kind;
  };
  const postgres = { users: ['postgres'] };
  assert.equal(verdictOf('local all all peer map=admins', postgres, { ident }), 'holds');
  assert.equal(verdictOf('local all all peer map=admins', {}, { ident }), 'holds');
  assert.equal(verdictOf('local all all peer map=open', postgres, { ident }), 'holds');
  assert.equal(verdictOf('local all all peer map=other', postgres, { ident }), 'violated');
  assert.equal(verdictOf('local all all peer map=admins', postgres), 'unknown');
  assert.equal(verdictOf('local all all peer map=admins', { users: ['app1'] }, { ident }), 'unknown');
  const names = IdentFile.parse('admins root postgres\n');
  assert.equal(verdictOf('local all all peer map=admins', { users: ['bob'] }, { ident: names }), 'violated');
  assert.equal(verdictOf('local all bob peer map=admins', {}, { ident: names }), 'violated');
  assert.equal(verdictOf('local all all peer map=admins', { users: ['+staff'] }, { ident: names }), 'unknown');
  const unread = IdentFile.parse('admins root postgres\ninclude more\n');
  assert.equal(verdictOf('local all all peer map=other', postgres, { ident: unread }), 'unknown');
  const roles = { roles: ['postgres', 'bob'] };
  assert.equal(verdictOf('local all all peer', {}, {}, roles), 'holds');
  assert.equal(verdictOf('local all ghost peer', {}, {}, roles), 'violated');
  assert.equal(verdictOf('local all ghost,bob peer', {}, {}, roles), 'holds');
  assert.equal(verdictOf('local all all peer', { users: ['ghost'] }, {}, roles), 'violated');
});

test('a rule with a map that pg_ident.conf does not define refuses everybody', () => {
  const input = { hba: HbaFile.parse('local all all peer map=other\n'), ident: IdentFile.parse('m a b\n') };
  const check = checkPolicy(input, policyOf({ id: 'a', forbid: { transport: ['local'] } }));
  assert.equal(check.kind === 'checked' && check.verdict, 'holds');
});

test('permit is violated if the server does not offer a transport of the scope', () => {
  const verdictOf = (hba: HbaFile, transport: readonly string[]): unknown => {
    const check = checkPolicy(hba, policyOf({ id: 'a', permit: { transport, users: ['monitor'], databases: ['a'] } }));
    return check.kind === 'checked' && [check.verdict, ...check.statements[0]!.violations.map((each) => each.message)];
  };
  const withoutTls = HbaFile.parse('host all all all md5\n', { server: { ssl: false } });
  const old = HbaFile.parse('host all all all md5\n', { version: 11 });
  assert.deepEqual(verdictOf(withoutTls, ['ssl']), [
    'violated',
    'The server offers no connection over TLS: ssl is off',
  ]);
  assert.deepEqual(verdictOf(old, ['plain', 'gss']), [
    'violated',
    'The server offers no connection with GSS encryption: PostgreSQL 11 has no GSS encryption',
  ]);
  assert.deepEqual(verdictOf(withoutTls, ['plain']), ['holds']);
  assert.deepEqual(verdictOf(old, ['ssl']), ['holds']);
});

test('permit and some are violated if the server listens nowhere for the scope', () => {
  const hba = HbaFile.parse('local all all peer\nhost all all all md5\n');
  const verdictsOf = (text: string): unknown => {
    const conf = ConfTree.read({ main: ConfFile.parse(text) });
    const statements = [
      { id: 'plain', permit: { transport: ['plain'], users: ['app'], databases: ['a'] } },
      { id: 'from', permit: { from: ['10.0.0.1'], users: ['app'], databases: ['a'] } },
      { id: 'some', some: { from: ['10.0.0.1'] } },
      { id: 'socket', some: { transport: ['local'] } },
      { id: 'forbid', forbid: { transport: ['plain'] } },
    ];
    const check = checkPolicy({ hba, conf }, policyOf(...statements));
    return check.kind === 'checked' && check.statements.map((each) => [each.verdict, each.violations[0]?.message]);
  };
  const held = ['holds', undefined];
  assert.deepEqual(verdictsOf("listen_addresses = ''\n"), [
    ['violated', 'The server offers no connection without encryption: listen_addresses is empty'],
    ['violated', 'The server offers no connection of the scope: listen_addresses is empty'],
    ['violated', 'No connection of the scope is let in'],
    held,
    held,
  ]);
  const plain =
    'User "anyone" to database "anyone2" from 1.0.0.0 without encryption: let in by md5 (pg_hba.conf line 2)';
  for (const [text, socket] of [
    ["unix_socket_directories = ''\n", ['violated', 'No connection of the scope is let in']],
    ["listen_addresses = '*'\n", held],
    ["listen_addresses = ''\ninclude 'more.conf'\n", held],
  ] as const) {
    assert.deepEqual(verdictsOf(text), [held, held, held, socket, ['violated', plain]], text);
  }
});

test('permit is violated for a listed user whom the map of the deciding rule does not let in', () => {
  const verdictOf = (hba: string, maps: string | undefined, users: readonly string[]): unknown => {
    const input = { hba: HbaFile.parse(hba), ...(maps === undefined ? {} : { ident: IdentFile.parse(maps) }) };
    const scope = { transport: ['ssl'], users, databases: ['a'] };
    const check = checkPolicy(input, policyOf({ id: 'a', permit: scope }));
    return check.kind === 'checked' && [check.verdict, ...check.statements[0]!.violations.map((each) => each.message)];
  };
  const rule = 'hostssl all all 10.0.0.0/8 cert map=m\nhost all all all md5\n';
  const start = 'User "bob" to database "a" from 10.0.0.0 over TLS: let in by cert with a certificate (verify-full)';
  assert.deepEqual(verdictOf(rule, 'm al al\n', ['al']), ['holds']);
  assert.deepEqual(verdictOf(rule, 'm al al\n', ['al', 'bob']), [
    'violated',
    `${start} (pg_hba.conf line 1), but map "m" does not let in this user`,
  ]);
  const unknown = `${start} (pg_hba.conf line 1), and it is not known whether map "m" lets in this user`;
  for (const maps of [undefined, 'm al al\ninclude more\n', 'm al /^x\n'])
    assert.deepEqual(verdictOf(rule, maps, ['bob']), ['unknown', unknown], maps);
  assert.deepEqual(verdictOf(rule, 'm al all\n', ['bob']), ['holds']);
  assert.deepEqual(verdictOf(`host all bob all md5\n${rule}`, 'm al al\n', ['bob']), ['holds']);
});

test('noNewAccess is unknown if a file was not read on both sides, because the file can have changed', () => {
  const policy = policyOf({ id: 'a', noNewAccess: {} });
  for (const text of ['include more\nhost all all all md5\n', 'host all @more all md5\n']) {
    const now = HbaFile.parse(text);
    const check = checkPolicy(now, policy, HbaFile.parse(text));
    assert.ok(check.kind === 'checked');
    assert.equal(check.verdict, 'unknown');
    assert.deepEqual(
      check.statements[0]!.violations.map(({ message }) => message),
      ['Not all connections of pg_hba.conf line 1 were compared: a file was not read'],
    );
    const same = checkPolicy(now, policy, now);
    assert.equal(same.kind === 'checked' && same.verdict, 'holds');
  }
  const hba = HbaFile.parse('local all all peer map=m\nhost all all all md5\n');
  const ident = (): IdentFile => IdentFile.parse('m a b\ninclude more\n');
  const known = ident();
  for (const [now, before, verdict] of [
    [known, known, 'holds'],
    [known, ident(), 'unknown'],
    [IdentFile.parse('m a b\n'), IdentFile.parse('m a b\n'), 'holds'],
    [undefined, undefined, 'unknown'],
  ] as const) {
    const inputOf = (ident: IdentFile | undefined) => ({ hba, ...(ident === undefined ? {} : { ident }) });
    const check = checkPolicy(inputOf(now), policy, inputOf(before));
    assert.equal(check.kind === 'checked' && check.verdict, verdict);
  }
  const withoutMap = HbaFile.parse('hostssl all all all cert\n');
  const check = checkPolicy(withoutMap, policy, withoutMap);
  assert.equal(check.kind === 'checked' && check.verdict, 'holds');
});

test('rejects a statement about impossible connections', () => {
  for (const scope of [
    { transport: ['local'], from: ['10.0.0.0/8'] },
    { replication: 'physical', databases: ['a'] },
    { users: ['a'], not: { users: ['a', 'b'] } },
    { from: ['10.1.0.0/16'], not: { from: ['10.0.0.0/8'] } },
  ]) {
    for (const statement of [
      { forbid: scope },
      { permit: scope },
      { in: scope, only: {} },
      { noNewAccess: { in: scope } },
    ]) {
      assert.throws(
        () => checkPolicy(file, policyOf({ id: 'a', ...statement }), file),
        /no connection can be in the scope of the statement a/,
      );
    }
    const check = checkPolicy(file, policyOf({ id: 'a', some: scope }));
    assert.equal(check.kind === 'checked' && check.verdict, 'violated');
  }
});

test('rejects a statement that holds for every file', () => {
  for (const [statement, message] of [
    [{ forbid: { method: ['reject'] } }, /method reject/],
    [{ forbid: { method: ['peer'], from: ['loopback'] } }, /no connection can be/],
    [{ forbid: { method: ['gss'], transport: ['local'] } }, /no connection can be/],
    [{ forbid: { certificate: ['verify-ca'], transport: ['plain'] } }, /no connection can be/],
    [{ in: { method: ['trust'] }, only: { method: ['trust', 'peer'] } }, /holds for every file/],
    [{ in: { users: ['a'], from: ['10.1.0.0/16'] }, only: { users: ['a', 'b'], from: ['10.0.0.0/8'] } }, /every file/],
    [{ in: { method: ['cert'] }, require: { certificate: ['verify-full'] } }, /holds for every file/],
    [{ require: {} }, /holds for every file/],
  ] as const) {
    assert.throws(() => checkPolicy(file, policyOf({ id: 'a', ...statement }), file), message);
  }
});
