import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { isAbsolutePath } from '../../c/paths.ts';
import { PgHostsslError } from '../../errors.ts';
import type { ConnectionBundle } from '../bundle/bundle.ts';
import { libpqParameters } from './libpq.ts';

/** Options of {@link pgAdminServers}. */
export interface PgAdminOptions {
  /** The name of the server that pgAdmin shows. */
  readonly name: string;
  /**
   * The directory of `root.crt`, `postgresql.crt` and `postgresql.key`: an absolute path on the machine that runs
   * pgAdmin.
   */
  readonly directory: string;
  /** The group of the server in pgAdmin's tree; default `Servers`. */
  readonly group?: string | undefined;
}

const optionNames: PropertyNames<PgAdminOptions> = { name: true, directory: true, group: true };

/** The content of pgAdmin 4's `servers.json`. */
export interface PgAdminServers {
  /** The servers, with their numbers as keys. */
  readonly Servers: Readonly<Record<string, PgAdminServer>>;
}

/** One server of {@link PgAdminServers}. */
export interface PgAdminServer {
  /** The name of the server in the tree. */
  readonly Name: string;
  /** The group of the server in the tree. */
  readonly Group: string;
  /** DNS name or IP address of the server. */
  readonly Host: string;
  /** TCP port as a number, because pgAdmin refuses a string. */
  readonly Port: number;
  /** The database to which pgAdmin connects first. */
  readonly MaintenanceDB: string;
  /** The database role. */
  readonly Username: string;
  /** Further connection parameters with libpq's names. */
  readonly ConnectionParameters: Readonly<Record<string, string>>;
}

/**
 * The content of a `servers.json` of pgAdmin 4, for `setup.py load-servers FILE` or for `/pgadmin4/servers.json` of the
 * container. The file cannot hold a password. If the key is encrypted, the file holds the passphrase of the key.
 *
 * In desktop mode, `directory` is a directory of the machine. In server mode, it is a path in pgAdmin's file manager,
 * which begins in the storage directory of the user who loads the file. For the user alice@example.com, `/db` means
 * `/var/lib/pgadmin/storage/alice_example.com/db`, because pgAdmin writes `_` for `@`. In both modes, pgAdmin silently
 * drops a path at which there is no file, and the server then refuses the connection for lack of a client certificate.
 * In the Docker container of pgAdmin, the file of the private key needs mode 0600 and owner 5050.
 *
 * @param bundle the target, certificates and key of the client
 * @param options the name, and the directory of the files
 * @returns the content of the file, for `JSON.stringify`
 * @throws PgHostsslError `client-directory-invalid` for a relative directory, and in the cases of {@link
 * clientFilePaths}; `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, pgAdminServers } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * const servers = pgAdminServers(bundle, { name: 'app', directory: '/home/alice/app' });
 * const text = JSON.stringify(servers, null, 2); // the content of servers.json
 * assert.equal(servers.Servers['1']?.Port, 5432);
 * assert.match(text, /"sslkey": "\/home\/alice\/app\/postgresql.key"/);
 * ```
 */
export function pgAdminServers(bundle: ConnectionBundle, options: PgAdminOptions): PgAdminServers {
  assertProperties(options, optionNames, 'the options of pgAdminServers');
  const { name, directory, group = 'Servers' } = options;
  for (const text of [name, group, directory]) {
    if (typeof text === 'string' && text !== '') continue;
    throw new PgHostsslError(
      'argument-invalid',
      'The name, the group and the directory of pgAdminServers must be strings that are not empty',
    );
  }
  const { host, port, user, dbname, ...parameters } = libpqParameters(bundle, { directory });
  if (!isAbsolutePath(directory)) {
    throw new PgHostsslError('client-directory-invalid', `${JSON.stringify(directory)} is a relative path`, {
      hint: 'Give an absolute path. pgAdmin silently drops a path that is not a file.',
    });
  }
  const server: PgAdminServer = {
    Name: name,
    Group: group,
    Host: host!,
    Port: Number(port),
    MaintenanceDB: dbname!,
    Username: user!,
    ConnectionParameters: parameters,
  };
  return { Servers: { 1: server } };
}
