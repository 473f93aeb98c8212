import { nameAndPasswordHint } from '../../client/check/name-and-password-hint.ts';
import type { CauseRow } from './cause-row.ts';
import { alert, inLine, nameOfCertificate, refused } from './patterns.ts';

const noCertificate = /connection requires a valid client certificate/i;
const tooManyConnections =
  /too many connections for (?:role|database) "|sorry, too many clients already|remaining connection slots are reserved/i;
const notAuthenticated = /certificate authentication failed for user/i;

/**
 * A pattern that matches the log line of PostgreSQL 16 and later for a rejected client certificate (`verify_cb` in
 * be-secure-openssl.c).
 */
function verification(reason: string): RegExp {
  return new RegExp(`verification failed at depth \\d+: ${reason}`, 'i');
}

/** The causes for which the server rejects the client because of its certificate. */
export const clientCertificateCauses: readonly CauseRow[] = [
  {
    code: 'client-certificate-withheld',
    looksLike: 'connection requires a valid client certificate (pgjdbc, Go)',
    confirm:
      'Compare the issuer of the client certificate with the subjects in ssl_ca_file. `keytool -list -keystore FILE.p12` must show the alias user.',
    wayOut:
      'Put the root of the client certificates into ssl_ca_file, send the intermediate certificates with the leaf, and make the PKCS#12 file with `createPkcs12`.',
    client: [/PSQLException: FATAL: connection requires a valid client certificate/],
    maybe: [noCertificate],
  },
  {
    code: 'client-certificate-missing',
    looksLike: 'connection requires a valid client certificate',
    confirm:
      'For `pg` and postgres.js print Object.keys(config.ssl): it must hold cert and key. For libpq, check as the account of the client that the files of sslcert and sslkey exist.',
    wayOut:
      'Connect with `pgConfig(bundle)`, or write `libpqFiles` and connect with `libpqUri(bundle, { directory })`.',
    client: [noCertificate, /server accepted connection without a valid SSL certificate/],
    server: [noCertificate],
  },
  {
    code: 'certificate-name-and-password',
    looksLike: 'password authentication failed for user "…", with clientcert=verify-full',
    confirm:
      'The log of the server says: certificate validation (clientcert=verify-full) failed for user "…": CN mismatch.',
    wayOut: nameAndPasswordHint,
    server: [/certificate validation \(clientcert=verify-full\) failed/i],
    maybe: [/password authentication failed for user/i],
  },
  {
    code: 'user-not-named',
    looksLike: 'certificate authentication failed for user "…"',
    confirm:
      'The log of the server says: provided user name (…) and authenticated user name (…) do not match. `certificateLogins` lists the roles of a certificate.',
    wayOut:
      'Issue the certificate with `issueClientCertificate({ user })`, or add `map=NAME` to the rule and a line to pg_ident.conf.',
    client: [notAuthenticated],
    server: [
      nameOfCertificate(inLine(/provided user name \(/, /\) and authenticated user name \(/, /\) do not match/)),
    ],
  },
  {
    code: 'map-without-match',
    looksLike: 'no match in usermap "…" for user "…" authenticated as "…"',
    confirm: '`matchIdent(file, { map, systemUser, pgUser })` of pg-hostssl/access shows the line that decides.',
    wayOut: 'Add a line to pg_ident.conf: map name, common name of the certificate, role. Then reload the server.',
    server: [nameOfCertificate(/no match in usermap/i)],
    maybe: [notAuthenticated],
  },
  {
    code: 'client-issuer-unknown',
    looksLike: 'tlsv1 alert unknown ca',
    confirm:
      '`verifyChain({ chain, roots, purpose: "clientAuth" })` with the content of sslcert and ssl_ca_file reports `issuer-missing` or `root-untrusted`.',
    wayOut:
      'Add the root to ssl_ca_file and reload. Write the whole `chain` into the certificate file of the client, not only `certificate`.',
    client: [alert(48, 'unknown ca'), alert(48, 'unknown certificate authority')],
    server: [verification('unable to get (?:local )?issuer certificate'), verification('self.signed certificate')],
    maybe: [inLine(refused, /certificate verify failed/)],
  },
  {
    code: 'crl-missing',
    looksLike: 'unable to get certificate CRL',
    confirm:
      'Each CA of the chain, the root included, needs a CRL in ssl_crl_file; `verifyChain` with `crls` names the CA.',
    wayOut:
      'Issue a CRL with `authority.issueCrl()` for each CA and write them into ssl_crl_file, or remove that setting.',
    server: [verification('unable to get certificate crl')],
    maybe: [alert(48, 'unknown ca')],
  },
  {
    code: 'client-certificate-expired',
    looksLike: 'sslv3 alert certificate expired',
    confirm:
      'Compare `inspectCertificate(text).notAfter` of each certificate of the client, and in ssl_ca_file, with the clock of the server.',
    wayOut:
      'If the client certificate has expired, renew it: `authority.renewCertificate(certificate)`, or `liveRenewal` while connections stay open. If a CA certificate has expired, renew the CA with its key (`authority.renew`), replace its certificate in ssl_ca_file and reload.',
    client: [alert(45, 'certificate expired'), alert(45, 'expired certificate')],
    server: [verification('certificate has expired')],
  },
  {
    code: 'crl-expired',
    looksLike: 'CRL has expired',
    confirm: 'Compare `inspectCrl(text).nextUpdate` of each CRL in ssl_crl_file with the clock of the server.',
    wayOut:
      'Issue a new CRL with `authority.issueCrl()`, write it into ssl_crl_file and reload. Do so before nextUpdate.',
    server: [verification('crl has expired')],
    maybe: [alert(45, 'certificate expired'), alert(45, 'expired certificate')],
  },
  {
    code: 'crl-not-yet-valid',
    looksLike: 'CRL is not yet valid',
    confirm: 'Compare `inspectCrl(text).thisUpdate` of each CRL in ssl_crl_file with the clock of the server.',
    wayOut: 'Correct the clocks. CRLs of this library are valid from an hour before they are issued.',
    server: [verification('crl is not yet valid')],
    maybe: [alert(42, 'bad certificate')],
  },
  {
    code: 'client-certificate-not-yet-valid',
    looksLike: 'sslv3 alert bad certificate',
    confirm: 'Compare `inspectCertificate(certificate).notBefore` with the clock of the server.',
    wayOut: 'Correct the clocks. Certificates of this library are valid from an hour before they are issued.',
    client: [alert(42, 'bad certificate')],
    server: [verification('certificate is not yet valid')],
  },
  {
    code: 'client-certificate-revoked',
    looksLike: 'sslv3 alert certificate revoked',
    confirm:
      '`verifyChain({ chain, roots, crls, purpose: "clientAuth" })` with the content of sslcert, ssl_ca_file and ssl_crl_file reports revoked.',
    wayOut: 'Issue a new certificate. A revoked certificate stays revoked.',
    client: [alert(44, 'certificate revoked'), alert(44, 'revoked certificate')],
    server: [verification('certificate revoked')],
  },
  {
    code: 'client-certificate-purpose',
    looksLike: 'sslv3 alert unsupported certificate',
    confirm: '`inspectCertificate(certificate).extendedKeyUsage` lacks clientAuth.',
    wayOut: 'Issue it with `issueClientCertificate`. Nobody can log in with a server certificate.',
    client: [alert(43, 'unsupported certificate')],
    server: [verification('(?:unsupported|unsuitable) certificate purpose')],
  },
  {
    code: 'role-missing',
    looksLike: 'role "…" does not exist',
    confirm: 'select rolname from pg_roles does not list the role.',
    wayOut: 'create role NAME login',
    client: [inLine(/role "/, /" does not exist/)],
    server: [inLine(/role "/, /" does not exist/)],
  },
  {
    code: 'role-without-login',
    looksLike: 'role "…" is not permitted to log in',
    confirm: 'select rolname, rolcanlogin from pg_roles shows f for the role.',
    wayOut: 'alter role NAME login; or connect as a role that is a member of the group.',
    client: [inLine(/role "/, /" is not permitted to log in/)],
    server: [inLine(/role "/, /" is not permitted to log in/)],
  },
  {
    code: 'database-missing',
    looksLike: 'database "…" does not exist',
    confirm:
      'select datname from pg_database does not list the database. A client that names no database uses the name of the user.',
    wayOut: 'Name the database in `target.database` of the bundle, or create database NAME.',
    client: [inLine(/database "/, /" does not exist/)],
    server: [inLine(/database "/, /" does not exist/)],
  },
  {
    code: 'database-permission',
    looksLike: 'permission denied for database "…"',
    confirm: "select has_database_privilege('ROLE', 'DATABASE', 'CONNECT') returns f.",
    wayOut: 'grant connect on database NAME to ROLE',
    client: [/permission denied for database "/i],
    server: [/permission denied for database "/i],
  },
  {
    code: 'database-closed',
    looksLike: 'database "…" is not currently accepting connections',
    confirm: 'select datname, datallowconn from pg_database shows f for the database.',
    wayOut:
      'Name another database in `target.database` of the bundle, or open this one: alter database NAME allow_connections true. Leave template0 closed.',
    client: [inLine(/database "/, /" is not currently accepting connections/)],
    server: [inLine(/database "/, /" is not currently accepting connections/)],
  },
  {
    code: 'connections-exhausted',
    looksLike:
      'too many connections for role "…"; too many connections for database "…"; sorry, too many clients already',
    confirm:
      'Compare the rows of pg_stat_activity with rolconnlimit of pg_roles, datconnlimit of pg_database and show max_connections.',
    wayOut:
      'Close connections that are no longer used, or share them in a pool. Or raise the limit: alter role NAME connection limit N, alter database NAME connection limit N, or max_connections, which needs a restart.',
    client: [tooManyConnections],
    server: [tooManyConnections],
  },
];
