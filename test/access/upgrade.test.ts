import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkUpgrade, lintAccess } from '../../src/access/index.ts';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { renderDiagnostic } from '../../src/text/diagnostic.ts';
import type { PgMajor } from '../../src/version.ts';
import { withFix } from '../hba/with-fix.ts';

interface Case {
  readonly name: string;
  readonly from: PgMajor;
  readonly to: PgMajor;
  readonly hba?: string;
  readonly ident?: string;
  readonly conf?: string;
  readonly codes: readonly string[];
  /** The text of the file after all fixes of the diagnostics were applied. */
  readonly fixed?: string;
}

const anyRule = 'local all all peer\n';

const cases: readonly Case[] = [
  {
    name: 'clientcert=1 is refused by 14',
    from: 13,
    to: 14,
    hba: 'hostssl all all all scram-sha-256 clientcert=1\n',
    codes: ['upgrade-refused'],
    fixed: 'hostssl all all all scram-sha-256 clientcert=verify-ca\n',
  },
  {
    name: 'clientcert=1 beside method cert is refused by 14',
    from: 13,
    to: 14,
    hba: 'hostssl all all all cert clientcert=1\n',
    codes: ['upgrade-refused'],
    fixed: 'hostssl all all all cert clientcert=verify-full\n',
  },
  {
    name: 'a clientcert that asks for nothing is refused by 14',
    from: 13,
    to: 14,
    hba: 'hostssl all all all md5 clientcert=no-verify # x\n',
    codes: ['upgrade-refused'],
    fixed: 'hostssl all all all md5 # x\n',
  },
  {
    name: 'of several values of clientcert the last one is kept',
    from: 13,
    to: 14,
    hba: 'hostssl all "x clientcert=1" all md5 clientcert=0,clientcert=1\nhostssl all all all md5 clientcert=1,clientcert=0\n',
    codes: ['upgrade-refused', 'upgrade-refused'],
    fixed: 'hostssl all "x clientcert=1" all md5 clientcert=verify-ca\nhostssl all all all md5\n',
  },
  {
    name: 'a value that 11 takes for none and 12 refuses has no fix',
    from: 11,
    to: 12,
    hba: 'hostssl all all all md5 clientcert=on\n',
    codes: ['upgrade-refused'],
    fixed: 'hostssl all all all md5 clientcert=on\n',
  },
  {
    name: 'a refused line with a fix hides no change of another line',
    from: 13,
    to: 16,
    hba: 'hostssl b all all md5 clientcert=1\nhost all /app 10.0.0.0/8 md5\n',
    codes: ['upgrade-refused', 'upgrade-meaning', 'upgrade-access'],
    fixed: 'hostssl b all all md5 clientcert=verify-ca\nhost all /^\\/app$ 10.0.0.0/8 md5\n',
  },
  {
    name: 'a rule of several physical lines is replaced as a whole',
    from: 15,
    to: 16,
    hba: 'host all /app 10.0.0.0/8 \\\n  md5\n',
    codes: ['upgrade-meaning', 'upgrade-access'],
    fixed: 'host all /^\\/app$ 10.0.0.0/8 \\\n  md5\n',
  },
  {
    name: 'a comment that ends in a backslash hides the next line from 14 on',
    from: 13,
    to: 14,
    hba: '# C:\\\nhost all all 10.0.0.0/8 md5\nhost all all all reject\n',
    codes: ['upgrade-meaning', 'upgrade-access'],
    fixed: '# C:\\ \nhost all all 10.0.0.0/8 md5\nhost all all all reject\n',
  },
  {
    name: 'a comment that hides the only rule is refused, and its fix brings the rule back',
    from: 13,
    to: 14,
    hba: '# C:\\\nhost all all 10.0.0.0/8 md5\n',
    codes: ['upgrade-refused'],
    fixed: '# C:\\ \nhost all all 10.0.0.0/8 md5\n',
  },
  {
    name: 'each of several rules in a row whose comments end in a backslash hides the next line',
    from: 13,
    to: 14,
    hba: 'local x all trust # a\\\nlocal y all trust # b\\\nlocal z all md5 # c\\\nlocal all all reject\n',
    codes: [...['upgrade-meaning', 'upgrade-meaning', 'upgrade-meaning'], ...['upgrade-access', 'upgrade-access']],
    fixed: 'local x all trust # a\\ \nlocal y all trust # b\\ \nlocal z all md5 # c\\ \nlocal all all reject\n',
  },
  {
    name: 'each of several mappings in a row whose comments end in a backslash hides the next line',
    from: 13,
    to: 14,
    ident: 'm x bob # a\\\nm y bob # b\\\nm root alice\n',
    codes: ['upgrade-meaning', 'upgrade-meaning'],
    fixed: 'm x bob # a\\ \nm y bob # b\\ \nm root alice\n',
  },
  {
    name: 'a mapping that ends in a backslash takes the next mapping with it from 14 on',
    from: 13,
    to: 14,
    ident: 'm a /a \\\nm /a "all" \\\nm b c\n',
    codes: ['upgrade-meaning', 'upgrade-meaning'],
    fixed: 'm a /a \\ \nm /a "all" \\ \nm b c\n',
  },
  {
    name: 'a line that the fix of another line brings back is compared as well',
    from: 13,
    to: 16,
    ident: 'm a b \\\nm a all\n',
    codes: ['upgrade-meaning', 'upgrade-meaning', 'upgrade-meaning'],
    fixed: 'm a b \\ \nm a "all"\n',
  },
  {
    name: 'a user that begins with a slash is a regular expression from 16 on',
    from: 15,
    to: 16,
    hba: 'host all /app 10.0.0.0/8 md5\n',
    codes: ['upgrade-meaning', 'upgrade-access'],
    fixed: 'host all /^\\/app$ 10.0.0.0/8 md5\n',
  },
  {
    name: 'radius is gone in 19',
    from: 18,
    to: 19,
    hba: 'host all a 10.0.0.0/8 radius radiusservers=10.0.0.1 radiussecrets=x # old\nhost all all all trust\n',
    codes: ['upgrade-refused'],
    fixed: 'host all a 10.0.0.0/8 reject # old\nhost all all all trust\n',
  },
  {
    name: 'all in pg_ident.conf is a keyword from 16 on',
    from: 15,
    to: 16,
    ident: 'm a all\n',
    codes: ['upgrade-meaning'],
    fixed: 'm a "all"\n',
  },
  {
    name: 'a plus in pg_ident.conf stands for members from 16 on',
    from: 15,
    to: 16,
    ident: 'm a +b\n',
    codes: ['upgrade-meaning'],
    fixed: 'm a "+b"\n',
  },
  {
    name: 'each \\1 is replaced from 19 on',
    from: 18,
    to: 19,
    ident: 'm /^(.*)$ \\1_\\1\n',
    codes: ['upgrade-meaning'],
  },
  {
    name: 'a number that 11 cuts off is rounded from 12 on',
    from: 11,
    to: 12,
    conf: "authentication_timeout = '1500ms'\nshared_buffers = '1MB'\n",
    codes: ['upgrade-setting'],
  },
  { name: 'a setting that is gone', from: 16, to: 17, conf: 'db_user_namespace = off\n', codes: ['upgrade-setting'] },
  {
    name: 'a file that stays the same',
    from: 12,
    to: 18,
    hba: anyRule,
    ident: 'm a b\n',
    conf: 'ssl = on\n',
    codes: [],
  },
];

