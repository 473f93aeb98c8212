import fc from 'fast-check';
import type { PgMajor } from '../../src/version.ts';
import { unicodeTraps } from '../property.ts';

/** The files of one case by their paths below the data directory. The main file has its usual name. */
export type FileTree = Readonly<Record<string, string>>;

const blank = fc.constantFrom(' ', '  ', '\t', ' \t ', '    ');

const oddity = fc.constantFrom(
  ...[
    '#',
    '"',
    '""',
    ',',
    ', ',
    ' ,',
    '\\',
    '\\\n',
    '\r',
    '=',
    '/',
    '@',
    '+',
    "'",
    '\f',
    '\v',
    ...unicodeTraps,
    'é',
    '😀',
    '\0',
  ],
);

const name = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...unicodeTraps).map((trap) => `${trap}a${trap}`) },
  {
    weight: 6,
    arbitrary: fc.constantFrom('all', 'alice', 'bob', 'app', 'replication', 'sameuser', 'samerole', 'samegroup'),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '"all"',
      '""all',
      'al"l"',
      '"my db"',
      '"a""b"',
      '+staff',
      '+"my grp"',
      '"+x"',
      '+',
      'ALL',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '/^db[0-9]+$',
      '"/^a{1,2}$"',
      '/',
      '/(',
      '/a|b',
      '/[a-z]x*',
      '/)',
      '"/a b"',
      '/a**',
      '/[b-a]',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.string({ maxLength: 4 }).map((text) => `"${text.replaceAll('"', '""').replace(/[\n\0]/g, '')}"`),
  },
);

const list = fc
  .array(name, { minLength: 1, maxLength: 3 })
  .chain((names) => fc.constantFrom(',', ',', ', ', ' ,', ',,', '').map((comma) => names.join(comma)));

const octet = fc.oneof(fc.constantFrom('0', '10', '127', '255', '010', '0x7f', '256'), fc.nat(300).map(String));
const ipv4 = fc.oneof(
  fc.constantFrom(
    '127.0.0.1',
    '10.0.0.0',
    '192.168.1.7',
    '0.0.0.0',
    '10',
    '10.1',
    '2130706433',
    '127.0.0.1.',
    '1.2.3.4.5',
  ),
  fc.array(octet, { minLength: 1, maxLength: 5 }).map((octets) => octets.join('.')),
);
const ipv6 = fc.oneof(
  fc.constantFrom(
    '::1',
    '::',
    'fe80::1%lo',
    'fe80::1%1',
    '::1%lo',
    '::ffff:127.0.0.1',
    '::1.2.3.4',
    '[::1]',
    'fe80::1%nope9',
    'ff01::1%lo',
    'ff02::1%lo:x',
    'ff03::1%lo',
    'fe80::1%lo:3456789012345',
    'fe80::1%lo:345678901234',
  ),
  fc
    .array(
      fc.oneof(
        fc.constantFrom('0', '0', '', 'ffff', 'g', '1:'),
        fc.nat(70000).map((n) => n.toString(16)),
      ),
      { maxLength: 9 },
    )
    .map((groups) => groups.join(':')),
);
const host = fc.constantFrom(
  ...unicodeTraps.map((trap) => `db${trap}`),
  'localhost',
  'db.example.com',
  '.example.com',
  '*',
  'all',
  'ALL',
  '"all"',
  'samenet',
  'samehost',
  '""',
  'my_host',
);
const prefix = fc.oneof(
  fc.nat(140).map(String),
  fc.constantFrom('', '+8', '-1', '08', '" 8"', '0x8', '255.0.0.0', '8x', '-0'),
);
const mask = fc.constantFrom(
  '255.255.255.255',
  '255.0.0.0',
  '255.0.255.0',
  'ffff::',
  '::',
  '8',
  'trust',
  '0',
  'ffff:ffff:ffff:ffff::',
);

const address = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.oneof(ipv4, ipv6), prefix).map(([ip, bits]) => `${ip}/${bits}`) },
  { weight: 3, arbitrary: fc.tuple(fc.oneof(ipv4, ipv6), blank, mask).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: host },
  { weight: 1, arbitrary: fc.oneof(ipv4, ipv6) },
  { weight: 1, arbitrary: fc.tuple(host, prefix).map((parts) => parts.join('/')) },
);

