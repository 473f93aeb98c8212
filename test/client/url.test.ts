import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConnectionUrl } from '../../src/client/index.ts';
import { PgHostsslError } from '../../src/errors.ts';

const read: readonly (readonly [string, ReturnType<typeof parseConnectionUrl>])[] = [
  ['postgresql://webadmin@db.example.com/app', target('db.example.com', 5432, 'webadmin', 'app')],
  ['postgres://webadmin@db.example.com:5433', target('db.example.com', 5433, 'webadmin', 'webadmin')],
  ['  postgresql://a@[2001:DB8::1]:1/x \n', target('2001:db8::1', 1, 'a', 'x')],
  ['postgresql://a@10.0.0.1/', target('10.0.0.1', 5432, 'a', 'a')],
  ['postgresql://a:s%40crt@DB.Example.Com./x', target('db.example.com', 5432, 'a', 'x')],
  ['postgresql://a@bücher.example/x', target('xn--bcher-kva.example', 5432, 'a', 'x')],
  ['postgresql://a@h/a%2Fb%3Fc%23d%26e%25f', target('h', 5432, 'a', 'a/b?c#d&e%f')],
  ['postgresql://a@h/a/b;c=d+e', target('h', 5432, 'a', 'a/b;c=d+e')],
  ["postgresql://zo%C3%AB%20o'b%2C%20x+y@h/my db", target('h', 5432, "zoë o'b, x+y", 'my db')],
  ['postgresql://a@h/x?user=b+c&port=7&dbname=y%2Fz&host=other', target('other', 7, 'b+c', 'y/z')],
  ['postgresql:///x?user=b%20c&host=%3A%3A1', target('::1', 5432, 'b c', 'x')],
  ['postgresql://web admin@h/x', target('h', 5432, 'web admin', 'x')],
  ['postgresql://a@h/x?dbname=&port=', target('h', 5432, 'a', 'x')],
  ['postgresql://a@h/x?hostaddr=10.0.0.7', { ...target('h', 5432, 'a', 'x'), hostaddr: '10.0.0.7' }],
  // Neither are the files read, nor is the mode looked at.
  [
    'postgresql://a@h/x?sslmode=disable&sslrootcert=/no/such&sslcert=/no/such&sslkey=/no/such&sslnegotiation=direct',
    target('h', 5432, 'a', 'x'),
  ],
  ['postgresql://a@h/x?uselibpqcompat=true&sslmode=verify-ca', target('h', 5432, 'a', 'x')],
];

for (const [url, expected] of read) {
  test(`reads ${url.trim()}`, () => assert.deepEqual(parseConnectionUrl(url), expected));
}

const refused: readonly (readonly [string, string])[] = [
  ['host=localhost dbname=app user=a', 'connection-url-invalid'],
  ['http://a@h/x', 'connection-url-invalid'],
  ['', 'connection-url-invalid'],
  ['postgresql://a@h1,h2/x', 'connection-url-invalid'],
  ['postgresql://a@h1:1,h2:2/x', 'connection-url-invalid'],
  ['postgresql://a@/x?host=h1,h2', 'connection-host-invalid'],
  ['postgresql://a@h/x#y', 'connection-url-invalid'],
  ['postgresql://a@h/100%', 'connection-url-invalid'],
  ['postgresql://a@h/%ff', 'connection-url-invalid'],
  ['postgresql://%ff@h/x', 'connection-url-invalid'],
  ['postgresql://a@h/x?database=y', 'connection-url-invalid'],
  ['postgresql://a@h:99999/x', 'connection-url-invalid'],
  ['postgresql://a@h:0/x', 'connection-value-invalid'],
  ['postgresql://a@h/x?port=1,2', 'connection-value-invalid'],
  ['postgresql://a@h/x?port=0x1538', 'connection-value-invalid'],
  ['postgresql://a@h/x?port=1e3', 'connection-value-invalid'],
  ['postgresql://a%00@h/x', 'connection-value-invalid'],
  ['postgresql://h/x', 'connection-user-missing'],
  ['postgresql://:p@h/x', 'connection-user-missing'],
  ['postgresql://a@/x', 'connection-host-invalid'],
  ['postgresql:///x?user=a', 'connection-host-invalid'],
  ['postgresql://a@%2Fvar%2Frun/x', 'connection-host-invalid'],
  ['postgresql://a@/x?host=/var/run', 'connection-host-invalid'],
  ['postgresql://a@a..b/x', 'connection-host-invalid'],
  ['postgresql://a@-h-/x', 'connection-host-invalid'],
  ['postgresql://a@*.example.com/x', 'connection-host-invalid'],
  ['postgresql://a@999.1.1.1/x', 'connection-host-invalid'],
  ['postgresql://a@h/x?hostaddr=name', 'connection-host-invalid'],
];

for (const [url, code] of refused) {
  test(`refuses ${JSON.stringify(url)} as ${code}`, () => {
    assert.throws(
      () => parseConnectionUrl(url),
      (error) => error instanceof PgHostsslError && error.code === code,
    );
  });
}

test('an error says the way out', () => {
  const hint = (url: string): string | undefined => {
    try {
      parseConnectionUrl(url);
    } catch (error) {
      return (error as PgHostsslError).hint;
    }
    return undefined;
  };
  assert.match(hint('postgresql://a@h/x?database=y')!, /"dbname"/);
  assert.match(hint('postgresql://a@h/x#y')!, /%23/);
  assert.match(hint('postgresql://a@h/100%')!, /%25/);
  assert.match(hint('postgresql://a@h1,h2/x')!, /each host/);
  assert.match(hint('postgresql://h/x')!, /common name/);
});

test('a password shows in no error and in no target', () => {
  const urls = [...read.map(([url]) => url), ...refused.map(([url]) => url)].map((url) =>
    url.replace(/:\/\/([^:@/?]*)(:[^@/]*)?@/, '://$1:hunter2@'),
  );
  assert.ok(urls.filter((url) => url.includes('hunter2')).length > 25);
  for (const url of urls) {
    let shown: string;
    try {
      shown = JSON.stringify(parseConnectionUrl(url));
    } catch (error) {
      const { message, stack, cause } = error as Error;
      shown = `${message}${stack}${cause}`;
    }
    assert.ok(!shown.includes('hunter2'), shown);
  }
});

function target(host: string, port: number, user: string, database: string): ReturnType<typeof parseConnectionUrl> {
  return { host, port, user, database };
}
