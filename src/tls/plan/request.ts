import type { Connection } from '../../access/index.ts';
import type { ConnectionTargetParts } from '../../client/index.ts';
import type { AuthMethod, HbaAddress, HbaDatabase, NonEmptyList } from '../../hba/index.ts';
import type { CertificateAuthority, ClientCertificateOptions, ServerCertificateOptions } from '../../pki/index.ts';
import type { ClientState, ServerState } from '../state.ts';

/** What the rule for the user looks like. */
export interface RuleRequest {
  /** The databases; the one of the connection if not given, `[all]` for every one. */
  readonly databases?: NonEmptyList<HbaDatabase>;
  /** From where; every address if not given, since the certificate is what tells who may come in. */
  readonly address?: HbaAddress | string;
  /**
   * A password in addition to the certificate. Without it the rule's method is `cert`, which on every major binds the
   * certificate's name to the user. With it the option `clientcert` asks for the certificate, and before PostgreSQL 12
   * that checks its chain alone: a diagnostic of the plan then says so.
   */
  readonly password?: 'scram-sha-256' | 'md5';
}

/** A way in that a plan must not close, such as that of the administrator who applies the plan. */
export interface KeptAccess extends Connection {
  /** The method of the rule that lets the client in. A client with a password gives the one that its role's password is stored for. */
  readonly method: AuthMethod;
  /** The certificate that the client shows, with its intermediate certificates, PEM. */
  readonly certificate?: string;
  /**
   * Where the client connects to: a host name, an address, or for `local` the directory of the socket. If not given, any place
   * where the server listens will do.
   */
  readonly host?: string;
  /** The port that the client connects to; that of the server if not given. */
  readonly port?: number;
  /** The operating-system user or principal that the methods `peer`, `ident`, `gss` and `sspi` find. */
  readonly systemUser?: string;
}

/** What every request for a plan may name. */
export interface KeepRequest {
  /**
   * The caller's own ways in. A plan after which the server would refuse one of them is an error, and a plan that changes its
   * rule so that the files do not tell is a warning. Where the server listens counts, too (`listen_addresses`, `port`,
   * `unix_socket_directories`). libpq takes TLS wherever the server offers it: a client without
   * `sslmode=disable` has two ways in, one by TLS and one without.
   */
  readonly keep?: KeptAccess | readonly KeptAccess[];
}

/** A certificate that somebody else issues: a public CA, ACME, step-ca, a vault, a CA that signs certificate requests. */
export interface ForeignCertificate {
  /** The roots that the certificate leads to, PEM or DER. The other side checks the certificate against them. */
  readonly roots: string | Uint8Array;
  /** The certificate with its intermediate certificates, PEM, to be installed. Without it the files stay. */
  readonly certificate?: string;
  /** The private key of `certificate`, PEM; if not given, the key in the file, or that of {@link planCertificateRequests}. */
  readonly privateKey?: string;
}

/** The argument of {@link planServerCertificate}. */
export interface ServerCertificateRequest extends KeepRequest {
  /** The server as it is: from `readServer`, or made of contents with `fileState`. */
  readonly server: ServerState;
  /**
   * Issues missing certificates. Its key is better kept on another machine than the server. It is not needed if all
   * certificates are of somebody else.
   */
  readonly authority?: CertificateAuthority;
  /** The hosts of the server's certificate: names, wildcards, addresses. */
  readonly hosts: readonly string[];
  /** The server's certificate of somebody else, which is kept or installed. The CA then issues client certificates only. */
  readonly serverCertificate?: ForeignCertificate;
  /**
   * Opens the server's private key, if it is encrypted, as `ssl_passphrase_command` does for the server. A new key of the
   * server is encrypted with it.
   */
  readonly passphrase?: string;
  /** The lowest TLS version to accept (`ssl_min_protocol_version`, 12 and later). A higher one stays. */
  readonly minProtocol?: MinProtocol;
  /** More about the certificates to be issued. */
  readonly issue?: {
    /** Of the server's certificate. */
    readonly server?: Omit<ServerCertificateOptions, 'hosts'>;
  };
  /**
   * Whether certificates, keys and roots that are there already may be given up if this CA did not issue them.
   * Otherwise they are an error.
   */
  readonly replaceForeign?: boolean;
  /**
   * Makes a new private key, also if key and certificate are good. Otherwise a renewed certificate keeps its key. The new
   * pair gets names of its own in the data directory.
   */
  readonly newKey?: boolean;
  /**
   * The present moment: what has expired then, and when the validity of new certificates begins; the CA's clock if not
   * given.
   */
  readonly now?: Date;
}

/** The lowest TLS version that a server accepts. */
export type MinProtocol = 'TLSv1.2' | 'TLSv1.3';

/** A way in of one user of a server. */
export interface UserRequest {
  /** The role. */
  readonly user: string;
  /** The database of its connection; that of the request's `connection` if not given. */
  readonly database?: string;
  /** Its rule. */
  readonly rule?: RuleRequest;
  /** What happens to its connections over TCP that its rule does not match, as in {@link TlsRequest}. */
  readonly withoutCertificate?: 'unchanged' | 'reject';
  /** Its certificate of somebody else, with its key. */
  readonly clientCertificate?: ForeignCertificate;
}

/** The argument of {@link planClientCertificates}. */
export interface TlsRequest extends Omit<ServerCertificateRequest, 'hosts' | 'issue' | 'newKey'> {
  /**
   * A `postgresql://` URL, or its parts: the user becomes the client certificate's name, the host the server's. Without host
   * or port those of `listen_addresses` and `port` are taken.
   */
  readonly connection: string | (Omit<ConnectionTargetParts, 'host'> & Partial<Pick<ConnectionTargetParts, 'host'>>);
  /** Further hosts for the server's certificate: names, wildcards, addresses. */
  readonly hosts?: readonly string[];
  /** The root certificates that the CA leads to, PEM or DER; needed if the CA is an intermediate one. */
  readonly roots?: string | Uint8Array;
  /** The rule. */
  readonly rule?: RuleRequest;
  /**
   * What happens to connections of this user over TCP that the rule does not match: without TLS, or to other databases.
   * `unchanged`, the default, leaves them to the other rules, and a diagnostic names each rule that lets the user in
   * without a certificate. `reject` adds a rule that refuses them.
   */
  readonly withoutCertificate?: 'unchanged' | 'reject';
  /**
   * Further users, each with a rule and a certificate. A user may have several entries, one for each network. The plan gives
   * their certificates as `clients`.
   */
  readonly users?: readonly UserRequest[];
  /**
   * The client's certificate of somebody else, which is kept in the client's files or installed there. The server trusts its
   * roots.
   */
  readonly clientCertificate?: ForeignCertificate;
  /** The directory of the client's files, from `readClient`; without it the plan writes no client files. */
  readonly client?: ClientState;
  /** More about the certificates to be issued. */
  readonly issue?: ServerCertificateRequest['issue'] & {
    /** Of the clients' certificates. */
    readonly client?: Omit<ClientCertificateOptions, 'user'>;
  };
  /**
   * Makes new private keys, also if keys and certificates are good: `true` for the server and the client, or one of them.
   * Otherwise a renewed certificate keeps its key. The server's new pair gets names of its own in the data directory.
   */
  readonly newKey?: boolean | 'server' | 'client';
}
