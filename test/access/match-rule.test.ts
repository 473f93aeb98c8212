import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AccessInput,
  authenticate,
  type ClientConnection,
  type Connection,
  checkPolicy,
  type IdentQuestion,
  matchIdent,
  matchRule,
  newAccess,
  type RuleMatch,
  searchAccess,
  unreachableRules,
} from '../../src/access/index.ts';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { databaseKeywords } from '../../src/hba/tables/keywords.ts';
import { IdentFile } from '../../src/ident/index.ts';
import type { NameAttribute, NameInput } from '../../src/names/distinguished-name.ts';
import type { PgMajor } from '../../src/version.ts';
import { endsSoon } from '../ends-soon.ts';
import { readersOf } from '../hba/tree.ts';

const tcp = { transport: 'ssl', address: '10.0.0.1', database: 'app', user: 'alice' } as const;

function lineOf(match: RuleMatch): number | string {
  return match.kind === 'rule' ? match.line : match.kind;
}

function match(text: string, connection: Connection, version: PgMajor = 18): number | string {
  return lineOf(matchRule(HbaFile.parse(text, { version }), connection));
}

test('an IPv4-mapped address of Node is the IPv4 address, and a rule for a mapped address matches no client', () => {
  const text = 'host all all ::ffff:10.0.0.1/128 trust\nhost all all 10.0.0.1/32 md5\n';
  assert.equal(match(text, { ...tcp, address: '::ffff:10.0.0.1' }), 2);
});

test('on 9.6 each replication connection needs the keyword', () => {
  const text = 'host all all all md5\nhost replication all all md5\n';
  const logical = { ...tcp, replication: 'logical' } as const;
  assert.equal(match(text, logical, 9.6), 2);
  assert.equal(match(text, logical, 10), 1);
  assert.equal(match(text, { ...tcp, replication: 'physical' }, 10), 2);
});

test('a connection without a database uses the name of the user', () => {
  assert.equal(match('host alice all all md5\n', { transport: 'ssl', address: '10.0.0.1', user: 'alice' }), 1);
});

test('without a fact, the answer names the missing fact and the rules that can decide', () => {
  const file = HbaFile.parse('host all all .example.com trust\nhost all +staff samenet md5\nhost all all all reject\n');
  const found = matchRule(file, tcp);
  assert.ok(found.kind === 'unknown');
  assert.deepEqual(
    found.possible.map(({ line }) => line),
    [1, 2, 3],
  );
  assert.equal(found.mayBeNone, false);
  assert.deepEqual(
    found.needs.map(({ kind }) => kind),
    ['host-name', 'interfaces', 'member'],
  );
  const ofServer = matchRule(HbaFile.parse('host all "/^(a)\\1$" all trust\nhost all all all reject\n'), tcp);
  assert.deepEqual(ofServer.kind === 'unknown' && ofServer.needs, [
    { kind: 'regex', regex: '^(a)\\1$', name: 'alice' },
  ]);
  const facts = { hostNames: ['a.example.com'] };
  assert.equal(lineOf(matchRule(file, tcp, facts)), 1);
  const others = {
    hostNames: [],
    interfaces: [{ address: '10.0.0.9', netmask: '255.255.255.0' }],
    memberOf: () => false,
  };
  assert.equal(lineOf(matchRule(file, tcp, others)), 3);
});

test('a file that cannot be read may contain the deciding rule', () => {
  const file = HbaFile.parse('host other all all trust\ninclude more.conf\nhost all all all reject\n');
  const found = matchRule(file, tcp);
  assert.ok(found.kind === 'unknown');
  assert.deepEqual(found.needs, [{ kind: 'file', path: 'more.conf' }]);
  const read = HbaFile.parse(file.toString(), {
    file: '/pg/pg_hba.conf',
    ...readersOf({ 'more.conf': '\nhost app all all md5\n' }, '/pg'),
  });
  const known = matchRule(read, tcp);
  assert.ok(known.kind === 'rule');
  assert.deepEqual([known.file, known.line], ['/pg/more.conf', 2]);
  const none = matchRule(read, { ...tcp, database: 'db', user: 'all' });
  assert.ok(none.kind === 'rule');
  assert.deepEqual(
    none.skipped.map(({ file: path, line, because }) => [path, line, because]),
    [
      ['/pg/pg_hba.conf', 1, 'database'],
      ['/pg/more.conf', 2, 'database'],
    ],
  );
});

