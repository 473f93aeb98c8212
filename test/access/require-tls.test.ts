import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Connection,
  matchRule,
  type RequireTlsOptions,
  requireTls,
  type TlsScope,
} from '../../src/access/index.ts';
import { HbaFile, type HbaRule } from '../../src/hba/index.ts';
import { isError } from '../../src/text/diagnostic.ts';
import { runs, seed } from '../property.ts';
import { files } from './generate.ts';
import { holds, names, networks, type Point, universe, winners } from './universe.ts';

function some<T>(values: readonly T[]): fc.Arbitrary<T[]> {
  return fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
}

const scopes: fc.Arbitrary<TlsScope> = fc.record(
  {
    from: some(networks.filter((network) => network !== 'all' && !network.includes(' '))),
    databases: some(names),
    users: some(names),
    replication: fc.constantFrom('physical' as const, 'none' as const),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const options: fc.Arbitrary<RequireTlsOptions> = fc.constantFrom(
  { level: 'tls' },
  { level: 'tls', keepGss: true },
  { level: 'certificate' },
  { level: 'certificate', certificate: 'verify-ca' },
);

test('with the new file, no connection of the scope gets in below the level, and no other connection changes', (t) => {
  const numRuns = runs(200);
  const counts = { unchanged: 0, changed: 0, impossible: 0, 'file-refused': 0, refused: 0 };
  const check = (text: string, scope: TlsScope, how: RequireTlsOptions): void => {
    const file = HbaFile.parse(text);
    const required = requireTls(file, scope, how);
    counts[required.outcome] += 1;
    if (required.outcome === 'impossible') {
      assert.equal(required.file, file);
      assert.ok(required.blockedBy.length > 0);
      return;
    }
    const [before, after] = [winners(file.rules), winners(required.file.rules)];
    for (const [i, point] of universe.entries()) {
      const was = file.rules[before[i]!];
      const is = required.file.rules[after[i]!];
      if (isBelow(point, scope, how, was)) {
        counts.refused += 1;
        const refuses = is === undefined || is.method === 'reject' || (point.transport === 'ssl' && demands(is));
        assert.ok(refuses, `${JSON.stringify(point)}\n${text}\n${required.file}`);
        if (point.transport === 'ssl') assert.equal(is!.method, was!.method);
      } else assert.equal(shown(is), shown(was), `${JSON.stringify(point)}\n${text}\n${required.file}`);
    }
    assert.equal(requireTls(required.file, scope, how).file, required.file);
  };
  fc.assert(fc.property(files(), scopes, options, check), { numRuns, seed });
  t.diagnostic(`${numRuns} files, ${universe.length} connections each, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.changed > 0 && counts.unchanged > 0 && counts.refused > 0);
});

test('a server without TLS would refuse everybody, and the result says so', () => {
  const file = HbaFile.parse('host all all all md5\n', { server: { ssl: false } });
  assert.deepEqual(requireTls(file, {}, { level: 'tls' }), {
    file,
    outcome: 'impossible',
    added: [],
    because: 'ssl-off',
    blockedBy: [],
    diagnostics: [],
  });
});

test('a server without a CA file would refuse everybody who must show a certificate, and the result says so', () => {
  const file = HbaFile.parse('hostssl all all all md5\n', { server: { ssl: true, sslCa: false } });
  const required = requireTls(file, {}, { level: 'certificate' });
  assert.deepEqual([required.outcome, required.because, required.file], ['impossible', 'ca-missing', file]);
  assert.equal(requireTls(file, {}, { level: 'tls' }).outcome, 'unchanged');
});

function demands(rule: HbaRule): boolean {
  return rule.options.some(({ name }) => name === 'clientcert');
}

/**
 * Returns the method and the options of the deciding rule. If no rule or a `reject` rule matches, returns `refused`,
 * because the client is refused in both cases.
 */
function shown(rule: HbaRule | undefined): string {
  return rule === undefined || rule.method === 'reject' ? 'refused' : `${rule.method} ${JSON.stringify(rule.options)}`;
}

/** Returns whether a connection of the scope is let in without the TLS or the certificate that the level requires. */
function isBelow(
  point: Point,
  scope: TlsScope,
  { level, keepGss = false }: RequireTlsOptions,
  rule: HbaRule | undefined,
): boolean {
  const { from, databases, users, replication } = scope;
  const isPhysical = point.replication === 'physical';
  const isInScope =
    point.address !== undefined &&
    from?.some((network) => holds(network, point.address!)) !== false &&
    (databases === undefined || (!isPhysical && databases.includes(point.database))) &&
    users?.includes(point.user) !== false &&
    (replication === undefined || (replication === 'physical') === isPhysical);
  if (!isInScope || rule === undefined || rule.method === 'reject') return false;
  if (point.transport === 'plain') return true;
  if (point.transport === 'gss') return !(keepGss && level === 'tls');
  return level === 'certificate' && !demands(rule);
}

test('an included file that was not read counts as a file that lets connections in', () => {
  const file = HbaFile.parse('local all all peer\ninclude more.conf\n', { version: 16 });
  const required = requireTls(file, {}, { level: 'tls' });
  assert.match(required.file.toString(), /peer\nhostnossl all,replication all +all +reject\ninclude more.conf\n$/);
  assert.equal(requireTls(required.file, {}, { level: 'tls' }).outcome, 'unchanged');
  const { outcome, blockedBy } = requireTls(file, {}, { level: 'certificate' });
  assert.deepEqual([outcome, blockedBy], ['impossible', [{ rule: undefined, line: 2 }]]);
});

test('rules of an included file, of a role and of an @file are copied above their line as written', () => {
  const readFile = (path: string): Uint8Array =>
    new TextEncoder().encode(path.endsWith('words') ? 'a b\n' : 'host a all all reject\nhost all all all md5\n');
  const options = { version: 16, file: '/pg_hba.conf', readFile } as const;
  const facts = { roles: ['a', 'g'], memberOf: (user: string) => user === 'a' };
  const how = { level: 'certificate', facts } as const;
  const tree = requireTls(HbaFile.parse('include more.conf\n', options), {}, how);
  const words = requireTls(HbaFile.parse('hostssl all +g,@words all md5\n', options), {}, how);
  const shown = [tree, words].map(({ file }) => file.toString().replaceAll(/ +/g, ' ').split('\n'));
  assert.deepEqual(shown, [
    [
      'hostnossl all,replication all all reject',
      'hostssl a all all reject',
      'hostssl all all all md5 clientcert=verify-full',
      'include more.conf',
      '',
    ],
    ['hostssl all +g,@words all md5 clientcert=verify-full', 'hostssl all +g,@words all md5', ''],
  ]);
  assert.equal(requireTls(tree.file, {}, how).outcome, 'unchanged');
});

test('copies no secret of an included file or of an @file into the main file', () => {
  const secret = 'host all all all ldap ldapserver=x ldapbasedn=y ldapbinddn=z ldapbindpasswd=hunter2\n';
  const files: Readonly<Record<string, string>> = {
    '/more.conf': `local all all peer\n${secret}`,
    '/url.conf': 'host all all all ldap ldapurl="ldap://z:hunter2@x/y"\n',
    '/shared.conf': 'host all all all radius radiusservers=x radiussecrets=hunter2\n',
    '/options': 'ldapserver=x ldapbasedn=y ldapbindpasswd=hunter2\n',
  };
  const readFile = (path: string): Uint8Array => new TextEncoder().encode(files[path]);
  const options = { version: 18, file: '/pg_hba.conf', readFile } as const;
  const blocked = (text: string, how: RequireTlsOptions): unknown => {
    const { outcome, because, added, blockedBy } = requireTls(HbaFile.parse(text, options), {}, how);
    return [outcome, because, added.length, blockedBy.map(({ file, line }) => `${file} ${line}`)];
  };
  const certificate = { level: 'certificate' } as const;
  for (const [text, place] of [
    ['include more.conf\n', '/more.conf 2'],
    ['include shared.conf\n', '/shared.conf 1'],
    ['host all all all ldap @options\n', '/pg_hba.conf 1'],
  ] as const) {
    assert.deepEqual(blocked(text, certificate), ['impossible', 'secret', 0, [place]]);
  }
  assert.deepEqual(blocked('include more.conf\n', { level: 'tls', keepGss: true }), [
    'impossible',
    'secret',
    0,
    ['/more.conf 2'],
  ]);
  // With level `tls`, the inserted `reject` rules contain no secret. A line of the main file can be copied, because its
  // secret is in the main file already.
  assert.deepEqual(blocked('include more.conf\n', { level: 'tls' }), ['changed', undefined, 1, []]);
  assert.deepEqual(blocked(secret, certificate), ['changed', undefined, 2, []]);
});

test('with db_user_namespace, no inserted rule can match the users of a scope', () => {
  const server = { dbUserNamespace: true };
  const file = HbaFile.parse('host all all all trust\n', { version: 16, server });
  const scope = { users: ['alice'], databases: ['app'] };
  const { outcome, because, blockedBy } = requireTls(file, scope, { level: 'tls' });
  assert.deepEqual([outcome, because, blockedBy.map(({ line }) => line)], ['impossible', 'rules', [1]]);
  assert.equal(requireTls(file, {}, { level: 'tls' }).outcome, 'changed');
});

test('rejects a keepGss that is not a boolean', () => {
  const options = { level: 'tls', keepGss: 'no' } as unknown as RequireTlsOptions;
  assert.throws(() => requireTls(HbaFile.parse('host all all all md5\n'), {}, options), { code: 'argument-invalid' });
});

test('changes nothing in a file that the server refuses', () => {
  const file = HbaFile.parse('hots all all all md5\n');
  const { outcome, because, diagnostics } = requireTls(file, {}, { level: 'tls' });
  assert.deepEqual([outcome, because], ['file-refused', undefined]);
  assert.deepEqual(diagnostics, file.diagnostics.filter(isError));
});

test('does not demand that a major version checks the name if that version cannot', () => {
  const file = HbaFile.parse('hostssl all all all md5\n', { version: 11 });
  const demanded = (certificate?: 'verify-ca'): string =>
    requireTls(file, {}, { level: 'certificate', ...(certificate && { certificate }) }).file.toString();
  assert.equal(demanded(), demanded('verify-ca'));
  assert.match(demanded(), /clientcert=1/);
  assert.throws(() => requireTls(file, {}, { level: 'certificate', certificate: 'verify-full' }), {
    code: 'argument-invalid',
  });
});

test('rejects an option that would have no effect with the level', () => {
  const file = HbaFile.parse('host all all all md5\n');
  assert.throws(() => requireTls(file, {}, { level: 'certificate', keepGss: true }), { code: 'argument-invalid' });
  assert.throws(() => requireTls(file, {}, { level: 'tls', certificate: 'verify-ca' }), { code: 'argument-invalid' });
  assert.equal(requireTls(file, {}, { level: 'certificate', keepGss: false }).outcome, 'changed');
});

const fileTexts: Readonly<Record<string, string>> = {
  '/d/dbs': 'replication\napp\n',
  '/d/apps': 'app\nother\n',
  '/d/users': 'standby\napp\n',
};
const writtenRules = fc
  .tuple(
    fc.constantFrom('host', 'hostssl', 'hostnossl'),
    fc.constantFrom(
      'all',
      'replication',
      '@dbs',
      '@apps',
      'app',
      'app,replication',
      'replication,@dbs',
      '@missing,app',
    ),
    fc.constantFrom('all', '@users', 'standby', 'app'),
    fc.constantFrom(
      ...['all', '10.0.0.0/8', '10.1/16', '10/8', '127.1/32', '0x0a.1.2.3 255.255.0.0', '10.1.2.3 255.255', '*'],
      ...[
        '10.0.0.7 255.0.0.255',
        '::ffff:10.0.0.0/104',
        'fe80::1%1/64',
        'db.example.com',
        '.example.com',
        '"samehost"',
      ],
    ),
    fc.constantFrom('scram-sha-256', 'trust', 'reject', 'cert', 'md5 clientcert=verify-ca'),
  )
  .map(([type, ...columns]) => `${type} ${columns.join(' ')}\n`);
const connections = ['10.0.0.1', '10.1.2.3', '0.0.0.10', '127.0.0.1', '192.0.2.1'].flatMap((address) =>
  (['plain', 'ssl'] as const).flatMap((transport) =>
    ['standby', 'app'].flatMap((user): readonly Connection[] => [
      { address, transport, user, replication: 'physical' },
      ...['app', 'other', 'third'].map((database) => ({ address, transport, user, database })),
    ]),
  ),
);

test('any spelling of an address or a database gets a copy, or blocks, and other connections keep their rule', (t) => {
  const numRuns = runs(300);
  const counts: Record<string, number> = {};
  const readFile = (path: string): Uint8Array | undefined =>
    fileTexts[path] === undefined ? undefined : new TextEncoder().encode(fileTexts[path]);
  const check = (lines: readonly string[], scope: TlsScope): void => {
    const parse = (text: string): HbaFile =>
      HbaFile.parse(text, { version: 18, file: '/d/pg_hba.conf', readFile: readFile as (path: string) => Uint8Array });
    const file = parse(lines.join(''));
    fc.pre(!file.diagnostics.some(isError));
    const required = requireTls(file, scope, { level: 'certificate' });
    counts[required.outcome] = (counts[required.outcome] ?? 0) + 1;
    const after = parse(required.file.toString());
    assert.deepEqual(after.diagnostics.filter(isError), []);
    const decidedBy = (asked: HbaFile, connection: Connection): string | undefined => {
      const match = matchRule(asked, connection, { hostNames: [], interfaces: [], memberOf: () => false });
      if (match.kind === 'unknown') return undefined;
      const { rule } = match.kind === 'rule' ? match : {};
      return JSON.stringify(rule === undefined ? ['reject'] : [rule.method, ...(rule.options ?? [])]);
    };
    for (const connection of connections) {
      const isIn =
        (scope.replication ?? connection.replication ?? 'none') === (connection.replication ?? 'none') &&
        (scope.users?.includes(connection.user) ?? true) &&
        (scope.databases === undefined ||
          (connection.replication === undefined && scope.databases.includes(connection.database!)));
      const [was, is] = [decidedBy(file, connection), decidedBy(after, connection)];
      const shown = JSON.stringify({ connection, scope, was, is, text: required.file.toString() });
      if (!isIn) assert.equal(is, was, shown);
      else if (required.outcome !== 'impossible' && is !== undefined)
        assert.match(is, connection.transport === 'plain' ? /reject/ : /reject|cert/, shown);
    }
  };
  const scope = fc.record<TlsScope>(
    {
      databases: fc.constantFrom(['app'], ['app', 'third']),
      users: fc.constantFrom(['standby'], ['app']),
      replication: fc.constantFrom('none', 'none', 'physical'),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  fc.assert(fc.property(fc.array(writtenRules, { minLength: 1, maxLength: 3 }), scope, check), { numRuns, seed });
  t.diagnostic(`${numRuns} files, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.changed! > 0 && counts.impossible! > 0);
});

test('an address that a new rule cannot contain is copied as the server reads it', () => {
  const required = (address: string) => {
    const file = HbaFile.parse(`hostssl all all ${address} md5\n`, { version: 12 });
    return requireTls(file, {}, { level: 'certificate' });
  };
  for (const [address, shown] of [
    ['10/8', '0.0.0.0/8'],
    ['127.1/32', '127.0.0.1/32'],
    ['10.0.0.7/8', '10.0.0.7/8'],
  ] as const) {
    assert.match(required(address).added[0]!.text, new RegExp(` ${shown} +md5 clientcert=verify-full`), address);
  }
  const impossible = required('*');
  assert.deepEqual([impossible.outcome, impossible.because, impossible.blockedBy[0]?.line], ['impossible', 'rules', 1]);
});

test('a copy for a scope without replication names the databases of an @file that contains replication', () => {
  const required = (text: string, scope: TlsScope, read = true) => {
    const readFile = (path: string): Uint8Array => new TextEncoder().encode(fileTexts[path]);
    const options = { version: 18, file: '/d/pg_hba.conf', ...(read ? { readFile } : {}) } as const;
    const result = requireTls(HbaFile.parse(text, options), scope, { level: 'certificate' });
    return result.outcome === 'changed' ? result.added.map((rule) => rule.text) : result.because;
  };
  const rule = (databases: string): string => `hostssl ${databases} standby all scram-sha-256\n`;
  const copy = (databases: string): string[] => [rule(databases).replace('\n', ' clientcert=verify-full\n')];
  const none: TlsScope = { replication: 'none' };
  const texts = (found: string | readonly string[] | undefined) =>
    typeof found === 'object' ? found.map((text) => text.replace(/ +/g, ' ')) : found;
  assert.deepEqual(texts(required(rule('@dbs'), none)), copy('app'));
  assert.deepEqual(texts(required(rule('replication,@dbs'), none)), copy('app'));
  assert.deepEqual(texts(required(rule('@apps'), none)), copy('@apps'));
  assert.deepEqual(texts(required(rule('@dbs'), {})), copy('@dbs'));
  assert.deepEqual(texts(required(rule('@dbs'), none, false)), 'rules');
});
