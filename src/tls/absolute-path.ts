import { resolve } from 'node:path';
import { isAbsolutePath } from '../c/paths.ts';
import type { ReadingPort } from '../disk/reading-port.ts';
import { PgHostsslError } from '../errors.ts';

/**
 * Makes a path absolute, because the paths in a plan must not depend on the working directory of the process that
 * applies the plan.
 *
 * @throws PgHostsslError `argument-invalid` for a relative path if the caller gives `files`, because they may be the
 * files of another machine
 */
export function absolutePath(path: string, what: string, port: ReadingPort | undefined): string {
  if (isAbsolutePath(path)) return path;
  if (port === undefined) return resolve(path);
  throw new PgHostsslError('argument-invalid', `${what} must be an absolute path if \`files\` is given; got ${path}`);
}
