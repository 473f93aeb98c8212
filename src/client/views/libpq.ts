import { parse } from 'pg-connection-string';
import { PgHostsslError } from '../../errors.ts';
import { clientFilePaths } from '../bundle/files.ts';
import type { ConnectionTarget } from '../bundle/target.ts';
import { parseConnectionUrl } from '../connection/url.ts';

/** Options of the libpq views. */
export interface LibpqOptions {
  /**
   * The directory of the three files, to be named in the view. Not given where they lie in `~/.postgresql`, in which
   * libpq and its kin look by themselves (`pg` does not).
   */
  readonly directory?: string;
}

/**
 * The connection as libpq's parameters, by their names, always with `sslmode` `verify-full`: the one mode that means the
 * same to libpq and to every version of `pg`, and the one that checks who the server is.
 *
 * @throws PgHostsslError `client-directory-invalid` as {@link clientFilePaths} does.
 */
export function libpqParameters(
  target: ConnectionTarget,
  options: LibpqOptions = {},
): Readonly<Record<string, string>> {
  const { host, hostaddr, port, user, database } = target;
  const paths = options.directory === undefined ? undefined : clientFilePaths(options.directory);
  return {
    host,
    ...(hostaddr === undefined ? {} : { hostaddr }),
    port: String(port),
    user,
    dbname: database,
    sslmode: 'verify-full',
    ...(paths === undefined ? {} : { sslrootcert: paths.ca, sslcert: paths.certificate, sslkey: paths.privateKey }),
  };
}

/**
 * The connection as a `postgresql://` URL that libpq and `pg` read alike; it never holds a password. To `pg` give either
 * this (with `directory`) or {@link pgConfig}, not both.
 *
 * @throws PgHostsslError `connection-not-expressible` for a database whose name `pg-connection-string` cannot read from
 * a URL (one with `?` or `#`, or with `.` or `..` between slashes): use another view; `client-directory-invalid`.
 */
export function libpqUri(target: ConnectionTarget, options: LibpqOptions = {}): string {
  const { host, port, user, dbname, ...query } = libpqParameters(target, options);
  const server = host!.includes(':') ? `[${host}]` : host;
  // encodeURI leaves what pg-connection-string would not decode in a path, and what libpq takes there as it stands.
  const path = encodeURI(dbname!).replaceAll('?', '%3F').replaceAll('#', '%23');
  const base = `postgresql://${encodeURIComponent(user!)}@${server}:${port}/${path}`;
  const { hostaddr, ...tls } = query;
  const uri = `${base}?${urlQuery(hostaddr === undefined ? tls : { hostaddr, ...tls })}`;
  if (!readsBackAs(base, uri, target)) {
    throw new PgHostsslError(
      'connection-not-expressible',
      `libpq and pg-connection-string do not agree on any URL for the database ${JSON.stringify(dbname)}`,
      { hint: 'Give the connection as key/value string, service entry, environment or pg configuration.' },
    );
  }
  return uri;
}

/**
 * The connection as libpq's `key=value` string, for `psql` and for `PQconnectdb` (`conninfo_parse` in fe-connect.c).
 *
 * @throws PgHostsslError `client-directory-invalid` as {@link clientFilePaths} does.
 */
export function libpqKeyValue(target: ConnectionTarget, options: LibpqOptions = {}): string {
  return Object.entries(libpqParameters(target, options))
    .map(([name, value]) => `${name}=${quoteKeyValue(value)}`)
    .join(' ');
}

/**
 * The connection as an entry of `pg_service.conf`, with a final newline: clients then name it by `service=` alone.
 *
 * @throws PgHostsslError `connection-not-expressible` for a name or value that such a file cannot hold: with a line
 * break, blanks at its end, or over 1022 bytes (`parseServiceFile` in fe-connect.c); `client-directory-invalid`.
 */
export function serviceEntry(name: string, target: ConnectionTarget, options: LibpqOptions = {}): string {
  const lines = Object.entries(libpqParameters(target, options)).map(([key, value]) => `${key}=${value}`);
  const isName = /^[^\]\r\n]+$/.test(name) && fitsServiceFile(`[${name}]`);
  const unfit = isName ? lines.find((line) => !fitsServiceFile(line)) : name;
  if (unfit !== undefined) {
    throw new PgHostsslError('connection-not-expressible', `A service file cannot hold ${JSON.stringify(unfit)}`);
  }
  return `[${name}]\n${lines.join('\n')}\n`;
}

const environmentNames: Readonly<Record<string, string>> = { dbname: 'PGDATABASE' };

/**
 * The connection as libpq's environment variables. `pg` reads the first of them, but not those that name files.
 *
 * @throws PgHostsslError `client-directory-invalid` as {@link clientFilePaths} does.
 */
export function libpqEnvironment(
  target: ConnectionTarget,
  options: LibpqOptions = {},
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(libpqParameters(target, options)).map(([name, value]) => [
      environmentNames[name] ?? `PG${name.toUpperCase()}`,
      value,
    ]),
  );
}

function urlQuery(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%2F', '/').replaceAll('%3A', ':')}`)
    .join('&');
}

/** Whether libpq (by this library's reader) and `pg` both find this target in the URL. */
function readsBackAs(base: string, uri: string, target: ConnectionTarget): boolean {
  const read = parseConnectionUrl(uri);
  // Without the query: pg-connection-string would read the files that it names.
  const theirs = parse(base);
  return (
    (Object.keys({ ...read, ...target }) as (keyof ConnectionTarget)[]).every((key) => read[key] === target[key]) &&
    theirs.user === target.user &&
    theirs.host === target.host &&
    theirs.port === String(target.port) &&
    theirs.database === target.database
  );
}

function fitsServiceFile(line: string): boolean {
  return !/[\r\n]|\s$/.test(line) && new TextEncoder().encode(line).length <= 1022;
}

function quoteKeyValue(value: string): string {
  return /^[\w./:@+-]+$/.test(value) ? value : `'${value.replace(/['\\]/g, '\\$&')}'`;
}
