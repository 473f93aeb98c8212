import fc from 'fast-check';
import type { HbaAddress, HbaDatabase, HbaOption, HbaRuleInput, HbaUser, NonEmptyList } from '../../src/hba/index.ts';
import { addressKeywords, databaseKeywords } from '../../src/hba/tables/keywords.ts';
import { authMethods, authOptions, connectionTypes } from '../../src/hba/tables/tables.ts';
import { anyComment, anyName } from './property.ts';

const plain = { noNullPrototype: true };

const regex = fc.oneof(fc.constantFrom('^a$', '^\\/x$', '', 'a{1,2}', '(', 'a b', '"', '#', '^zoë$'), anyName);
const pattern = fc.oneof(
  regex.map((text) => ({ regex: text })),
  anyName.map((file) => ({ file })),
);

/** Elements of the database column. */
export const anyDatabase: fc.Arbitrary<HbaDatabase> = fc.oneof(
  { weight: 4, arbitrary: anyName },
  { weight: 1, arbitrary: fc.constantFrom(...databaseKeywords).map((keyword) => ({ keyword })) },
  { weight: 1, arbitrary: pattern },
);

/** Elements of the user column. */
export const anyUser: fc.Arbitrary<HbaUser> = fc.oneof(
  { weight: 4, arbitrary: anyName },
  { weight: 1, arbitrary: fc.constant({ keyword: 'all' } as const) },
  { weight: 1, arbitrary: anyName.map((memberOf) => ({ memberOf })) },
  { weight: 1, arbitrary: pattern },
);

const ip = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('10', '010.0.0.1', '0x7f.1', 'fe80::1%lo', '::ffff:1.2.3.4', '::', '1.2.3', '', 'x', '1.2.3.4 '),
);

/** Addresses for generated rules, in every form that a rule can have. */
export const anyAddress: fc.Arbitrary<HbaAddress | string> = fc.oneof(
  fc.constantFrom(...addressKeywords).map((keyword) => ({ keyword })),
  fc.record({ ip, prefix: fc.oneof(fc.nat(32), fc.constantFrom(0, 128, 129, -1, 1.5, Number.NaN)) }, plain),
  fc.record({ ip, mask: fc.oneof(fc.constantFrom('255.0.0.0', '255.0.0.255', 'ffff::', '8'), ip) }, plain),
  anyName.map((hostName) => ({ hostName })),
  fc.constantFrom(
    'all',
    'db.example.com',
    '.example.com',
    '::1',
    '10.0.0.0/8',
    '::/0',
    '10.0.0.0/33',
    '1.2.3.4/x',
    'x/8',
  ),
  fc.tuple(ip, fc.nat(140)).map(([address, prefix]) => `${address}/${prefix}`),
  anyName,
);

const option: fc.Arbitrary<HbaOption> = fc.record(
  {
    name: fc.oneof(
      fc.constantFrom('map', 'map', 'map', 'clientcert', 'clientname', ...(Object.keys(authOptions) as 'map'[])),
      anyName as fc.Arbitrary<'map'>,
    ),
    value: fc.oneof(fc.constantFrom('1', 'verify-full', 'verify-ca', 'DN', 'x', '389', 'a,b', 'ldap'), anyName),
  },
  plain,
);

/** Lists of options for generated rules. */
export const anyOptions: fc.Arbitrary<readonly HbaOption[]> = fc.array(option, { maxLength: 2 });

/** Returns lists of at least one of these elements. */
export function listOf<T>(element: fc.Arbitrary<T>): fc.Arbitrary<NonEmptyList<T>> {
  return fc.array(element, { minLength: 1, maxLength: 3 }) as unknown as fc.Arbitrary<NonEmptyList<T>>;
}

const type = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('local', 'host', 'hostssl') },
  { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(connectionTypes) as (keyof typeof connectionTypes)[])) },
);

/** Authentication methods; methods without mandatory options are more frequent. */
export const anyMethod: fc.Arbitrary<keyof typeof authMethods> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('trust', 'md5', 'cert', 'peer', 'ident') },
  { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(authMethods) as (keyof typeof authMethods)[])) },
);

/** Rules whose columns have the right types. A server may refuse them. */
export const anyRule: fc.Arbitrary<HbaRuleInput> = fc
  .record(
    {
      type,
      databases: listOf(anyDatabase),
      users: listOf(anyUser),
      address: anyAddress,
      method: anyMethod,
      options: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: anyOptions }),
      comment: fc.option(anyComment, { nil: undefined }),
    },
    plain,
  )
  .map(({ address, comment, ...rule }) => ({
    ...rule,
    ...(rule.type === 'local' ? {} : { address }),
    ...(comment === undefined ? {} : { comment }),
  })) as unknown as fc.Arbitrary<HbaRuleInput>;
