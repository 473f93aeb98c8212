import fc from 'fast-check';
import { names, networks } from './universe.ts';

const name = fc.constantFrom(...names);

function listOf(element: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.uniqueArray(element, { minLength: 1, maxLength: 3 }).map((list) => list.join(','));
}

const databases = fc.oneof(
  { weight: 4, arbitrary: fc.constant('all') },
  { weight: 3, arbitrary: listOf(name) },
  { weight: 2, arbitrary: fc.constantFrom('sameuser', 'sameuser', 'replication', 'all,replication', 'sameuser,a') },
);
const users = fc.oneof({ weight: 3, arbitrary: fc.constant('all') }, { weight: 3, arbitrary: listOf(name) });
const type = fc.constantFrom('local', 'host', 'host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc');
const method = fc.constantFrom('trust', 'reject', 'md5', 'scram-sha-256', 'password');

/**
 * Addresses of rules. Half of them are two networks with masks that have holes, or a network that these two networks
 * together fill. So the tests also cover rules that only together match all connections of another rule.
 */
const network = fc.oneof(
  fc.constantFrom(...networks),
  fc.constantFrom('10.0.0.1 255.0.0.1', '10.0.0.0 255.0.0.1', '10.0.0.0/8', 'all'),
);

/**
 * Lines of pg_hba.conf that need no facts about the server: no roles, regular expressions, host names or interfaces.
 */
export const ruleLines: fc.Arbitrary<string> = fc
  .tuple(type, databases, users, network, method)
  .map(([kind, database, user, address, way]) =>
    [kind, database, user, ...(kind === 'local' ? [] : [address]), way].join(' '),
  );

/** Returns texts of pg_hba.conf with the lines of `ruleLines`. */
export function files(maxLength = 8): fc.Arbitrary<string> {
  return fc.array(ruleLines, { minLength: 1, maxLength, size: 'max' }).map((lines) => `${lines.join('\n')}\n`);
}
