import type { PgMajor, PgMajorSpan } from '../../src/version.ts';
import { spanIncludes } from '../../src/version.ts';

/**
 * The lines of a pg_hba.conf, with other files that the lines need. The tests plan for the role `alice`, a member of
 * `staff`.
 */
export interface OddRules extends PgMajorSpan {
  readonly hba: string;
  readonly ident?: string;
  readonly files?: Readonly<Record<string, string>>;
}

const plain: readonly string[] = [
  'host all all all trust',
  'hostssl all all all trust',
  'hostnossl all all all trust',
  'host all all 127.0.0.1/32 trust',
  'host all all ::1/128 trust',
  'host all all 0.0.0.0/0 trust',
  'host all all ::/0 trust',
  'host all all 127.0.0.1 255.255.255.255 trust',
  'host all all ::ffff:127.0.0.1/128 trust',
  'host all all samehost trust',
  'host all all samenet trust',
  'host all all 10.0.0.0/8 trust',
  'host app all all trust',
  'host app,other alice,bob 127.0.0.0/8 trust',
  'host sameuser all all trust',
  'host samerole all all trust',
  'host samegroup all all trust',
  'host replication all all trust',
  'host "replication" all all trust',
  'host all,replication all all trust',
  'host "all" all all trust\nhost other all all trust',
  'host all alice all trust',
  'host all "alice" all trust',
  'host all +staff all trust',
  'host all +alice all trust',
  'host all bob all trust\nhost all bob,alice all trust',
  'host all "all" all trust\nhost all all all md5',
  'host all all all password',
  'host all all all md5',
  'host all all all scram-sha-256',
  'local all all trust',
  'local all alice trust',
  'local replication all trust',
  'local sameuser all trust',
  'local all all md5',
  'local all all reject\nhost all all all trust',
  'host all alice all reject\nhost all all all trust',
  'host all +staff all reject\nhost all all all trust',
  'hostssl all all all reject\nhost all all all trust',
  'hostnossl all all all reject\nhost all all all trust',
  'host app alice all reject\nhost all all all md5',
  'host all all 127.0.0.0/9 reject\nhost all all 127.0.0.1/32 trust\nhost all all ::1/128 trust',
  'host all all all trust\nhost all all all reject',
  'host all alice 127.0.0.1/32 trust\nhost all all ::1/128 reject\nhost all all all trust',
  'hostssl all all all cert',
  'hostssl app alice all cert',
  'host all all all trust\nhostssl app alice all cert',
  'host all,replication alice all reject\nhostssl app alice all cert',
  'hostssl app alice all cert\nhost all,replication alice all reject\nhost all all all trust',
  '\thost\tall\t\tall\tall\ttrust # everybody',
  'host all all all trust\r',
  '# host all all all reject\n\n   \nhost all all all trust',
  'host all "alice",bob all "trust"',
];

/** Unusual pg_hba.conf files for all major versions. */
export const oddRules: readonly OddRules[] = [
  ...plain.map((hba) => ({ hba })),
  { hba: 'host all @users all trust', files: { users: 'bob\nalice # both\n' } },
  { hba: 'host @databases all all trust', files: { databases: 'other,"app"\n' } },
  { hba: 'hostssl all all all cert map=open', ident: 'open bob alice' },
  { hba: 'hostssl all all all cert map=open', ident: 'open /.* alice' },
  { hba: 'hostssl all all all cert map=open', ident: 'open /^(.*)b$ alice\nopen bob bob' },
  { hba: 'hostssl all all all cert map=own', ident: 'own /^(.*)$ \\1' },
  { hba: 'hostssl all all all cert map=own', ident: 'own alice alice\nown bob bob' },
  { hba: 'hostssl all all all cert map=none', ident: 'open bob alice' },
  { until: 13, hba: 'hostssl all all all trust clientcert=1' },
  { until: 13, hba: 'hostssl other all all md5 clientcert=1\nhost all all all reject' },
  { since: 12, hba: 'hostssl all all all trust clientcert=verify-ca' },
  { since: 12, hba: 'hostssl all all all md5 clientcert=verify-ca' },
  { since: 12, hba: 'hostssl other all all trust clientcert=verify-ca\nhost all all all reject' },
  { since: 12, hba: 'hostssl all all all trust clientcert=verify-full' },
  { since: 12, hba: 'hostssl all all all password clientcert=verify-full' },
  { since: 12, hba: 'hostgssenc all all all trust\nhost all all all trust' },
  { since: 14, hba: 'hostssl all all all cert clientname=DN map=dn', ident: 'dn "CN=bob" alice' },
  { since: 14, hba: 'host all all \\\nall trust' },
  { since: 16, hba: 'hostssl all all all cert map=open', ident: 'open bob all' },
  { since: 16, hba: 'hostssl all all all cert map=open', ident: 'open bob +staff' },
  { since: 16, hba: 'host all /^al all trust' },
  { since: 16, hba: 'host /^ap all all trust' },
  { since: 16, hba: 'include more.conf', files: { 'more.conf': 'host all all all trust\n' } },
  { since: 16, hba: 'include_if_exists none.conf\nhost all all all trust' },
  { since: 16, hba: 'include_dir more', files: { 'more/a.conf': 'host other all all trust\nhost all all all md5\n' } },
];

/** Returns the unusual pg_hba.conf files that a major version can read. */
export function oddRulesOf(major: PgMajor): readonly OddRules[] {
  return oddRules.filter((rules) => spanIncludes(rules, major));
}