for (const { name, from, to, hba = anyRule, ident, conf, codes, fixed } of cases) {
  test(name, () => {
    const input = {
      hba: HbaFile.parse(hba, { version: from }),
      ...(ident === undefined ? {} : { ident: IdentFile.parse(ident, { version: from }) }),
      ...(conf === undefined ? {} : { conf: ConfTree.read({ main: ConfFile.parse(conf, { version: from }) }) }),
    };
    const diagnostics = checkUpgrade(input, from, to);
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      codes,
      JSON.stringify(diagnostics, undefined, 1),
    );
    const fixedText = diagnostics.reduceRight(
      (text, { fix }) => (fix === undefined ? text : withFix(text, fix)),
      ident ?? hba,
    );
    if (fixed !== undefined) assert.equal(fixedText, fixed);
  });
}

test('GSS encryption, which only 12 and newer offer, is no change of access', () => {
  const stock = [
    ...['local all all peer', 'host all all 127.0.0.1/32 md5', 'host all all ::1/128 md5'],
    ...['local replication all peer', 'host replication all 127.0.0.1/32 md5', 'host replication all ::1/128 md5'],
    ...['hostnossl app all 10.0.0.0/8 reject', 'hostssl app all 10.0.0.0/8 md5', 'host all all all reject'],
  ].join('\n');
  for (const [from, to] of [
    [9.6, 18],
    [10, 14],
    [11, 12],
    [12, 11],
  ] as const) {
    assert.deepEqual(checkUpgrade(HbaFile.parse(`${stock}\n`, { version: from }), from, to), []);
  }
  const [found, ...others] = checkUpgrade(HbaFile.parse('hostnossl /app all all trust\n', { version: 11 }), 11, 19)
    .filter(({ code }) => code === 'upgrade-access')
    .map(({ message }) => message);
  assert.match(found!, / without encryption\./);
  assert.equal(others.length, 0);
  const later = checkUpgrade(HbaFile.parse('hostgssenc all /app all trust\n', { version: 12 }), 12, 19);
  assert.match(later.at(-1)!.message, / with GSS encryption\./);
});

