import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HbaFile, hbaFileRules } from '../../src/hba/index.ts';
import { HostsFile } from '../../src/hosts/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import type { ServerFacts } from '../../src/parse-options.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { renderDiagnostic } from '../../src/text/diagnostic.ts';
import type { PgMajor } from '../../src/version.ts';
import {
  forEachMajor,
  otherServers,
  queryWithFiles,
  startServer,
  type TestServer,
  withServer,
} from '../server/index.ts';

/** An authentication file that a former version of the library judged wrongly, with the right verdict. */
interface Fault {
  readonly text: string;
  readonly since?: PgMajor;
  readonly until?: PgMajor;
  readonly server?: ServerFacts;
  /** The expected diagnostics, as `severity code`. */
  readonly expected: readonly string[];
  readonly says?: RegExp;
  readonly never?: RegExp;
  /** Whether the first diagnostic has a fix. */
  readonly hasFix?: boolean;
  /** The reason why the verdict is not compared with a server's. */
  readonly unasked?: string;
}

const unread = 'the included file is not there';

const joined: readonly Fault[] = ['\u00a0', '\u2003', '\u2005', '\u3000', '\u2800', '\v', '\f'].map((blank) => ({
  text: `host app all${blank}10.0.0.0/8 password\n`,
  expected: ['error hba-column-missing'],
  says: /holds U\+.*which does not separate columns: write a blank/,
}));

