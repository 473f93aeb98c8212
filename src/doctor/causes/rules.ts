import type { CauseRow } from './cause-row.ts';
import { alert, alertOfClient, inLine, notAfter, type Pattern, refused } from './patterns.ts';

const noTls =
  /server does not support SSL|SSL is not enabled on the server|server refused TLS connection|rejected SSL upgrade/i;
const systemUserRefused = /\b(?:peer|ident) authentication failed for user/i;
const noEntry = /no pg_hba\.conf entry for /;
const noEntryWithTls = inLine(noEntry, /SSL (?:encryption|on)/);
const noEntryWithoutTls = inLine(noEntry, /no encryption|SSL off/);
/**
 * With sslmode=prefer, libpq continues without TLS if the server has no TLS, and only the refusal of that connection is
 * in the text.
 */
const noAnswerWithTls: Pattern = { test: (text) => noEntryWithoutTls.test(text) && !noEntryWithTls.test(text) };
/**
 * The server answers `N` to the request for TLS, postgres.js starts TLS anyway, and the server takes the first bytes
 * for a startup packet.
 */
const startedAnyway =
  /network socket disconnected before secure TLS connection was established|invalid length of startup packet/i;
const notReady =
  /the database system is (?:starting up|shutting down|in recovery mode|not (?:yet )?accepting connections)/i;
const signature =
  /no suitable signature algorithm|no shared signature algorithms|wrong curve|no shared cipher|no suitable key share/i;

/** The text of Prisma, without a reason, for a server that it did not reach. */
const notReached = /\bP1001\b|can't reach database server at/i;

/**
 * The causes for which TLS is not used, no rule lets the client in, or client and server have no protocol or algorithm
 * in common.
 */
