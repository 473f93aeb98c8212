import { assertProperties, assertText, type PropertyNames } from '../../arguments.ts';
import { endWithoutSpaces, pgAsciiToUpper } from '../../c/ascii.ts';
import { PgHostsslError } from '../../errors.ts';
import { assertBundle } from '../bundle/assert-bundle.ts';
import { type ConnectionBundle, passphraseOf } from '../bundle/bundle.ts';
import { clientFilePaths } from '../bundle/files.ts';
import { targetParameters, toConnectionString } from '../connection/write-connection-string.ts';

/** Options of the functions that write a connection for libpq, such as {@link libpqUri}. */
export interface LibpqOptions {
  /**
   * The directory of `root.crt`, `postgresql.crt` and `postgresql.key`, which the result then names. If not given,
   * libpq, pgx, lib/pq and pgjdbc look for these files in `~/.postgresql`; `pg` does not.
   */
  readonly directory?: string | undefined;
}

const optionNames: PropertyNames<LibpqOptions> = { directory: true };

/**
 * The parameters of libpq for a connection, for clients that take a map of parameters.
 *
 * `sslmode` is always `verify-full`. Only this mode checks the identity of the server, and only this mode means the
 * same to libpq and every version of `pg`. The passphrase of an encrypted key is the parameter `sslpassword`.
 *
 * @param bundle the target, certificates and key of the client
 * @param options the directory of the files
 * @returns the parameters by name
 * @throws PgHostsslError `client-directory-invalid`, see {@link clientFilePaths}; `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, libpqParameters } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * assert.equal(libpqParameters(bundle, { directory: '/etc/app/db' }).sslkey, '/etc/app/db/postgresql.key');
 * ```
 */
export function libpqParameters(
  bundle: ConnectionBundle,
  options: LibpqOptions = {},
): Readonly<Record<string, string>> {
  assertBundle(bundle);
  return { ...targetParameters(bundle.target), ...tlsParameters(bundle, options) };
}

/**
 * A `postgresql://` URL for a connection. libpq and `pg` read the same connection from the URL, but `pg` ignores
 * `hostaddr` and looks up the host. asyncpg sends `hostaddr` to the server, which refuses it. Give `pg` either this URL
 * (made with `directory`) or the result of {@link pgConfig}, not both. If the URL names an encrypted key, libpq can
 * open the key, but `pg` cannot.
 *
 * @param bundle the target, certificates and key of the client
 * @param options the directory of the files
 * @returns the URL, without a password. It holds the passphrase of an encrypted key.
 * @throws PgHostsslError `connection-not-expressible`, see {@link toConnectionString}; `client-directory-invalid`;
 * `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, libpqUri } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * assert.equal(libpqUri(bundle), 'postgresql://webadmin@db.example.com:5432/app?sslmode=verify-full');
 * ```
 */
export function libpqUri(bundle: ConnectionBundle, options: LibpqOptions = {}): string {
  assertBundle(bundle);
  return toConnectionString(bundle.target, { parameters: tlsParameters(bundle, options) });
}

/**
 * A `key=value` string for a connection, for `psql` and `PQconnectdb` (`conninfo_parse` in fe-connect.c).
 *
 * @param bundle the target, certificates and key of the client
 * @param options the directory of the files
 * @returns the string, without a password. It holds the passphrase of an encrypted key.
 * @throws PgHostsslError `client-directory-invalid`; `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, libpqKeyValue } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'my db' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * assert.equal(
 *   libpqKeyValue(bundle),
 *   "host=db.example.com port=5432 user=webadmin dbname='my db' sslmode=verify-full",
 * );
 * ```
 */
export function libpqKeyValue(bundle: ConnectionBundle, options: LibpqOptions = {}): string {
  assertBundle(bundle);
  return toConnectionString(bundle.target, { form: 'key-value', parameters: tlsParameters(bundle, options) });
}

/**
 * An entry of `pg_service.conf` for a connection. The connection string of the client is then `service=NAME`. libpq up
 * to 13 reads only lines of at most 252 bytes.
 *
 * @param name the name of the service
 * @param bundle the target, certificates and key of the client
 * @param options the directory of the files
 * @returns the lines of the entry, with a final newline. They hold the passphrase of an encrypted key.
 * @throws PgHostsslError `connection-not-expressible` for a name or value that a service file cannot hold, because it
 * has a line break, ends with an ASCII space, or makes a line longer than 1020 bytes; `client-directory-invalid`;
 * `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, libpqServiceEntry } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * assert.match(libpqServiceEntry('app', bundle, { directory: '/etc/app/db' }), /^\[app\]\nhost=db\.example\.com\n/);
 * ```
 */