const hbaFaults: readonly Fault[] = [
  { text: 'host app u 10.0.0.0 /8 password\n', expected: ['error hba-mask-invalid'], says: /Remove the blank/ },
  {
    text: 'host app u 10.0.0.0/255.0.0.0 password\n',
    expected: ['error hba-prefix-invalid'],
    says: /Write 10\.0\.0\.0\/8/,
  },
  {
    text: 'host app u 10.0.0.0/ffff:: password\n',
    expected: ['error hba-prefix-invalid'],
    says: /Give 0 to 32/,
    never: /Write/,
  },
  { text: 'host app u ::1/255.0.0.0 password\n', expected: ['error hba-prefix-invalid'], never: /Write/ },
  { text: 'host app u ::1/ffff:: password\n', expected: ['error hba-prefix-invalid'], says: /Write ::1\/16/ },
  ...['10.0.0.0 /33', '10.0.0.0 / 8', '10.0.0.0 mask 255.0.0.0', '10.0.0.0 /255.0.0.0', '::1 /129'].map(
    (address): Fault => ({
      text: `host app u ${address} password\n`,
      expected: ['error hba-mask-invalid'],
      hasFix: false,
    }),
  ),
  { text: 'host app u 10.0.0.0 /32 password\n', expected: ['error hba-mask-invalid'], hasFix: true },
  { text: 'host app u 10.0.0.0 scram-sha-256\n', expected: ['error hba-mask-invalid'], hasFix: true },
  { text: 'host app u [::1]/128 password\n', expected: ['error hba-host-name-with-mask'], says: /Remove the brackets/ },
  ...joined,
  {
    text: 'host app\u00a0all 10.0.0.0/8 password\n',
    expected: ['error hba-column-missing'],
    says: /U\+00A0 \(no-break space\), which does not separate columns/,
  },
  {
    text: 'host app u\u00a010.0.0.0 255.0.0.0 password\n',
    expected: ['error hba-mask-invalid'],
    says: /U\+00A0 \(no-break space\), which does not separate columns/,
  },
  {
    text: 'hostssl app u 10.0.0.0/8 cert map=m\u00a0clientcert=verify-full\n',
    since: 12,
    server: { ssl: true, sslCa: true },
    expected: ['warning look-alike'],
    says: /value of map holds U\+00A0/,
  },
  {
    text: 'hostssl app u 10.0.0.0/8 cert clientcert=verify-ca\n',
    since: 14,
    expected: ['error hba-option-value'],
    says: /accepts verify-full beside it\. Write clientcert=verify-full, or remove/,
  },
  {
    text: 'hostssl app u 10.0.0.0/8 cert clientcert=1\n',
    since: 14,
    expected: ['error hba-option-value'],
    says: /accepts verify-full beside it\. Write clientcert=verify-full, or remove/,
  },
  {
    text: 'hostssl app u 10.0.0.0/8 cert clientcert=verify-full\n',
    since: 10,
    until: 11,
    expected: ['error hba-option-value'],
    says: /accepts 1 beside it\. Write clientcert=1, or remove/,
  },
  { text: 'host app u \\\r\n  10.0.0.0/8 scram-sha-256\r\n', since: 14, expected: [] },
  {
    text: 'host app u \\\r\n  10.0.0.0/8\rscram-sha-256\r\n',
    since: 14,
    until: 18,
    expected: ['warning carriage-return'],
  },
  {
    text: 'hostssl app u 10.0.0.0/8 scram-sha-256 clientcert=verify-full\n',
    since: 10,
    until: 11,
    server: { ssl: true, sslCa: true },
    expected: ['warning hba-clientcert-off'],
    says: /asks for no certificate with clientcert=verify-full/,
  },
  // no-verify asks for no certificate, as its author meant, although 10 and 11 do not know the value.
  {
    text: 'hostssl app u 10.0.0.0/8 scram-sha-256 clientcert=no-verify\n',
    since: 10,
    until: 13,
    server: { ssl: true, sslCa: true },
    expected: [],
  },
  {
    text: 'include other.conf\n',
    since: 16,
    expected: ['info hba-no-entries', 'info include-not-followed'],
    unasked: unread,
  },
  {
    text: 'include other.conf\nhost all all 10.0.0.0/8 scram-sha-256\n',
    since: 16,
    expected: ['info include-not-followed'],
    unasked: unread,
  },
  {
    text: 'host replication all 10.0.0.0/8 scrm\nhost all all 10.0.0.0/8 password\n',
    expected: ['error hba-method-unknown'],
  },
  {
    text: 'hostssl all u all cert\n',
    since: 10,
    server: { ssl: true, sslCa: false },
    expected: ['warning hba-clientcert-without-ca'],
  },
  { text: 'host app all 10.0.0.0/8 md5\n', until: 16, expected: ['info hba-md5-with-namespace'] },
  { text: 'host all all 10.0.0.0/8 password\n', expected: ['info hba-replication-uncovered'] },
  { text: 'host all replicator 10.0.0.0/8 password\n', expected: ['warning hba-replication-uncovered'] },
  ...['pam', 'gss', 'sspi', 'bsd', 'ldap ldapserver=x ldapprefix=a'].map(
    (method): Fault => ({
      text: `host app all 10.0.0.0/8 ${method}\n`,
      expected: ['info hba-method-not-built'],
      unasked: 'the build decides',
    }),
  ),
  { text: 'host app all 10.0.0.0/8 bsd\n', server: { features: [] }, expected: ['error hba-method-not-built'] },
  { text: 'host app all 10.0.0.0/8 sspi\n', server: { features: [] }, expected: ['error hba-method-not-built'] },
  {
    text: 'host app all 0.0.0.0 trust\nhost * all 10.0.0.0/8 trust\nhost app all 10.0.0.0/8 scrm\nlocal all trust\n',
    expected: [
      'error hba-mask-invalid',
      'warning name-wildcard',
      'error hba-method-unknown',
      'error hba-column-missing',
    ],
  },
  // A server does not treat Unicode spaces as blanks.
  ...['\u00a0', '\u2003', '\u3000', '\ufeff'].map(
    (blank): Fault => ({
      text: `host app all 10.0.0.0/8 radius radiusservers=127.0.0.1 radiussecrets="a${blank}b"\n`,
      since: 10,
      until: 18,
      expected: [],
    }),
  ),
  { text: 'host app all 0.0.0.0 trust\n', expected: ['error hba-mask-invalid'], says: /0\.0\.0\.0\/0/, never: /\/32/ },
  { text: 'host app all 10.0.0.1 /32 trust\n', expected: ['error hba-mask-invalid'], never: /column write/ },
  { text: 'host app all :: trust\n', expected: ['error hba-mask-invalid'], says: /::\/0/, never: /128/ },
  { text: 'host app all 0.0.0.0/32 trust\n', expected: ['warning address-unspecified'] },
  { text: 'host app all ::/128 trust\n', expected: ['warning address-unspecified'] },
  { text: 'host replication all trust\n', expected: ['error hba-column-missing'], says: /the address is missing/ },
  { text: 'local all trust\n', expected: ['error hba-column-missing'], says: /database or the user is missing/ },
  { text: 'local all all 127.0.0.1/32 trust\n', expected: ['error hba-method-unknown'], says: /takes no address/ },
  { text: 'include_if_exists x\n', until: 15, expected: ['error hba-type-unknown'], says: /16 is the first/ },
  {
    text: 'host app all all oauth issuer=x scope=y\n',
    until: 17,
    expected: ['error hba-method-unknown'],
    says: /18 is the first/,
  },
  { text: 'hostgssenc app all all trust\n', until: 11, expected: ['error hba-type-unknown'], says: /12 is the first/ },
  { text: 'host\u00a0app all all trust\n', expected: ['error hba-type-unknown'], says: /no-break space/ },
  {
    text: 'host app all all scram\u2013sha\u2013256\n',
    since: 10,
    expected: ['error hba-method-unknown'],
    says: /en dash/,
  },
  {
    text: 'host app \u201call\u201d all trust\n',
    expected: ['warning look-alike'],
    says: /left double quotation mark/,
  },
  { text: 'host * all 10.0.0.0/8 trust\n', expected: ['warning name-wildcard'] },
  { text: 'host app % 10.0.0.0/8 trust\n', expected: ['warning name-wildcard'] },
  { text: 'host app any 10.0.0.0/8 trust\n', expected: ['warning name-wildcard'] },
  { text: 'local app all peer map=a map=b\n', expected: ['warning hba-option-repeated'] },
  ...['scram', 'scram-sha256', 'scram_sha_256', 'SCRAM', 'sha-256'].map(
    (method): Fault => ({
      text: `host app u all ${method}\n`,
      since: 10,
      expected: ['error hba-method-unknown'],
      says: /\. Write scram-sha-256 write scram-sha-256$/,
      hasFix: true,
    }),
  ),
  { text: 'host app u all scram\n', until: 9.6, expected: ['error hba-method-unknown'], hasFix: false },
  // The server may be built without GSSAPI.
  { text: 'host app u all gssapi\n', expected: ['error hba-method-unknown'], says: /\. Write gss /, hasFix: false },
  // Method cert is for hostssl lines only.
  { text: 'host app u all certificate\n', expected: ['error hba-method-unknown'], says: /Write cert /, hasFix: false },
  { text: 'host app u all deny\n', expected: ['error hba-method-unknown'], says: /Write reject /, hasFix: true },
  { text: 'host-ssl app u all md5\n', expected: ['error hba-type-unknown'], says: /Write hostssl /, hasFix: true },
  ...['// x', '--x', '; x', '/* x */', '"//" x'].flatMap((comment): Fault[] => [
    { text: `${comment}\n`, expected: ['error hba-type-unknown'], says: /comment begins with #/, hasFix: true },
    {
      text: `local app all trust ${comment}\n`,
      expected: ['error hba-option-syntax'],
      says: /A comment begins with #/,
      hasFix: true,
    },
  ]),
  ...['{{ rules }}', '{% if x %}', '<%= rules %>', '$RULES'].map(
    (text): Fault => ({
      text: `${text}\n`,
      expected: ['error hba-type-unknown'],
      says: /placeholder/,
      never: /one of/,
    }),
  ),
  { text: 'host app u {{ cidr }} md5\n', expected: ['error hba-method-unknown'], says: /a placeholder/ },
  ...['all', 'samenet', 'samehost'].map(
    (word): Fault => ({
      text: `host app u ${word}/24 password\n`,
      expected: ['error hba-host-name-with-mask'],
      says: new RegExp(`Write the keyword ${word} without a prefix length`),
    }),
  ),
  ...['clientcert = verify-full', 'clientcert =verify-full', 'clientname= CN clientcert=verify-full'].map(
    (options): Fault => ({
      text: `hostssl app u all password ${options}\n`,
      since: 14,
      expected: [options.startsWith('clientname') ? 'error hba-option-value' : 'error hba-option-syntax'],
      hasFix: !options.startsWith('clientname'),
    }),
  ),
  { text: 'local app u peer map= x\n', expected: ['error hba-option-syntax'], says: /remove the blanks/, hasFix: true },
  ...['map = x map = y', 'foo = x', 'map = x=y', 'map "=" x', 'ldapserver = x', 'map =', 'map x'].map(
    (options): Fault => ({
      text: `local app u peer ${options}\n`,
      expected: ['error hba-option-syntax'],
      hasFix: false,
    }),
  ),
  {
    text: 'host * all 10.0.0.0/8 trust\nhost all all 10.0.0.0/8 trust\n',
    expected: ['warning name-wildcard', 'info hba-replication-uncovered'],
  },
];

const identFaults: readonly Fault[] = [
  { text: 'm /^root$/ alice\n', expected: ['warning ident-regex-slash'], says: /matches no name/ },
  { text: 'm /oo alice\n', expected: ['warning ident-regex-unanchored'] },
  { text: 'm /^root$ \\1\n', expected: ['warning ident-substitute-without-group'] },
  // A database user that begins with a slash is a regular expression, also in quotes.
  {
    text: 'm /^root$ "/^(a)\\1$"\n',
    since: 16,
    expected: ['warning regex-unchecked'],
  },
  // Escapes can act as anchors, and embedded options change what is a group.
  { text: 'm /^\\A^root$ alice\n', expected: ['warning regex-unchecked'] },
  { text: 'm /^root$\\Z alice\n', expected: ['warning regex-unchecked'] },
  { text: 'm /(?b)^\\(root\\)$ \\1\n', expected: ['warning regex-unchecked'] },
  { text: 'm /^(.*)@example\\.com$ \\1\n', expected: [] },
  { text: 'm root all\n', until: 15, expected: ['warning ident-name-as-pattern'] },
  { text: 'm root all\n', since: 16, expected: [] },
  { text: 'm root +staff\n', until: 15, expected: ['warning ident-name-as-pattern'] },
  { text: 'm root /^a\n', until: 15, expected: ['warning ident-name-as-pattern'] },
];

const kinds = [
  { file: 'pg_hba.conf', faults: hbaFaults, parse: HbaFile.parse, view: 'pg_hba_file_rules', name: 'type', since: 10 },
  {
    file: 'pg_ident.conf',
    faults: identFaults,
    parse: IdentFile.parse,
    view: 'pg_ident_file_mappings',
    name: 'map_name',
    since: 15,
  },
] as const;

for (const { file, faults, parse } of kinds) {
  for (const { text, since = 9.6, until = 19, server = {}, expected, says, never, hasFix } of faults) {
    test(`${file}: ${JSON.stringify(text)} (${since} to ${until})`, () => {
      for (const version of [9.6, 10, 11, 13, 15, 16, 17, 18, 19] as const) {
        if (version < since || version > until) continue;
        const found = parse(text, { version, server }).diagnostics;
        assert.deepEqual(
          found.map(({ severity, code }) => `${severity} ${code}`),
          expected,
          `${version}`,
        );
        const messages = found.map(({ message, fix }) => `${message} ${fix?.title}`).join('\n');
        if (says !== undefined) assert.match(messages, says);
        if (never !== undefined) assert.doesNotMatch(messages, never);
        if (hasFix !== undefined) assert.equal(found[0]?.fix !== undefined, hasFix);
      }
    });
  }
}

forEachMajor([10, 13, 15, 16, 18, 19], (major) => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ major });
  });
  after(() => server.remove());

  test('judges each of the files as the table says', () => judgeAll(server));
});