test('no regular expression of a file takes long to match', async () => {
  const user = 'a'.repeat(62);
  assert.equal(await endsSoon(() => match('host all "/^(((a+)+)+)+b$" all trust\n', { ...tcp, user })), 'none');
});

test('the first line of a map that matches decides, and a \\1 without a parenthesis ends the search', () => {
  const file = IdentFile.parse('m /^a$ \\1\nm a b\nn "CN=a,O=x" all\nn /(.*)@x$ pre_\\1\n', { version: 16 });
  assert.equal(matchIdent(file, { map: 'm', systemUser: 'a', pgUser: 'b' }).kind, 'refused');
  assert.deepEqual(matchIdent(file, { map: 'n', systemUser: 'CN=a,O=x', pgUser: 'z' }), { kind: 'admitted', line: 3 });
  assert.deepEqual(matchIdent(file, { map: 'n', systemUser: 'bob@x', pgUser: 'pre_bob' }), {
    kind: 'admitted',
    line: 4,
  });
  const { reason } = matchIdent(file, { map: 'n', systemUser: 'bob', pgUser: 'bob' }) as { reason: string };
  assert.equal(reason, 'no match in usermap "n" for user "bob" authenticated as "bob"');
});

test('clientname=DN compares the whole subject with the map', () => {
  const hba = HbaFile.parse('hostssl all all all cert clientname=DN map=dn\n');
  const ident = IdentFile.parse('dn "CN=alice,O=Example" alice\n');
  const certificate = { subject: 'CN=alice,O=Example' };
  assert.equal(authenticate({ hba, ident }, { ...tcp, certificate }).kind, 'admitted');
  assert.equal(authenticate({ hba, ident }, { ...tcp, certificate: { subject: 'CN=alice' } }).kind, 'refused');
});

test('rejects impossible connections with a message that names the mistake', () => {
  const file = HbaFile.parse('local all all trust\n');
  for (const wrong of [
    { transport: 'tcp', address: '10.0.0.1', user: 'a' },
    { transport: 'plain', user: 'a' },
    { transport: 'local', user: '' },
    { transport: 'local', user: 'a', addr: 'x' },
    { transport: 'local', user: 'a\0b' },
    { transport: 'local', user: 'a', database: '\ud800' },
    { transport: 'local', user: 'a', database: 1 },
  ]) {
    assert.throws(() => matchRule(file, wrong as Connection), { code: 'argument-invalid' });
    assert.throws(() => authenticate(file, wrong as Connection), { code: 'argument-invalid' });
  }
});

test('a name is cut at 63 bytes, even inside a character, and then matches no rule', () => {
  const file = HbaFile.parse(`local all ${'é'.repeat(31)} trust\nlocal all ${'n'.repeat(63)} md5\n`);
  const kindOf = (user: string): string => matchRule(file, { transport: 'local', user }).kind;
  assert.deepEqual(
    [31, 32].map((count) => kindOf('é'.repeat(count))),
    ['rule', 'none'],
  );
  assert.equal(kindOf('n'.repeat(70)), 'rule');
});

test('rejects facts of a wrong type, which would give a wrong answer', () => {
  const file = HbaFile.parse('host all +staff samenet trust\n');
  const connection = { transport: 'plain', address: '10.0.0.1', user: 'ann' } as const;
  for (const facts of [
    { memberOf: 'ann' },
    { memberOf: async () => false, interfaces: [{ address: '10.0.0.1' }] },
    { roles: 'ann,staff' },
    { hostNames: { '10.0.0.1': 'a.example' } },
    { hostNames: [/example/] },
    { interfaces: ['10.0.0.0/8'] },
    { interfaces: [{ address: '10.0.0.0/8' }] },
    { interfaces: [{ address: '10.0.0.0', netmask: '/8' }] },
  ]) {
    assert.throws(() => matchRule(file, connection, facts as object), { code: 'argument-invalid' });
  }
});

test('rejects names that are not strings', () => {
  const ident = IdentFile.parse('map ann bob\n');
  for (const question of [
    {},
    { systemUser: 'ann' },
    { systemUser: 1, pgUser: 1 },
    { map: null, systemUser: 'a', pgUser: 'a' },
  ]) {
    assert.throws(() => matchIdent(ident, question as IdentQuestion), { code: 'argument-invalid' });
  }
  const client = { transport: 'local', user: 'ann', systemUser: 7 } as unknown as Connection;
  assert.throws(() => authenticate(HbaFile.parse('local all all peer\n'), client), { code: 'argument-invalid' });
});

