import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lintAccess } from '../../src/access/index.ts';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import type { ServerFacts } from '../../src/parse-options.ts';
import type { Diagnostic } from '../../src/text/diagnostic.ts';
import type { PgMajor } from '../../src/version.ts';

interface Case {
  readonly name: string;
  readonly hba: string;
  readonly ident?: string;
  readonly conf?: string;
  readonly version?: PgMajor;
  readonly codes: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'trust from another machine', hba: 'host app all 10.0.0.0/8 trust\n', codes: ['access-trust-remote'] },
  { name: 'trust from this machine', hba: 'host app all 127.0.0.1/32 trust\nlocal all all trust\n', codes: [] },
  {
    name: 'trust that no other machine reaches',
    hba: 'hostnossl app all all reject\nhostssl app all all reject\nhost app all 10.0.0.0/8 trust\n',
    codes: ['access-unreachable'],
  },
  { name: 'trust with a certificate', hba: 'hostssl app all 10.0.0.0/8 trust clientcert=verify-full\n', codes: [] },
  { name: 'a clear password without TLS', hba: 'host app all 10.0.0.0/8 password\n', codes: ['access-password-plain'] },
  { name: 'a clear password for PAM', hba: 'host app all 10.0.0.0/8 pam\n', codes: ['access-password-plain'] },
  { name: 'a clear password for BSD', hba: 'host app all 10.0.0.0/8 bsd\n', codes: ['access-password-plain'] },
  {
    name: 'a clear password for RADIUS',
    hba: 'host app all 10.0.0.0/8 radius radiusservers=10.0.0.9 radiussecrets=x\n',
    codes: ['access-password-plain'],
  },
  { name: 'a clear password over TLS', hba: 'hostssl app all 10.0.0.0/8 password\n', codes: [] },
  { name: 'md5 in 18', hba: 'host app all 10.0.0.0/8 md5\n', codes: ['access-md5-deprecated'] },
  { name: 'md5 in 17', hba: 'host app all 10.0.0.0/8 md5\n', version: 17, codes: [] },
  {
    name: 'md5 behind a rule for all',
    hba: 'host all all all reject\nhost app all 10.0.0.0/8 md5\n',
    codes: ['access-unreachable'],
  },
  {
    name: 'md5 for a name that nobody has',
    hba: 'host app "" 10.0.0.0/8 md5\n',
    codes: ['access-unreachable', 'access-md5-deprecated'],
  },
  { name: 'ident over TCP', hba: 'host app all 10.0.0.0/8 ident\n', codes: ['access-ident-remote'] },
  { name: 'a weak method for the internet', hba: 'hostssl app all 0.0.0.0/0 password\n', codes: ['access-wide-weak'] },
  {
    name: 'the superuser from the internet',
    hba: 'hostssl app postgres 0.0.0.0/0 scram-sha-256\n',
    codes: ['access-superuser-remote'],
  },
  {
    name: 'TLS that is on and not demanded',
    hba: 'host app all 10.0.0.0/8 scram-sha-256\n',
    conf: 'ssl = on\n',
    codes: ['access-without-tls'],
  },
  {
    name: 'a certificate without a CA file',
    hba: 'hostssl app all 10.0.0.0/8 cert\n',
    conf: "ssl = on\nssl_ca_file = ''\n",
    codes: ['access-certificate-without-ca'],
  },
  {
    name: 'clientname=DN without a map',
    hba: 'hostssl app alice 10.0.0.0/8 cert clientname=DN\n',
    codes: ['access-clientname-without-map'],
  },
  {
    name: 'clientname=DN without a map, and a password',
    hba: 'hostssl app all 10.0.0.0/8 scram-sha-256 clientcert=verify-full clientname=DN\n',
    codes: ['access-clientname-without-map'],
  },
  {
    name: 'clientname=DN with a map, with roles that are subjects, and without a comparison of names',
    hba: [
      'hostssl a all 10.0.0.0/8 cert clientname=DN map=m',
      'hostssl b "CN=alice,O=x" 10.0.0.0/8 cert clientname=DN',
      'hostssl c all 10.0.0.0/8 scram-sha-256 clientcert=verify-ca clientname=DN',
      'hostssl d all 10.0.0.0/8 cert clientname=CN',
      'hostssl e all 10.0.0.0/8 reject clientcert=verify-full clientname=DN\n',
    ].join('\n'),
    codes: [],
  },
  {
    name: 'a map that is not defined',
    hba: 'hostssl app all 10.0.0.0/8 cert map=m\n',
    ident: 'n a b\n',
    codes: ['access-map-undefined', 'access-map-unused'],
  },
  {
    name: 'maps that a file which was not read may define or use',
    hba: 'include more\nhostssl app all 10.0.0.0/8 cert map=m\n',
    ident: 'include more\nn a b\n',
    codes: ['access-unreachable'],
  },
  {
    name: 'a keyword of 16 in 15',
    hba: 'local app all peer map=m\n',
    ident: 'm a all\n',
    version: 15,
    codes: ['ident-name-as-pattern'],
  },
  {
    name: 'rules that cross',
    hba: 'host app all 10.0.0.0/8 reject\nhost all bob 10.0.0.0/9 scram-sha-256\n',
    codes: ['access-crossing'],
  },
];