for (const { major, programs } of otherServers()) {
  test(`the ${major} in ${programs} judges each of the files as the table says`, () =>
    withServer({ major, programs }, judgeAll));
}

async function judgeAll(server: TestServer): Promise<void> {
  const { major } = server;
  for (const { file, faults, view, name, since: first } of kinds) {
    if (major < first) continue;
    for (const { text, since = 9.6, until = 19, expected, unasked } of faults) {
      if (unasked !== undefined || major < since || major > until) continue;
      const rows = await queryWithFiles(server, { [file]: text }, `SELECT ${name} AS name FROM ${view}`);
      // In the view, a line that the server refuses has a row without values.
      const isRefused = rows.some((row) => (row as { name: unknown }).name === null);
      assert.equal(
        isRefused,
        expected.some((each) => each.startsWith('error')),
        `${file}: ${text}`,
      );
    }
  }
}

const kelvin = 'kk server.crt server.key\n\u212ak server.crt server.key\n';

test('a Kelvin sign is not a k in pg_hosts.conf, nor in a host name that ensure compares', () => {
  const codes = (hosts: string) => HostsFile.parse(hosts).diagnostics.map(({ code }) => code);
  assert.deepEqual(codes(kelvin), ['hosts-name-not-sent']);
  assert.deepEqual(codes(kelvin.replace('\u212a', 'K')), ['hosts-repeated']);
  const rule = { type: 'host', databases: ['a'], users: ['b'], address: 'kost.example', method: 'md5' } as const;
  const ensure = (host: string) => HbaFile.parse(`host a b ${host}.example md5\n`).ensure(rule, 'end').outcome;
  assert.deepEqual(['KOST', '\u212aost'].map(ensure), ['present', 'added']);
});