const method = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom('trust', 'reject', 'md5', 'password', 'scram-sha-256', 'cert', 'peer', 'ident'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'gss',
      'sspi',
      'ldap',
      'pam',
      'bsd',
      'radius',
      'oauth',
      'krb5',
      'TRUST',
      '"trust"',
      'none',
      'trust,md5',
    ),
  },
);

const ldapUrl = fc
  .tuple(
    fc.constantFrom(
      'ldap://',
      'ldap://',
      'ldaps://',
      'LDAP://',
      '<ldap://',
      '<URL:ldaps://',
      'ldapi://',
      'http://',
      'ldap:/',
    ),
    fc.constantFrom(
      'h',
      'ldap.example.com',
      '',
      '[::1]',
      '[::1',
      '[::1]x',
      '[%3a:%zz]',
      '[a%00%zz]',
      'a%41%c3%a9',
      'a%zz',
      '%00',
      'u:p@h',
      'h,i',
    ),
    fc.constantFrom('', '', ':389', ':0', ':', ':-5', ':12x', ': 7', ':%33', ':99999999999', ':4294967296', ':1:2'),
    fc.constantFrom('', '/', '/dc=a,dc=b', '/dc%3da', '/%', '?x', '??x'),
    fc.constantFrom('', '', '?', '?uid', '?uid,cn', '?,,%75id', '?é'),
    fc.constantFrom('', '', '?', '?sub', '?ONE', '?base', '?subord', '?children', '?none', '?%73ub', '?%'),
    fc.constantFrom('', '', '?', '?(uid=$username)', '?%28a=b%29', '?%zz', '?%00'),
    fc.constantFrom('', '', '', '?', '?ext', '?,', '?!a=b,c', '??'),
    fc.constantFrom('', '', '', '>', ' '),
  )
  .map((parts) => `ldapurl="${parts.join('')}"`);

/**
 * LDAP URLs that servers accept, with and without each part. They test the parts of the URL together with other
 * options.
 */
const goodLdapUrl = fc
  .tuple(
    fc.constantFrom('ldap://', 'ldaps://', 'ldaps://', 'LDAPS://', 'URL:ldaps://'),
    fc.constantFrom('h', 'ldap.example.com', '', '[::1]'),
    fc.constantFrom('', '', '', ':389', ':637', ':0', ':4294967686'),
    fc.constantFrom('/dc=a', '/dc=a,dc=b', '/dc%3da'),
    fc.constantFrom('', '?uid', '?uid?one', '??sub', '???(uid=$username)', '?cn?base?(a=b)?ext'),
  )
  .map((parts) => `ldapurl="${parts.join('')}"`);

const option = fc.oneof(
  ldapUrl,
  fc
    .tuple(
      fc.constantFrom(
        'clientcert',
        'map',
        'clientname',
        'pamservice',
        'include_realm',
        'krb_realm',
        'foo',
        'pam_use_hostname',
        'compat_realm',
        'upn_username',
        'delegate_ident_mapping',
        'krb_server_hostname',
        'radiusport',
        'validator.a-b_1',
        'validator.',
        'validator.a.b',
        'CLIENTCERT',
      ),
      fc.constantFrom(
        ...['0', '1', 'verify-ca', 'verify-full', 'no-verify', 'CN', 'DN', 'x', '', '"a b"', 'a=b', 'on'],
        ...unicodeTraps.flatMap((trap) => [trap, `1${trap}`]),
      ),
    )
    .map((parts) => parts.join('=')),
  fc
    .tuple(
      fc.constantFrom(
        'ldapserver',
        'ldapport',
        'ldaptls',
        'ldapscheme',
        'ldapprefix',
        'ldapsuffix',
        'ldapbasedn',
        'ldapbinddn',
        'ldapsearchattribute',
        'ldapsearchfilter',
      ),
      fc.constantFrom('x', '389', '0', '1', '12x', '4294967296', '2147483648', '"dc=a, dc=b"', 'ldaps', ''),
    )
    .map((parts) => parts.join('=')),
  fc
    .tuple(
      fc.constantFrom(
        'radiusservers',
        'radiussecrets',
        'radiusports',
        'radiusidentifiers',
        'radiusserver',
        'issuer',
        'scope',
        'validator',
      ),
      fc.constantFrom(
        '127.0.0.1',
        '"127.0.0.1,127.0.0.2"',
        '"0x7f.1, ""::1"""',
        '127.0.0.1,""""',
        '"127.0.0.1,"""""',
        'localhost',
        '"a,b"',
        '1812',
        '"1,2"',
        '"1,x"',
        '',
        '"""q"" ,x"',
        '"a,,b"',
        'x',
        '"a b"',
        ...['\v', ...unicodeTraps].map((odd) => `"a${odd}b"`),
      ),
    )
    .map((parts) => parts.join('='))
    // The server looks up the names of RADIUS servers when it loads the file. These names always resolve.
    .filter((text) => !/^radiusservers?=(?!localhost$|"0x7f).*[a-z]/.test(text)),
  fc.constantFrom('map', '=', 'map = x', '"map"=m', '"map=a b"', 'map=a,map=b', '=x'),
);

const type = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('local', 'host', 'hostssl', 'hostnossl', 'host', 'hostssl') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('hostgssenc', 'hostnogssenc', 'LOCAL', 'local,host', '"host"', 'hostx', 'include'),
  },
);

