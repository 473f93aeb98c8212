import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lintAccess } from '../../src/access/index.ts';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
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
  { name: 'a clear password over TLS', hba: 'hostssl app all 10.0.0.0/8 password\n', codes: [] },
  { name: 'md5 in 18', hba: 'host app all 10.0.0.0/8 md5\n', codes: ['access-md5-deprecated'] },
  { name: 'md5 in 17', hba: 'host app all 10.0.0.0/8 md5\n', version: 17, codes: [] },
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
    name: 'a map that is not defined',
    hba: 'hostssl app all 10.0.0.0/8 cert map=m\n',
    ident: 'n a b\n',
    codes: ['access-map-undefined', 'access-map-unused'],
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