test('checkUpgrade says may for a change that is only possible, and names no example if no example was found', () => {
  const messages = (text: string): readonly string[] =>
    checkUpgrade(HbaFile.parse(text, { version: 15 }), 15, 16)
      .filter(({ code }) => code === 'upgrade-access')
      .map(({ message }) => message);
  const later = 'host all all all trust\n';
  const [former, ofRegex] = messages(`host all /^[[:alpha:]]x all reject\n${later}`);
  assert.match(former!, /^PostgreSQL 16 may let in connections that PostgreSQL 15 refuses or asks for more proof\./);
  assert.match(
    ofRegex!,
    /^PostgreSQL 16 may refuse connections that PostgreSQL 15 lets in, or ask them for more proof\. Example: User "/,
  );
  const [ofPam] = messages(`host all /^[[:alpha:]]x all pam\nhost all all all scram-sha-256\n`);
  assert.match(ofPam!, /^PostgreSQL 16 may ask connections for another proof than PostgreSQL 15\./);
  assert.match(
    messages(`host all /^x all reject\n${later}`)[1]!,
    /^PostgreSQL 16 refuses connections that PostgreSQL 15 lets in, or asks them for more proof\. Example: User "x/,
  );
  assert.equal(
    messages(`host all /^x all trust\nhost all +g all reject\n${later}`)[0],
    'PostgreSQL 16 may refuse connections that PostgreSQL 15 lets in, or ask them for more proof. Correct the rule if this is not meant',
  );
});

test('a message names the changed name and how to keep it', () => {
  const messages = (hba: string, ident: string): string[] =>
    checkUpgrade({ hba: HbaFile.parse(hba, { version: 15 }), ident: IdentFile.parse(ident, { version: 15 }) }, 15, 16)
      .filter(({ code }) => code === 'upgrade-meaning')
      .map(({ message }) => message);
  assert.deepEqual(messages('host all a,/app 10.0.0.0/8 md5\n', 'm a all\nm b "/b c"\n'), [
    'PostgreSQL 16 reads the name "/app" as a regular expression. Write /^\\/app$ to keep the name',
    'PostgreSQL 16 no longer reads the database user "all" as a plain name. Put the name in double quotes to keep the name',
    'PostgreSQL 16 no longer reads the database user "/b c" as a plain name. Write "/^\\/b\\ c$" to keep the name',
  ]);
});

test('an upgrade keeps the command line, edits of included files, and files that were not read', () => {
  const hba = HbaFile.parse(anyRule, { version: 12 });
  const upgrade = (conf: ConfTree): string[] => checkUpgrade({ hba, conf }, 12, 13).map(({ severity }) => severity);
  const readFile = () => new TextEncoder().encode('ssl_max_protocol_version = TLSv1.2\n');
  const text = "ssl = on\nssl_min_protocol_version = TLSv1.3\ninclude 'x.conf'\n";
  const main = ConfFile.parse(text, { version: 12, file: '/d/postgresql.conf', readFile });
  const tree = ConfTree.read({ main });
  assert.deepEqual(upgrade(tree), ['error']);
  assert.deepEqual(upgrade(ConfTree.read({ main, commandLine: { ssl_max_protocol_version: '' } })), []);
  assert.deepEqual(upgrade(ConfTree.read({ main, isPartial: true })), ['info']);
  assert.deepEqual(upgrade(tree.set('ssl_max_protocol_version', 'TLSv1.3').tree), []);
});

