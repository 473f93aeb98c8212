import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as client from '../../../src/client/index.ts';
import { temporaryFolder, withoutPsql } from '../../server/index.ts';
import { type MatrixClient, missing, printed, query } from './client.ts';

const python = '/usr/bin/python3';
const pythonPackages = '/usr/lib/python3/dist-packages';

type StringView = typeof client.libpqUri;
type Command = readonly [string, ...string[]];

/** Client programs that take a connection string of libpq and a query, and print the answer. */
const stringClients: readonly {
  readonly name: string;
  readonly skip: string | false;
  readonly command: () => Command;
  readonly views: readonly StringView[];
}[] = [
  { name: 'psql', skip: withoutPsql, command: () => ['psql', '-XAtc'], views: [client.libpqUri, client.libpqKeyValue] },
  ...(['psycopg2', 'psycopg'] as const).map((name) => ({
    name,
    skip: missing(name, join(pythonPackages, name)),
    command: (): Command => [
      python,
      '-c',
      `import sys, ${name}; c = ${name}.connect(sys.argv[2]).cursor(); c.execute(sys.argv[1]); print(c.fetchone()[0])`,
    ],
    views: [client.libpqUri, client.libpqKeyValue],
  })),
  {
    name: 'asyncpg',
    skip: missing('asyncpg', join(pythonPackages, 'asyncpg')),
    command: () => [
      python,
      '-c',
      `import asyncio, asyncpg, sys
async def main(): print(await (await asyncpg.connect(sys.argv[2])).fetchval(sys.argv[1]))
asyncio.run(main())`,
    ],
    views: [client.libpqUri],
  },
  {
    name: 'pg_connect (PHP)',
    skip: missing('The PostgreSQL extension of PHP', '/usr/bin/php', '/usr/share/doc/php-pgsql'),
    command: () => ['/usr/bin/php', '-r', 'echo pg_fetch_result(pg_query(pg_connect($argv[2]), $argv[1]), 0);', '--'],
    views: [client.libpqUri, client.libpqKeyValue],
  },
  {
    name: 'pg (Ruby)',
    skip: missing('ruby-pg', '/usr/bin/ruby', '/usr/share/doc/ruby-pg'),
    command: () => ['/usr/bin/ruby', '-e', 'require "pg"; puts PG.connect(ARGV[1]).exec(ARGV[0]).getvalue(0, 0)'],
    views: [client.libpqUri, client.libpqKeyValue],
  },
  {
    name: 'Pgtcl',
    skip: missing('Pgtcl', '/usr/bin/tclsh', '/usr/share/doc/libpgtcl'),
    // The program is a file, because tclsh does not take a program as a parameter.
    command: () => [
      '/usr/bin/tclsh',
      written(
        'connect.tcl',
        `package require Pgtcl
         set connection [pg_connect -conninfo [lindex $argv 1]]
         puts [lindex [pg_result [pg_exec $connection [lindex $argv 0]] -list] 0]`,
      ),
    ],
    views: [client.libpqKeyValue],
  },
];

const psqlParameters = ['psql', '-XAtc', query] as const;
const goPackages = '/usr/share/gocode';

/** Client programs that take the parameters of libpq in some form. */
export const libpqClients: readonly MatrixClient[] = [
  ...stringClients.flatMap(({ name, skip, command, views }) =>
    views.map((view) => ({
      name: `${name} with ${view.name}`,
      skip,
      encrypted: true,
      refused: refusedBy(view),
      ask: (bundle: client.ClientBundle, directory: string): Promise<string> =>
        printed([...command(), query, view(bundle, { directory })]),
    })),
  ),
  {
    name: 'psql with libpqEnvironment',
    skip: withoutPsql,
    encrypted: false,
    ask: (bundle, directory) => printed(psqlParameters, { env: client.libpqEnvironment(bundle, { directory }) }),
  },
  {
    name: 'psql with libpqServiceEntry',
    skip: withoutPsql,
    encrypted: true,
    ask: (bundle, directory) => {
      const PGSERVICEFILE = written('services', client.libpqServiceEntry('app', bundle, { directory }));
      return printed([...psqlParameters, 'service=app'], { env: { PGSERVICEFILE } });
    },
  },
  {
    name: 'psycopg with libpqParameters',
    skip: missing('psycopg', join(pythonPackages, 'psycopg')),
    encrypted: true,
    ask: (bundle, directory) =>
      printed(
        [
          python,
          '-c',
          `import json, psycopg, sys
print(psycopg.connect(**json.load(sys.stdin)).execute(sys.argv[1]).fetchone()[0])`,
          query,
        ],
        { input: JSON.stringify(client.libpqParameters(bundle, { directory })) },
      ),
  },
  ...(['pgx', 'postgres'] as const).flatMap((driver) =>
    [client.libpqUri, client.libpqKeyValue].map(
      (view): MatrixClient => ({
        name: `${driver === 'pgx' ? 'pgx' : 'lib/pq'} with ${view.name}`,
        skip: missing(
          'Go, or one of its drivers,',
          '/usr/bin/go',
          join(goPackages, 'src/github.com/jackc/pgx'),
          join(goPackages, 'src/github.com/lib/pq'),
        ),
        // pgx reads only encrypted keys in the traditional form, and lib/pq reads no encrypted keys.
        encrypted: false,
        refused: refusedBy(view),
        ask: async (bundle, directory) => printed([await goProgram(), driver, view(bundle, { directory }), query]),
      }),
    ),
  ),
];

/**
 * Returns the characters that a view refuses. `libpqUri` refuses some, because `pg` and libpq would read different
 * database names from the URL.
 */
function refusedBy(view: StringView): NonNullable<MatrixClient['refused']> {
  return view === client.libpqUri ? { database: /[?#]/g } : {};
}

function written(name: string, text: string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}

let builtProgram: Promise<string> | undefined;

/**
 * Builds the program of the Go clients once, and returns its path. Its parameters are the name of the driver, a
 * connection string and a query.
 */
function goProgram(): Promise<string> {
  builtProgram ??= (async () => {
    const source = written(
      'connect.go',
      `package main
import ("context"; "database/sql"; "fmt"; "os"; _ "github.com/lib/pq"; "github.com/jackc/pgx/v4")
func main() {
  var answer string
  if err := ask(os.Args[1], os.Args[2], os.Args[3], &answer); err != nil { fmt.Fprintln(os.Stderr, err); os.Exit(1) }
  fmt.Println(answer)
}
func ask(driver, connection, query string, answer *string) error {
  if driver == "pgx" {
    c, err := pgx.Connect(context.Background(), connection)
    if err != nil { return err }
    return c.QueryRow(context.Background(), query).Scan(answer)
  }
  db, err := sql.Open(driver, connection)
  if err != nil { return err }
  return db.QueryRow(query).Scan(answer)
}`,
    );
    const program = source.replace(/\.go$/, '');
    const env = { GOPATH: goPackages, GO111MODULE: 'off' };
    await printed(['/usr/bin/go', 'build', '-o', program, source], { env });
    return program;
  })();
  return builtProgram;
}
