import { PgHostsslError } from '../../errors.ts';
import type { ConnectionBundle } from '../bundle/bundle.ts';
import { type JdbcOptions, jdbcProperties } from './jdbc.ts';

/**
 * The values to enter in DBeaver, as text for a person. DBeaver connects with pgjdbc, and has no stable format from
 * which to import a connection. The values are those of {@link jdbcProperties}, and tests run pgjdbc with them. The
 * names of the pages and fields are not tested, because no test of this library runs DBeaver; a version of DBeaver may
 * use other names.
 *
 * If `pkcs12` is not given, the text names the files of `jdbcFiles` for the page SSL. If it is given, the text names
 * driver properties, but does not hold the passphrase of the PKCS#12 file.
 *
 * @param bundle the target, certificates and key of the client
 * @param options the directory of the files
 * @returns the lines of text, with a final line end. They hold no secret.
 * @throws PgHostsslError `connection-not-expressible` for a value with a control character, or with a space at its
 * start or end; `client-directory-invalid`; `argument-invalid`; and the codes of {@link jdbcProperties}.
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
    throw new PgHostsslError(
      'connection-not-expressible',
      `The notes for DBeaver cannot show the value of ${name} exactly`,
      {
        hint: 'Give a value without control characters, and without a space at its start or end.',
      },
    );
  });
}
