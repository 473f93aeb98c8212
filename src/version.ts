import { PgHostsslError } from './errors.ts';

/** The PostgreSQL majors whose reading of the configuration files this library knows, oldest first. */
export const pgMajors = [9.6, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19] as const;

/** A PostgreSQL major version. Before 10 a major had two parts, hence `9.6`. */
export type PgMajor = (typeof pgMajors)[number];

/** The major that is assumed where none is given: the newest that this project runs against a real server. */
export const defaultPgMajor: PgMajor = 18;

/** An inclusive span of majors; an end that is not given is open. */
export interface PgMajorSpan {
  /** First major of the span. */
  readonly since?: PgMajor;
  /** Last major of the span. */
  readonly until?: PgMajor;
}

/** Whether a major lies in a span, both ends included. */
export function spanIncludes(span: PgMajorSpan, major: PgMajor): boolean {
  return (span.since === undefined || major >= span.since) && (span.until === undefined || major <= span.until);
}

/**
 * The major version named by any of the forms in which PostgreSQL tells its version: `17`, `9.6`, `'17.2'`,
 * `'18beta1'`, `server_version_num` (`170002`, `90624`), `SELECT version()` (`'PostgreSQL 17.2 on …'`),
 * `postgres --version` (`'postgres (PostgreSQL) 17.2'`), the content of a data directory's `PG_VERSION` file.
 *
 * @throws PgHostsslError `version-unknown` for anything else, and for a major that this library does not know: a guess
 * here would decide who can log in.
 */
export function parsePgVersion(text: string | number): PgMajor {
  const major = typeof text === 'number' ? majorOfNumber(text) : majorOfText(text.trim());
  const known = pgMajors.find((candidate) => candidate === major);
  if (known === undefined) {
    throw new PgHostsslError('version-unknown', `${JSON.stringify(text)} is not a PostgreSQL version known here`, {
      hint: `Give one of the majors ${pgMajors.join(', ')}, or the content of the data directory's PG_VERSION file.`,
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

/** `server_version_num` is major * 10000 + minor since 10, and major * 10000 + middle * 100 + minor before. */
function majorOfNumber(value: number): number {
  if (!Number.isInteger(value) || value < 90000) return value;
  const first = Math.floor(value / 10000);
  return first >= 10 ? first : Number(`${first}.${Math.floor(value / 100) % 100}`);
}