const ending = fc.constantFrom(
  '',
  '',
  '',
  ' # note',
  '#x',
  ' # path C:\\',
  ' \\',
  '\\',
  ',',
  '\\\\',
  ' "',
  '\0x',
  '\r',
);

const rule = fc
  .record({
    type,
    databases: list,
    users: list,
    address,
    method,
    options: fc.array(option, { maxLength: 3 }),
    gap: blank,
    ending,
  })
  .map(({ type, databases, users, address, method, options, gap, ending }) => {
    const columns = [type, databases, users, ...(type === 'local' ? [] : [address]), method, ...options];
    return columns.join(gap) + ending;
  });

/** Rules with valid columns, to which a test appends options. */
const goodRule = fc.constantFrom(
  'local all all trust',
  'host all all 127.0.0.1/32 md5',
  'hostssl all all 0.0.0.0/0 cert',
  'hostssl app +staff ::/0 scram-sha-256 clientcert=verify-full',
  'host all all samenet reject',
  'local app alice peer map=m',
  'hostssl all all all md5 clientcert=1',
  'hostssl all all all cert map=m clientname=DN',
);

/** Rules with methods that require options. They have the required options and at most one other option. */
const ruleWithOptions = fc
  .tuple(
    fc.constantFrom(
      'host all all all oauth issuer=i scope=s validator=x',
      'host all all all oauth issuer=i scope=s validator=v delegate_ident_mapping=1',
      'host all all all oauth issuer=i scope=s',
      'host all all all oauth issuer=i scope=s map=m',
      'host all all all oauth issuer=i scope=s validator=x validator.a=b',
      'host all all all oauth issuer=i scope=s validator=x validator.a.b=c',
      'host all all all oauth issuer=i scope=s validator=x validator.=',
      'hostssl all all all oauth issuer= scope= validator=x clientcert=verify-ca',
      'hostgssenc all all all oauth issuer=i scope=s validator=x',
      'host all all all gss include_realm=0 krb_realm=R',
      'hostgssenc all all all sspi upn_username=1',
      'host all all all pam pamservice=x',
      'local all all oauth scope=s issuer=i validator=z',
      'host all all all ldap ldapserver=x ldapprefix=y',
      'hostssl all all all ldap ldapserver=x ldapbasedn="dc=a, dc=b"',
      'host all all all radius radiusservers=127.0.0.1 radiussecrets=s',
      'host all all all radius radiusservers="127.0.0.1,127.0.0.2" radiussecrets="a,b"',
    ),
    fc.oneof(fc.constant(''), option),
  )
  .map((parts) => parts.join(' '));

/** Rules with method ldap and an `ldapurl`, alone or between other options. */
const ruleWithUrl = fc
  .tuple(
    fc.array(option, { maxLength: 1 }),
    fc.oneof(ldapUrl, goodLdapUrl),
    fc.array(fc.oneof(ldapUrl, goodLdapUrl, option), { maxLength: 1 }),
  )
  .map(([before, url, after]) => ['host all all all ldap', ...before, url, ...after].join(' '));

const noise = fc
  .array(fc.oneof(oddity, blank, name, fc.string({ maxLength: 3 })), { maxLength: 8 })
  .map((parts) => parts.join(''));