export const ruleCauses: readonly CauseRow[] = [
  {
    code: 'no-rule-with-tls',
    looksLike: 'no pg_hba.conf entry for host "…", user "…", database "…", SSL encryption (before 14: SSL on)',
    confirm: '`matchRule(file, { transport: "ssl", address, user, database })` says why each rule does not match.',
    wayOut: 'Add a rule with `placeRule`, or let `planClientCertificates` do it, and reload the server.',
    client: [noEntryWithTls],
    server: [noEntryWithTls],
  },
  {
    code: 'rejected-by-rule',
    looksLike: 'pg_hba.conf rejects connection for host "…", user "…", database "…"',
    confirm:
      '`matchRule` names the line of the rule. If the text ends in "no encryption", the connection did not use TLS.',
    wayOut:
      'Place a rule for this client above the reject rule (`placeRule`). If the connection did not use TLS, first connect with TLS.',
    client: [/pg_hba\.conf rejects (?:replication )?connection/i],
    server: [/pg_hba\.conf rejects (?:replication )?connection/i],
  },
  {
    code: 'password-wrong',
    looksLike: 'password authentication failed for user "…"',
    confirm:
      '`matchRule` names the rule. The DETAIL in the log of the server names the line of the rule, too, and says if the role has no password. If lib/pq and pgx have no password, they send an empty one.',
    wayOut:
      'Correct the password in the client, or set a new one with \\password NAME in psql. For a login by certificate alone, place a rule with method cert above that rule.',
    client: [/password authentication failed for user/i],
    maybe: [/password authentication failed for user/i],
  },
  {
    code: 'password-expired',
    looksLike: 'password authentication failed for user "…"; User "…" has an expired password (server log)',
    confirm: 'select rolvaliduntil from pg_roles shows a time in the past for the role.',
    wayOut:
      "Set a new password, and a new end with alter role NAME valid until 'TIME', or 'infinity' for no end. For a login by certificate alone, place a rule with method cert above that rule: method cert ignores the end.",
    server: [/has an expired password/i],
    maybe: [/password authentication failed for user/i],
  },
  {
    code: 'password-missing',
    looksLike: 'fe_sendauth: no password supplied; SASL: … client password must be a string',
    confirm:
      '`matchRule` names the rule. A line of ~/.pgpass counts only if its host, port, database and user all match the connection.',
    wayOut:
      'Give the password: `PgPassFile` writes the line of ~/.pgpass, and `pg` takes the property `password`. For a login by certificate alone, place a rule with method cert above that rule.',
    client: [/no password (?:supplied|was provided)|client password must be a string/i],
  },
  {
    code: 'system-user-refused',
    looksLike: 'Peer authentication failed for user "…"; Ident authentication failed for user "…"',
    confirm:
      '`matchRule` names the rule. The log of the server says: provided user name (…) and authenticated user name (…) do not match, or no match in usermap. For ident, it also says whether the ident server answered.',
    wayOut:
      'Connect from the operating system account that has the name of the role, for example: sudo -u NAME psql. Or add `map=NAME` to the rule and a line to pg_ident.conf: map name, account, role. For a login by certificate, connect to a host with TLS, and place a rule with method cert above that rule.',
    client: [systemUserRefused],
    server: [systemUserRefused],
  },
  {
    code: 'server-without-tls',
    looksLike: 'server does not support SSL, but SSL was required',
    confirm:
      'show ssl shows off. For the reason, select * from pg_file_settings where error is not null, and read the log of the server at the last reload.',
    wayOut: 'Set ssl = on with a certificate and key, as `planClientCertificates` plans it, and reload.',
    client: [noTls],
    server: [/hostssl record cannot match because SSL is disabled/i],
    maybe: [noAnswerWithTls, startedAnyway],
  },
  {
    code: 'setting-hidden',
    looksLike: 'server does not support SSL, or no root certificate store, although postgresql.conf sets it',
    confirm:
      "select name, setting, source, sourcefile, sourceline from pg_settings where name like 'ssl%' shows another source than this line of postgresql.conf.",
    wayOut:
      'Remove the setting from the command line, or reset it with ALTER SYSTEM RESET. `ConfTree` shows which line counts.',
    maybe: [noTls, noAnswerWithTls, /root certificate store is available/i],
  },
  {
    code: 'tls-over-socket',
    looksLike: 'The server does not support SSL connections, with a Unix socket',
    confirm: 'The host of the configuration begins with a slash.',
    wayOut: 'Connect to localhost, or leave out `ssl` for the socket.',
    maybe: [noTls],
  },
  {
    code: 'ca-file-unset',
    looksLike: 'client certificates can only be checked if a root certificate store is available',
    confirm: 'show ssl_ca_file shows an empty value.',
    wayOut:
      "Set ssl_ca_file = 'root.crt' to the roots of the client certificates, and reload. If `ssl_sni` is on (19), name the file in each record of pg_hosts.conf instead.",
    client: [/root certificate store is available/i, /server did not request an SSL certificate/],
    server: [/root certificate store is available/i],
  },
  {
    code: 'host-without-record',
    looksLike: 'tlsv1 unrecognized name; no hostname provided in callback, and no fallback configured (server log)',
    confirm:
      '`show ssl_sni` shows on. Compare the host of the client with the first column of pg_hosts.conf. Clients send no name for an IP address, Java sends no name without a dot, libpq before 14 sends none at all, and later versions send none with `sslsni=0`.',
    wayOut:
      'Add a record for this host to pg_hosts.conf (`HostsFile`), or a record with the host `*`, and for clients without a host name a record with `/no_sni/`. Then reload.',
    client: [/\bunrecognized[ _]name\b|ssl alert number 112\b/i],
    server: [/no hostname provided in callback/i, inLine(refused, /callback failed/)],
    maybe: [alert(40, 'handshake failure')],
  },
  {
    code: 'tls-version-not-shared',
    looksLike: 'tlsv1 alert protocol version; unsupported protocol',
    confirm: 'Compare show ssl_min_protocol_version and show ssl_max_protocol_version with the limits of the client.',
    wayOut: 'Allow TLSv1.2 and TLSv1.3 on both sides, which is the default.',
    client: [
      alert(70, 'protocol version'),
      /unsupported protocol|no protocols available|protocol version not supported/i,
    ],
    server: [inLine(refused, /unsupported protocol|version too low/), alertOfClient('protocol version')],
  },
  {
    code: 'tls-version-range-empty',
    looksLike: 'could not set SSL protocol version range; invalid SSL protocol version range',
    confirm:
      'On the server, compare show ssl_min_protocol_version with show ssl_max_protocol_version. On the client, compare the parameters of these names, and `PGSSLMINPROTOCOLVERSION` with `PGSSLMAXPROTOCOLVERSION`.',
    wayOut: 'Leave out ssl_max_protocol_version: without it, all versions from the lowest on are allowed.',
    client: [/invalid SSL protocol version range/i],
    server: [/could not set SSL protocol version range/i],
  },
  {
    code: 'key-kind-not-shared',
    looksLike: 'sslv3 alert handshake failure; no suitable signature algorithm; no shared cipher',
    confirm: '`inspectCertificate(text).keyAlgorithm` shows the kind of key of each certificate.',
    wayOut: 'Issue the certificates with the default `ecdsa-p256`, or with `rsa-2048` for very old clients.',
    client: [signature, alert(40, 'handshake failure')],
    server: [signature, alertOfClient('handshake failure')],
  },
  {
    code: 'channel-binding-digest',
    looksLike: 'could not find digest for NID UNDEF',
    confirm: 'openssl x509 -noout -text -in FILE, with the file of ssl_cert_file, shows Signature Algorithm: ED25519.',
    wayOut:
      'Issue the server certificate from a CA whose key is ECDSA or RSA, or set channel_binding=disable (libpq 13 and later).',
    client: [/could not find digest for NID/i],
    server: [/could not find digest for NID/i],
  },
  {
    code: 'client-demand-unmet',
    looksLike:
      'channel binding required, but server authenticated client without channel binding; authentication method requirement "…" failed',
    confirm:
      'Look for require_auth and channel_binding in the connection string, and for `PGREQUIREAUTH` and `PGCHANNELBINDING`. `matchRule` names the rule and its method.',
    wayOut:
      'For a login by certificate alone, leave out channel_binding=require, and leave out require_auth or write require_auth=none. The certificate already proves the identity of the client, and verify-full that of the server.',
    client: [/channel binding (?:is )?required,? but /, /authentication method requirement "[^"]*" failed/],
  },
  {
    code: 'gss-encryption-demanded',
    looksLike:
      "GSSAPI encryption required but was impossible; server doesn't support GSSAPI encryption, but it was required",
    confirm: 'Look for gssencmode in the connection string and in the service file, and for `PGGSSENCMODE`.',
    wayOut:
      'Leave out gssencmode=require, or write gssencmode=disable. TLS encrypts the connection: a view of the bundle demands it with sslmode=verify-full.',
    client: [
      /GSSAPI encryption required but|support GSSAPI encryption, but it was required/i,
      /gssencmode value "[^"]*" invalid when GSSAPI support is not compiled in/i,
    ],
  },
  {
    code: 'not-tls',
    looksLike: 'wrong version number; There was an error establishing an SSL connection',
    confirm:
      'Find out which program listens at host and port. If the text is in the log of the server, find out which program connects: log_connections = on shows its address.',
    wayOut: 'Connect to the port of PostgreSQL. Servers before 17 do not support sslnegotiation=direct.',
    client: [
      /wrong version number|packet length too long|record layer failure/i,
      /error establishing an SSL connection|received invalid response to SSL negotiation/i,
      /An error occurred while setting up the SSL connection/,
    ],
    server: [inLine(refused, /wrong version number|http request/)],
    maybe: [/invalid length of startup packet/i],
  },
  {
    code: 'host-unknown',
    looksLike: 'getaddrinfo ENOTFOUND …; could not translate host name "…" to address',
    confirm: 'Where the client runs, getent hosts NAME finds no address.',
    wayOut:
      'Correct the host of the connection target, or add the name to the DNS or the hosts file. Issue the server certificate with this name in `hosts`.',
    client: [
      /\bgetaddrinfo (?:ENOTFOUND|EAI_AGAIN)\b/,
      /could not translate host name "/i,
      /\blookup [^ \n]+(?: on [^ \n]+)?: no such host|UnknownHostException/,
      /name or service not known|temporary failure in name resolution|nodename nor servname provided/i,
    ],
    maybe: [notReached, /ERR_POSTGRES_CONNECTION_REFUSED/],
  },
  {
    code: 'server-not-reached',
    looksLike: 'ECONNREFUSED; connection refused; could not bind IPv4 address "…" (server log)',
    confirm:
      'Compare show listen_addresses and show port with the address of the client. The log of the server says why it did not start or does not listen. `ss -ltnp` shows which program has the port.',
    wayOut:
      'Start the server. If another program has the port, end that program, or set another port. If listen_addresses lacks the address of the client, or names an address that this machine does not have, correct it. Both settings need a restart.',
    client: [/\bECONNREFUSED\b|connection refused|ERR_POSTGRES_CONNECTION_REFUSED/i],
    server: [/could not bind (?:IPv[46]|Unix) (?:address|socket)|could not create any TCP\/IP sockets/i],
    maybe: [notReached],
  },
  {
    code: 'server-not-answering',
    looksLike: 'timeout expired; ETIMEDOUT; no route to host',
    confirm:
      '`nc -vz HOST PORT` waits as well where the client runs, and connects at once on the machine of the server. If it connects at both places, look for a proxy that waits for its server.',
    wayOut:
      'Correct host and port, or let firewalls, security groups and network policies pass TCP to this port. Only for a slow network raise the time limit: `connect_timeout` of libpq, `connectionTimeoutMillis` of `pg`.',
    client: [
      /\btimeout expired\b|connection terminated due to connection timeout/i,
      /\b(?:ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|CONNECT_TIMEOUT)\b/,
      /\b(?:connection|connect|connection attempt|read) timed out\b|\bi\/o timeout\b/i,
      /no route to host|network is unreachable|ERR_POSTGRES_CONNECTION_TIMEOUT/i,
    ],
    maybe: [notReached],
  },
  {
    code: 'server-not-ready',
    looksLike: 'the database system is starting up; the database system is shutting down',
    confirm: '`pg_isready` says: rejecting connections. The log of the server says what the server waits for.',
    wayOut:
      'Connect again after a moment, in a program until `pg_isready` says: accepting connections. To connect to a standby, set hot_standby = on there. If the server stays in recovery, follow the last lines of its log.',
    client: [notReady],
    server: [notReady],
  },
  {
    code: 'connection-closed',
    looksLike: 'ECONNRESET; server closed the connection unexpectedly; Connection terminated unexpectedly',
    confirm:
      'The log of the server has a line of the same moment: pass it as `serverLog`. Without such a line, the connection did not reach the server.',
    wayOut:
      'Follow the line of the log. If there is none, wait until the server has started (`pg_isready`), and check the proxy or port mapping in front of it.',
    maybe: [
      notAfter(
        /could not (?:accept ssl connection|(?:receive|send) data (?:from|to) client):/,
        /\b(?:ECONNRESET|EPIPE)\b|connection reset|broken pipe|closed the connection unexpectedly|connection terminated unexpectedly|has been closed unexpectedly|network socket disconnected before secure|\bEOFException\b|\bEOF detected\b|tls error \(EOF\)|^EOF$/im,
      ),
      // postgres.js, Bun and Prisma
      /\bCONNECTION_CLOSED\b|\bERR_POSTGRES_CONNECTION_(?:CLOSED|FAILED)\b|server has closed the connection/i,
    ],
  },
  // This row must be the last, because libpq with sslmode=prefer tries again without TLS after any refusal, and prints
  // both error texts.
  {
    code: 'no-rule-without-tls',
    looksLike: 'no pg_hba.conf entry for host "…", user "…", database "…", no encryption (before 14: SSL off)',
    confirm: '`matchRule(file, { transport: "plain", … })` finds no rule and with transport "ssl" finds one.',
    wayOut:
      'Connect with TLS: each view of a bundle demands TLS (verify-full). Do not add a rule for plain connections.',
    client: [noEntryWithoutTls],
    server: [noEntryWithoutTls],
  },
];
