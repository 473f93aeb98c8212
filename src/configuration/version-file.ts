import type { FileState } from '../disk/file-state.ts';
import { PgHostsslError } from '../errors.ts';
import { type PgMajor, parsePgVersion } from '../version.ts';

/**
 * The major version in a PG_VERSION file. An error never quotes other content, because the path may be a link to
 * another file.
 *
 * @throws PgHostsslError `version-unknown`
 */
export function versionIn(file: Pick<FileState, 'path' | 'content'>): PgMajor {
  const text = new TextDecoder().decode(file.content());
  const isVersion = /^[0-9]{1,4}(?:\.[0-9]{1,4})?\n?$/.test(text);
  try {
    return parsePgVersion(isVersion ? text : '');
  } catch (cause) {
    if (!(cause instanceof PgHostsslError)) throw cause;
    const what = isVersion ? `Major version ${text.replace('\n', '')} is not known` : 'The file names no version';
    throw new PgHostsslError(cause.code, what, { file: file.path, cause });
  }
}
