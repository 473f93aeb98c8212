/** The address of a server. */
export type ServerAddress =
  | {
      /** A host name or an IP address. */
      readonly host: string;
      /** The TCP port; 5432 if not given. */
      readonly port?: number | undefined;
    }
  | {
      /** The path of a Unix socket. The server has no TLS there. */
      readonly path: string;
    };

/**
 * The certificate that a client sends, with its private key. Make this object for a single call, so that the key is not
 * stored.
 */
export interface ShownCertificate {
  /** The certificate, then its intermediate CA certificates, PEM. */
  readonly certificate: string;
  /** The private key of the certificate, PEM. */
  readonly privateKey: string;
}

/** A login to try. */
export interface LoginProbe {
  /** The role that logs in. */
  readonly user: string;
  /** The database; if not given, the database with the name of the role. */
  readonly database?: string | undefined;
  /** The certificate that the client sends; no certificate if not given. */
  readonly client?: ShownCertificate | undefined;
}
