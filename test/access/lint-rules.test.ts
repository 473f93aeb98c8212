import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lintAccess } from '../../src/access/index.ts';
import { HbaFile, type HbaRule } from '../../src/hba/index.ts';
import { parseIpAddress } from '../../src/net/ip.ts';
import { runs, seed } from '../property.ts';
import { holds, matches, type Point, winners } from './universe.ts';

const networks = [
  'all',
  '0.0.0.0/0',
  '0.0.0.0/1',
  '128.0.0.0/1',
  '8.0.0.0/7',
  '8.8.8.0/24',
  '10.0.0.0/8',
  '127.0.0.0/8',
  '192.0.0.0/4',
  '192.168.0.0/16',
  '203.0.113.0/24',
  '8.0.0.1 248.0.0.1',
  '::/0',
  '::1/128',
  '2000::/3',
  '2a00::/12',
  'fd00::/8',
];
/** The networks of this test that have more addresses than a private network. */
const wide = new Set([
  'all',
  '0.0.0.0/0',
  '0.0.0.0/1',
  '128.0.0.0/1',
  '8.0.0.0/7',
  '192.0.0.0/4',
  '8.0.0.1 248.0.0.1',
  '::/0',
  '2000::/3',
  '2a00::/12',
  'fd00::/8',
]);
const addresses = [
  ...['127.0.0.1', '10.0.0.1', '10.0.0.2', '192.168.0.1', '192.168.0.2'],
  ...[
    '1.2.3.5',
    '8.8.8.8',
    '8.8.8.9',
    '9.9.9.9',
    '9.9.9.8',
    '11.0.0.1',
    '130.0.0.1',
    '200.0.0.1',
    '200.0.0.2',
    '203.0.113.7',
  ],
  ...['::1', 'fd00::1', '2001:db8::1', '2a01::1', '3001::1', '::2'],
];
const names = ['a', 'postgres', 'f1', 'f2'];
const points: readonly Point[] = addresses.flatMap((address) =>
  (['plain', 'ssl', 'gss'] as const).flatMap((transport) =>
    names.flatMap((user): Point[] => [
      ...names.map((database) => ({ transport, address, database, user })),
      { transport, address, database: '', user, replication: 'physical' },
    ]),
  ),
);

const list = (elements: readonly string[]): fc.Arbitrary<string> =>
  fc.uniqueArray(fc.constantFrom(...elements), { minLength: 1, maxLength: 2 }).map((chosen) => chosen.join());
const lines = fc
  .tuple(
    fc.constantFrom('host', 'host', 'hostssl', 'hostnossl'),
    fc.oneof(fc.constant('all'), list(['all', 'a', 'replication', 'postgres'])),
    fc.oneof(fc.constant('all'), list(['a', 'postgres'])),
    fc.constantFrom(...networks),
    fc.constantFrom('reject', 'trust', 'password', 'md5', 'scram-sha-256', 'ident', 'ldap ldapserver=x ldapprefix=y'),
  )
  .map((columns) => columns.join(' '));

function isLoopback(address: string): boolean {
  return holds('127.0.0.0/8', address) || address === '::1';
}

function isPublic(address: string): boolean {
  const isIpv4 = parseIpAddress(address)!.family === 'ipv4';
  const isPrivate = ['10.0.0.0/8', '192.168.0.0/16'].some((network) => holds(network, address));
  return !isLoopback(address) && (isIpv4 ? !isPrivate : holds('2000::/3', address));
}

/**
 * For each code of a lint, a function that returns whether the lint must report a rule. `won` are the connections that
 * the rule decides.
 */
const claims: Readonly<Record<string, (rule: HbaRule, network: string, won: readonly Point[]) => boolean>> = {
  'access-trust-remote': ({ method }, _, won) => method === 'trust' && won.some(({ address }) => !isLoopback(address!)),
  'access-ident-remote': ({ method }, _, won) => method === 'ident' && won.some(({ address }) => !isLoopback(address!)),
  'access-password-plain': ({ method }, _, won) =>
    ['password', 'ldap'].includes(method) &&
    won.some(({ address, transport }) => transport === 'plain' && !isLoopback(address!)),
  'access-without-tls': ({ method }, _, won) =>
    !['reject', 'password', 'ldap'].includes(method) &&
    won.some(({ address, transport }) => transport === 'plain' && !isLoopback(address!)),
  'access-wide-weak': ({ method }, network, won) =>
    ['trust', 'ident', 'password', 'md5'].includes(method) &&
    wide.has(network) &&
    won.some(({ address }) => isPublic(address!)),
  'access-superuser-remote': (rule, network, won) =>
    rule.method !== 'reject' &&
    wide.has(network) &&
    won.some(
      ({ address, user, replication }) =>
        isPublic(address!) &&
        (replication === 'physical' ||
          (user === 'postgres' && (rule.users as readonly unknown[]).includes('postgres'))),
    ),
};

test('each lint is reported exactly if trying all connections confirms it', (t) => {
  const numRuns = runs(250);
  const counts: Record<string, number> = {};
  const check = (texts: readonly string[]): void => {
    const file = HbaFile.parse(`${texts.join('\n')}\n`, { server: { ssl: true } });
    const decided = winners(file.rules, points);
    const found = lintAccess(file).flatMap(({ code, range }) =>
      Object.hasOwn(claims, code) ? [`${code} ${range.start.line}`] : [],
    );
    const expected = file.rules.flatMap((rule, at) => {
      const won = points.filter((_, i) => decided[i] === at);
      const network = networks.findLast((each) => texts[at]!.includes(` ${each} `))!;
      return Object.entries(claims).flatMap(([code, isTrue]) =>
        isTrue(rule, network, won) ? [`${code} ${at + 1}`] : [],
      );
    });
    assert.deepEqual(found.sort(), expected.sort(), texts.join('\n'));
    for (const each of found) {
      const code = each.split(' ')[0]!;
      counts[code] = (counts[code] ?? 0) + 1;
    }
  };
  fc.assert(fc.property(fc.array(lines, { minLength: 1, maxLength: 5 }), check), { numRuns, seed });
  t.diagnostic(`${numRuns} files, ${points.length} connections each, seed ${seed}: ${JSON.stringify(counts)}`);
  for (const code of Object.keys(claims)) assert.ok(counts[code]! > 0, code);
  assert.ok(points.some((point) => matches(HbaFile.parse('host all all 8.0.0.1 248.0.0.1 md5\n').rules[0]!, point)));
});
