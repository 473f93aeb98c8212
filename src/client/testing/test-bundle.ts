import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import type { CertificateAuthority, IssuedKeyPair, ProviderOptions, Validity } from '../../pki/index.ts';
import type { PgMajor } from '../../version.ts';
import { type ClientBundle, clientBundle, type ServerOnlyBundle } from '../bundle/bundle.ts';
import { type ClientFile, ContentFile, clientFilePaths } from '../bundle/files.ts';
import type { ConnectionTargetParts } from '../bundle/target.ts';

/** Options of {@link testBundle}. */
export interface TestBundleOptions extends ProviderOptions {
  /** The hosts by which clients reach the server; `localhost`, `127.0.0.1` and `::1` if not given. */
  readonly hosts?: readonly string[];
  /** The roles that get a client certificate. With an empty list only the server has a certificate. */
  readonly users: readonly string[];
  /** The period of validity of the certificates; one day if not given. */
  readonly validity?: Validity;
  /** The major version of the server, for {@link TestBundle.hba}; 18 if not given. */
  readonly version?: PgMajor;
}

const optionNames: PropertyNames<TestBundleOptions> = {
  hosts: true,
  users: true,
  validity: true,
  version: true,
  provider: true,
};

/** Where a client of a {@link TestBundle} connects: a {@link ConnectionTargetParts} whose host has a default. */
export interface TestTarget extends Omit<ConnectionTargetParts, 'host'> {
  /** The host; the first of the `hosts` of the bundle if not given. */
  readonly host?: string;
}

/** The certificates of a test server and of its clients. Methods return the secrets, so inspection shows none of them. */
export interface TestBundle {
  /** The CA. It can issue further certificates, for example one that has expired. */
  readonly authority: CertificateAuthority;
  /** The certificate of the CA: PEM. */
  readonly ca: string;
  /** Rules for the start of `pg_hba.conf`: each user of the bundle logs in over TLS with a certificate. Empty without users. */
  readonly hba: string;
  /**
   * The files of the server: `server.key` with mode 0600, `server.crt` and `root.crt`. The account of the server must own
   * `server.key`.
   *
   * @param directory - The data directory, or another directory that the server can read.
   */
  serverFiles(directory: string): readonly ClientFile[];
  /**
   * The paths for `withSSLCert` of `@testcontainers/postgresql`: CA, certificate and key.
   *
   * @param directory - The directory in which the caller wrote the files.
   */
  sslCertPaths(directory: string): readonly [ca: string, certificate: string, privateKey: string];
  /**
   * The settings that name the files of the server, for postgresql.conf (`ConfFile.setAll`) or as `-c name=value`.
   *
   * @param directory - The directory of the files as the server sees it; the data directory if not given.
   */
  serverSettings(directory?: string): Readonly<Record<string, string>>;
  /**
   * The client of a user with a certificate.
   *
   * @param target - The user, and where the server listens.
   * @throws PgHostsslError `connection-user-missing` if `users` does not name the user.
   */
  client(target: TestTarget): ClientBundle;
  /**
   * A client that checks the server and has no certificate, for a user with a password.
   *
   * @param target - The user, and where the server listens.
   */
  serverOnlyClient(target: TestTarget): ServerOnlyBundle;
}

/** Private fields are seen by no inspection and no serialization. */
class IssuedTestBundle implements TestBundle {
  readonly authority: CertificateAuthority;
  readonly hba: string;
  readonly #host: string;
  readonly #server: IssuedKeyPair;
  readonly #clients: ReadonlyMap<string, IssuedKeyPair>;

  constructor(
    authority: CertificateAuthority,
    issued: { host: string; server: IssuedKeyPair; clients: ReadonlyMap<string, IssuedKeyPair>; hba: string },
  ) {
    this.authority = authority;
    this.hba = issued.hba;
    this.#host = issued.host;
    this.#server = issued.server;
    this.#clients = issued.clients;
  }

  get ca(): string {
    return this.authority.certificate;
  }

