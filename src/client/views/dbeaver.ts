import { PgHostsslError } from '../../errors.ts';
import type { ConnectionBundle } from '../bundle/bundle.ts';
import { type JdbcOptions, jdbcProperties } from './jdbc.ts';

/**
 * What to enter in DBeaver, as text for a person: DBeaver has no stable format to import a PostgreSQL connection from, and
 * connects by pgjdbc. The values are those of {@link jdbcProperties}, which pgjdbc is tested with. The names of the pages and
 * fields are not tested: no test of this library runs DBeaver, and its versions may name them differently.
 *
 * Without `pkcs12` the text names the files of `jdbcFiles` for the page SSL. With `pkcs12` it names the driver properties, and
 * leaves the passphrase of the file out.
 *
 * @param bundle - The client.
 * @param options - Where the files are.
 * @returns The lines, with a final line end. They hold no secret.
 * @throws PgHostsslError `connection-not-expressible` for a value with a control character or a blank at its start or end,
 * and as {@link jdbcProperties}; `client-directory-invalid`; `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { dbeaverNotes, testBundle } from 'pg-hostssl/client';
 *
 * const bundle = (await testBundle({ users: ['alice'] })).client({ user: 'alice', database: 'app' });
 * const notes = dbeaverNotes(bundle, { directory: '/home/alice/db' });
 * assert.match(notes, /^ {2}Client Private Key: \/home\/alice\/db\/postgresql\.pk8$/m);
 * ```
 */
export function dbeaverNotes(bundle: ConnectionBundle, options: JdbcOptions): string {
  const { user, ...properties } = jdbcProperties(bundle, options);
  const { host, port, database } = bundle.target;
  const main = { Host: host, Port: String(port), Database: database, Username: user };
  const page =
    options.pkcs12 === undefined
      ? {
          'CA Certificate': properties.sslrootcert,
          'Client Certificate': properties.sslcert,
          'Client Private Key': properties.sslkey,
          'SSL mode': properties.sslmode,
        }
      : { ...properties, sslpassword: `(the passphrase of ${options.pkcs12.name})` };
  return [
    'New Database Connection: PostgreSQL',
    'Page Main, Connect by Host, Authentication Database Native, without a password:',
    ...linesOf(main),
    options.pkcs12 === undefined ? 'Page SSL, Use SSL:' : 'Page Driver properties, with Use SSL off on the page SSL:',
    ...linesOf(page),
    '',
  ].join('\n');
}

function linesOf(fields: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (!/\p{Cc}|^\p{White_Space}|\p{White_Space}$/u.test(value)) return [`  ${name}: ${value}`];
    throw new PgHostsslError('connection-not-expressible', `A person cannot copy the value of ${name} from a text`, {
      hint: 'Give a name without control characters, and without a blank at its start or end.',
    });
  });
}
