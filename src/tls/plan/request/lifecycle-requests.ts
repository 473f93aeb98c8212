import type { Validity } from '../../../pki/certificate/validity.ts';
import type { CertificateAuthority } from '../../../pki/issue/authority.ts';
import type { KeyAlgorithm } from '../../../pki/keys/key-algorithms.ts';
import type { Ledger } from '../../../pki/lifecycle/ledger.ts';
import type { Revocation } from '../../../pki/revocation/issue-crl.ts';
import type { RevocationReason } from '../../../pki/revocation/revocation-reason.ts';
import type { ClientState, ServerState } from '../../state.ts';
import type { ForeignCertificate, KeepRequest, TlsRequest } from './request.ts';

/** The argument of {@link planRenewal}. */
export interface RenewalRequest extends KeepRequest {
  /** The state of the server: from `readServer`, or made from contents with `fileState`. */
  readonly server: ServerState;
  /** The CA that issued the certificates. If not given, the plan has requests for the certificates that are due. */
  readonly authority?: CertificateAuthority | undefined;
  /** The next certificate of the server, which a CA on another machine issued for a request of an earlier plan. */
  readonly serverCertificate?: RenewedCertificate | undefined;
  /** The next certificate of the client, which a CA on another machine issued for a request of an earlier plan. */
  readonly clientCertificate?: RenewedCertificate | undefined;
  /** The state of the client's directory, from `readClient`. If not given, only the server's files are renewed. */
  readonly client?: ClientState | undefined;
  /**
   * Whether to make new private keys even if keys and certificates could be kept: `true` for the server and the client,
   * or the name of one of them. If not given, a renewed certificate keeps its key.
   */
  readonly newKey?: boolean | 'server' | 'client' | undefined;
  /**
   * The passphrase of the server's private key, if the key is encrypted. A new key of the server is encrypted with this
   * passphrase.
   */
  readonly passphrase?: string | undefined;
  /**
   * The part of its period of validity after which a certificate or CRL is due: more than 0 and less than 1; 2/3 if not
   * given. With 0.9, a certificate for 90 days is renewed in its last 9 days.
   */
  readonly lifePart?: number | undefined;
  /**
   * The moment of the plan. It decides which certificates and CRLs are due, and it is the time from which new
   * certificates are valid. If not given, the time of the CA's clock.
   */
  readonly now?: Date | undefined;
}

/** A certificate that replaces the present certificate of the same holder, and the roots to which its chain leads. */
export interface RenewedCertificate extends Pick<ForeignCertificate, 'roots'> {
  /** The certificate to install, then its intermediate CA certificates, PEM. */
  readonly certificate: string;
}

/** The argument of {@link planRevocation}. */
export interface RevocationRequest extends KeepRequest {
  /** The state of the server: from `readServer`, or made from contents with `fileState`. */
  readonly server: ServerState;
  /**
   * The CA that issued the certificates. If not given, `crls` must be given, and `revoked`, `user` and `validity` must
   * not.
   */
  readonly authority?: CertificateAuthority | undefined;
  /**
   * The certificates to revoke: the certificates themselves, or their serial numbers. If not given, the plan only
   * installs a new CRL.
   */
  readonly revoked?: readonly Revocation[] | undefined;
  /**
   * A role whose client certificates are revoked, too. The ledger lists these certificates: a certificate that was
   * renewed and not recorded is not revoked.
   */
  readonly user?:
    | {
        /** The name of the role. */
        readonly name: string;
        /**
         * The ledger of the CA's certificates. The plan only reads it; call `ledger.revoke` to record the revocation.
         * The plan also revokes the certificates of other users that the ledger has as revoked, because the server's CRL
         * may be an older one.
         */
        readonly ledger: Pick<Ledger, 'certificates'>;
        /** The reason of the revocation. */
        readonly reason?: RevocationReason | undefined;
      }
    | undefined;
  /**
   * CRLs that other CAs have already issued, PEM. Each replaces the present CRL of its CA. A CRL of `authority` may be
   * given, too: the next CRL has the entries of this CRL and of the CRL in the server's file.
   */
  readonly crls?: string | undefined;
  /**
   * Certificates of intermediate CAs, PEM, if the server's files do not contain them: CAs that issued `crls`, or whose
   * CRLs the server needs.
   */
  readonly issuers?: string | undefined;
  /** The period of validity of the new CRL; 30 days if not given. */
  readonly validity?: Validity | undefined;
  /**
   * The moment of the plan, from which new certificates and CRLs are valid. If not given, the time of the CA's clock.
   */
  readonly now?: Date | undefined;
}