  serverFiles(directory: string): readonly ClientFile[] {
    const { key, certificate, ca } = serverPaths(directory);
    return [
      new ContentFile(key, this.#server.privateKey.toPem(), true),
      new ContentFile(certificate, this.#server.chain, false),
      new ContentFile(ca, this.ca, false),
    ];
  }

  sslCertPaths(directory: string): readonly [ca: string, certificate: string, privateKey: string] {
    const { key, certificate, ca } = serverPaths(directory);
    return [ca, certificate, key];
  }

  serverSettings(directory?: string): Readonly<Record<string, string>> {
    const { key, certificate, ca } = serverPaths(directory);
    return { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key, ssl_ca_file: ca };
  }

  client(target: TestTarget): ClientBundle {
    const issued = this.#clients.get(target.user);
    if (issued === undefined) {
      throw new PgHostsslError(
        'connection-user-missing',
        `The test bundle has no certificate for user ${JSON.stringify(target.user)}`,
        { hint: 'Name the user in `users` of testBundle, or take `serverOnlyClient` for a user with a password.' },
      );
    }
    const { chain, privateKey } = issued;
    return clientBundle({ target: this.#complete(target), ca: this.ca, certificate: chain, privateKey });
  }

  serverOnlyClient(target: TestTarget): ServerOnlyBundle {
    return clientBundle({ target: this.#complete(target), ca: this.ca });
  }

  #complete(target: TestTarget): ConnectionTargetParts {
    return { ...target, host: target.host ?? this.#host };
  }
}

/**
 * Makes a CA, a server certificate and client certificates for a test or for development, in memory: nothing to commit, and
 * nothing that expires in a repository.
 *
 * @param options - The hosts of the server and the users.
 * @returns The certificates, the files of the server and the clients. Each client has the views of every bundle.
 * @throws PgHostsslError `host-invalid`, `role-name-invalid`, `validity-invalid`, `rule-invalid`, `argument-invalid`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { pgConfig, testBundle } from 'pg-hostssl/client';
 *
 * const bundle = await testBundle({ hosts: ['localhost'], users: ['alice'] });
 * const [key, certificate, ca] = bundle.serverFiles('/var/lib/postgresql/data').map(({ path, mode }) => [path, mode]);
 * assert.deepEqual(key, ['/var/lib/postgresql/data/server.key', 0o600]);
 * assert.deepEqual(bundle.serverSettings().ssl_key_file, 'server.key');
 * assert.equal(bundle.hba, 'hostssl all             alice           all                     cert\n');
 *
 * // new pg.Client(pgConfig(bundle.client({ user: 'alice', port: 5433 })))
 * assert.equal(pgConfig(bundle.client({ user: 'alice', port: 5433 })).host, 'localhost');
 * ```
 */
export async function testBundle(options: TestBundleOptions): Promise<TestBundle> {
  assertProperties(options, optionNames, 'the options of testBundle');
  const { hosts = ['localhost', '127.0.0.1', '::1'], users, version, provider } = options;
  for (const list of [hosts, users]) {
    if (Array.isArray(list) && list.every((item) => typeof item === 'string')) continue;
    throw new PgHostsslError('argument-invalid', '`hosts` and `users` of testBundle must be lists of names');
  }
  const validity = samePeriod(options.validity, provider?.now?.() ?? new Date());
  // Code that only calls the views does not load these.
  const [{ CertificateAuthority }, { all, HbaFile }] = await Promise.all([
    import('../../pki/index.ts'),
    import('../../hba/index.ts'),
  ]);
  const authority = await CertificateAuthority.create({
    subject: '/CN=Test CA of pg-hostssl',
    validity,
    ...(provider === undefined ? {} : { provider }),
  });
  const [server, ...clients] = await Promise.all([
    authority.issueServerCertificate({ hosts, validity }),
    ...users.map(async (user) => [user, await authority.issueClientCertificate({ user, validity })] as const),
  ]);
  const [first, ...others] = users;
  const empty = HbaFile.parse('', version === undefined ? {} : { version });
  const rule = { type: 'hostssl', databases: [all], address: all, method: 'cert' } as const;
  const hba = first === undefined ? empty : empty.insert({ ...rule, users: [first, ...others] }, 'end');
  return new IssuedTestBundle(authority, {
    host: hosts[0]!,
    server,
    clients: new Map(clients),
    hba: hba.toString(),
  });
}

/** One end for all certificates: that of a leaf must not be after that of the CA, which was issued a moment before. */
function samePeriod(validity: Validity = {}, now: Date): Validity {
  if (validity.notAfter !== undefined) return validity;
  const { days = 1, ...start } = validity;
  return { ...start, notAfter: new Date(now.getTime() + days * 24 * 60 * 60 * 1000) };
}

function serverPaths(directory: string | undefined): { key: string; certificate: string; ca: string } {
  const names = { key: 'server.key', certificate: 'server.crt', ca: 'root.crt' };
  if (directory === undefined) return names;
  const folder = clientFilePaths(directory).ca.slice(0, -names.ca.length);
  return { key: folder + names.key, certificate: folder + names.certificate, ca: folder + names.ca };
}
