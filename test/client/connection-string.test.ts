import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { connectionTarget, parseConnectionString } from '../../src/client/index.ts';
import { PgHostsslError } from '../../src/errors.ts';
import { endsSoon } from '../ends-soon.ts';

type Target = ReturnType<typeof parseConnectionString>;

const read: readonly (readonly [string, Target])[] = [
  ['postgresql://webadmin@db.example.com/app', target('db.example.com', 5432, 'webadmin', 'app')],
  ['postgres://webadmin@db.example.com:5433', target('db.example.com', 5433, 'webadmin', 'webadmin')],
  ['  postgresql://a@[2001:DB8::1]:1/x \n', target('2001:db8::1', 1, 'a', 'x')],
  ['postgresql://a@[::1]/x', target('::1', 5432, 'a', 'x')],
  ['postgresql://a@[::1]?dbname=x', target('::1', 5432, 'a', 'x')],
  ['postgresql://a@10.0.0.1/', target('10.0.0.1', 5432, 'a', 'a')],
  ['postgresql://a:s%40crt@DB.Example.Com./x', target('db.example.com', 5432, 'a', 'x')],
  ['postgresql://a@bücher.example/x', target('xn--bcher-kva.example', 5432, 'a', 'x')],
  ['postgresql://a@h/a%2Fb%3Fc%23d%26e%25f', target('h', 5432, 'a', 'a/b?c#d&e%f')],
  ['postgresql://a@h/a/b;c=d+e', target('h', 5432, 'a', 'a/b;c=d+e')],
  ["postgresql://zo%C3%AB%20o'b%2C%20x+y@h/my%20db", target('h', 5432, "zoë o'b, x+y", 'my db')],
  ['postgresql://a@h/x?user=b+c&port=7&dbname=y%2Fz&host=other', target('other', 7, 'b+c', 'y/z')],
  ['postgresql:///x?user=b%20c&host=%3A%3A1', target('::1', 5432, 'b c', 'x')],
  ['postgresql://a@h/x?hostaddr=10.0.0.7', { ...target('h', 5432, 'a', 'x'), hostaddr: '10.0.0.7' }],
  ['postgresql://u@:5433/db?host=db.example.com', target('db.example.com', 5433, 'u', 'db')],
  ['postgresql://a@h?dbname=x', target('h', 5432, 'a', 'x')],
  ['postgresql://a@h/x?', target('h', 5432, 'a', 'x')],
  ['postgresql://a@h/x?ssl=true&', target('h', 5432, 'a', 'x')],
  // An empty parameter means the default, even if the string gave another value before.
  ['postgresql://a@h:5433/x?dbname=&port=', target('h', 5432, 'a', 'a')],
  // libpq 18 drops spaces around the name and the value of a parameter.
  ['postgresql://a@h/x?port = 5', target('h', 5, 'a', 'x')],
  ['postgresql://a@h/x?port=%2b05432%20', target('h', 5432, 'a', 'x')],
  // In a URL, libpq takes a tab for an ordinary character. Only a space must be percent-encoded.
  ['postgresql://a@h/x\ty', target('h', 5432, 'a', 'x\ty')],
  ['postgresql://a@h/x\u00a0', target('h', 5432, 'a', 'x\u00a0')],
  // The files that these parameters name do not exist: `parseConnectionString` does not read them.
  [
    'postgresql://a@h/x?sslmode=disable&sslrootcert=/no/such&sslcert=/no/such&sslkey=/no/such&sslnegotiation=direct',
    target('h', 5432, 'a', 'x'),
  ],
  ['host=db.example.com user=webadmin dbname=app', target('db.example.com', 5432, 'webadmin', 'app')],
  [" host = h\tport=5433\nuser='a b' dbname='it\\'s \\\\'", target('h', 5433, 'a b', "it's \\")],
  ["host='h'user=a\\ b dbname=''", target('h', 5432, 'a b', 'a b')],
  ['host=h user=a user=b password=x', target('h', 5432, 'b', 'b')],
  ['host=h user=a servicefile=/s oauth_ca_file=/c', target('h', 5432, 'a', 'a')], // libpq 19
  ['host=h hostaddr=10.0.0.7 user=a', { ...target('h', 5432, 'a', 'a'), hostaddr: '10.0.0.7' }],
  // A space after a backslash belongs to the value, even at the end of the string.
  ['host=h dbname=x user=a\\ ', target('h', 5432, 'a ', 'x')],
  // `pg` and libpq agree about a percent-encoded parameter name, and about a "?" in the query.
  ['postgresql://a@h/x?us%65r=b', target('h', 5432, 'b', 'x')],
  ['postgresql://a@h/x?user=b?', target('h', 5432, 'b?', 'x')],
  ['host=h user=a dbname=x\u00a0', target('h', 5432, 'a', 'x\u00a0')],
];

