import fc from 'fast-check';
import type { PgMajor } from '../../src/version.ts';

/** The major versions that the tests upgrade to, each with the versions that they upgrade from. */
export const upgrades: readonly (readonly [from: PgMajor, to: PgMajor])[] = [
  [10, 11],
  [11, 12],
  [12, 13],
  [13, 14],
  [14, 15],
  [15, 16],
  [16, 17],
  [10, 18],
  [18, 19],
];

/** Generated files that a server of the older major version loads. */
export interface OldFiles {
  readonly 'pg_hba.conf': string;
  readonly 'pg_ident.conf': string;
  readonly words: string;
  readonly more: string;
}

/** Names that a later major version may read differently. */
const names = ['a', 'b', '/a', '/^a', '/a.b', '/', '"/c d"', '+g', '"all"', 'all', '"+a"'];

function column(major: PgMajor, keywords: readonly string[]): fc.Arbitrary<string> {
  const list = fc.uniqueArray(fc.constantFrom(...names, ...keywords, ...(major >= 16 ? ['"/^x|y$"'] : [])), {
    minLength: 1,
    maxLength: 2,
  });
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant('all') },
    { weight: 5, arbitrary: list.map((chosen) => chosen.join(',')) },
    { weight: 1, arbitrary: fc.constant('@words') },
  );
}

/** Texts at the end of a line that major versions read differently. */
const tails = ['', '', '', ' # note', ' # C:\\', '\r', '\r# note', '\0 junk'];

/**
 * Returns the values of `clientcert` that a major version accepts, and the values that it accepts together with method
 * cert.
 */
function certificateValues(major: PgMajor): readonly [string[], string[]] {
  if (major <= 11) return [['1', '0', 'verify-ca', 'verify-full', 'on'], ['1']];
  if (major <= 13)
    return [
      ['1', '0', 'verify-ca', 'verify-full', 'no-verify'],
      ['1', 'verify-ca', 'verify-full'],
    ];
  return [['verify-ca', 'verify-full'], ['verify-full']];
}

function hba(major: PgMajor): fc.Arbitrary<string> {
  const methods = fc.constantFrom('trust', 'reject', 'password', 'scram-sha-256');
  const [values, ofCert] = certificateValues(major).map((list) => list.map((value) => ` clientcert=${value}`)) as [
    string[],
    string[],
  ];
  const options = fc.constantFrom('', ...values, ` "${values[0]!.slice(1)}"`, `${values[0]},${values[1]!.slice(1)}`);
  const withOptions = fc.oneof(
    fc.tuple(methods, options).map((parts) => parts.join('')),
    fc.constantFrom('cert', 'cert map=m', 'cert,map=m', ...ofCert.map((value) => `cert${value} map=m`)),
  );
  const radius = major === 18 ? ['radius radiusservers=127.0.0.1 radiussecrets=x'] : [];
  const plainMethod = fc.oneof(methods, fc.constantFrom('trust', ...radius));
  const address = fc.constantFrom('all', '127.0.0.0/8');
  const columns = fc.tuple(column(major, ['sameuser']), column(major, []), address).map((parts) => parts.join(' '));
  const line = fc
    .tuple(
      fc.oneof(
        fc.tuple(fc.constantFrom('host', 'hostnossl'), columns, plainMethod),
        fc.tuple(fc.constant('hostssl'), columns, withOptions),
      ),
      fc.constantFrom(...tails),
    )
    .map(([parts, tail]) => parts.join(' ') + tail);
  const other = fc.constantFrom('# C:\\', '# a comment', '', '# x\\\\', ...(major >= 14 ? ['\\'] : []));
  return fc
    .array(fc.oneof({ weight: 6, arbitrary: line }, { weight: 1, arbitrary: other }), { minLength: 1, maxLength: 5 })
    .map((lines) => `${lines.join('\n')}\n`);
}

const systemUsers = ['a', 'b', '/^(.)$', '/a', '"/^(a)|b$"'];
const pgUsers = ['a', 'b', 'all', '"all"', '+g', '/a', '/^[ab]$', '"/b"', '\\1', '\\1\\1', 'x\\1', '@words'];

const ident = fc
  .array(
    fc
      .tuple(fc.constantFrom(...systemUsers), fc.constantFrom(...pgUsers), fc.constantFrom(...tails, ' \\', '\\'))
      .map(([system, user, tail]) => `m ${system} ${user}${tail}`),
    { minLength: 1, maxLength: 3 },
  )
  .map((lines) => `${lines.join('\n')}\n`);

/** Returns files that a later major version may refuse or read differently. */
export function oldFiles(major: PgMajor): fc.Arbitrary<OldFiles> {
  return fc.record({
    'pg_hba.conf': hba(major),
    'pg_ident.conf': ident,
    words: fc.constantFrom('a\n', '/a\n', 'all\n', '+g\n', 'include more\n', 'a\\\nb\n'),
    more: fc.constant('b\n'),
  });
}
