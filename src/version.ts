import { trimSpaces } from './c/ascii.ts';
import { PgHostsslError } from './errors.ts';

/**
 * The PostgreSQL major versions that this library knows, oldest first.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { HbaFile, pgMajors } from 'pg-hostssl';
 *
 * const text = 'hostssl all all all md5 clientcert=1\n';
 * const accepting = pgMajors.filter((version) => HbaFile.parse(text, { version }).diagnostics.every(isNoError));
 * assert.deepEqual(accepting, [9.6, 10, 11, 12, 13]);
 *
 * function isNoError({ severity }: { severity: string }): boolean {
 *   return severity !== 'error';
 * }
 * ```
 */
export const pgMajors = [9.6, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19] as const;
Object.freeze(pgMajors);

/** A PostgreSQL major version. Before 10, a major version has two parts: `9.6`. */
export type PgMajor = (typeof pgMajors)[number];

/**
 * The default of every `version` option: the newest major version that is tested on a real server.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { defaultPgMajor, HbaFile } from 'pg-hostssl';
 *
 * assert.equal(HbaFile.parse('').version, defaultPgMajor);
 * ```
 */
export const defaultPgMajor: PgMajor = 18;

/**
 * A span of major versions, which includes its first and its last version. Without `since`, the span begins with the
 * oldest version; without `until`, it ends with the newest.
 */
export interface PgMajorSpan {
  /** The first major version of the span. */
  readonly since?: PgMajor;
  /** The last major version of the span. */
  readonly until?: PgMajor;
}

/** Returns whether a span contains a major version. Both ends are included. */
export function spanIncludes(span: PgMajorSpan, major: PgMajor): boolean {
  return (span.since === undefined || major >= span.since) && (span.until === undefined || major <= span.until);
}

/**
 * Reads the major version from any form in which PostgreSQL shows its version.
 *
 * @param text `17`, `9.6`, `'17.2'`, `'18beta1'`, `server_version_num` (`170002`, `90624`), `SELECT version()`
 * (`'PostgreSQL 17.2 on …'`), `postgres --version` (`'postgres (PostgreSQL) 17.2'`), or the content of a data
 * directory's `PG_VERSION` file
 * @throws PgHostsslError `version-unknown` for any other text, and for a major version that this library does not know.
 * An unknown version is never guessed, because the version decides who can log in.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { parsePgVersion } from 'pg-hostssl';
 *
 * assert.equal(parsePgVersion('PostgreSQL 17.2 on x86_64-pc-linux-gnu'), 17);
 * assert.equal(parsePgVersion(90624), 9.6);
 * assert.throws(() => parsePgVersion('8.4'), { code: 'version-unknown' });
 * ```
 */
export function parsePgVersion(text: string | number): PgMajor {
  if (typeof text !== 'string' && typeof text !== 'number') {
    throw new PgHostsslError(
      'version-unknown',
      `A version must be a string or a number; got a value of type ${typeof text}`,
    );
  }
  const major = typeof text === 'number' ? majorOfNumber(text) : majorOfText(trimSpaces(text));
  const known = pgMajors.find((candidate) => candidate === major);
  if (known === undefined) {
    const newest = pgMajors.at(-1)!;
    const isNewer = major !== undefined && major > newest && major < 100;
    const shown = typeof text === 'string' ? JSON.stringify(trimSpaces(text)) : text;
    const what = isNewer
      ? `PostgreSQL ${major} is newer than ${newest}, the newest major version that this library knows`
      : `${shown} is not a PostgreSQL version that this library knows`;
    throw new PgHostsslError('version-unknown', what, {
      hint: `Give one of the major versions ${pgMajors.join(', ')}, or the content of the data directory's PG_VERSION file.`,
    });
  }
  return known;
}

function majorOfText(text: string): number | undefined {
  if (/^\d{5,6}$/.test(text)) return majorOfNumber(Number(text));
  const match =
    /^(?:(?:postgres )?\(?PostgreSQL\)? )?(\d{1,2})(?:\.(\d{1,2}))?(?:\.\d{1,3}|(?:devel|alpha|beta|rc)\d{0,2})?(?![\w.])/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, first, second] = match;
  return Number(first) >= 10 ? Number(first) : Number(`${first}.${second}`);
}

/**
 * Returns the major version of a `server_version_num`. Since 10, this number is major * 10000 + minor, as in 170002;
 * before 10, it is like 90624 for 9.6.24.
 */
function majorOfNumber(value: number): number {
  if (!Number.isInteger(value) || value < 90000) return value;
  const first = Math.floor(value / 10000);
  return first >= 10 ? first : Number(`${first}.${Math.floor(value / 100) % 100}`);
}