for (const [text, expected] of read) {
  test(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parseConnectionString(text), expected));
}

const refused: readonly (readonly [string, string])[] = [
  ['http://a@h/x', 'connection-url-invalid'],
  ['POSTGRESQL://a@h/x', 'connection-url-invalid'],
  ['jdbc:postgresql://h/x?user=a', 'connection-url-invalid'],
  ['postgresql+asyncpg://a@h/x?sslmode=require', 'connection-url-invalid'],
  ['', 'connection-host-invalid'],
  ['app', 'connection-url-invalid'],
  ['postgresql://a@h1,h2/x', 'connection-url-invalid'],
  ['postgresql://a@h1:1,h2:2/x', 'connection-url-invalid'],
  ['postgresql://a@/x?host=h1,h2', 'connection-url-invalid'],
  ['host=h1,h2 user=a', 'connection-url-invalid'],
  ['postgresql://a@h/x#y', 'connection-url-invalid'],
  ['postgresql://a@h/100%', 'connection-url-invalid'],
  ['postgresql://a@h/%ff', 'connection-url-invalid'],
  ['postgresql://%ff@h/x', 'connection-url-invalid'],
  ['postgresql://a@h/x?user=%ff', 'connection-url-invalid'],
  ['postgresql://a@h/x?user=a%c3', 'connection-url-invalid'],
  ['postgresql://a@h/x?dbname=%ff', 'connection-url-invalid'],
  ['postgresql://a@h/x?key=a=b', 'connection-url-invalid'],
  ['postgresql://a@h/x?port', 'connection-url-invalid'],
  ['postgresql://a@h/x?&port=1', 'connection-url-invalid'],
  ['postgresql://web admin@h/x', 'connection-url-invalid'],
  ['postgresql://a@h/my db', 'connection-url-invalid'],
  ['postgresql://a?b@h/x', 'connection-url-invalid'],
  ['postgresql://a@h/x? user=b', 'connection-url-invalid'],
  ['postgresql://a@h/x?port\t=5', 'connection-parameter-unknown'],
  ['postgresql://a@[::1/x', 'connection-url-invalid'],
  ['postgresql://a@[]/x', 'connection-url-invalid'],
  ['postgresql://a@[::1]x/x', 'connection-url-invalid'],
  ['postgresql://a@h/x?service=app', 'connection-url-invalid'],
  ['service=app', 'connection-url-invalid'],
  ['host=h user', 'connection-url-invalid'],
  ["host=h user='a", 'connection-url-invalid'],
  ['host=h user=a\0b', 'connection-url-invalid'],
  ['host=h user=a\ud800', 'connection-url-invalid'],
  ['postgresql://a%00@h/x', 'connection-url-invalid'],
  ['postgresql://a@h/x?database=y', 'connection-parameter-unknown'],
  ['postgresql://a@h/x?prot=99', 'connection-parameter-unknown'],
  ['postgresql://a@h/x?Port=99', 'connection-parameter-unknown'],
  ['postgresql://a@h/x?zzz=', 'connection-parameter-unknown'],
  ['postgresql://a@h/x?uselibpqcompat=true&sslmode=verify-ca', 'connection-parameter-unknown'],
  ['postgresql://a@h/x?ssl=1', 'connection-parameter-unknown'],
  ['host=h uzer=a', 'connection-parameter-unknown'],
  ['=h', 'connection-parameter-unknown'],
  ['postgresql://a@h:99999/x', 'connection-value-invalid'],
  ['postgresql://a@h:0/x', 'connection-value-invalid'],
  ['postgresql://a@h/x?port=0x1538', 'connection-value-invalid'],
  ['postgresql://a@h/x?port=1e3', 'connection-value-invalid'],
  ['postgresql://h/x', 'connection-user-missing'],
  ['postgresql://:p@h/x', 'connection-user-missing'],
  ['postgresql://a@h/x?user=', 'connection-user-missing'],
  ['host=h', 'connection-user-missing'],
  ['postgresql://a@/x', 'connection-host-invalid'],
  ['postgresql://a@h/x?host=', 'connection-host-invalid'],
  ['postgresql:///x?user=a', 'connection-host-invalid'],
  ['postgresql://a@%2Fvar%2Frun/x', 'connection-host-invalid'],
  ['postgresql://a@/x?host=/var/run', 'connection-host-invalid'],
  ['postgresql://a@a..b/x', 'connection-host-invalid'],
  ['postgresql://a@b@host/', 'connection-host-invalid'],
  ['postgresql://a@-h-/x', 'connection-host-invalid'],
  ['postgresql://a@*.example.com/x', 'connection-host-invalid'],
  ['postgresql://a@999.1.1.1/x', 'connection-host-invalid'],
  ['postgresql://a@a\ufeffb/x', 'connection-host-invalid'],
  ['host=[::1] user=a', 'connection-host-invalid'],
  ['postgresql://a@h/x?host=[::1]', 'connection-host-invalid'],
  ['host=h hostaddr=[::1] user=a', 'connection-host-invalid'],
  ['host=fe80::1%eth0 user=a', 'connection-host-invalid'],
  ['postgresql://a@h/x?hostaddr=name', 'connection-host-invalid'],
];