test('a principal of a realm other than krb_realm is refused', () => {
  const kindOf = (options: string, systemUser: string, method = 'gss'): string => {
    const file = HbaFile.parse(`host all all all ${method} include_realm=0 ${options}\n`);
    return authenticate(file, { transport: 'plain', address: '10.0.0.1', user: 'ann', systemUser }).kind;
  };
  assert.equal(kindOf('krb_realm=EXAMPLE.ORG', 'ann@EXAMPLE.ORG'), 'admitted');
  assert.equal(kindOf('krb_realm=', 'ann@OTHER.ORG'), 'admitted');
  assert.equal(kindOf('krb_realm=EXAMPLE.ORG', 'ann@example.org'), 'unknown');
  for (const principal of ['ann@OTHER.ORG', 'ann', 'ann@']) {
    assert.equal(kindOf('krb_realm=EXAMPLE.ORG', principal), 'refused', principal);
  }
  assert.equal(kindOf('krb_realm=EXAMPLE.ORG', 'ann@example.org', 'sspi'), 'admitted');
});

test('with delegate_ident_mapping, the validator decides about the user, and no map', () => {
  const file = HbaFile.parse('hostssl all all all oauth issuer=https://i.example scope=s delegate_ident_mapping=1\n');
  for (const systemUser of ['ann', 'someone', undefined]) {
    const client = { transport: 'ssl', address: '10.0.0.1', user: 'ann', ...(systemUser && { systemUser }) } as const;
    assert.equal(authenticate(file, client).kind, 'password');
  }
});

test('a pg_ident.conf with an invalid line lets nobody in by its other lines', () => {
  const client = { transport: 'ssl', address: '10.0.0.1', user: 'ann', certificate: { subject: 'CN=ann' } } as const;
  const ident = IdentFile.parse('m ann ann\nm bob\n');
  const kindOf = (options: string): string =>
    authenticate({ hba: HbaFile.parse(`hostssl all all all cert ${options}\n`), ident }, client).kind;
  assert.equal(kindOf('map=m'), 'file-refused');
  assert.equal(kindOf(''), 'admitted');
});

test('krb_caseins_users ignores the case of names and realms, for gss and sspi only', () => {
  const ident = IdentFile.parse('m Ann@X bob\nm /^(.*)@Y$ \\1\nm carl@X +g\nm c@X "All"\n', { version: 18 });
  const kindOf = (method: string, systemUser: string, user: string, setting?: string): string => {
    const hba = HbaFile.parse(`host all all all ${method}\n`);
    const main = setting === undefined ? undefined : ConfFile.parse(`krb_caseins_users = ${setting}\n`);
    const input = { hba, ident, ...(main === undefined ? {} : { conf: ConfTree.read({ main }) }) };
    return authenticate(input, { transport: 'plain', address: '10.0.0.1', user, systemUser }).kind;
  };
  const rows: readonly (readonly [method: string, systemUser: string, user: string, on: string, off: string])[] = [
    ['gss', 'Ann', 'ann', 'admitted', 'refused'],
    ['sspi', 'ANN', 'ann', 'admitted', 'refused'],
    ['ident', 'Ann', 'ann', 'refused', 'refused'],
    ['gss', 'ann', 'ann', 'admitted', 'admitted'],
    ['gss', 'ann', 'bob', 'refused', 'refused'],
    ['gss', 'É', 'é', 'refused', 'refused'],
    ['gss map=m', 'ann@x', 'BOB', 'admitted', 'refused'],
    ['gss map=m', 'BOB@Y', 'bob', 'admitted', 'refused'],
    // `krb_caseins_users` has no effect on a regular expression or on the role of `+role`: upper and lower case differ.
    ['gss map=m', 'bob@y', 'bob', 'refused', 'refused'],
    ['gss map=m', 'carl@x', 'G', 'unknown', 'refused'],
    ['gss map=m', 'c@x', 'aLL', 'admitted', 'refused'],
    ['gss include_realm=0 krb_realm=EXAMPLE.ORG', 'ann@example.org', 'ann', 'admitted', 'refused'],
  ];
  for (const [method, systemUser, user, on, off] of rows) {
    const shown = `${method} ${systemUser} ${user}`;
    assert.equal(kindOf(method, systemUser, user, 'on'), on, shown);
    assert.equal(kindOf(method, systemUser, user, 'off'), off, shown);
    // If the setting is unknown, an answer is certain only if it is the same for both values of the setting.
    assert.equal(kindOf(method, systemUser, user), on === off ? on : 'unknown', shown);
  }
});

