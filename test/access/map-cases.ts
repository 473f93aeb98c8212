import fc from 'fast-check';
import type { NameInput } from '../../src/names/distinguished-name.ts';
import type { PgMajor } from '../../src/version.ts';
import { forge } from '../pki/forge.ts';
import type { ClientKeys, Knock } from './knock.ts';
import { authority, memberOf, roles } from './real-server.ts';

const long = 'n'.repeat(63);

/** The roles of the servers that judge maps. */
export const rolesOfMaps: readonly string[] = [
  ...Object.keys(roles),
  ...['A', 'a b', 'é', '+g', '/^a', '/a', 'all', '\\1', 'aa', 'aaa', 'pre_a', 'pre_', 'a@x', 'CN=a', 'CN=a,O=x', long],
];

/** Returns whether a role is a member of another role; the roles without memberships are members of themselves. */
export function memberOfMaps(user: string, role: string): boolean {
  return memberOf(user, role) || (user === role && rolesOfMaps.includes(user));
}

/** A login: what the client sends, and what the server finds out about the client. */
export interface Login {
  readonly asked: Omit<Knock, 'keys'>;
  /** The number of the client's certificate in `certificates`. */
  readonly certificate?: number;
  readonly systemUser: string;
}

interface Rule {
  readonly since?: PgMajor;
  readonly until?: PgMajor;
  readonly type: 'host' | 'hostssl' | 'hostnossl';
  readonly method: string;
}

/** The rules, each for a client address of its own. */
const rules: readonly Rule[] = [
  { type: 'host', method: 'ident map=m' },
  { type: 'hostnossl', method: 'ident map=m' },
  { type: 'host', method: 'ident' },
  { type: 'host', method: 'ident map=M' },
  { type: 'host', method: 'ident map=' },
  { type: 'host', method: 'ident map=x map=m' },
  { type: 'host', method: 'trust' },
  { type: 'host', method: 'password' },
  { type: 'host', method: 'reject' },
  { type: 'hostssl', method: 'cert' },
  { type: 'hostssl', method: 'cert map=m' },
  { type: 'hostssl', method: 'cert map="a b"' },
  { since: 14, type: 'hostssl', method: 'cert clientname=DN' },
  { since: 14, type: 'hostssl', method: 'cert clientname=DN map=m' },
  { since: 14, type: 'hostssl', method: 'cert clientname=CN clientcert=verify-full map=m' },
  { since: 14, type: 'hostssl', method: 'trust clientname=DN' },
  { since: 14, type: 'hostssl', method: 'trust clientname=DN clientcert=verify-full' },
  { since: 14, type: 'hostssl', method: 'ident clientname=DN clientcert=verify-full map=m' },
  { since: 12, type: 'hostssl', method: 'trust clientcert=verify-full' },
  { since: 12, type: 'hostssl', method: 'ident clientcert=verify-full map=m' },
  { since: 12, type: 'hostssl', method: 'password clientcert=verify-full' },
  { since: 12, type: 'hostssl', method: 'reject clientcert=verify-full' },
  { type: 'hostssl', method: 'trust clientcert=verify-ca' },
  { type: 'hostssl', method: 'trust clientcert=verify-full' },
  { until: 13, type: 'hostssl', method: 'trust clientcert=1' },
  { until: 13, type: 'hostssl', method: 'trust clientcert=0' },
  { until: 13, type: 'hostssl', method: 'cert clientcert=1 map=m' },
  { until: 13, type: 'hostssl', method: 'password clientcert=no-verify' },
];

function rulesOf(major: PgMajor): readonly Rule[] {
  return rules.filter(({ since = 0, until = 99 }) => since <= major && major <= until);
}

/** Returns a pg_hba.conf with one rule for each client address 127.0.0.1, 127.0.0.2 and so on. */
export function hbaOfMaps(major: PgMajor): string {
  return rulesOf(major)
    .map(({ type, method }, number) => `${type} all all 127.0.0.${number + 1}/32 ${method}\n`)
    .join('');
}

const regexes = [
  '/^(.*)$',
  '/^(.)$',
  '/(a)',
  '/^(a|b)$',
  '/^a$',
  '/^A$',
  '"/^(.*)@x$"',
  '/^(.*)@x$',
  '/(.*)@x$',
  '/^(b)?$',
  '/(b)?$',
  '/^([a-c])',
  '/^([a-c]+)$',
  '/^(.*)\\.(.*)$',
  '/',
  '/^.*$',
  '/^$',
  '/^()$',
  '/^\\/a$',
  '/^(\\/.*)$',
  '/^CN=(.)$',
  '"/^CN=(.*),O=x$"',
  '"/CN=(.)"',
  '/^(\\w+)@x$',
  '/^(\\w)x$',
  '/^(a*)a*$',
  '/^a*(a*)$',
  '/^(.+)x?$',
  '/^(a{1,2})a*$',

  '/(?i)^a$',
  '/é',
  '/^(.)(.)$',
  '/^(.)\\1$',
  '/^(?:a)(b)$',
  '/^([^@]*)@',
  '/^([\\w]+)$',
  '/^(\\+.)$',
  '/^.\\1',
];

const systemUsers = [
  'a',
  'b',
  'c',
  'A',
  '"a b"',
  'é',
  'all',
  '"all"',
  '+g',
  '"+g"',
  '@names',
  'CN=a',
  '"CN=a,O=x"',
  '""',
];