for (const { name, hba, ident, conf, version = 18, codes } of cases) {
  test(name, () => {
    const input = {
      hba: HbaFile.parse(hba, { version }),
      ...(ident === undefined ? {} : { ident: IdentFile.parse(ident, { version }) }),
      ...(conf === undefined ? {} : { conf: ConfTree.read({ main: ConfFile.parse(conf, { version }) }) }),
    };
    const own = (each: Diagnostic): boolean => /^(?:access-|ident-name)/.test(each.code);
    assert.deepEqual(
      lintAccess(input)
        .filter(own)
        .map(({ code }) => code),
      codes,
    );
    const off = codes as readonly Diagnostic['code'][];
    assert.deepEqual(lintAccess(input, { off }).filter(own), []);
  });
}

test('networks that are not of the public internet are not taken for it', () => {
  const privateNetworks = ['0/8', '10/8', '127/8', '100.64/10', '169.254/16', '172.16/12', '192.168/16', '224/3'];
  const rest = (network: string): string[] => {
    const [head = '', length] = network.split('/');
    const bits = head
      .split('.')
      .concat('0', '0', '0')
      .slice(0, 4)
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
    return Array.from({ length: Number(length) }, (_, i) => {
      const other = `${bits.slice(0, i)}${bits[i] === '0' ? '1' : '0'}`.padEnd(32, '0');
      return `${[0, 8, 16, 24].map((at) => Number.parseInt(other.slice(at, at + 8), 2)).join('.')}/${i + 1}`;
    });
  };
  for (const network of privateNetworks) {
    const rejects = [...rest(network), '::/0'].map((each) => `host all all ${each} reject\n`);
    const found = (rules: readonly string[]) =>
      lintAccess(HbaFile.parse(`${rules.join('')}hostssl app all all password\n`)).filter(
        ({ code }) => code === 'access-wide-weak',
      ).length;
    assert.deepEqual([found(rejects), found(rejects.slice(1))], [0, 1], network);
  }
});

test('the message about an unreachable rule says what reaches its connections, and what to do', () => {
  const earlier = 'host app all 10.0.0.0/8 reject\n';
  const halves = 'host app all 10.0.0.0/9 reject\nhost app all 10.128.0.0/9 reject\n';
  const rows: readonly [hba: string, severity: string, message: RegExp][] = [
    [`${earlier}host app bob 10.0.0.0/9 trust\n`, 'warning', /1 matches all of its connections, and with another/],
    [`${earlier}host app bob 10.0.0.0/9 reject\n`, 'info', /1 matches all of its connections\. Remove the rule$/],
    [`${halves}host app bob 10.0.0.0/8 reject\n`, 'info', /match all of its connections\. Remove the rule$/],
    [
      'host app all 10.0.0.0/9 reject\nhost app all 10.128.0.0/9 trust\nhost app bob 10.0.0.0/8 reject\n',
      'warning',
      /match all of its connections, and with another outcome\. Move the rule up, or remove it$/,
    ],
    ['include more\nhost app bob 10.0.0.0/8 trust\n', 'info', /^Perhaps no connection reaches the rule, because/],
    [
      'host app "" 10.0.0.0/8 trust\n',
      'info',
      /^No connection reaches the rule, because no connection has such a user/,
    ],
  ];
  for (const [hba, severity, message] of rows) {
    const found = lintAccess(HbaFile.parse(hba)).find(({ code }) => code === 'access-unreachable');
    assert.equal(found?.severity, severity, hba);
    assert.match(found?.message ?? '', message, hba);
  }
});

