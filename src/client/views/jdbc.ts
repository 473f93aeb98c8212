import { assertProperties, assertRecord, assertText, type PropertyNames } from '../../arguments.ts';
import { decodePem } from '../../asn1/pem.ts';
import { PgHostsslError } from '../../errors.ts';
import { assertBundle } from '../bundle/assert-bundle.ts';
import type { ConnectionBundle } from '../bundle/bundle.ts';
import { type ClientFile, ContentFile, clientFilePath, clientFilePaths } from '../bundle/files.ts';
import { urlQuery } from '../connection/url-query.ts';
import { refusePassphrase } from './libpq.ts';

/**
 * Options that say where pgjdbc finds the certificate and the private key: in the files of {@link jdbcFiles}, or in a
 * PKCS#12 file.
 */
export interface JdbcOptions {
  /** The directory of the files. */
  readonly directory: string;
  /** The name and passphrase of a PKCS#12 file in the directory; see `createPkcs12` of `pg-hostssl/pki`. */
  readonly pkcs12?:
    | {
        /** The name of the file. It must end in `.p12` or `.pfx`. */
        readonly name: string;
        /** The passphrase of the file. */
        readonly passphrase: string;
      }
    | undefined;
}

const optionNames: PropertyNames<JdbcOptions> = { directory: true, pkcs12: true };

/** The name of the key file that pgjdbc looks for in `~/.postgresql`. */
const keyName = 'postgresql.pk8';

/**
 * The files for pgjdbc, the private key first: `postgresql.pk8` (PKCS#8 in DER), `postgresql.crt` and `root.crt`. Every
 * version of pgjdbc reads these files, and looks for these names in `~/.postgresql`.
 *
 * @param bundle the target, certificates and key of the client
 * @param directory the directory of the files. The caller must make it with mode 0700.
 * @returns the files, with modes that pgjdbc accepts
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind; `connection-not-expressible` for an
 * encrypted key, because pgjdbc cannot open a `.pk8` file with PBES2 (use a PKCS#12 file); `key-algorithm-unsupported`
 * for a key in a traditional form; `client-directory-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, jdbcFiles } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * const [key] = jdbcFiles(bundle, '/etc/app/db');
 * assert.equal(key?.path, '/etc/app/db/postgresql.pk8');
 * assert.deepEqual(key?.content(), privateKey.toDer());
 * ```
 */
export function jdbcFiles(bundle: ConnectionBundle, directory: string): readonly ClientFile[] {
  assertBundle(bundle);
  const paths = clientFilePaths(directory);
  const ca = new ContentFile(paths.ca, bundle.ca, 'public');
  if (bundle.certificate === undefined) return [ca];
  refusePassphrase(bundle, 'A .pk8 file for pgjdbc');
  const [key] = decodePem(bundle.privateKey());
  if (key?.label !== 'PRIVATE KEY') {
    throw new PgHostsslError('key-algorithm-unsupported', `pgjdbc reads PKCS#8 only, but the key is a ${key?.label}`, {
      hint: 'Make the bundle with `await PrivateKey.read(pem)`.',
    });
  }
  return [
    new ContentFile(clientFilePath(directory, keyName), key.der, 'secret'),
    new ContentFile(paths.certificate, bundle.certificate, 'public'),
    ca,
  ];
}

/**
 * The connection properties of pgjdbc, for `DriverManager.getConnection(url, properties)` and for the driver properties
 * of DBeaver. They name the files of {@link jdbcFiles}, or a PKCS#12 file.
 *
 * @param bundle the target, certificates and key of the client
 * @param options the directory of the files
 * @returns the properties by name. They include the passphrase of a PKCS#12 file.
 * @throws PgHostsslError `connection-not-expressible` for a target with `hostaddr`; for an IPv6 address, because pgjdbc
 * cannot verify it; for an encrypted key without `pkcs12`; and for a passphrase of `pkcs12` that is not printable
 * ASCII, because Java cannot use it; `client-directory-invalid`; `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, jdbcProperties } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * assert.equal(jdbcProperties(bundle, { directory: '/etc/app/db' }).sslkey, '/etc/app/db/postgresql.pk8');
 * ```
 */
export function jdbcProperties(bundle: ConnectionBundle, options: JdbcOptions): Readonly<Record<string, string>> {
  assertBundle(bundle);
  assertProperties(options, optionNames, 'the options of a JDBC view');
  const { directory, pkcs12 } = options;
  const { host, hostaddr, user } = bundle.target;
  if (hostaddr !== undefined || host.includes(':')) {
    const what =
      hostaddr === undefined ? 'verify a server by an IPv6 address' : 'take a hostaddr in addition to the host';
    throw new PgHostsslError('connection-not-expressible', `pgjdbc cannot ${what}`, {
      hint: 'Give a target whose host is a name or an IPv4 address.',
    });
  }
  const paths = clientFilePaths(directory);
  const common = { user, sslmode: 'verify-full', sslrootcert: paths.ca };
  if (pkcs12 === undefined) {
    if (bundle.certificate === undefined) return common;
    refusePassphrase(bundle, 'A .pk8 file for pgjdbc');
    return { ...common, sslcert: paths.certificate, sslkey: clientFilePath(directory, keyName) };
  }
  assertRecord(pkcs12, 'pkcs12 of a JDBC view');
  assertText(pkcs12.name, 'pkcs12.name of a JDBC view');
  if (!/^[^/\\:\0\p{Surrogate}]+\.(?:p12|pfx)$/u.test(pkcs12.name)) {
    throw new PgHostsslError('argument-invalid', 'The name of a PKCS#12 file for pgjdbc must end in .p12 or .pfx');
  }
  assertText(pkcs12.passphrase, 'pkcs12.passphrase of a JDBC view');
  // Java opens PKCS#12 files only with passphrases of printable ASCII characters (`PBEKey` in com.sun.crypto.provider).
  if (!/^[ -~]+$/.test(pkcs12.passphrase)) {
    throw new PgHostsslError('connection-not-expressible', 'Java cannot open a PKCS#12 file with this passphrase', {
      hint: 'Make the PKCS#12 file with a passphrase of printable ASCII characters.',
    });
  }
  return { ...common, sslkey: clientFilePath(directory, pkcs12.name), sslpassword: pkcs12.passphrase };
}

/**
 * A connection URL for pgjdbc, with all properties of {@link jdbcProperties}.
 *
 * @param bundle the target, certificates and key of the client
 * @param options the directory of the files
 * @returns the URL. It holds the passphrase of a PKCS#12 file.
 * @throws PgHostsslError the codes of {@link jdbcProperties}.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, jdbcUrl } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * assert.match(
 *   jdbcUrl(bundle, { directory: '/etc/app/db' }),
 *   /^jdbc:postgresql:\/\/db\.example\.com:5432\/app\?user=webadmin&sslmode=verify-full&/,
 * );
 * ```
 */
export function jdbcUrl(bundle: ConnectionBundle, options: JdbcOptions): string {
  assertBundle(bundle);
  const { host, port, database } = bundle.target;
  // The database name must be one path segment: pgjdbc refuses a URL with a second slash in front of the query
  // (`Driver.parseURL`).
  return `jdbc:postgresql://${host}:${port}/${encodeURIComponent(database)}?${urlQuery(jdbcProperties(bundle, options))}`;
}