test('an error about a host or a port says what to give', () => {
  for (const [text, hint] of [
    ['host=h port=65536 user=a', /1 to 65535/],
    ['host=h..x user=a', /such as db\.example\.com/],
    ['host=h hostaddr=name user=a', /leave hostaddr out/],
  ] as const) {
    assert.throws(() => parseConnectionString(text), { hint }, text);
  }
});

for (const [text, code] of refused) {
  test(`refuses ${JSON.stringify(text)} as ${code}`, () => {
    assert.throws(
      () => parseConnectionString(text),
      (error) => error instanceof PgHostsslError && error.code === code,
    );
  });
}

test('an error for an unknown parameter names the nearest parameter', () => {
  const nearest: readonly (readonly [string, RegExp])[] = [
    ['prot', /"prot".*The nearest parameter is port\.$/],
    ['Port', /nearest parameter is port/],
    ['slmode', /nearest parameter is sslmode/],
    ['uzer', /nearest parameter is user/],
    ['database', /nearest parameter is dbname/],
    ['username', /nearest parameter is user/],
    ['uselibpqcompat', /Only drivers for Node\.js/],
    ['schema', /"schema".*Only drivers for Node\.js/],
    ['zzz', /libpq refuses$/],
    ['constructor', /libpq refuses$/],
    ['__proto__', /libpq refuses$/],
  ];
  for (const [name, message] of nearest) {
    for (const text of [`postgresql://a@h/x?${name}=1`, `host=h user=a ${name}=1`]) {
      assert.throws(() => parseConnectionString(text), { code: 'connection-parameter-unknown', message }, text);
    }
  }
});

test('an error for an unknown parameter does not show a piece of a password', () => {
  for (const text of [
    'postgresql://alice@h/x?password=correct&horsebattery=9',
    'postgresql://alice:correct/x?horsebattery=9@h/x',
    'host=h user=alice password=correct horsebattery=9',
  ]) {
    const isSafe = (error: unknown): boolean => error instanceof PgHostsslError && !/horse/.test(error.message);
    assert.throws(() => parseConnectionString(text), isSafe, text);
  }
});

test('a value that is not a string is rejected', () => {
  for (const value of [undefined, null, 5, {}, new URL('postgresql://a@h/x')]) {
    assert.throws(() => parseConnectionString(value as never), { code: 'argument-invalid' });
  }
});

test('a long string is read in linear time', () =>
  endsSoon(() => {
    parseConnectionString(`host=h user=a ${'password=x '.repeat(50_000)}`);
    parseConnectionString(`postgresql://a@h/x?${'password=x&'.repeat(50_000)}`);
    for (const text of [`host=h user='${"\\'".repeat(200_000)}`, 'a '.repeat(200_000), `${' '.repeat(200_000)}x`]) {
      assert.throws(() => parseConnectionString(text), { code: 'connection-url-invalid' });
    }
  }));

test('an error says the way out', () => {
  const hint = (url: string): string | undefined => {
    try {
      parseConnectionString(url);
    } catch (error) {
      return (error as PgHostsslError).hint;
    }
    return undefined;
  };
  assert.match(hint('postgresql://a@h/x#y')!, /%23/);
  assert.match(hint('postgresql://a@h/100%')!, /%25/);
  assert.match(hint('postgresql://a@h1,h2/x')!, /each host/);
  assert.match(hint('postgresql://a@h/my db')!, /%20/);
  assert.match(hint('postgresql://h/x')!, /common name/);
  assert.match(hint('user=a')!, /Unix socket/);
  for (const text of ['hostaddr=10.0.0.7 user=a', 'postgresql://a@/x?hostaddr=10.0.0.7']) {
    assert.match(hint(text)!, /host in addition to hostaddr/);
  }
  for (const url of ['postgresql://a@::1/x', 'postgresql://a@::1:5432/x', 'postgresql://a@fe80::1/x']) {
    assert.match(hint(url)!, /in brackets, such as \[::1\]/, url);
  }
  for (const text of ['host=h;user=a', 'user=a;host=h', 'dbname=x&host=h', 'host=h,user=a', 'port=1;host=h user=a']) {
    assert.match(hint(text)!, /a space between two parameters/, text);
  }
});