/** The argument of {@link planUserRemoval}. */
export interface UserRemovalRequest extends KeepRequest {
  /** The state of the server: from `readServer`, or made from contents with `fileState`. */
  readonly server: ServerState;
  /** The role that must no longer log in. */
  readonly user: string;
  /**
   * What to do about other rules that still let the user in, such as rules for `all`, for group roles, or for names
   * that match a pattern. `unchanged` (the default) keeps these rules, and a diagnostic names each of them. `reject`
   * adds rules above them that reject the user.
   */
  readonly otherRules?: 'unchanged' | 'reject' | undefined;
  /**
   * The certificates to revoke. If not given, the certificates stay valid; they may serve for another role through a
   * user name map.
   */
  readonly revocation?: Omit<RevocationRequest, 'server' | 'now' | 'keep'> | undefined;
  /**
   * The moment of the plan, from which new certificates and CRLs are valid. If not given, the time of the CA's clock.
   */
  readonly now?: Date | undefined;
}

/** The argument of {@link planCaRollover}. */
export interface CaRolloverRequest extends KeepRequest {
  /** The state of the server: from `readServer`, or made from contents with `fileState`. */
  readonly server: ServerState;
  /**
   * The state of a client's directory, from `readClient`. If there are further clients, plan for each of them before
   * the last step.
   */
  readonly client?: ClientState | undefined;
  /** The root CA that is replaced, or its certificate alone, PEM. */
  readonly current: CertificateAuthority | string;
  /**
   * The root CA that replaces the current one. If the key of the next CA is on another machine, its certificate alone,
   * PEM: then the plans of the steps 2 and 3 have requests.
   */
  readonly next: CertificateAuthority | string;
  /**
   * The certificate that `next` issued for the server, then its intermediate CA certificates, PEM; needed if the key of
   * `next` is on another machine.
   */
  readonly serverCertificate?: string | undefined;
  /**
   * The certificate that `next` issued for the client, then its intermediate CA certificates, PEM; needed if the key of
   * `next` is on another machine.
   */
  readonly clientCertificate?: string | undefined;
  /**
   * CRLs that `next` and the CAs below it have already issued, PEM; needed if the server checks CRLs and the key of
   * `next` is on another machine.
   */
  readonly crls?: string | undefined;
  /** Certificates of intermediate CAs that issued `crls`, PEM. */
  readonly issuers?: string | undefined;
  /**
   * Whether the function may plan the last step, after which the current CA is no longer trusted; `false` if not given.
   * Only the caller knows whether other clients still have certificates of the current CA, or do not trust the next CA
   * yet.
   */
  readonly retireCurrent?: boolean | undefined;
  /** The passphrase of the server's private key, if the key is encrypted. */
  readonly passphrase?: string | undefined;
  /**
   * The moment of the plan, from which new certificates and CRLs are valid. If not given, the time of the CA's clock.
   */
  readonly now?: Date | undefined;
}

/**
 * The argument of {@link planMigration}: a step, and the properties of the argument of {@link planClientCertificates}.
 */
export interface MigrationRequest extends TlsRequest {
  /**
   * The step to plan:
   * - `offer`: the server and the client get their certificates, and TLS is switched on. The rules in pg_hba.conf stay.
   *   If TLS was off before, rules for `hostssl` and `hostnossl` begin to decide about connections with TLS.
   *   `pg_stat_ssl.client_serial` (12 and later) shows which clients send a certificate.
   * - `require`: the rules demand the certificate. Other TCP connections of the user are refused, unless
   * `withoutCertificate` says otherwise.
   * - `back`: the rules of `require` are removed, so that the rules below them decide again. Certificates and settings
   * stay.
   */
  readonly step: 'offer' | 'require' | 'back';
}

/** The argument of {@link planCertificateRequests}. */
export interface CertificateRequestsRequest {
  /** The state of the server: from `readServer`, or made from contents with `fileState`. */
  readonly server: ServerState;
  /**
   * The hosts for the server's certificate: names, wildcards, addresses. If not given, no server certificate is
   * requested.
   */
  readonly hosts?: readonly string[] | undefined;
  /** The state of the client's directory, from `readClient`. If given, `user` must be given, too. */
  readonly client?: ClientState | undefined;
  /** The role for the client's certificate. */
  readonly user?: string | undefined;
  /** Whether the server gets a new key even if it has a key. */
  readonly newKey?: boolean | undefined;
  /** The algorithm of new keys; `ecdsa-p256` if not given. */
  readonly keyAlgorithm?: KeyAlgorithm | undefined;
  /**
   * The passphrase of the server's private key, if the key is encrypted. A new key of the server is encrypted with this
   * passphrase.
   */
  readonly passphrase?: string | undefined;
}
