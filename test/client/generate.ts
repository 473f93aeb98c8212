import fc from 'fast-check';
import { type ConnectionTarget, connectionTarget } from '../../src/client/index.ts';

const pieces = [
  'a',
  'B7',
  '/',
  '.',
  '?',
  '#',
  '%',
  '%2F',
  ' ',
  '@',
  ':',
  '+',
  '&',
  '=',
  'é',
  '\\',
  "'",
  ',',
  '\u00a0',
  '𝄞',
];

/** Generates names with all characters for which a quoting rule exists. */
export const names: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
    fc
      .array(fc.constantFrom(...pieces, '\u2003', '\ufeff', '\u0130', '\u212a'), { minLength: 1, maxLength: 6 })
      .map((list) => list.join('')),
  )
  .filter((text) => !/\0|\p{Surrogate}/u.test(text));

/** Generates valid connection targets. */
export const targets: fc.Arbitrary<ConnectionTarget> = fc
  .record({
    host: fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()),
    hostaddr: fc.option(fc.oneof(fc.ipV4(), fc.ipV6()), { nil: undefined }),
    user: names,
    database: names,
    port: fc.integer({ min: 1, max: 65535 }),
  })
  .map(connectionTarget);

const blank = fc.oneof(
  { weight: 15, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.constantFrom(' ', '  ', '\t', '\n') },
);
const hosts = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('localhost', 'db.example.com', '10.0.0.1', 'DB.Example.', 'a_b') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '::1',
      '0:0::0:1',
      'fe80::1%eth0',
      'h1,h2',
      '/tmp',
      '',
      'a b',
      'x@y',
      'bücher.example',
      '%41',
      '[::1]',
      '10.1',
      '999.1.1.1',
    ),
  },
);
const ports = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('5432', '54321', '+54321', ' 54321 ', '0054321') },
  { weight: 1, arbitrary: fc.constantFrom('', '1', '0', '65536', 'x', '0x1538', '5432,54321', '5432x') },
);
const damage = fc.constantFrom(
  '%',
  '%zz',
  '%00',
  '%ff',
  '%20',
  ' ',
  '=',
  '&',
  '?',
  '/',
  '@',
  ':',
  '[',
  ']',
  "'",
  '\\',
  ',',
);
const words = fc.array(fc.constantFrom('a', 'Z', 'é', '-', '.', "o'b", '\\', '+', '%41', '%C3%A9', '%2F', '=', '/'), {
  minLength: 1,
  maxLength: 4,
});
const userWords = words.map((list) => list.join('').replaceAll('/', ''));
const parameterNames = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom('user', 'dbname', 'host', 'port', 'application_name', 'sslmode', 'password'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'ssl',
      'hostaddr',
      'service',
      'prot',
      'Port',
      '',
      'keepalives',
      'uz er',
      'uselibpqcompat',
      'p%6frt',
      'gssencmode',
    ),
  },
);

/** Generators of values for some parameters. For all other parameters, the values are arbitrary words. */
const valuesOf: Readonly<Record<string, fc.Arbitrary<string>>> = {
  host: hosts,
  port: ports,
  // Valid addresses are left out, because pg_isready then does not print the host.
  hostaddr: fc.constantFrom('[127.0.0.1]', 'name', '10.0.0.300'),
  service: fc.constantFrom('app', 'app', 'none'),
  sslmode: fc.constantFrom('disable', 'disable', 'bogus'),
  gssencmode: fc.constant('disable'),
  ssl: fc.constantFrom('1', 'false'),
  keepalives: fc.constantFrom('1', 'x'),
};

/** Generates a parameter of a connection string. `quote` generates the spellings of a value. */
function parameter(quote: (text: string) => fc.Arbitrary<string>): fc.Arbitrary<readonly [string, string]> {
  return parameterNames.chain((name) => {
    const value = valuesOf[name] ?? words.map((list) => list.join(''));
    return fc.tuple(fc.constant(name), value.chain(quote));
  });
}

/** Generates URLs, most of which are valid. */
export const urls: fc.Arbitrary<string> = fc
  .record({
    scheme: fc.oneof(
      { weight: 15, arbitrary: fc.constantFrom('postgresql://', 'postgres://') },
      { weight: 1, arbitrary: fc.constant('Postgres://') },
    ),
    user: fc.option(
      words.map((list) => list.join('')),
      { nil: undefined },
    ),
    password: fc.option(fc.constantFrom('', 'p', 'p:q', 'p%40'), { nil: undefined, freq: 1 }),
    host: hosts,
    port: fc.option(ports, { nil: undefined }),
    database: fc.option(
      words.map((list) => list.join('')),
      { nil: undefined },
    ),
    query: fc.array(
      fc.tuple(
        parameter((text) => fc.constant(encodedSometimes(text))),
        blank,
        blank,
      ),
      { maxLength: 3 },
    ),
    tail: fc.constantFrom('', '', '', '&', '?', '#'),
    around: fc.oneof({ weight: 15, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constantFrom(' ', '\n') }),
  })
  .map(({ scheme, user, password, host, port, database, query, tail, around }) => {
    const credentials = user === undefined ? '' : `${user}${password === undefined ? '' : `:${password}`}@`;
    const server = `${host === '::1' ? '[::1]' : host}${port === undefined ? '' : `:${port}`}`;
    const path = database === undefined ? '' : `/${database}`;
    const parameters = query.map(([[name, value], before, behind]) => `${before}${name}${behind}=${value}`).join('&');
    return `${around}${scheme}${credentials}${server}${path}${parameters === '' ? '' : `?${parameters}`}${tail}${around}`;
  });

const pair = (name: string, values: fc.Arbitrary<string>) => fc.tuple(fc.constant(name), values.chain(quotedInSomeWay));

/** Generates strings of name=value pairs, most of which are valid. */
export const keyValues: fc.Arbitrary<string> = fc
  .tuple(
    fc.option(pair('host', hosts), { nil: undefined, freq: 12 }),
    fc.option(pair('user', userWords), { nil: undefined, freq: 12 }),
    fc.array(parameter(quotedInSomeWay), { maxLength: 3 }),
  )
  .chain(([host, user, others]) => {
    const pairs = [host, user, ...others].filter((each) => each !== undefined);
    return fc.tuple(
      ...pairs.map((each) => fc.tuple(fc.constant(each), blank, blank, fc.constantFrom(' ', ' ', '\n', ''))),
    );
  })
  .map((list) =>
    list.map(([[name, value], before, behind, end]) => `${name}${before}=${behind}${value}${end}`).join(''),
  );

/** Generates texts with a few characters added or removed. */
export function damaged(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(texts, fc.nat(), damage, fc.boolean()).map(([text, at, piece, cut]) => {
    const index = 'postgresql://'.length + (at % Math.max(1, text.length - 'postgresql://'.length));
    return text.slice(0, index) + piece + text.slice(cut ? index + 1 : index);
  });
}

function encodedSometimes(text: string): string {
  return text.length % 3 === 0 ? encodeURIComponent(text) : text.replaceAll('=', '%3D');
}

function quotedInSomeWay(text: string): fc.Arbitrary<string> {
  return fc.constantFrom(
    `'${text.replace(/['\\]/g, '\\$&')}'`,
    text.replace(/['\\ \t]/g, '\\$&'),
    text.replace(/['\\ \t]/g, ''),
  );
}