forEachMajor([19], (major) => {
  test('19 starts with a Kelvin sign beside a k in pg_hosts.conf, and not with a K', async () => {
    const authority = await CertificateAuthority.create({ subject: '/CN=CA' });
    const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['localhost'] });
    const files = { 'server.crt': chain, 'server.key': privateKey.toPem(), 'pg_hosts.conf': kelvin };
    await withServer({ major, conf: 'ssl = on\nssl_sni = on\n', files }, async (server) => {
      await server.stop();
      server.writeFiles({ 'pg_hosts.conf': kelvin.replace('\u212a', 'K') });
      await assert.rejects(server.start(), /FATAL:/);
    });
  });
});

test('19 has other messages about validators of oauth', async (t) => {
  const [other] = otherServers().filter(({ major }) => major === 19);
  if (other === undefined) return t.skip('PG_HOSTSSL_SERVERS names no server of 19');
  const oauth = 'host all all all oauth issuer="https://x" scope=y';
  const text = `${oauth}\n${oauth} validator=z\n`;
  for (const oauthValidators of [[], ['a', 'b']]) {
    const conf = `oauth_validator_libraries = '${oauthValidators.join()}'\n`;
    await withServer({ ...other, conf }, async (server) => {
      const rows = await queryWithFiles(server, { 'pg_hba.conf': text }, 'SELECT error FROM pg_hba_file_rules');
      const file = HbaFile.parse(text, { version: 19, server: { oauthValidators } });
      assert.deepEqual(
        rows,
        hbaFileRules(file).map(({ error }) => ({ error })),
      );
    });
  }
});

