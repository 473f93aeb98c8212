import { PgHostsslError } from '../../errors.ts';

/**
 * The role name, checked to be one that a certificate's common name can match. PostgreSQL compares the CN with the role
 * byte by byte; a role name is cut to 63 bytes (NAMEDATALEN - 1), so a longer CN matches nobody.
 *
 * @throws PgHostsslError `role-name-invalid`
 */
export function checkRoleName(user: string): string {
  const fail = (what: string, hint?: string) =>
    new PgHostsslError('role-name-invalid', `The role name ${JSON.stringify(user)} ${what}`, hint ? { hint } : {});
  if (user === '') throw fail('is empty');
  if (user.includes('\0')) throw fail('holds a NUL, which no PostgreSQL name can');
  if (/\p{Surrogate}/u.test(user)) throw fail('holds a lone surrogate, which is no character');
  const bytes = new TextEncoder().encode(user).length;
  if (bytes > 63) {
    throw fail(
      `is ${bytes} bytes long in UTF-8`,
      'A server cuts role names to 63 bytes, so that this certificate would match no role.',
    );
  }
  return user;
}
