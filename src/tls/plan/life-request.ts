import type {
  CertificateAuthority,
  KeyAlgorithm,
  Ledger,
  Revocation,
  RevocationReason,
  Validity,
} from '../../pki/index.ts';
import type { ClientState, ServerState } from '../state.ts';
import type { ForeignCertificate, KeepRequest, TlsRequest } from './request.ts';

/** The argument of {@link planRenewal}. */
export interface RenewalRequest extends KeepRequest {
  /** The server as it is: from `readServer`, or made of contents with `fileState`. */
  readonly server: ServerState;
  /** The CA that issued the certificates. Without it the plan gives requests for the certificates that are due. */
  readonly authority?: CertificateAuthority;
  /** The next certificate of the server, which a CA elsewhere issued for the requests of an earlier plan. */
  readonly serverCertificate?: RenewedCertificate;
  /** The next certificate of the client, likewise. */
  readonly clientCertificate?: RenewedCertificate;
  /** The directory of a client's files, from `readClient`; without it only the server's files are renewed. */
  readonly client?: ClientState;
  /**
   * Makes new private keys, also if keys and certificates are good: `true` for the server and the client, or one of them.
   * Otherwise a renewed certificate keeps its key.
   */
  readonly newKey?: boolean | 'server' | 'client';
  /** Opens the server's private key, if it is encrypted. A new key of the server is encrypted with it. */
  readonly passphrase?: string;
  /** The present moment: what is due then, and when the validity of new certificates begins; the CA's clock if not given. */
  readonly now?: Date;
}

/** A certificate that takes the place of the present one of the same holder. */
export type RenewedCertificate = Required<Pick<ForeignCertificate, 'roots' | 'certificate'>>;

/** The argument of {@link planRevocation}. */
export interface RevocationRequest extends KeepRequest {
  /** The server as it is: from `readServer`, or made of contents with `fileState`. */
  readonly server: ServerState;
  /** The CA that issued the certificates. Without it `crls` must be given, and the properties of a CA must not. */
  readonly authority?: CertificateAuthority;
  /** The certificates to revoke: themselves, or by serial number. Without any, the plan puts a fresh CRL in place. */
  readonly revoked?: readonly Revocation[];
  /** A role, all of whose client certificates in the ledger are revoked, too. */
  readonly user?: {
    /** Its name. */
    readonly name: string;
    /** The record of what the CA issued. It is read alone: `ledger.revoke` records the revocation. */
    readonly ledger: Pick<Ledger, 'certificates'>;
    /** Why. */
    readonly reason?: RevocationReason;
  };
  /**
   * Finished CRLs of other CAs, PEM. Each CRL replaces the CRL of its CA. The entries of a CRL of this CA are taken over if
   * the CRL is newer than the one in the server's file.
   */
  readonly crls?: string;
  /** Certificates of intermediate CAs that issued `crls` and that the server's root file does not hold, PEM. */
  readonly issuers?: string;
  /** The CRL's period of validity; 30 days if not given. */
  readonly validity?: Validity;
  /** The present moment, at which the validity of new certificates and CRLs begins; the CA's clock if not given. */
  readonly now?: Date;
}

/** The argument of {@link planUserRemoval}. */
export interface UserRemovalRequest extends KeepRequest {
  /** The server as it is: from `readServer`, or made of contents with `fileState`. */
  readonly server: ServerState;
  /** The role whose ways in are removed. */
  readonly user: string;
  /**
   * What happens where other rules still let the user in: rules for `all`, for roles, for names that a pattern matches.
   * `unchanged`, the default, leaves them, and a diagnostic names each. `reject` adds rules that refuse the user above them.
   */
  readonly otherRules?: 'unchanged' | 'reject';
  /** Which certificates to revoke. Without it they stay valid, for example for a role that a user name map gives them. */
  readonly revocation?: Omit<RevocationRequest, 'server' | 'now' | 'keep'>;
  /** The present moment, at which the validity of new certificates and CRLs begins; the CA's clock if not given. */
  readonly now?: Date;
}

/** The argument of {@link planCaRollover}. */
export interface CaRolloverRequest extends KeepRequest {
  /** The server as it is: from `readServer`, or made of contents with `fileState`. */
  readonly server: ServerState;
  /** The directory of a client's files, from `readClient`. For further clients plan again, before the last step. */
  readonly client?: ClientState;
  /** The root CA that is replaced, or its certificate alone, PEM. */
  readonly current: CertificateAuthority | string;
  /** The root CA that replaces it. If its key is elsewhere, its certificate alone, PEM: then the steps 2 and 3 give requests. */
  readonly next: CertificateAuthority | string;
  /** The server's certificate of `next`, with its intermediate certificates, PEM, if the key of `next` is elsewhere. */
  readonly serverCertificate?: string;
  /** The client's certificate of `next`, likewise. */
  readonly clientCertificate?: string;
  /** Finished CRLs of `next` and of the CAs below it, PEM, if its key is elsewhere and the server checks CRLs. */
  readonly crls?: string;
  /** Certificates of intermediate CAs that issued `crls`, PEM. */
  readonly issuers?: string;
  /**
   * Whether the last step may be planned, which ends the trust in the current CA; `false` if not given. Only the
   * caller knows whether clients elsewhere still have its certificates, or do not trust the next one yet.
   */
  readonly retireCurrent?: boolean;
  /** Opens the server's private key, if it is encrypted. */
  readonly passphrase?: string;
  /** The present moment, at which the validity of new certificates and CRLs begins; the CA's clock if not given. */
  readonly now?: Date;
}

/** The argument of {@link planMigration}: that of {@link planClientCertificates}, with a step. */
export interface MigrationRequest extends TlsRequest {
  /**
   * What is planned:
   * - `offer`: server and client get their certificates, and TLS is switched on. The rules stay. If TLS was off, rules for
   *   `hostssl` and `hostnossl` begin to decide about connections with TLS. `pg_stat_ssl.client_serial` (12 and later)
   *   shows which clients show a certificate.
   * - `require`: the rules ask for the certificate, and other connections of the user over TCP are refused, unless
   *   `withoutCertificate` says otherwise.
   * - `back`: the rules of `require` go, and the rules below them decide again. Certificates and settings stay.
   */
  readonly step: 'offer' | 'require' | 'back';
}

/** The argument of {@link planCertificateRequests}. */
export interface CertificateRequestsRequest {
  /** The server as it is: from `readServer`, or made of contents with `fileState`. */
  readonly server: ServerState;
  /** The hosts of the server's certificate: names, wildcards, addresses. Without them none is requested. */
  readonly hosts?: readonly string[];
  /** The directory of the client's files, from `readClient`; with it `user` is needed. */
  readonly client?: ClientState;
  /** The role of the client's certificate. */
  readonly user?: string;
  /** Whether the server gets a new key, also if it has one. */
  readonly newKey?: boolean;
  /** The algorithm of new keys; `ecdsa-p256` if not given. */
  readonly keyAlgorithm?: KeyAlgorithm;
  /** Opens the server's private key, if it is encrypted. A new key of the server is encrypted with it. */
  readonly passphrase?: string;
}