test('an error names the character that separates no parameters', () => {
  assert.throws(() => parseConnectionString('host=h;user=a'), { message: /the value of host holds a ";"/ });
  assert.throws(() => parseConnectionString('host=h;'), { message: /the value of host holds a ";"/ });
  assert.throws(() => parseConnectionString("host='/run/a;b' user=a"), { message: /is a Unix socket/ });
  assert.throws(() => parseConnectionString('user=a&dbname=x'), { message: /the value of user holds a "&"/ });
  const target = parseConnectionString("host=h user='a;user=b' password='x;host=y' dbname='c&port=1'");
  assert.deepEqual([target.user, target.database], ['a;user=b', 'c&port=1']);
});

test('only an IPv6 address may be in brackets, as psql says', (t) => {
  const accepted = (host: string): boolean => {
    try {
      connectionTarget({ host, user: 'a' });
      return true;
    } catch (error) {
      assert.equal((error as PgHostsslError).code, 'connection-host-invalid');
      return false;
    }
  };
  assert.deepEqual(['[10.1]', '[127.0.0.1]', '[db.example.com]', '[::1]', '127.1'].map(accepted), [
    false,
    false,
    false,
    true,
    true,
  ]);
  const psql = (host: string): string =>
    spawnSync('psql', [`host=${host} port=1 user=a connect_timeout=2`], { encoding: 'utf8' }).stderr ?? '';
  if (psql('127.1') === '') return t.skip('there is no psql');
  assert.match(psql('127.1'), /127\.0\.0\.1/);
  assert.match(psql('[127.1]'), /could not translate host name/);
});

test('a password shows in no error and in no target', () => {
  const urls = [...read.map(([url]) => url), ...refused.map(([url]) => url)].map((url) =>
    url.replace(/:\/\/([^:@/?]*)(:[^@/]*)?@/, '://$1:hunter2@'),
  );
  assert.ok(urls.filter((url) => url.includes('hunter2')).length > 25);
  for (const url of urls) {
    let shown: string;
    try {
      shown = JSON.stringify(parseConnectionString(url));
    } catch (error) {
      const { message, stack, cause } = error as Error;
      shown = `${message}${stack}${cause}`;
    }
    assert.ok(!shown.includes('hunter2'), shown);
  }
});

test('no part of a malformed string shows', () => {
  const texts = [
    'postgresql://a:hun?ter2@h/x',
    'postgresql://a:hun#ter2@h/x',
    'postgresql://a:hun/ter2@h/x',
    'postgresql://a:ter2/x@h/x',
    'postgresql://a:x@ter2@h/x',
    'postgresql://a@h/x?password=hunter2=x',
    'host=h user=a password=hunter2 hunter2',
    'host=h user=a password=x hunter2!=',
    "host=h password='hunter2",
    'postgresql://a@h/x?password=a&hunter2-secret=5',
    'postgresql://a:hun@@ter2@h/x',
    'postgresql://a:hun@ter2!/@h/x',
    'postgresql://a:hun@@ter2/@h/x',
    "postgresql://a:hun@ter2'/x@h/x",
    'host=postgresql://a:hunter2@h/x user=a',
    "host='h password=hunter2' user=a",
    "host='h?password=hunter2' user=a",
    "host='a:hunter2@h,h' user=a",
    "host='/run password=hunter2' user=a",
  ];
  for (const text of texts) {
    let shown = '';
    try {
      shown = JSON.stringify(parseConnectionString(text));
    } catch (error) {
      shown = inspect(error, { showHidden: true });
    }
    assert.ok(!/ter2/.test(shown), shown);
  }
});

function target(host: string, port: number, user: string, database: string): Target {
  return { host, port, user, database };
}

test('an error does not show a password with a slash, which ends the host and port of a URL', () => {
  assert.throws(
    () => parseConnectionString('postgresql://alice:correct/horse@db.example.com/app'),
    (error: PgHostsslError) => error.code === 'connection-value-invalid' && !/correct|horse/.test(inspect(error)),
  );
});