const pgUsers = [
  ...['a', 'b', 'A', '"a b"', 'é', 'all', '"all"', 'All', '+g', '"+g"', '+h', '+k', '+', '""', long, `${long}x`],
  ...['\\1', '\\1', '\\1', '"\\1"', 'pre_\\1', 'a\\1a', '\\1\\1', '+\\1', '\\1all', '\\2', '/a', '\\1b'],
  ...['/^a', '"/^a"', '/^\\1$', '/\\\\1', '/', '/^\\/.*$', '/^\\/a$', '/^(a|b)$', '/^a$', '/(?i)^a$', '@one'],
];

/** Returns generated pg_ident.conf files with the files that they include, for a major version. */
export function identFilesOfMaps(major: PgMajor): fc.Arbitrary<Readonly<Record<string, string>>> {
  const map = fc.constantFrom('m', 'm', 'm', 'm', 'M', '"a b"', '"m"', '@map');
  const systemUser = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...regexes) },
    { weight: 2, arbitrary: fc.constantFrom(...systemUsers) },
  );
  const line = fc
    .tuple(map, systemUser, fc.constantFrom(...pgUsers), fc.constantFrom('', '', '', '', ' extra', ' # note', ' a,b'))
    .map(([name, system, user, end]) => `${name} ${system} ${user}${end}`);
  const included = fc.array(line, { maxLength: 3 });
  const lines = fc.array(line, { minLength: 1, maxLength: 8 });
  return fc.tuple(lines, included, fc.nat(3), fc.boolean()).map(([own, more, at, includes]) => {
    const include = major >= 16 && includes ? ['include more.conf'] : [];
    const main = [...own.slice(0, at), ...include, ...own.slice(at)];
    return {
      'pg_ident.conf': `${main.join('\n')}\n`,
      'more.conf': more.map((each) => `${each}\n`).join(''),
      names: 'a\n',
      map: '# a map\nm\n',
      one: '\\1\n',
    };
  });
}

/** The subjects of the client certificates. */
const subjects: readonly NameInput[] = [
  'CN=a',
  'CN=b',
  'CN=A',
  'CN=é',
  'CN=a b',
  'CN=/a',
  'CN=/^a',
  'CN=all',
  'CN=\\+g',
  'CN=a@x',
  'CN=CN\\=a',
  'CN=\\\\1',
  'CN=ghost',
  `CN=${long}`,
  'O=x',
  '/O=x/CN=a',
  '/CN=a/O=x',
  '/CN=a/CN=b',
  '/CN=b/CN=a',
  [
    [
      { type: 'CN', value: 'a' },
      { type: 'O', value: 'x' },
    ],
  ],
  [
    [
      { type: 'CN', value: 'b' },
      { type: 'CN', value: 'a' },
    ],
  ],
  [[{ type: 'CN', value: 'a', der: '1e020061' }]],
  [[{ type: 'CN', value: 'é', der: '1401e9' }]],
  [[{ type: 'CN', value: 'a', der: '140161' }]],
  [[{ type: 'CN', value: '', der: '0c00' }]],
  [[{ type: 'O', value: 'x,"y"+z;<>\\ #' }], [{ type: 'emailAddress', value: 'a@x' }], [{ type: 'CN', value: ' a ' }]],
  [[{ type: '1.2.3.4', value: 'x' }], [{ type: 'CN', value: 'a' }]],
  [[{ type: '2.5.4.16', value: 'x' }], [{ type: 'CN', value: 'a' }]],
  [[{ type: '0.9.2342.19200300.100.1.44', value: 'x' }], [{ type: 'CN', value: 'a' }]],
  [],
];

/** The subject of a client certificate, and the certificate with its key. */
interface Certificate {
  readonly subject: NameInput;
  readonly keys: ClientKeys;
}

const leaf = await authority.issueClientCertificate({ user: 'leaf' });

/** The certificates of the clients, signed by the CA of the servers. */
export const certificates: readonly Certificate[] = await Promise.all(
  subjects.map(async (subject) => {
    const issuerKey = authority.privateKey;
    const cert = await forge({ subject, issuer: 'CN=Authority', key: leaf.privateKey, issuerKey, extensions: [] });
    return { subject, keys: { cert, key: leaf.privateKey.toPem() } };
  }),
);

/** Returns generated logins for a major version. */
export function logins(major: PgMajor): fc.Arbitrary<Login> {
  const known = rulesOf(major);
  const users = ['a', 'a', 'a', 'b', 'b', ...rolesOfMaps, 'ghost', `${long}x`];
  const system = [
    'a',
    'a',
    'b',
    'c',
    'A',
    'a b',
    'é',
    'ab',
    'aa',
    'aaa',
    'a@x',
    'a@x@x',
    'ax',
    'all',
    '+g',
    '/a',
    '\\1',
    'CN=a',
    'CN=a,O=x',
    'a.b',
    long,
  ];
  return fc
    .tuple(
      fc.nat(known.length - 1),
      fc.constantFrom(...users),
      fc.constantFrom(...system),
      fc.option(fc.nat(certificates.length - 1), { freq: 6, nil: undefined }),
      fc.boolean(),
    )
    .map(([number, user, systemUser, certificate, plain]): Login => {
      const { type } = known[number]!;
      const transport = type === 'hostssl' || (type === 'host' && !plain) ? 'ssl' : 'plain';
      const asked = { transport, address: `127.0.0.${number + 1}`, user, database: 'a' } as const;
      if (transport === 'plain' || certificate === undefined) return { asked, systemUser };
      return { asked, certificate, systemUser };
    });
}