test('a refused client is told the cause', () => {
  const alice = { subject: 'CN=alice' };
  const rows: readonly (readonly [cause: string, rule: string, client: Partial<ClientConnection>])[] = [
    ['no-rule', 'hostssl other all all cert', { certificate: alice }],
    ['reject', 'hostssl all all all reject', { certificate: alice }],
    ['not-offered', 'host all all all trust # ssl off', {}],
    ['ca-missing', 'hostssl all all all cert # no CA', { certificate: alice }],
    ['certificate-missing', 'hostssl all all all cert', {}],
    ['certificate-unusable', 'hostssl all all all cert', { certificate: { subject: 'O=Example' } }],
    [
      'certificate-unusable',
      'hostssl all all all scram-sha-256 clientcert=verify-full',
      { certificate: { subject: 'O=E' } },
    ],
    ['role-missing', 'hostssl all all all cert', { user: 'bob', certificate: { subject: 'CN=bob' } }],
    ['role-missing', 'hostssl all all all scram-sha-256', { user: 'bob' }],
    ['identity', 'hostssl all all all cert', { certificate: { subject: 'CN=bob' } }],
    ['identity', 'hostssl all all all cert map=m', { certificate: alice }],
    ['identity', 'hostssl all all all scram-sha-256 clientcert=verify-full', { certificate: { subject: 'CN=bob' } }],
    ['identity', 'hostssl all all all gss clientcert=verify-full', { certificate: { subject: 'CN=bob' } }],
    ['identity', 'hostssl all all all gss krb_realm=A', { systemUser: 'alice@B' }],
  ];
  for (const [cause, rule, client] of rows) {
    const server = { ssl: !rule.endsWith('ssl off'), sslCa: !rule.endsWith('no CA') };
    const input = { hba: HbaFile.parse(`${rule}\n`, { server }), ident: IdentFile.parse('') };
    const found = authenticate(input, { ...tcp, user: 'alice', ...client }, { roles: ['alice'] });
    assert.equal(found.kind === 'refused' && found.because, cause, rule);
  }
});

test('if pg_ident.conf is not given, the answer for a rule with a map is unknown', () => {
  const certificate = { subject: 'CN=alice' };
  const found = authenticate(HbaFile.parse('hostssl all all all cert map=m\n'), { ...tcp, certificate });
  assert.ok(found.kind === 'unknown');
  assert.deepEqual(found.needs, [{ kind: 'file', path: 'pg_ident.conf' }]);
});

test('if pg_ident.conf includes a file that was not read, the needed fact names the file', () => {
  for (const [text, path] of [
    ['include more\nm alice alice\n', 'more'],
    ['m @names alice\nm alice alice\n', 'm @names alice'],
  ] as const) {
    const found = matchIdent(IdentFile.parse(text), { map: 'm', systemUser: 'alice', pgUser: 'alice' });
    assert.deepEqual(found.kind === 'unknown' && found.needs, [{ kind: 'file', path }]);
  }
});

test('a connection that the server does not offer is refused, whatever the rules are', () => {
  type Source = string | { readonly main: string; readonly commandLine: Readonly<Record<string, string>> };
  const row = (source: Source, transport: 'local' | 'plain' | 'ssl'): unknown => {
    const { main, commandLine } = typeof source === 'string' ? { main: source } : source;
    const conf = ConfTree.read({ main: ConfFile.parse(main), commandLine });
    const hba = HbaFile.parse('local all all trust\nhost all all all trust\n');
    const address = transport === 'local' ? {} : { address: '10.0.0.1' };
    const found = authenticate({ hba, conf }, { transport, ...address, database: 'a', user: 'a' });
    return found.kind === 'refused' ? found.reason : found.kind;
  };
  const start = 'the server offers no such connection:';
  assert.equal(row('ssl = off\n', 'ssl'), `${start} ssl is off`);
  assert.equal(row("listen_addresses = ' '\n", 'plain'), `${start} listen_addresses is empty`);
  assert.equal(row("unix_socket_directories = ''\n", 'local'), `${start} unix_socket_directories is empty`);
  assert.equal(row("listen_addresses = ''\n", 'local'), 'admitted');
  assert.equal(row("unix_socket_directories = ''\n", 'plain'), 'admitted');
  // Another file may turn TLS on again, but no file overrides the command line.
  assert.equal(row("ssl = off\ninclude 'unread.conf'\n", 'ssl'), 'admitted');
  const main = "include 'unread.conf'\n";
  assert.equal(row({ main, commandLine: { ssl: 'off' } }, 'ssl'), `${start} ssl is off`);
});