const comment = fc.constantFrom(
  '# note',
  '#',
  '  # x',
  '# C:\\',
  '# C:\\\n',
  '# C:\\\\\n',
  '\\\n',
  '#"',
  '# a # b',
  '\ufeff# x',
);
const damaged = fc
  .tuple(rule, fc.nat(60), oddity)
  .map(([text, at, insert]) => text.slice(0, at) + insert + text.slice(at));

function inclusion(major: PgMajor, files: readonly string[]): fc.Arbitrary<string> {
  // A file that includes itself makes servers before 16 crash. For these versions, a file includes only files that come
  // later in the list.
  const file = fc.constantFrom(
    ...files,
    'missing.conf',
    'sub',
    'a b.conf',
    './sub/../missing',
    'sub/./../sub',
    ...(major >= 16 ? [''] : []),
  );
  const quoted = file.map((path) => (/^[\w./]+$/.test(path) ? path : `"${path}"`));
  return fc.oneof(
    quoted.map((path) => `local @${path === '""' ? 'none' : path} all trust`),
    quoted.map((path) => `host all alice,@${path === '""' ? 'none' : path} 127.0.0.1/32 md5`),
    fc
      .tuple(fc.constantFrom('@', 'local @', 'local all all @', 'local all all peer @'), quoted)
      .map(([head, path]) => head + (path === '""' ? 'x' : path)),
    fc
      .tuple(fc.constantFrom('include', 'include_if_exists', '"include"', 'include_dir', 'INCLUDE'), quoted)
      .map((parts) => parts.join(' ')),
    fc.constantFrom(
      'include_dir sub',
      'include_dir "sub"',
      'include_dir missing',
      'include_dir " "',
      'include a b',
      'include',
    ),
  );
}

const lineEnd = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r\r\n');

/** Returns generated texts of files with the given lines, with different line ends and sometimes a byte order mark. */
export function fileOf(line: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(line, { maxLength }), lineEnd, fc.boolean(), fc.constantFrom('', '', '', '', '\ufeff'))
    .map(([lines, end, hasEnd, mark]) => mark + lines.join(end) + (hasEnd ? end : ''));
}

/**
 * Returns generated trees of files with pg_hba.conf as the main file: valid files, nearly valid files and random text.
 */
export function hbaTrees(major: PgMajor): fc.Arbitrary<FileTree> {
  const line = fc.oneof(
    { weight: 6, arbitrary: rule },
    { weight: 3, arbitrary: goodRule },
    { weight: 1, arbitrary: ruleWithOptions },
    { weight: 2, arbitrary: ruleWithUrl },
    { weight: 1, arbitrary: comment },
    { weight: 1, arbitrary: noise },
    { weight: 2, arbitrary: damaged },
    { weight: 1, arbitrary: fc.constant('') },
  );
  const flat = fileOf(line, 6).map((text) => ({ 'pg_hba.conf': text }));
  const good = fileOf(fc.oneof(goodRule, comment), 4).map((text) => ({ 'pg_hba.conf': text }));
  return fc.oneof(
    { weight: 5, arbitrary: flat },
    { weight: 1, arbitrary: good },
    { weight: 3, arbitrary: nested(major, line, 'pg_hba.conf') },
  );
}

/** Returns generated trees of files: the main file includes files, which include further files. */
export function nested(major: PgMajor, record: fc.Arbitrary<string>, main: string): fc.Arbitrary<FileTree> {
  const line = (files: readonly string[]): fc.Arbitrary<string> =>
    files.length === 0
      ? record
      : fc.oneof({ weight: 1, arbitrary: record }, { weight: 1, arbitrary: inclusion(major, files) });
  const words = fileOf(fc.oneof(list, comment, record), 3);
  const later = (files: readonly string[]): readonly string[] => (major >= 16 ? [...files, 'a.conf'] : files);
  return fc.record({
    [main]: fileOf(line(['a.conf', 'b.conf', 'sub/z.conf', 'words']), 4),
    'a.conf': fileOf(line(['b.conf', 'words']), 3),
    'b.conf': fileOf(line(later(['words'])), 3),
    words,
    'a b.conf': fc.constantFrom('', 'bob', '# nothing'),
    'sub/z.conf': fileOf(record, 2),
    'sub/10.conf': fileOf(line(major >= 16 ? ['z.conf', '../b.conf'] : []), 2),
    'sub/9.conf': fc.constantFrom('local all nine trust\n', ''),
    'sub/.hidden.conf': fc.constant('garbage'),
    'sub/x.txt': fc.constant('garbage'),
  });
}
