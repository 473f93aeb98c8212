import type { AuthMethod } from '../../hba/tables/tables.ts';

/** The properties of an authentication method. */
export interface MethodRow {
  /**
   * `nothing`: the method admits everybody. `certificate`: the certificate's name and the map decide. `secret`: a
   * secret that the client sends decides. `system-user`: the user name that another service reports (such as the
   * operating system) and the map decide. `refuse`: the method admits nobody.
   */
  readonly asks: 'nothing' | 'certificate' | 'secret' | 'system-user' | 'refuse';
  /** The beginning of the server's error message if authentication by this method fails (`auth_failed`). */
  readonly failure: string;
  /** `true` if the client sends its password itself to the server, so that a connection without TLS reveals it. */
  readonly sendsPassword?: boolean;
  /** `true` if the method compares a secret with the secret of the role in the database (`get_role_password`). */
  readonly checksRolePassword?: boolean;
  /** `true` if the login may be a SCRAM exchange: with `md5`, the stored secret of the role decides. */
  readonly mayUseScram?: boolean;
  /** `true` if the method finds a Kerberos principal, whose names `krb_caseins_users` compares without case. */
  readonly isKerberos?: boolean;
  /** The strength of the method's secret, from 0 for no secret. Methods without a strength cannot be ranked. */
  readonly strength?: number;
  /** The method in words, for a reader who does not know its name. */
  readonly words?: string;
  /** The beginning of these words for a rule with a map, which lets in users of other names. */
  readonly wordsOfMap?: string;
}

/** The properties of the authentication methods (`ClientAuthentication`). */
export const methodRows: Readonly<Record<AuthMethod, MethodRow>> = {
  trust: {
    asks: 'nothing',
    failure: '"trust" authentication failed',
    strength: 0,
    words: 'nothing: anybody who can connect (trust)',
  },
  reject: { asks: 'refuse', failure: 'authentication failed' },
  md5: {
    asks: 'secret',
    failure: 'password authentication failed',
    checksRolePassword: true,
    mayUseScram: true,
    strength: 3,
    words: 'password (MD5)',
  },
  password: {
    asks: 'secret',
    failure: 'password authentication failed',
    sendsPassword: true,
    checksRolePassword: true,
    strength: 2,
    words: 'password, sent unprotected (password)',
  },
  'scram-sha-256': {
    asks: 'secret',
    failure: 'password authentication failed',
    checksRolePassword: true,
    mayUseScram: true,
    strength: 4,
    words: 'password (SCRAM)',
  },
  ident: {
    asks: 'system-user',
    failure: 'Ident authentication failed',
    strength: 1,
    words: 'what the client machine says about its user (ident)',
  },
  peer: {
    asks: 'system-user',
    failure: 'Peer authentication failed',
    words: 'operating-system account of the same name (peer)',
    wordsOfMap: 'operating-system account',
  },
  cert: {
    asks: 'certificate',
    failure: 'certificate authentication failed',
    strength: 0,
    words: 'certificate of the user (cert)',
    wordsOfMap: 'certificate',
  },
  gss: { asks: 'system-user', failure: 'GSSAPI authentication failed', isKerberos: true },
  sspi: { asks: 'system-user', failure: 'SSPI authentication failed', isKerberos: true },
  ldap: { asks: 'secret', failure: 'LDAP authentication failed', sendsPassword: true },
  pam: { asks: 'secret', failure: 'PAM authentication failed', sendsPassword: true },
  bsd: { asks: 'secret', failure: 'BSD authentication failed', sendsPassword: true },
  radius: { asks: 'secret', failure: 'RADIUS authentication failed', sendsPassword: true },
  oauth: { asks: 'system-user', failure: 'OAuth bearer authentication failed' },
};
