import type { ConnectionTargetParts } from '../../client/index.ts';
import type { HbaAddress, HbaDatabase, NonEmptyList } from '../../hba/index.ts';
import type { CertificateAuthority, ClientCertificateOptions, ServerCertificateOptions } from '../../pki/index.ts';
import type { ClientState, ServerState } from '../state.ts';

/** How the rule for the user is to be. */
export interface RuleRequest {
  /** The databases; the one of the connection if not given, `[all]` for every one. */
  readonly databases?: NonEmptyList<HbaDatabase>;
  /** From where; every address if not given, since the certificate is what tells who may come in. */
  readonly address?: HbaAddress | string;
  /**
   * A password in addition to the certificate. Without it the rule's method is `cert`, which on every major binds the
   * certificate's name to the user. With it the option `clientcert` asks for the certificate, and before PostgreSQL 12
   * that checks its chain alone: the plan then says so in a note.
   */
  readonly password?: 'scram-sha-256' | 'md5';
}

/** What is asked of {@link planClientCertificates}. */
export interface TlsRequest {
  /** The server as it is: of {@link readServer}, or made of contents. */
  readonly server: ServerState;
  /** Issues what is missing. It need not be where the server is, and better is not. */
  readonly authority: CertificateAuthority;
  /** A `postgresql://` URL, or its parts: the user becomes the client certificate's name, the host the server's. */
  readonly connection: string | ConnectionTargetParts;
  /** Further hosts for the server's certificate: names, wildcards, addresses. */
  readonly hosts?: readonly string[];
  /** The root certificates that the authority leads to, PEM; needed where it is an intermediate. */
  readonly roots?: string;
  /**
   * Leaves the server's certificate and key as they are, where somebody else issued them: the authority then stands for
   * client certificates alone.
   */
  readonly keepServerCertificate?: {
    /** The roots that the server's certificate leads to, PEM: what the client checks it against. */
    readonly roots: string;
  };
  /** The rule. */
  readonly rule?: RuleRequest;
  /**
   * What becomes of this user's connections over TCP that the rule does not take: without TLS, or to other databases.
   * `unchanged`, the default, leaves them to the other rules, and a note names each that lets the user in without a
   * certificate; `reject` adds a rule that refuses them.
   */
  readonly withoutCertificate?: 'unchanged' | 'reject';
  /** The directory of the client's files, of {@link readClient}; without it the plan writes none of them. */
  readonly client?: ClientState;
  /** More about the certificates to be issued. */
  readonly issue?: {
    /** Of the server's certificate. */
    readonly server?: Omit<ServerCertificateOptions, 'hosts'>;
    /** Of the client's certificate. */
    readonly client?: Omit<ClientCertificateOptions, 'user'>;
  };
  /**
   * Whether certificates, keys and roots that are there already, but are none of this authority's, may be overwritten.
   * Otherwise they are an error.
   */
  readonly replaceForeign?: boolean;
  /** The present moment, which decides what expires; the clock's if not given. */
  readonly now?: Date;
}
