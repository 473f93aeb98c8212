import type { AuthMethod } from '../../hba/tables/tables.ts';

/** How a method decides whether a client may log in as the user. */
export interface MethodRow {
  /**
   * `nothing`: the method admits everybody. `certificate`: the certificate's name and the map decide. `secret`: a
   * secret that the client sends decides. `system-user`: the user name that another service reports (such as the
   * operating system) and the map decide. `refuse`: the method admits nobody.
   */
  readonly asks: 'nothing' | 'certificate' | 'secret' | 'system-user' | 'refuse';
  /** The beginning of the server's error message if authentication by this method fails (`auth_failed`). */
  readonly failure: string;
}

/** The properties of the authentication methods (`ClientAuthentication`). */
export const methodRows: Readonly<Record<AuthMethod, MethodRow>> = {
  trust: { asks: 'nothing', failure: '"trust" authentication failed' },
  reject: { asks: 'refuse', failure: 'authentication failed' },
  md5: { asks: 'secret', failure: 'password authentication failed' },
  password: { asks: 'secret', failure: 'password authentication failed' },
  'scram-sha-256': { asks: 'secret', failure: 'password authentication failed' },
  ident: { asks: 'system-user', failure: 'Ident authentication failed' },
  peer: { asks: 'system-user', failure: 'Peer authentication failed' },
  cert: { asks: 'certificate', failure: 'certificate authentication failed' },
  gss: { asks: 'system-user', failure: 'GSSAPI authentication failed' },
  sspi: { asks: 'system-user', failure: 'SSPI authentication failed' },
  ldap: { asks: 'secret', failure: 'LDAP authentication failed' },
  pam: { asks: 'secret', failure: 'PAM authentication failed' },
  bsd: { asks: 'secret', failure: 'BSD authentication failed' },
  radius: { asks: 'secret', failure: 'RADIUS authentication failed' },
  oauth: { asks: 'system-user', failure: 'OAuth bearer authentication failed' },
};