test('a byte that is not UTF-8 is not a character of a name', () => {
  const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
  // In this file, the bytes C3 A9 are the name é in UTF-8, as a client sends it. The byte E9 alone is a different name.
  const file = HbaFile.parse(bytes('local \xe9 all trust\nlocal /^\xe9 all trust\nlocal \xc3\xa9 all md5\n'));
  const lineOf = (database: string): unknown => {
    const match = matchRule(file, { transport: 'local', database, user: 'a' });
    return match.kind === 'rule' ? match.line : match.kind;
  };
  assert.deepEqual(['é', '\udce9', '\udce9x', 'e'].map(lineOf), [3, 1, 2, 'none']);
  const [first] = file.rules;
  assert.deepEqual(first?.databases, ['\udce9']);
  // The lone surrogate U+DCE9 is written as the byte E9, whereas é is written as the bytes C3 A9.
  const edited = file.replace(first!, { databases: ['é', '\udce9'] }).toBytes();
  assert.deepEqual(edited.slice(0, 21), bytes('local \xc3\xa9,\xe9 all trust\n'));
  assert.notEqual(file.ensure({ type: 'local', databases: ['é'], users: ['all'], method: 'trust' }), file);
  const ident = IdentFile.parse(bytes('m \xe9 a\nm /^(.)\xa9$ \\1\n'));
  const kindOf = (systemUser: string, pgUser: string): string =>
    matchIdent(ident, { map: 'm', systemUser, pgUser }).kind;
  assert.equal(kindOf('é', 'a'), 'refused');
  assert.equal(kindOf('\udce9', 'a'), 'admitted');
  assert.equal(kindOf('é', '\udcc3'), 'admitted');
});

test('a name of an @file is as long as its bytes', () => {
  const long = 'é'.repeat(32);
  const words = new TextEncoder().encode(`${long}\n`);
  const latin1 = Uint8Array.from(`${'\xe9'.repeat(63)}\n`, (c) => c.charCodeAt(0));
  const mixed = Uint8Array.from([...new TextEncoder().encode(`${'ł'.repeat(32)} # `), 0xe9, 0x0a]);
  for (const [readFile, kind] of [
    [() => words, 'certain'],
    [() => latin1, undefined],
    [() => mixed, 'certain'],
  ] as const) {
    const found = unreachableRules(HbaFile.parse('local all @words md5\n', { file: '/pg_hba.conf', readFile }));
    assert.equal(found.kind === 'rules' && found.unreachable[0]?.certainty, kind);
  }
});

test('db_user_namespace of postgresql.conf appends the database to the name of the role, up to 16', () => {
  const text = 'host all alice all reject\nhost all alice@app all md5\n';
  const connection = { transport: 'plain', address: '10.0.0.1', user: 'alice', database: 'app' } as const;
  const lineOf = (value: string, version: PgMajor): unknown => {
    const conf = ConfTree.read({ main: ConfFile.parse(`db_user_namespace = ${value}\n`, { version }) });
    const input = { hba: HbaFile.parse(text, { version }), conf };
    const [match, outcome] = [matchRule(input, connection), authenticate(input, connection)];
    return [match.kind === 'rule' && match.line, outcome.kind];
  };
  assert.deepEqual(lineOf('on', 14), [2, 'password']);
  assert.deepEqual(lineOf('off', 14), [1, 'refused']);
  assert.deepEqual(lineOf('on', 18), [1, 'refused']);
});