test('no line of an included file gets a fix for the main file', () => {
  const included = 'hostssl all all all md5\nhost all all all radius radiusservers=10.0.0.2 radiussecrets=b\n';
  const hba = HbaFile.parse('include more.conf\nhostssl all all all radius radiusservers=10.0.0.1 radiussecrets=x\n', {
    version: 18,
    file: '/pg_hba.conf',
    readFile: () => new TextEncoder().encode(included),
  });
  const found = checkUpgrade(hba, 18, 19).filter(({ code }) => code === 'upgrade-refused');
  assert.deepEqual(
    found.map(({ file, fix }) => [file, fix !== undefined]),
    [
      ['/more.conf', false],
      ['/pg_hba.conf', true],
    ],
  );
});

test('finds changed names of mappings in @files and included files', () => {
  const files: Readonly<Record<string, string>> = { '/etc/words': 'all', '/etc/more': 'm /^(.*)$ \\1\\1\n' };
  const readFile = (path: string): Uint8Array => new TextEncoder().encode(files[path]!);
  const found = (text: string, from: PgMajor, to: PgMajor) =>
    checkUpgrade(
      {
        hba: HbaFile.parse(anyRule, { version: from }),
        ident: IdentFile.parse(text, { version: from, file: '/etc/pg_ident.conf', readFile }),
      },
      from,
      to,
    ).map(({ code, file, range, fix }) => [code, file, range.start.line, fix]);
  assert.deepEqual(found('m a b\nm a @words\n', 15, 16), [['upgrade-meaning', '/etc/pg_ident.conf', 2, undefined]]);
  assert.deepEqual(found('include more\n', 16, 19), [['upgrade-meaning', '/etc/more', 1, undefined]]);
});

test('names the file with a changed meaning', () => {
  const hba = HbaFile.parse(anyRule, { version: 15, file: '/pg_hba.conf' });
  const ident = IdentFile.parse('m a all\n', { version: 15, file: '/pg_ident.conf' });
  assert.deepEqual(
    checkUpgrade({ hba, ident }, 15, 16).map(({ code, file }) => [code, file]),
    [['upgrade-meaning', '/pg_ident.conf']],
  );
});

test('finds numbers that are read differently in included files', () => {
  const readFile = () => new TextEncoder().encode("authentication_timeout = '1500ms'\n");
  const main = ConfFile.parse("include 'x.conf'\n", { version: 11, file: '/d/postgresql.conf', readFile });
  const hba = HbaFile.parse(anyRule, { version: 11 });
  assert.deepEqual(
    checkUpgrade({ hba, conf: ConfTree.read({ main }) }, 11, 12).map(({ code, file, range }) => [
      code,
      file,
      range.start.line,
    ]),
    [['upgrade-setting', '/d/x.conf', 1]],
  );
});

test('gives no fix to an error if a later physical line of the same logical line has another error', () => {
  const text = 'hostssl all all all cert clientcert=1 map=m\0 junk\nhost all all all trust\n';
  const [found] = checkUpgrade(HbaFile.parse(text, { version: 13 }), 13, 14);
  assert.deepEqual([found?.code, found?.fix], ['upgrade-refused', undefined]);
});

test('a fix shows no secret of its line, and is left out if its text would contain the secret', () => {
  const secret = 'ldapserver=x ldapbasedn=y ldapbindpasswd=zq9';
  const upgrade = (text: string, from: PgMajor, to: PgMajor) =>
    checkUpgrade(HbaFile.parse(text, { version: from }), from, to);
  const [named] = upgrade(`host all "/x" 10.0.0.0/8 ldap ${secret}\n`, 15, 16);
  assert.equal(
    named?.fix?.title,
    'keep the names: write host all /^\\/x$ 10.0.0.0/8 ldap ldapserver=x ldapbasedn=y ldapbindpasswd=***',
  );
  const [twice] = upgrade(`hostssl all all 10.0.0.0/8 ldap clientcert=1 ${secret} clientcert=1\n`, 13, 14);
  assert.deepEqual([twice?.code, twice?.fix], ['upgrade-refused', undefined]);
  const [radius] = upgrade('host all all all radius radiusservers=10.0.0.1 radiussecrets=zq9\n', 18, 19);
  assert.match(radius!.fix!.title, /: write host all all all reject$/);
});