test('the message about a login from the internet says whether standbys or the superuser log in', () => {
  for (const [columns, message] of [
    ['app postgres', /^The superuser postgres can log in/],
    ['replication standby', /^Standbys can log in/],
  ] as const) {
    const found = lintAccess(HbaFile.parse(`hostssl ${columns} 0.0.0.0/0 scram-sha-256\n`));
    assert.match(found.find(({ code }) => code === 'access-superuser-remote')?.message ?? '', message);
  }
});

test('the diagnostic of an unreachable rule names the earlier rules that match its connections', () => {
  const file = HbaFile.parse('host app all 10.0.0.0/8 reject\nhost app bob 10.0.0.0/9 trust\n', {
    file: '/pg/pg_hba.conf',
  });
  const [found] = lintAccess(file);
  assert.equal(found?.severity, 'warning');
  assert.deepEqual(
    found?.related?.map(({ file: path, range }) => [path, range.start.line]),
    [['/pg/pg_hba.conf', 1]],
  );
});

test('a comment on a line suppresses the codes that it names, but no error', () => {
  const [suppressed] = lintAccess(
    HbaFile.parse('host app all 10.0.0.0/8 trust # pg-hostssl: allow other, access-trust-remote\n'),
  );
  assert.equal(suppressed?.suppressed, true);
  const [error] = lintAccess(HbaFile.parse('host app all 10.0.0.0/99 trust # pg-hostssl: allow hba-prefix-invalid\n'), {
    off: ['hba-prefix-invalid'],
  });
  assert.deepEqual([error?.severity, error?.suppressed], ['error', undefined]);
  const [own] = lintAccess(
    HbaFile.parse('local all all peer\nhost app all 10.0.0.1/8 scram-sha-256 # pg-hostssl: allow address-host-bits\n'),
  ).filter(({ code }) => code === 'address-host-bits');
  assert.equal(own?.suppressed, true);
});

test('rejects codes that are not a list', () => {
  const file = HbaFile.parse('local all all peer\n');
  for (const off of [null, 5, 'access-crossing', {}]) {
    assert.throws(() => lintAccess(file, { off } as object), { code: 'argument-invalid' });
  }
});

test('a comment suppresses diagnostics of each physical line of its rule only', () => {
  const rule = 'host app all \\\n 10.0.0.1/8 \\\n scram-sha-256';
  const hostBits = (text: string) =>
    lintAccess(HbaFile.parse(text)).flatMap(({ code, suppressed }) =>
      code === 'address-host-bits' ? [suppressed] : [],
    );
  assert.deepEqual(hostBits(`${rule} # pg-hostssl: allow address-host-bits\n${rule}\n`), [true, undefined]);
});

test('what a diagnostic of the file says is not said again', () => {
  const rule = 'hostssl app all 10.0.0.0/8 cert\n';
  const codes = (text: string, server: ServerFacts, conf = ''): readonly string[] => {
    const input = { hba: HbaFile.parse(text, { server }), conf: ConfTree.read({ main: ConfFile.parse(conf) }) };
    return lintAccess(conf === '' ? input.hba : input).map(({ code }) => code);
  };
  assert.deepEqual(codes(rule, { ssl: true, sslCa: false }), ['hba-clientcert-without-ca']);
  assert.deepEqual(codes(rule, { ssl: false, sslCa: true }), ['hba-hostssl-without-ssl']);
  assert.deepEqual(codes(rule, {}, "ssl = on\nssl_ca_file = ''\n"), ['access-certificate-without-ca']);
  assert.deepEqual(codes(rule, {}, "ssl = off\nssl_ca_file = 'ca.crt'\n"), ['access-unreachable']);
  const gss = 'hostgssenc app all 10.0.0.0/8 gss\n';
  const closed = "ssl = off\nlisten_addresses = ''\n";
  assert.deepEqual(codes(gss, { ssl: false, features: ['gss'] }, closed), ['access-unreachable']);
});
