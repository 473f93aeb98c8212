import { PgHostsslError } from '../../errors.ts';
import { type ConnectionTargetParts, connectionTarget } from '../bundle/target.ts';

/**
 * A line of libpq's password file (`~/.pgpass`, mode 0600), for a server that asks for a password beside the certificate.
 *
 * @param target - Where the client connects, and as which role.
 * @param password - The password.
 * @returns The line with a line end. It holds the password.
 * @throws PgHostsslError `connection-not-expressible` for a line break in a value; `argument-invalid`, and the codes of
 * {@link connectionTarget}.
 * @see `passwordFromFile` in fe-connect.c
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { pgPassLine } from 'pg-hostssl/client';
 *
 * const line = pgPassLine({ host: '::1', user: 'alice', database: 'app' }, 'a:b');
 * assert.equal(line, '\\:\\:1:5432:app:alice:a\\:b\n');
 * ```
 */
export function pgPassLine(target: ConnectionTargetParts, password: string): string {
  if (typeof password !== 'string' || password === '') {
    throw new PgHostsslError('argument-invalid', 'The password of pgPassLine must be a text');
  }
  const { host, port, database, user } = connectionTarget(target);
  const fields = [host, String(port), database, user, password];
  // A field that is a star alone means every value, and no escape changes that for the first four.
  if (fields.some((field) => /[\r\n\0]/.test(field)) || fields.slice(0, 4).includes('*')) {
    throw new PgHostsslError('connection-not-expressible', 'A password file holds no line break and no name "*"', {
      hint: 'Give the password to the client in another way.',
    });
  }
  const line = `${fields.map((field) => field.replace(/[\\:]/g, '\\$&')).join(':')}\n`;
  if (!line.startsWith('#')) return line;
  throw new PgHostsslError('connection-not-expressible', 'A line of a password file that begins with # is a comment');
}