test('with db_user_namespace, searches, comparisons and policies do not claim who a rule lets in', () => {
  const version = 15;
  const [off, on] = ['off', 'on'].map((value) => ({
    hba: HbaFile.parse('host app alice@app all trust\nhost all alice all reject\n', { version }),
    conf: ConfTree.read({ main: ConfFile.parse(`db_user_namespace = ${value}\n`, { version }) }),
  })) as [AccessInput, AccessInput];
  const connection = { transport: 'plain', address: '10.0.0.1', user: 'alice', database: 'app' } as const;
  assert.deepEqual([authenticate(off, connection).kind, authenticate(on, connection).kind], ['refused', 'admitted']);
  const found = searchAccess(on, { users: ['alice'], databases: ['app'], outcome: 'way-in' });
  assert.deepEqual(found.kind === 'connections' && found.found.map(({ certainty }) => certainty), ['maybe']);
  const changed = newAccess(off, on);
  assert.ok(changed.kind === 'changes' && changed.changes.length > 0);
  assert.ok(changed.changes.every(({ certainty }) => certainty === 'maybe'));
  const same = newAccess(on, { ...on, hba: on.hba.insert({ kind: 'blank' }, 'end') });
  assert.ok(same.kind === 'changes' && same.summary === 'equal');
  const permit = { transport: ['plain'], from: ['10.0.0.1'], databases: ['app'], users: ['alice'] } as const;
  const forbid = { users: ['alice'] };
  const statements = [
    { id: 'forbid', forbid },
    { id: 'permit', permit },
    { id: 'some', some: forbid },
  ] as const;
  const checked = checkPolicy(on, { version: 1, statements });
  assert.ok(checked.kind === 'checked');
  assert.deepEqual(
    checked.statements.map(({ verdict }) => verdict),
    ['unknown', 'unknown', 'unknown'],
  );
  // A keyword that depends on the role does not depend on the name that a client gives.
  const memberOf = (user: string, role: string): boolean => user === 'alice@app' && role === 'app';
  const verdicts = databaseKeywords.map((keyword) => {
    const input = { ...on, hba: HbaFile.parse(`host ${keyword} all all trust\n`, { version }) };
    const policy = {
      version: 1,
      statements: [{ id: 'forbid', forbid: { users: ['alice'], databases: ['app'] } }],
    } as const;
    const outcome = checkPolicy(input, policy, undefined, { memberOf });
    return [keyword, outcome.kind === 'checked' && outcome.statements[0]?.verdict];
  });
  assert.deepEqual(Object.fromEntries(verdicts), {
    all: 'violated',
    sameuser: 'unknown',
    samerole: 'unknown',
    samegroup: 'unknown',
    replication: 'holds',
  });
  // The same rule lets in other users, because a role with another name must exist.
  for (const rule of ['host all all all trust\n', 'host all all all password\n']) {
    const [before, after] = [off, on].map(({ conf }) => ({ hba: HbaFile.parse(rule, { version }), conf }));
    const changes = newAccess(before!, after!);
    assert.deepEqual(changes.kind === 'changes' && changes.changes.map(({ certainty }) => certainty), ['maybe']);
  }
});

test('the common name is the first one of the encoded subject, in its bytes', () => {
  const hba = HbaFile.parse('hostssl all all all cert\n');
  const verdict = (subject: NameInput, user: string): string =>
    authenticate({ hba }, { ...tcp, user, certificate: { subject } }).kind;
  const cn = (value: string, der?: string): NameAttribute => ({ type: 'CN', value, ...(der && { der }) });
  // DER sorts the attributes of a level.
  assert.equal(verdict([[cn('b'), cn('a')]], 'a'), 'admitted');
  assert.equal(verdict([[cn('b'), cn('a')]], 'b'), 'refused');
  assert.equal(verdict([[cn('b')], [cn('a')]], 'b'), 'admitted');
  assert.equal(verdict([[cn('é', '1401e9')]], 'é'), 'refused');
  assert.equal(verdict([[cn('é', '1401e9')]], '\udce9'), 'admitted');
});

test('the server closes a connection whose certificate has a NUL in its common name', () => {
  const hba = HbaFile.parse('host all all all trust\n');
  const certificate = { subject: [[{ type: 'CN', value: 'a', der: '1e020061' }]] };
  const log = "SSL certificate's common name contains embedded null";
  const reason = 'the server closes the connection without a message';
  assert.deepEqual(authenticate({ hba }, { ...tcp, certificate }), {
    kind: 'refused',
    because: 'certificate-unusable',
    reason,
    log,
  });
  assert.equal(authenticate({ hba }, { ...tcp, transport: 'plain', certificate }).kind, 'admitted');
  const withoutCa = HbaFile.parse(hba.toString(), { server: { ssl: true, sslCa: false } });
  assert.equal(authenticate(withoutCa, { ...tcp, certificate }).kind, 'admitted');
});