test('masks the secrets of a line that another fix of the line moves', () => {
  const text = 'hostssl "/x" all 10.0.0.0/8 ldap clientcert=1 ldapserver=x ldapbasedn=y ldapbindpasswd=zq9\n';
  const found = checkUpgrade(HbaFile.parse(text, { version: 13 }), 13, 18);
  assert.deepEqual(
    found.map(({ code }) => code),
    ['upgrade-refused', 'upgrade-access'],
  );
  for (const each of found) assert.ok(!renderDiagnostic(each, text).includes('9'), renderDiagnostic(each, text));
});

for (const { from, to, line, message, fix } of [
  {
    from: 9.6,
    to: 10,
    line: 'max_wal_size = 64',
    message:
      'PostgreSQL 10 reads "64" of max_wal_size as 64MB, but PostgreSQL 9.6 reads 1GB. Write 1GB to keep the value',
    fix: '1GB',
  },
  {
    from: 11,
    to: 12,
    line: 'shared_buffers = 1020kB',
    message:
      'PostgreSQL 12 reads "1020kB" of shared_buffers as 1MB, but PostgreSQL 11 reads 1016kB. Write 1016kB to keep the value',
    fix: '1016kB',
  },
] as const) {
  test(`${line} is read differently by ${to}, and the message tells a value that keeps the meaning`, () => {
    const conf = ConfTree.read({ main: ConfFile.parse(`${line}\n`, { version: from }) });
    const [found, ...others] = checkUpgrade({ hba: HbaFile.parse(anyRule, { version: from }), conf }, from, to);
    assert.deepEqual([found?.message, found?.fix?.text, others], [message, fix, []]);
    const value = (version: PgMajor, text: string) => ConfFile.parse(text, { version });
    const [name] = line.split(' ');
    const fixed = `${name} = ${fix}\n`;
    assert.equal(withFix(`${line}\n`, found!.fix!), fixed);
    const [old, now] = [value(from, `${line}\n`), value(to, fixed)].map((file) => file.value(name as 'shared_buffers'));
    assert.equal(bytesOf(old), bytesOf(now));
  });
}

function bytesOf(value: unknown): number {
  const { amount, unit } = value as { readonly amount: number; readonly unit: string };
  const sizes: Readonly<Record<string, number>> = { '8kB': 8192, MB: 1024 ** 2, '16MB': 16 * 1024 ** 2 };
  return amount * sizes[unit]!;
}

for (const text of ['max_wal_size = 1GB\n', "min_wal_size = '80MB'\n", 'track_activity_query_size = 2048\n']) {
  test(`${text.trim()} keeps its meaning although the unit of the setting changes`, () => {
    for (const [from, to] of [
      [9.6, 10],
      [10, 11],
    ] as const) {
      const conf = ConfTree.read({ main: ConfFile.parse(text, { version: from }) });
      assert.deepEqual(checkUpgrade({ hba: HbaFile.parse(anyRule, { version: from }), conf }, from, to), []);
    }
  });
}

test('no diagnostic of an included file shows a line of the main file', () => {
  const readFile = () => new TextEncoder().encode('host all all 10.0.0.0/8 trust\nhost "/x" all all md5\n');
  const text = 'local all all peer\ninclude x.conf\n';
  const hba = HbaFile.parse(text, { version: 16, file: '/d/pg_hba.conf', readFile });
  const found = [...lintAccess(hba), ...checkUpgrade(hba, 16, 18)].filter(({ file }) => file === '/d/x.conf');
  assert.ok(found.length > 1);
  for (const each of found) assert.ok(!renderDiagnostic(each, text).includes('\n'), renderDiagnostic(each, text));
});

test('an invalid version is refused by the name of its argument', () => {
  const hba = HbaFile.parse('');
  assert.throws(() => checkUpgrade(hba, 14, undefined as never), { message: /to of checkUpgrade must be/ });
  assert.throws(() => checkUpgrade(hba, '14' as never, 15), { message: /from of checkUpgrade must be/ });
});
