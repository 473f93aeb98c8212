/** Where a server listens. */
export type ServerAddress =
  | {
      /** A host name or an IP address. */
      readonly host: string;
      /** The TCP port; 5432 if not given. */
      readonly port?: number;
    }
  | {
      /** The path of a Unix socket, where the server speaks no TLS. */
      readonly path: string;
    };

/** The certificate that a client shows. A caller makes this object for one call, so the key is not kept. */
export interface ShownCertificate {
  /** The certificate with its intermediates, PEM. */
  readonly certificate: string;
  /** Its private key, PEM. */
  readonly privateKey: string;
}

/** A login that is tried, to see whether the server lets it in. */
export interface LoginProbe {
  /** The role. */
  readonly user: string;
  /** The database; that of the role's name if not given. */
  readonly database?: string;
  /** The certificate that the client shows; none if not given. */
  readonly client?: ShownCertificate;
}