export function libpqServiceEntry(name: string, bundle: ConnectionBundle, options: LibpqOptions = {}): string {
  assertText(name, 'the name of a service');
  const parameters = libpqParameters(bundle, options);
  if (!/^[^\]\r\n]+$/.test(name) || !fitsServiceFile(`[${name}]`)) {
    throw new PgHostsslError(
      'connection-not-expressible',
      `A service file cannot hold the name ${JSON.stringify(name)}`,
    );
  }
  const unfit = Object.entries(parameters).find(([key, value]) => !fitsServiceFile(`${key}=${value}`));
  if (unfit !== undefined) {
    throw new PgHostsslError('connection-not-expressible', `A service file cannot hold the value of ${unfit[0]}`, {
      hint: 'A value must have no line break and no blank at its end, and fit a line of 1020 bytes.',
    });
  }
  return `[${name}]\n${Object.entries(parameters)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')}`;
}

/**
 * The environment variables of libpq for a connection. `pg` reads PGHOST, PGPORT, PGUSER, PGDATABASE and PGSSLMODE, but
 * not the variables that name files.
 *
 * @param bundle the target, certificates and key of the client
 * @param options the directory of the files
 * @returns the variables by name
 * @throws PgHostsslError `connection-not-expressible` for an encrypted key, because no variable can hold a passphrase;
 * `client-directory-invalid`; `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, libpqEnvironment } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * assert.equal(libpqEnvironment(bundle, { directory: '/etc/app/db' }).PGSSLCERT, '/etc/app/db/postgresql.crt');
 * ```
 */
export function libpqEnvironment(
  bundle: ConnectionBundle,
  options: LibpqOptions = {},
): Readonly<Record<string, string>> {
  refusePassphrase(bundle, 'The environment of libpq');
  return Object.fromEntries(
    Object.entries(libpqParameters(bundle, options)).map(([name, value]) => [variableName(name), value]),
  );
}

/**
 * @internal Throws if the key of a bundle is encrypted. It is called by functions whose result has no place for a
 * passphrase.
 *
 * @throws PgHostsslError `connection-not-expressible`
 */
export function refusePassphrase(bundle: ConnectionBundle, view: string): void {
  assertBundle(bundle);
  if (passphraseOf(bundle) === undefined) return;
  throw new PgHostsslError('connection-not-expressible', `${view} cannot hold the passphrase of an encrypted key`, {
    hint: 'Make the bundle with the decrypted key: `await PrivateKey.read(pem, { passphrase })`.',
  });
}

function tlsParameters(bundle: ConnectionBundle, options: LibpqOptions): Readonly<Record<string, string>> {
  assertProperties(options, optionNames, 'the options of a libpq view');
  const paths = options.directory === undefined ? undefined : clientFilePaths(options.directory);
  const passphrase = passphraseOf(bundle);
  return {
    sslmode: 'verify-full',
    ...(paths === undefined ? {} : { sslrootcert: paths.ca }),
    ...(paths === undefined || bundle.certificate === undefined
      ? {}
      : { sslcert: paths.certificate, sslkey: paths.privateKey }),
    ...(passphrase === undefined ? {} : { sslpassword: passphrase }),
  };
}

/** The name of libpq's environment variable for a connection parameter (`PQconninfoOptions`). */
function variableName(parameter: string): string {
  return parameter === 'dbname' ? 'PGDATABASE' : `PG${pgAsciiToUpper(parameter)}`;
}

/**
 * The longest line in bytes, without its line end. From 14 on, libpq refuses a line of more than 1022 bytes, including
 * the line end of one or two bytes (`parseServiceFile` in fe-connect.c).
 */
const longestServiceLine = 1020;

function fitsServiceFile(line: string): boolean {
  return (
    !/[\0\r\n]/.test(line) &&
    line.isWellFormed() &&
    endWithoutSpaces(line) === line.length &&
    new TextEncoder().encode(line).length <= longestServiceLine
  );
}