test('from 14 on, a certificate with an attribute that OpenSSL does not know lets nobody in', () => {
  const certificate = { subject: '1.2.3.4=x,CN=alice' };
  const reasonOn = (version: PgMajor, roles?: readonly string[]): string => {
    const hba = HbaFile.parse('hostssl all all all cert\n', { version });
    const verdict = authenticate({ hba }, { ...tcp, certificate }, roles && { roles });
    return verdict.kind === 'refused' ? verdict.reason : verdict.kind;
  };
  const reason = 'could not get NID for ASN1_OBJECT object';
  assert.deepEqual([reasonOn(13), reasonOn(14), reasonOn(18)], ['admitted', reason, reason]);
  // The server looks up the role before it shows the subject in pg_stat_ssl.
  for (const version of [14, 17, 18] as const) assert.equal(reasonOn(version, []), 'role "alice" does not exist');
});

test('a role that is not in the list of roles cannot log in', () => {
  const verdict = (method: string, user: string, roles?: readonly string[]): unknown => {
    const { kind, ...rest } = authenticate(
      HbaFile.parse(`hostssl all all all ${method}\n`),
      { ...tcp, user, systemUser: user, certificate: { subject: `CN=${user}` } },
      roles && { roles },
    );
    return 'log' in rest ? [kind, rest.reason, rest.log] : 'reason' in rest ? [kind, rest.reason] : kind;
  };
  const missing = ['refused', 'role "bob" does not exist'];
  for (const method of ['trust', 'cert', 'ident', 'ldap ldapserver=x ldapprefix=y', 'trust clientcert=verify-full'])
    assert.deepEqual(verdict(method, 'bob', ['alice']), missing, method);
  for (const method of ['password', 'md5', 'scram-sha-256 clientcert=verify-full']) {
    const reason = 'password authentication failed for user "bob"';
    assert.deepEqual(verdict(method, 'bob', ['alice']), ['refused', reason, 'Role "bob" does not exist.'], method);
    assert.match(String(verdict(method, 'alice', ['alice'])), /^password/);
    assert.match(String(verdict(method, 'bob')), /^password/);
  }
  assert.match(String(verdict('trust', 'alice', ['alice'])), /^admitted/);
  assert.match(String(verdict('reject', 'bob', ['alice'])), /rejects connection/);
  const long = 'n'.repeat(63);
  assert.match(String(verdict('trust', `${long}x`, [long])), /^admitted/);
});

test('a map that ends with an error and a name that only an expression can write stop the search', () => {
  const file = IdentFile.parse('m /^\\/a$ \\1\nm /^\\/a$ b\n', { version: 18 });
  const reason = 'regular expression "^\\/a$" has no subexpressions as requested by backreference in "\\1"';
  assert.deepEqual(matchIdent(file, { map: 'm', systemUser: '/a', pgUser: 'b' }), { kind: 'refused', line: 1, reason });
});

test('the log has the message of the identity before the message of the certificate', () => {
  const hba = HbaFile.parse('hostssl all all all ident clientcert=verify-full\n');
  const connection = { ...tcp, certificate: { subject: 'CN=bob' } };
  const logOf = (systemUser?: string): unknown => {
    const verdict = authenticate({ hba }, { ...connection, ...(systemUser === undefined ? {} : { systemUser }) });
    return verdict.kind === 'refused' ? verdict.log : verdict.kind;
  };
  assert.equal(logOf('carol'), 'provided user name (alice) and authenticated user name (carol) do not match');
  assert.match(String(logOf('alice')), /\(bob\) do not match\n.*CN mismatch$/);
  assert.equal(logOf(), undefined);
});

test('the message of a refused connection has the address as the server writes it', () => {
  const hba = HbaFile.parse('local all all trust\n');
  for (const [address, host] of [
    ['::ffff:0a00:1', '10.0.0.1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
  ]) {
    const verdict = authenticate({ hba }, { ...tcp, address: address! });
    assert.ok(verdict.kind === 'refused');
    assert.ok(verdict.reason.startsWith(`no pg_hba.conf entry for host "${host}", `), verdict.reason);
  }
});

test('the rule of an answer is the object that the file lists, also if a name has an @ inside', () => {
  const file = HbaFile.parse('host all a@b all md5\n');
  const found = matchRule(file, { transport: 'ssl', address: '10.0.0.1', database: 'x', user: 'a@b' });
  assert.ok(found.kind === 'rule' && found.rule === file.rules[0]);
});
