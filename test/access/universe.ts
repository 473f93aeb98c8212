import type { ConnectionScope } from '../../src/access/index.ts';
import type { HbaAddress, HbaDatabase, HbaRule, HbaUser } from '../../src/hba/index.ts';
import { parseIpAddress } from '../../src/net/ip.ts';
import { maskOfPrefix, networkContains } from '../../src/net/network.ts';

/** A connection of {@link universe}, the finite list of connections that the tests examine. */
export interface Point {
  readonly transport: 'local' | 'plain' | 'ssl' | 'gss';
  readonly address?: string;
  readonly database: string;
  readonly user: string;
  readonly replication?: 'physical';
}

/** Names that the generated files mention. */
export const names = ['a', 'b', 'c'] as const;

/**
 * Networks that the generated files mention: nested networks, halves of networks, networks of both families, and masks
 * with holes.
 */
export const networks: readonly string[] = [
  'all',
  '0.0.0.0/0',
  '0.0.0.0/1',
  '128.0.0.0/1',
  '10.0.0.0/8',
  '10.0.0.0/9',
  '10.128.0.0/9',
  '10.1.0.0/16',
  '10.1.2.3/32',
  '10.0.0.5 255.0.0.255',
  '10.0.0.1 255.0.0.1',
  '10.0.0.0 255.0.0.1',
  '::/0',
  '::/1',
  '8000::/1',
  'fd00::/8',
  '::1/128',
];

const users = [...names, 'f1', 'f2'];
// Every name is both a user and a database, because `sameuser` compares the two names.
const pairs = users.flatMap((user) => users.map((database) => ({ database, user })));

/** A cache of results, because the tests ask many times whether the same network contains the same address. */
const known = new Map<string, boolean>();

/** Test addresses. For each possible set of networks, there is one address that exactly these networks contain. */
const addresses = distinctAddresses();

/** One connection of each kind that files with {@link names} and {@link networks} can tell apart. */
export const universe: readonly Point[] = [
  ...pairs.map((pair) => ({ transport: 'local', ...pair }) as const),
  ...users.map((user) => ({ transport: 'local', database: '', user, replication: 'physical' }) as const),
  ...addresses.flatMap((address) =>
    (['plain', 'ssl', 'gss'] as const).flatMap((transport) => [
      ...pairs.map((pair) => ({ transport, address, ...pair })),
      ...users.map((user) => ({ transport, address, database: '', user, replication: 'physical' }) as const),
    ]),
  ),
];

function distinctAddresses(): string[] {
  const points: string[] = ['::', '::1', '::2', 'fd00::1', 'fd80::1', '7fff::1', '8000::', 'fe00::1'];
  for (const first of [1, 9, 10, 11, 127, 128, 200]) {
    for (const second of [0, 1, 2, 127, 128, 200]) {
      for (const last of [0, 1, 2, 3, 4, 5, 6, 7]) points.push(`${first}.${second}.${second === 1 ? 2 : 0}.${last}`);
    }
  }
  const bySignature = new Map(points.map((point) => [networks.map((network) => holds(network, point)).join(), point]));
  return [...bySignature.values()];
}

/** Returns whether a network, in the notation of pg_hba.conf, contains an address. */
export function holds(network: string, point: string): boolean {
  const key = `${network} ${point}`;
  let answer = known.get(key);
  if (answer === undefined) {
    answer = holdsAnew(network, point);
    known.set(key, answer);
  }
  return answer;
}

function holdsAnew(network: string, point: string): boolean {
  if (network === 'all') return true;
  const [ip, maskText] = network.split(/[/ ]/);
  const address = parseIpAddress(ip!)!;
  const mask = network.includes('/') ? maskOfPrefix(address.family, Number(maskText)) : parseIpAddress(maskText!)!;
  return networkContains(address, mask, parseIpAddress(point)!);
}

const typeTransports: Readonly<Record<string, readonly string[]>> = {
  local: ['local'],
  host: ['plain', 'ssl', 'gss'],
  hostssl: ['ssl'],
  hostnossl: ['plain', 'gss'],
  hostgssenc: ['gss'],
  hostnogssenc: ['plain', 'ssl'],
};

/**
 * Returns whether a rule matches a connection. This second implementation is short, slow and independent of the
 * library's matcher.
 */
export function matches(rule: HbaRule, point: Point): boolean {
  if (!typeTransports[rule.type]!.includes(point.transport)) return false;
  if (rule.type !== 'local' && !addressMatches(rule.address, point.address!)) return false;
  const databases: readonly HbaDatabase[] = rule.databases;
  const users: readonly HbaUser[] = rule.users;
  return databases.some((each) => databaseMatches(each, point)) && users.some((each) => userMatches(each, point.user));
}

function addressMatches(address: HbaAddress, point: string): boolean {
  if ('keyword' in address) return address.keyword === 'all';
  if ('hostName' in address) return false;
  return holds('mask' in address ? `${address.ip} ${address.mask}` : `${address.ip}/${address.prefix}`, point);
}

function databaseMatches(element: HbaDatabase, { database, user, replication }: Point): boolean {
  if (typeof element === 'string') return replication === undefined && element === database;
  if (!('keyword' in element)) throw new Error('no patterns here');
  if (replication !== undefined) return element.keyword === 'replication';
  return element.keyword === 'all' || (element.keyword === 'sameuser' && database === user);
}

function userMatches(element: HbaUser, user: string): boolean {
  if (typeof element === 'string') return element === user;
  return 'keyword' in element;
}

/** Returns, for each connection, the index of the rule that decides it, or -1 if no rule matches. */
export function winners(rules: readonly HbaRule[], points: readonly Point[] = universe): Int32Array {
  return Int32Array.from(points, (point) => rules.findIndex((rule) => matches(rule, point)));
}

/** Returns whether a scope contains a connection. This second implementation of scopes ignores the field `not`. */
export function isInScope(scope: ConnectionScope, point: Point, rule: HbaRule | undefined): boolean {
  const { transport, from, databases, users, replication, method, certificate, outcome } = scope;
  const isPhysical = point.replication === 'physical';
  const isRefused = rule === undefined || rule.method === 'reject';
  return (
    transport?.includes(point.transport) !== false &&
    (from === undefined || (point.address !== undefined && from.some((network) => holds(network, point.address!)))) &&
    (databases === undefined || (!isPhysical && databases.includes(point.database))) &&
    users?.includes(point.user) !== false &&
    (replication === undefined || (replication === 'physical') === isPhysical) &&
    (method === undefined || (rule !== undefined && method.includes(rule.method))) &&
    (certificate === undefined || (!isRefused && certificate.includes(levelOf(rule)))) &&
    (outcome === undefined || (outcome === 'refused') === isRefused)
  );
}

/** Returns the certificate level that a generated rule demands. */
export function levelOf({ options }: HbaRule): 'none' | 'verify-ca' | 'verify-full' {
  return (options[0]?.value ?? 'none') as 'none';
}