test('a line with a network interface is an error only if it is refused with and without this interface', () => {
  const rests = [
    '',
    ' md5',
    ' md5 map=x',
    ' cert',
    ' md6',
    ' ffff:: md5',
    ' 255.0.0.0 md5',
    '/64 md5',
    '/64 ffff:: md5',
  ];
  const verdicts = rests.map((rest) => {
    const isRefused = (interfaces?: readonly string[]): boolean => {
      const server = interfaces === undefined ? {} : { interfaces };
      const file = HbaFile.parse(`host all all fe80::1%eth0${rest}\n`, { version: 18, server });
      return file.diagnostics.some(({ severity }) => severity === 'error');
    };
    const known = [isRefused(['eth0']), isRefused(['lo'])];
    assert.equal(isRefused(), known[0] && known[1], rest);
    return known.filter((refused) => refused).length;
  });
  assert.deepEqual(verdicts, [2, 1, 2, 2, 2, 1, 2, 1, 2]);
});

test('insert rejects a record that the server accepts but that does not do what it says', () => {
  const rule = {
    type: 'hostssl',
    databases: ['a'],
    users: ['b'],
    address: '10.0.0.0/8',
    method: 'md5',
    options: [{ name: 'clientcert', value: 'verify-full' }],
  } as const;
  assert.throws(() => HbaFile.parse('', { version: 10 }).insert(rule, 'end'), { code: 'rule-invalid' });
  assert.throws(() => HbaFile.parse('', { version: 10 }).ensure(rule), { code: 'rule-invalid' });
  assert.match(HbaFile.parse('', { version: 12 }).insert(rule, 'end').toString(), /clientcert=verify-full/);
  const old = HbaFile.parse('hostssl a b 10.0.0.0/8 md5 clientcert=verify-full\nhostssl a b all md5\n', {
    version: 11,
  });
  const [trapped, plain] = old.rules;
  assert.match(old.replace(trapped!, { users: ['c'] }).toString(), /^hostssl a c/);
  assert.throws(() => old.replace(plain!, { options: rule.options }), { code: 'rule-invalid' });
  const ident = IdentFile.parse('', { version: 18 });
  const never = { map: 'm', systemUser: { regex: '^root$/' }, pgUser: 'a' };
  assert.throws(() => ident.insert(never, 'end'), { code: 'mapping-invalid' });
  const groupless = { map: 'm', systemUser: { regex: '^root$' }, pgUser: { substitute: '\\1' } };
  assert.throws(() => ident.insert(groupless, 'end'), { code: 'mapping-invalid' });
});

test('a diagnostic of an included file quotes that file, and never the parsed file', () => {
  const main = 'include inc/a.conf\n';
  const included = 'host all all 10.0.0.1/8 scrm\n';
  const file = HbaFile.parse(main, { file: '/d/pg_hba.conf', readFile: () => new TextEncoder().encode(included) });
  const [diagnostic] = file.diagnostics;
  assert.equal(diagnostic?.file, '/d/inc/a.conf');
  assert.doesNotMatch(renderDiagnostic(diagnostic!, main), /\| include/);
  const texts = new Map([
    ['/d/pg_hba.conf', main],
    ['/d/inc/a.conf', included],
  ]);
  for (const given of [texts, (path: string | undefined) => texts.get(path!)]) {
    assert.match(renderDiagnostic(diagnostic!, given), /\n1 \| host all all 10\.0\.0\.1\/8 scrm\n/);
  }
});
