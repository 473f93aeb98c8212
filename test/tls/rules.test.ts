import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { all, HbaFile, type HostRuleInput } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { ruleDiagnostics } from '../../src/tls/plan/rules/rule-diagnostics.ts';
import { certificateRule, ownRules, planRules } from '../../src/tls/plan/rules/rules.ts';
import type { PgMajor } from '../../src/version.ts';
import { bytes, stockHba } from './state.ts';

const user = 'webadmin';
const target = { host: 'db.example.com', port: 5432, user, database: 'app' };
const ours = 'hostssl app webadmin all cert';
const rejecting = 'host all,replication webadmin all reject';

interface Case {
  readonly name: string;
  readonly hba: string;
  /** The expected lines after the plan, with one space between columns. */
  readonly expected: readonly string[];
  readonly rule?: HostRuleInput;
  readonly reject?: boolean;
  /** The expected diagnostics, as `code line`. */
  readonly notes?: readonly string[];
  readonly version?: PgMajor;
  /** The contents of included files, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** The content of pg_ident.conf. */
  readonly ident?: string;
}

const cases: readonly Case[] = [
  {
    name: 'above the first rule that would take the user, and above its comment',
    hba: stockHba,
    expected: [...lines(stockHba).slice(0, 2), ours, ...lines(stockHba).slice(2)],
    notes: [
      'tls-without-certificate 2',
      'tls-without-certificate 4',
      'tls-without-certificate 6',
      'tls-without-certificate 9',
      'tls-without-certificate 10',
    ],
  },
  {
    name: 'with a rule that rejects the rest, only the socket is left to other rules',
    hba: stockHba,
    reject: true,
    expected: [...lines(stockHba).slice(0, 2), ours, rejecting, ...lines(stockHba).slice(2)],
    notes: ['tls-without-certificate 2', 'tls-without-certificate 9'],
  },
  {
    name: 'below the heading of a file',
    hba: '# TYPE DATABASE USER\nhost all all all md5\n',
    expected: ['# TYPE DATABASE USER', ours, 'host all all all md5'],
    notes: ['tls-without-certificate 2'],
  },
  {
    name: 'at the end where nothing is in its way',
    hba: 'local all all peer\nhostnossl all all all md5\nhostgssenc all all all gss\nhost all other all md5\nhost db2 all all md5\nhost replication all all md5',
    expected: [
      'local all all peer',
      'hostnossl all all all md5',
      'hostgssenc all all all gss',
      'host all other all md5',
      'host db2 all all md5',
      'host replication all all md5',
      ours,
    ],
    notes: [
      'tls-without-certificate 1',
      'tls-without-certificate 2',
      // Line 3 gets no diagnostic: no connection reaches it, because the hostnossl rule in line 2 also matches
      // connections with GSS encryption.
      'tls-without-certificate 5',
      'tls-without-certificate 6',
    ],
  },
  {
    name: 'to reject the rest, also above what takes the user without TLS',
    hba: 'hostnossl all all all md5\nhost all other all md5\nhost db2 all all md5\n',
    reject: true,
    expected: [ours, rejecting, 'hostnossl all all all md5', 'host all other all md5', 'host db2 all all md5'],
  },
  {
    name: 'above groups, regular expressions, files of names and included files, whose members are not known',
    hba: 'hostssl all other all md5\nhostssl all +staff all md5\n',
    expected: ['hostssl all other all md5', ours, 'hostssl all +staff all md5'],
    notes: ['tls-without-certificate 2'],
  },
  {
    name: 'above a regular expression',
    hba: 'host all other all md5\nhost sameuser /^web all md5\nhost /^a /^web all md5\n',
    expected: ['host all other all md5', 'host sameuser /^web all md5', ours, 'host /^a /^web all md5'],
    notes: ['tls-without-certificate 2', 'tls-without-certificate 3'],
  },
  {
    name: 'above an included file',
    hba: 'host all other all md5\ninclude more.conf\n',
    expected: ['host all other all md5', ours, 'include more.conf'],
    notes: ['tls-hba-include 2'],
  },
  {
    name: 'above a line whose type a file tells',
    hba: 'host all other all md5\n@more all all all md5\n',
    expected: ['host all other all md5', ours, '@more all all all md5'],
    notes: ['tls-hba-include 2'],
  },
  {
    name: 'above rules that reject some users or databases, which it then precedes',
    hba: 'host all all 127.0.0.1/32 trust\nhost all +staff all reject\nhost "app",/^db all all reject\nhost sameuser all all reject\n',
    expected: [
      ours,
      'host all all 127.0.0.1/32 trust',
      'host all +staff all reject',
      'host "app",/^db all all reject',
      'host sameuser all all reject',
    ],
    notes: ['tls-without-certificate 1', 'tls-before-reject 2', 'tls-before-reject 3'],
  },
  {
    name: 'below rules that reject some, above one that rejects everyone',
    hba: 'host all all 10.0.0.0/8 reject\nhost all other all md5\nhost all all all reject\n',
    expected: ['host all all 10.0.0.0/8 reject', 'host all other all md5', ours, 'host all all all reject'],
    notes: ['tls-behind-reject 1', 'tls-before-reject 3'],
  },
  {
    name: 'to reject the rest, above one that rejects everyone',
    hba: 'host all all 10.0.0.0/8 reject\nhostnossl all all all reject\nhost all all all reject\n',
    reject: true,
    expected: [
      'host all all 10.0.0.0/8 reject',
      'hostnossl all all all reject',
      ours,
      rejecting,
      'host all all all reject',
    ],
    notes: ['tls-behind-reject 1', 'tls-before-reject 3'],
  },
  {
    name: 'above a rule that would take the user before a rejecting one, which it then precedes, too',
    hba: 'host all all 127.0.0.1/32 trust\nhost all all 10.0.0.0/8 reject\nhost all all 0.0.0.0/0 reject\n',
    expected: [
      ours,
      'host all all 127.0.0.1/32 trust',
      'host all all 10.0.0.0/8 reject',
      'host all all 0.0.0.0/0 reject',
    ],
    notes: ['tls-without-certificate 1', 'tls-before-reject 2', 'tls-before-reject 3'],
  },
  {
    name: 'above rejections that leave nothing together, below those that leave something',
    hba: 'hostssl app all 0.0.0.0/1 reject\nhostssl app all 128.0.0.0/1 reject\nhost all all all md5\n',
    expected: ['hostssl app all 0.0.0.0/1 reject', ours, 'hostssl app all 128.0.0.0/1 reject', 'host all all all md5'],
    notes: ['tls-behind-reject 1', 'tls-before-reject 2', 'tls-without-certificate 3'],
  },
  {
    name: 'to reject the rest, above a rejection of its own connections alone',
    hba: 'hostssl app all all reject\nhost all all all md5\n',
    reject: true,
    expected: [ours, rejecting, 'hostssl app all all reject', 'host all all all md5'],
    notes: ['tls-before-reject 1'],
  },
  {
    name: 'a rule that no connection reaches lets nobody in',
    hba: 'host all all all scram-sha-256\nhost all all 10.0.0.0/8 trust\nlocal all all peer\nlocal app all trust\n',
    expected: [
      ours,
      'host all all all scram-sha-256',
      'host all all 10.0.0.0/8 trust',
      'local all all peer',
      'local app all trust',
    ],
    notes: ['tls-without-certificate 1', 'tls-without-certificate 3'],
  },
  {
    name: 'included files and files of names are read',
    hba: 'include more.conf\nhost all @users all md5\n@type all all all md5\n',
    files: { 'more.conf': 'host all other all md5\n# ours\nlocal all all peer\n', users: 'alice bob', type: 'hostssl' },
    expected: ['include more.conf', 'host all @users all md5', ours, '@type all all all md5'],
    notes: ['tls-without-certificate more.conf:3', 'tls-without-certificate 3'],
  },
  {
    name: 'above an included file that lets the user in',
    hba: 'host all other all md5\ninclude more.conf\n',
    files: { 'more.conf': 'host all all all reject\nhost all all all md5\n' },
    expected: ['host all other all md5', ours, 'include more.conf'],
    notes: ['tls-before-reject more.conf:1'],
  },
  {
    name: 'there already, in another spelling and place that will do',
    hba: 'hostssl "app"  "webadmin" all cert # ours\nhost all all all md5\n',
    expected: ['hostssl "app" "webadmin" all cert # ours', 'host all all all md5'],
    notes: ['tls-without-certificate 2'],
  },
  {
    name: 'there already, but behind a rule that takes its connections',
    hba: 'host all all all md5\nhostssl app webadmin all cert\n',
    expected: [ours, 'host all all all md5', 'hostssl app webadmin all cert'],
    notes: ['tls-without-certificate 1'],
  },
  {
    name: 'both there already',
    hba: `${ours}\n${rejecting}\nhost all all all md5\n`,
    reject: true,
    expected: [ours, rejecting, 'host all all all md5'],
  },
  {
    name: 'to reject what an earlier plan left alone',
    hba: `${ours}\nhost all all all md5\n`,
    reject: true,
    expected: [ours, rejecting, 'host all all all md5'],
  },
  {
    name: 'a way in of an earlier plan to another database, which the new rejection ends',
    hba: `hostssl db2 webadmin all cert\n${rejecting}\nhost all all all md5\n`,
    reject: true,
    expected: [ours, rejecting, 'hostssl db2 webadmin all cert', rejecting, 'host all all all md5'],
    notes: ['tls-way-in-ends 1'],
  },
  {
    name: 'a narrower address than that of an earlier plan, which ends the rest of it',
    hba: `${ours}\n${rejecting}\n`,
    rule: certificateRule(18, user, 'app', { address: '10.0.0.0/8' }),
    reject: true,
    expected: ['hostssl app webadmin 10.0.0.0/8 cert', rejecting, ours, rejecting],
    notes: ['tls-way-in-ends 1'],
  },
  {
    name: 'ways in that name the user in included files end, too',
    hba: 'include more.conf\n',
    files: { 'more.conf': 'hostssl db3 all all cert\nhostssl db2 @users all cert\n', users: 'bob webadmin' },
    reject: true,
    expected: [ours, rejecting, 'include more.conf'],
    notes: ['tls-way-in-ends more.conf:2'],
  },
  {
    name: 'a rejection ends ways in without a certificate, and for all users, as the caller asks',
    hba: 'host app webadmin 10.0.0.0/8 md5\nhostssl app webadmin 10.0.0.0/8 cert\nhostssl all all all cert\n',
    reject: true,
    expected: [
      ours,
      rejecting,
      'host app webadmin 10.0.0.0/8 md5',
      'hostssl app webadmin 10.0.0.0/8 cert',
      'hostssl all all all cert',
    ],
  },
  {
    name: 'a password beside the certificate, bound to the name',
    hba: '',
    rule: certificateRule(12, user, 'app', { databases: [all], address: '0.0.0.0/0', password: 'scram-sha-256' }),
    version: 12,
    expected: ['hostssl all webadmin 0.0.0.0/0 scram-sha-256 clientcert=verify-full'],
  },
  {
    name: 'a password beside the certificate, which 11 does not bind to the name',
    hba: '',
    rule: certificateRule(11, user, 'app', { password: 'md5' }),
    version: 11,
    expected: ['hostssl app webadmin all md5 clientcert=1'],
    notes: ['tls-name-not-bound 1'],
  },
  {
    name: 'other rules that demand a certificate are not announced',
    hba: 'hostssl all all all md5 clientcert=verify-full\nhostssl all all all cert\nhost all all all md5\n',
    expected: [
      ours,
      'hostssl all all all md5 clientcert=verify-full',
      'hostssl all all all cert',
      'host all all all md5',
    ],
    notes: ['tls-without-certificate 3'],
  },
  {
    name: 'rules that take the certificate of somebody else, by no name or by a map',
    hba: [
      'hostssl db1 all all trust clientcert=verify-ca',
      'hostssl db2 all all md5 clientcert=verify-ca',
      'hostssl db3 all all cert map=open',
      'hostssl db4 all all cert map=own',
      'hostssl db5 all all cert map=unknown',
      'hostssl db6 all all cert map=suffix',
    ].join('\n'),
    ident: [
      'open bob webadmin',
      'own webadmin webadmin',
      'own bob carol',
      'own /^(.*)$ other-\\1',
      'suffix /^(.*)@example$ \\1',
    ].join('\n'),
    reject: false,
    expected: [
      'hostssl db1 all all trust clientcert=verify-ca',
      'hostssl db2 all all md5 clientcert=verify-ca',
      'hostssl db3 all all cert map=open',
      'hostssl db4 all all cert map=own',
      'hostssl db5 all all cert map=unknown',
      'hostssl db6 all all cert map=suffix',
      ours,
    ],
    notes: ['tls-other-certificate 1', 'tls-other-certificate 2', 'tls-other-certificate 3', 'tls-other-certificate 6'],
  },
  {
    name: 'a rule for TLS alone that is wholly behind the new one',
    hba: 'hostssl app all all md5\nhostssl db2 all all md5\n',
    expected: [ours, 'hostssl app all all md5', 'hostssl db2 all all md5'],
    notes: ['tls-without-certificate 2'],
  },
];

