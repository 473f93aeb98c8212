import type { Connection } from '../../../access/match/connection.ts';
import type { ConnectionTargetParts } from '../../../client/bundle/target.ts';
import type { HbaAddress, HbaDatabase, NonEmptyList } from '../../../hba/rule.ts';
import type { AuthMethod } from '../../../hba/tables/tables.ts';
import type { CertificateAuthority } from '../../../pki/issue/authority.ts';
import type { ClientCertificateOptions, ServerCertificateOptions } from '../../../pki/issue/authority-options.ts';
import type { ClientState, ServerState } from '../../state.ts';

/** The properties that the rule for a user must have. */
export interface RuleRequest {
  /**
   * The databases. If not given, the database of the connection. `[all]` means every database.
   * `[{ keyword: 'replication' }]` means physical replication, for which the server does not look at the database of the
   * bundle: use the bundle in `primary_conninfo` or with `pg_basebackup`, not for a login to a database.
   */
  readonly databases?: NonEmptyList<HbaDatabase> | undefined;
  /** The client addresses. If not given, every address, because the certificate decides who may log in. */
  readonly address?: HbaAddress | string | undefined;
  /**
   * The password method, if the server must ask for a password in addition to the certificate. If not given, the rule
   * has the method `cert`, which binds the name in the certificate to the user on every major version. If given, the
   * rule has this method, and demands the certificate with the option `clientcert`. Before PostgreSQL 12, that option
   * checks only the chain of the certificate; a diagnostic of the plan then says so.
   */
  readonly password?: 'scram-sha-256' | 'md5' | undefined;
}

/**
 * Connections of a user that need a password and no certificate, for example the connections of one old client. From
 * these addresses, the server asks for the password even if the client has a certificate.
 */
export interface ExceptionRequest {
  /** The client addresses. */
  readonly address: HbaAddress | string;
  /** The method with which the server asks for the password. */
  readonly password: 'scram-sha-256' | 'md5';
  /** The databases. If not given, the database of the connection. `[all]` means every database. */
  readonly databases?: NonEmptyList<HbaDatabase> | undefined;
  /** `hostssl` (the default): connections with TLS only. `host`: connections without TLS, too. */
  readonly type?: 'host' | 'hostssl' | undefined;
}

/**
 * A connection that must remain possible after the plan, such as the connection of the administrator who applies the
 * plan.
 */
export interface KeptAccess extends Connection {
  /**
   * The method of the rule that lets the client in. For a client with a password, the method with which the password of
   * its role is stored.
   */
  readonly method: AuthMethod;
  /** The certificate that the client sends, then its intermediate CA certificates, PEM. */
  readonly certificate?: string | undefined;
  /**
   * The host name or address to which the client connects. For the transport `local`, the directory of the socket. If
   * not given, the client may connect to any place where the server listens. If TLS is on now, and the
   * server's certificate is valid for this host, it must remain valid for the host.
   */
  readonly host?: string | undefined;
  /** The port to which the client connects; the server's port if not given. */
  readonly port?: number | undefined;
  /** The operating-system user or principal that the method `peer`, `ident`, `gss` or `sspi` finds. */
  readonly systemUser?: string | undefined;
}

/** The properties that every request for a plan may have. */
export interface KeepRequest {
  /**
   * Connections that must remain possible, such as the caller's own. If the server would refuse one of them after the
   * plan, planning throws an error. If the plan changes the rule of a connection, and the files do not tell whether the
   * connection remains possible, the plan has a warning. The settings that decide where the server listens are checked,
   * too (`listen_addresses`, `port`, `unix_socket_directories`). libpq uses TLS whenever the server offers it, so a
   * client without `sslmode=disable` has two connections to list: one with TLS and one without.
   */
  readonly keep?: KeptAccess | readonly KeptAccess[] | undefined;
}

/**
 * A certificate that another CA issues: a public CA, ACME, step-ca, a vault, or a CA that signs certificate requests.
 */
export interface ForeignCertificate {
  /** The roots to which the chain of the certificate leads, PEM or DER. The verifying side must trust these roots. */
  readonly roots: string | Uint8Array;
  /** The certificate to install, then its intermediate CA certificates, PEM. If not given, the existing files stay. */
  readonly certificate?: string | undefined;
  /**
   * The private key of `certificate`, PEM. If not given, the key in the file, or the key that {@link
   * planCertificateRequests} made.
   */
  readonly privateKey?: string | undefined;
}

/** The argument of {@link planServerCertificate}. */
export interface ServerCertificateRequest extends KeepRequest {
  /** The state of the server: from `readServer`, or made from contents with `fileState`. */
  readonly server: ServerState;
  /**
   * The CA that issues missing certificates. It is safer not to keep the key of the CA on the server's machine. This
   * property is not needed if other CAs issue all certificates.
   */
  readonly authority?: CertificateAuthority | undefined;
  /**
   * The hosts for the server's certificate: names, wildcards, addresses. Give all of them: a diagnostic names the hosts
   * of the present certificate that a new certificate lacks. A certificate that names these hosts and others stays, so
   * give `newKey` to end a host.
   */
  readonly hosts: readonly string[];
  /**
   * A certificate of the server from another CA, which the plan keeps or installs. `authority` then issues only client
   * certificates.
   */
  readonly serverCertificate?: ForeignCertificate | undefined;
  /**
   * The passphrase of the server's private key, if the key is encrypted. The server gets it from
   * `ssl_passphrase_command`. A new key of the server is encrypted with this passphrase.
   */
  readonly passphrase?: string | undefined;
  /**
   * The lowest TLS version that the server accepts (`ssl_min_protocol_version`, 12 and later). If the setting already
   * has a higher version, it stays.
   */
  readonly minProtocol?: MinProtocol | undefined;
  /** Further options for new certificates. */
  readonly issue?: {
    /** Options for the server's certificate. */
    readonly server?: Omit<ServerCertificateOptions, 'hosts'> | undefined;
  };
  /**
   * Whether the plan may replace existing certificates, keys and roots of other CAs. If `false` or not given, planning
   * throws an error.
   */
  readonly replaceForeign?: boolean | undefined;
  /**
   * Whether to make a new private key even if the existing key and certificate could be kept. If not given, a renewed
   * certificate keeps its key. A new certificate with a new key gets new file names in the data directory.
   */
  readonly newKey?: boolean | undefined;
  /**
   * The moment of the plan. It decides which certificates have expired, and it is the time from which new certificates
   * are valid. If not given, the time of the CA's clock.
   */
  readonly now?: Date | undefined;
}

