import { assertProperties, assertRecord, isTextList, type PropertyNames, shownValue } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import { HbaFile } from '../../hba/file.ts';
import { all } from '../../hba/rule.ts';
import { day, type Validity } from '../../pki/certificate/validity.ts';
import { CertificateAuthority } from '../../pki/issue/authority.ts';
import type { IssuedKeyPair } from '../../pki/issue/issued.ts';
import { type ProviderOptions, readClock } from '../../pki/provider/provider.ts';
import type { PgMajor } from '../../version.ts';
import { type ClientBundle, clientBundle, type ServerOnlyBundle } from '../bundle/bundle.ts';
import { type ClientFile, ContentFile, clientFilePath } from '../bundle/files.ts';
import type { ConnectionTargetParts } from '../bundle/target.ts';

/** Options of {@link testBundle}. */
export interface TestBundleOptions extends ProviderOptions {
  /** The hosts under which clients reach the server; `localhost`, `127.0.0.1` and `::1` if not given. */
  readonly hosts?: readonly string[] | undefined;
  /** The roles that get a client certificate. If the list is empty, only the server gets a certificate. */
  readonly users: readonly string[];
  /** The period of validity of the certificates; one day if not given. */
  readonly validity?: Validity | undefined;
  /** The major version of the server, for {@link TestBundle.hba}; 18 if not given. */
  readonly version?: PgMajor | undefined;
}

const optionNames: PropertyNames<TestBundleOptions> = {
  hosts: true,
  users: true,
  validity: true,
  version: true,
  provider: true,
};

/**
 * The connection target of a client in a {@link TestBundle}: {@link ConnectionTargetParts} in which the host may be
 * missing.
 */
export interface TestTarget extends Omit<ConnectionTargetParts, 'host'> {
  /** The host; if not given, the first of the bundle's `hosts` without a wildcard. */
  readonly host?: string | undefined;
}

/** The certificates of a test server and of its clients. Methods return the secrets, so inspection shows no secret. */
export interface TestBundle {
  /**
   * The CA. It can issue further certificates. For a certificate or CRL that has expired, load the CA with an earlier
   * clock: `CertificateAuthority.load({ certificate: ca, privateKey: authority.privateKey, provider: { now } })`.
   */
  readonly authority: CertificateAuthority;
  /** The certificate of the CA: PEM. */
  readonly ca: string;
  /**
   * Rules for the start of `pg_hba.conf`: each user of the bundle logs in over TLS with a certificate. Without users,
   * the text is empty.
   */
  readonly hba: string;
  /**
   * The files of the server: `server.key` with mode 0600, `server.crt` and `root.crt`. The account that runs the server
   * must own `server.key`.
   *
   * @param directory the data directory, or another directory that the server can read
   */
  serverFiles(directory: string): readonly ClientFile[];
  /**
   * The arguments of `withSSLCert` of `@testcontainers/postgresql`: the paths of `root.crt`, `server.crt` and
   * `server.key`.
   *
   * @param directory the directory to which the caller wrote the files
   */
  sslCertPaths(directory: string): readonly [ca: string, certificate: string, privateKey: string];
  /**
   * The settings that name the files of the server. Write them into postgresql.conf (`ConfFile.setAll`), or give them
   * to the server as `-c name=value`.
   *
   * @param directory the directory of the files on the server's machine; the data directory if not given
   */
  serverSettings(directory?: string): Readonly<Record<string, string>>;
  /**
   * The bundle of a user who logs in with a certificate.
   *
   * @param target the user, and the address of the server
   * @throws PgHostsslError `connection-user-missing` if `users` does not name the user; the codes of
   * {@link clientBundle}
   */
  client(target: TestTarget): ClientBundle;
  /**
   * The bundle of a user who logs in with a password. The client has no certificate, but verifies the server.
   *
   * @param target the user, and the address of the server
   * @throws PgHostsslError the codes of {@link clientBundle}
   */
  serverOnlyClient(target: TestTarget): ServerOnlyBundle;
}

/** The secrets are private fields, because inspection and serialization do not show private fields. */
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
      new ContentFile(key, this.#server.privateKey.toPem(), 'secret'),
      new ContentFile(certificate, this.#server.chain, 'public'),
      new ContentFile(ca, this.ca, 'public'),
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
    const complete = this.#complete(target);
    const issued = this.#clients.get(target.user);
    if (issued === undefined) {
      throw new PgHostsslError(
        'connection-user-missing',
        `The test bundle has no certificate for user ${shownValue(target.user)}`,
        { hint: 'Name the user in `users` of testBundle, or take `serverOnlyClient` for a user with a password.' },
      );
    }
    const { chain, privateKey } = issued;
    return clientBundle({ target: complete, ca: this.ca, certificate: chain, privateKey });
  }

  serverOnlyClient(target: TestTarget): ServerOnlyBundle {
    return clientBundle({ target: this.#complete(target), ca: this.ca });
  }

  #complete(target: TestTarget): ConnectionTargetParts {
    assertRecord(target, 'the target of a client of a test bundle');
    return { ...target, host: target.host ?? this.#host };
  }
}

/**
 * Makes a CA, a server certificate and client certificates in memory, for tests or development. No certificates have to
 * be stored in a repository, where they would expire.
 *
 * @param options the hosts of the server and the users
 * @returns the certificates, with methods that return the files of the server and the bundles of the clients
 * @throws PgHostsslError `host-invalid`, `role-name-invalid`, `validity-invalid`, `rule-invalid`, `version-unknown`,
 * `argument-invalid`; `text-invalid` for a user name with a line break
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
    if (isTextList(list)) continue;
    throw new PgHostsslError('argument-invalid', '`hosts` and `users` of testBundle must be lists of names');
  }
  if (options.validity !== undefined) assertRecord(options.validity, 'validity of testBundle');
  const validity = samePeriod(options.validity, readClock(provider?.now));
  const authority = await CertificateAuthority.create({ subject: '/CN=Test CA of pg-hostssl', validity, provider });
  const [server, ...clients] = await Promise.all([
    authority.issueServerCertificate({ hosts, validity }),
    ...users.map(async (user) => [user, await authority.issueClientCertificate({ user, validity })] as const),
  ]);
  const [first, ...others] = users;
  const empty = HbaFile.parse('', { version });
  const rule = { type: 'hostssl', databases: [all], address: all, method: 'cert' } as const;
  const hba = first === undefined ? empty : empty.insert({ ...rule, users: [first, ...others] }, 'end');
  return new IssuedTestBundle(authority, {
    // No client connects to a name with a wildcard.
    host: hosts.find((host) => !host.startsWith('*')) ?? hosts[0]!,
    server,
    clients: new Map(clients),
    hba: hba.toString(),
  });
}

/**
 * Gives all certificates the same end of validity. Otherwise a leaf, which is issued a moment after the CA, would
 * expire after the CA.
 */
function samePeriod(validity: Validity = {}, now: Date): Validity {
  if (validity.notAfter !== undefined) return validity;
  const { days = 1, ...start } = validity;
  return { ...start, notAfter: new Date(now.getTime() + days * day) };
}

function serverPaths(directory: string | undefined): { key: string; certificate: string; ca: string } {
  const pathOf = (name: string): string => (directory === undefined ? name : clientFilePath(directory, name));
  return { key: pathOf('server.key'), certificate: pathOf('server.crt'), ca: pathOf('root.crt') };
}