for (const { name, hba, expected, rule, reject = false, notes = [], version = 18, files, ident = '' } of cases) {
  test(name, () => {
    const readers = files && { readFile: (path: string) => bytes(files[path]!) };
    const file = HbaFile.parse(hba, { version, ...readers });
    const wanted = rule ?? certificateRule(version, user, 'app');
    const planned = planRules(file, { user, wanted: [wanted], exceptions: [], rejects: reject === true })[0]!;
    assert.deepEqual(lines(planned.file.toString()), expected.map(squeeze));
    assert.equal(planned.main.method, wanted.method);
    assert.ok(planned.file.entries.includes(planned.main));
    const password = wanted.method === 'cert' ? {} : { password: 'md5' as const };
    const maps = IdentFile.parse(ident, { version });
    const settings = ConfTree.read({ main: ConfFile.parse('', { version }) });
    const found = ruleDiagnostics(file, planned, {
      path: '/hba',
      target,
      rule: password,
      maps,
      settings,
      own: ownRules(planned),
    });
    assert.deepEqual(
      found.map(({ code, file: path, range }) => `${code} ${path === '/hba' ? '' : `${path}:`}${range.start.line}`),
      notes,
    );
    // A second plan changes nothing, and has the same diagnostics.
    const again = planRules(planned.file, { user, wanted: [wanted], exceptions: [], rejects: reject === true })[0]!;
    assert.equal(again.file, planned.file);
  });
}

test('a rule for a user whose name is a keyword or a pattern is only for that name', () => {
  for (const name of ['all', '+staff', '@file', '/^a', 'a b', 'a,b', 'a"b', 'zoë']) {
    const wanted = { user: name, wanted: [certificateRule(18, name, name)], exceptions: [], rejects: true };
    const { file, main } = planRules(HbaFile.parse(stockHba), wanted)[0]!;
    assert.deepEqual([main.users, main.databases], [[name], [name]]);
    assert.deepEqual(
      file.diagnostics.filter(({ severity }) => severity === 'error'),
      [],
    );
  }
});

function lines(text: string): string[] {
  return text
    .split('\n')
    .slice(0, text.endsWith('\n') ? -1 : undefined)
    .map(squeeze);
}

function squeeze(line: string): string {
  return line.startsWith('#') ? line : line.replace(/\s+/g, ' ');
}