/** The lowest TLS version that a server accepts. */
export type MinProtocol = 'TLSv1.2' | 'TLSv1.3';

/** What a plan gives one further user: a rule in pg_hba.conf and a certificate. */
export interface UserRequest {
  /** The name of the role. */
  readonly user: string;
  /** The database of the user's connection. If not given, the database of `connection` in the request. */
  readonly database?: string | undefined;
  /** The rule for the user. */
  readonly rule?: RuleRequest | undefined;
  /** Whether TCP connections of the user that the rule does not match are rejected, as in {@link TlsRequest}. */
  readonly withoutCertificate?: 'unchanged' | 'reject' | undefined;
  /** Connections of the user that need no certificate, as in {@link TlsRequest}. */
  readonly exceptions?: readonly ExceptionRequest[] | undefined;
  /** The user's certificate from another CA, with its key. */
  readonly clientCertificate?: ForeignCertificate | undefined;
}

/** The argument of {@link planClientCertificates}. */
export interface TlsRequest extends Omit<ServerCertificateRequest, 'hosts' | 'issue' | 'newKey'> {
  /**
   * The connection of the user: a `postgresql://` URL, or its parts. The user becomes the name in the client
   * certificate, and the host becomes a name in the server certificate. If host or port is missing, it comes from
   * `listen_addresses` or `port`.
   */
  readonly connection: string | (Omit<ConnectionTargetParts, 'host'> & Partial<Pick<ConnectionTargetParts, 'host'>>);
  /**
   * Further hosts for the server's certificate: names, wildcards, addresses. A new certificate also keeps the hosts of
   * the certificate of `authority` that it replaces, if that one is valid and not revoked. To end a host, call
   * {@link planServerCertificate} with `newKey: true` and the hosts that stay.
   */
  readonly hosts?: readonly string[] | undefined;
  /**
   * The root certificates to which the chain of the CA leads, PEM or DER. They must be given if `authority` is an
   * intermediate CA.
   */
  readonly roots?: string | Uint8Array | undefined;
  /** The rule for the user. */
  readonly rule?: RuleRequest | undefined;
  /**
   * What to do about TCP connections of this user that the rule does not match, such as connections without TLS or to
   * other databases. `unchanged` (the default): the other rules decide about them, and a diagnostic names each rule
   * that lets the user in without a certificate. `reject`: the plan adds a rule that rejects these connections, and a
   * diagnostic names each rule with a certificate that names the user and is ended by this rejection. Give all
   * databases and addresses of the user each time.
   */
  readonly withoutCertificate?: 'unchanged' | 'reject' | undefined;
  /**
   * Connections of this user that need a password and no certificate. Each gets a rule above the rule that demands the
   * certificate. Give the exceptions again in each later request for this user: otherwise the plan puts its rules above
   * the rules of the exceptions, which then have no effect.
   */
  readonly exceptions?: readonly ExceptionRequest[] | undefined;
  /**
   * Further users, each with a rule and a certificate. A user may have several entries, for example one for each
   * network. The property `clients` of the plan holds the bundle for `connection`, then the bundles of
   * these users. The plan writes no files for them, and each plan issues new certificates with new keys for them.
   */
  readonly users?: readonly UserRequest[] | undefined;
  /**
   * Makes the server check CRLs. With `true`, the plan installs a CRL of `authority`, unless the server has one that is
   * not due for renewal. A text (PEM) adds CRLs that other CAs have already issued. The CRLs are written to
   * `ssl_crl_file`, or to `ssl_crl_dir` if `server.crlDirectory` is given. If `crls` is not given, CRLs stay as they
   * are.
   */
  readonly crls?: true | string | undefined;
  /** Certificates of intermediate CAs that issued `crls` and that the server's root file does not hold, PEM. */
  readonly issuers?: string | undefined;
  /**
   * A certificate of the client from another CA, which the plan keeps in the client's files or installs there. The plan
   * makes the server trust the roots of this certificate.
   */
  readonly clientCertificate?: ForeignCertificate | undefined;
  /** The state of the client's directory, from `readClient`. If not given, the plan writes no client files. */
  readonly client?: ClientState | undefined;
  /** Further options for new certificates. */
  readonly issue?:
    | (ServerCertificateRequest['issue'] & {
        /** Options for the clients' certificates. */
        readonly client?: Omit<ClientCertificateOptions, 'user'> | undefined;
      })
    | undefined;
  /**
   * Whether to make new private keys even if keys and certificates could be kept: `true` for the server and the client,
   * or the name of one of them. If not given, a renewed certificate keeps its key. A new certificate of the server with
   * a new key gets new file names in the data directory.
   */
  readonly newKey?: boolean | 'server' | 'client' | undefined;
}
