import fc from 'fast-check';
import type { PgMajor } from '../../src/version.ts';
import type { Knock } from './knock.ts';
import { keysOf } from './real-server.ts';

/** A pg_hba.conf with its included files, and the clients that connect to a server with these files. */
export interface ServerCase {
  readonly files: Readonly<Record<string, string>>;
  readonly knocks: readonly Knock[];
}

const long = 'n'.repeat(63);
const userNames = ['a', 'a', 'b', 'b', 'c', 'g', 'ghost', 'all', long];
const databaseNames = ['a', 'a', 'b', 'b', 'c', 'g', 'lost', 'replication', long];

function list(elements: readonly string[]): fc.Arbitrary<string> {
  return fc.uniqueArray(fc.constantFrom(...elements), { minLength: 1, maxLength: 3 }).map((chosen) => chosen.join(','));
}

function databases(major: PgMajor, weightOfAll: number): fc.Arbitrary<string> {
  const patterns = major >= 16 ? ['/^a', '/b$', '/^(a|c)$', '"/^[a-b]{1,2}$"', '/'] : ['/^a'];
  return fc.oneof(
    { weight: weightOfAll, arbitrary: fc.constant('all') },
    { weight: 4, arbitrary: list(['a', 'b', 'c', 'g', 'lost', '"all"', '"replication"', long]) },
    { weight: 4, arbitrary: list(['sameuser', 'samerole', 'samegroup', 'replication', 'ALL', 'a', ...patterns]) },
    { weight: 1, arbitrary: fc.constant('@words') },
  );
}

function users(major: PgMajor, weightOfAll: number): fc.Arbitrary<string> {
  const patterns = major >= 16 ? ['/^[ab]$', '/^g', '/host$', '/.', '/^.{63}$', '/^.{64}'] : ['/^a'];
  return fc.oneof(
    { weight: weightOfAll, arbitrary: fc.constant('all') },
    { weight: 4, arbitrary: list(['a', 'b', 'c', 'g', 'ghost', '"all"', '"+g"', 'All', long, `${long}x`]) },
    { weight: 4, arbitrary: list(['+g', '+h', '+k', '+ghost', '+"g"', '+', `+${long}x`, 'c', ...patterns]) },
  );
}

/** The networks that the generated rules mention, and the addresses of the clients. */
export interface Neighbourhood {
  readonly networks: fc.Arbitrary<string>;
  readonly clients: fc.Arbitrary<string>;
  /** The weight of `all` among the databases and among the users of a rule; all others together have a weight of about 9. */
  readonly weightOfAll: number;
}

/** Networks and client addresses in the loopback network, which every machine has. */
export const loopback: fc.Arbitrary<Neighbourhood> = fc.constant({
  networks: fc.constantFrom(
    'all',
    'samehost',
    'samenet',
    '0.0.0.0/0',
    '127.0.0.0/8',
    '127.0.0.1/32',
    '127.0.0.0/9',
    '127.128.0.0 255.128.0.0',
    '127.0.0.1 255.0.0.255',
    '127.1.0.0/16',
    '10.0.0.0/8',
    '::ffff:127.0.0.1/128',
    '::/0',
  ),
  clients: fc.constantFrom('127.0.0.1', '127.0.0.2', '127.1.2.1', '127.200.0.1', '127.128.0.9'),
  weightOfAll: 9,
});

/**
 * Returns generated pg_hba.conf files with included files for a major version, and clients that connect to a server
 * with these files.
 */
export function serverCases(
  major: PgMajor,
  neighbourhoods: fc.Arbitrary<Neighbourhood>,
  count: number,
): fc.Arbitrary<ServerCase> {
  return neighbourhoods.chain((each) => casesIn(each, major, count));
}

function casesIn(
  { networks, clients, weightOfAll }: Neighbourhood,
  major: PgMajor,
  count: number,
): fc.Arbitrary<ServerCase> {
  const types = [
    'local',
    'local',
    'host',
    'host',
    'host',
    'hostssl',
    'hostnossl',
    ...(major >= 12 ? ['hostgssenc', 'hostnogssenc'] : []),
  ];
  const rule = fc
    .tuple(fc.constantFrom(...types), databases(major, weightOfAll), users(major, weightOfAll), networks, fc.nat(99))
    .map(([type, database, user, address, way]) => {
      const method = methodOf(type, way, major);
      return [type, database, user, ...(type === 'local' ? [] : [address]), method].join(' ');
    });
  const lines = fc.array(rule, { minLength: 6, maxLength: 14 });
  const included = major >= 16 ? fc.array(rule, { minLength: 1, maxLength: 3 }) : fc.constant([]);
  const knock: fc.Arbitrary<Knock> = fc
    .tuple(
      fc.constantFrom('local', 'plain', 'plain', 'ssl', 'ssl'),
      clients,
      fc.constantFrom(...databaseNames, `${long}and more`),
      fc.constantFrom(...userNames, `${long}and more`),
      fc.constantFrom(undefined, undefined, undefined, undefined, undefined, 'physical', 'logical'),
      fc.constantFrom(undefined, 'a', 'b'),
    )
    .map(([transport, address, database, user, replication, certificate]) => ({
      transport: transport as Knock['transport'],
      ...(transport === 'local' ? {} : { address }),
      database: replication === 'physical' ? '' : database,
      user,
      ...(replication === undefined ? {} : { replication: replication as 'physical' }),
      ...(transport === 'ssl' && certificate !== undefined ? { keys: keysOf[certificate]! } : {}),
    }));
  return fc
    .tuple(lines, included, fc.array(knock, { minLength: count, maxLength: count }))
    .map(([own, others, knocks]) => {
      const main = others.length === 0 ? own : [...own.slice(0, 3), 'include more.conf', ...own.slice(3)];
      return {
        files: {
          'pg_hba.conf': `${main.join('\n')}\n`,
          'more.conf': `# included\n${others.join('\n')}\n`,
          words: 'b, lost\nsameuser\n',
        },
        knocks,
      };
    });
}

function methodOf(type: string, way: number, major: PgMajor): string {
  const fullLevel = major >= 12 ? ' clientcert=verify-full' : '';
  const caLevel = major >= 12 ? ' clientcert=verify-ca' : ' clientcert=1';
  const tls = [
    'cert',
    `trust${caLevel}`,
    `scram-sha-256${caLevel}`,
    `trust${fullLevel}`,
    `md5${fullLevel}`,
    `reject${caLevel}`,
  ];
  const dn = major >= 14 ? ['cert clientname=DN map=dn'] : [];
  const methods = [
    'trust',
    'trust',
    'reject',
    'md5',
    'scram-sha-256',
    'password',
    ...(type === 'local' ? ['peer', 'peer map=os'] : []),
    ...(type === 'hostssl' ? [...tls, ...tls, 'cert map=m', ...dn] : []),
  ];
  return methods[way % methods.length]!;
}
