// Every code of an error or a diagnostic, with its meaning. A released code is never renamed: callers tell errors apart by
// it. CODES.md is made from these tables.

const errorTable = {
  // any part
  'argument-invalid':
    'A JavaScript caller passed a value of the wrong kind, or an object with a property that does not exist.',
  'version-unknown': 'The text names no major version of PostgreSQL that this library knows.',
  'text-invalid': 'The text holds a lone surrogate, a NUL or a line break, and cannot be written.',
  'entry-unknown': 'The entry given as a place, or to be changed, is not in this file.',
  'readback-mismatch': 'The new line or certificate would not read back as what was asked for; nothing was changed.',
  // pki
  'role-name-invalid': 'The role name cannot be the common name of a certificate that PostgreSQL matches.',
  'host-invalid': 'The text is not a host: not a DNS name, wildcard, IPv4 or IPv6 address.',
  'name-invalid': 'The text or structure is not a distinguished name, or an attribute cannot have this value.',
  'name-attribute-unknown': 'The attribute of a distinguished name has no known object identifier.',
  'certificate-invalid': 'The text or bytes are not a readable X.509 certificate.',
  'private-key-invalid': 'The text or bytes are not a readable private key.',
  'private-key-misplaced': 'A private key stands in a text that should hold certificates only.',
  'passphrase-missing': 'The private key is encrypted, or is to be encrypted, and no passphrase was given.',
  'passphrase-wrong': 'The private key does not open with the given passphrase.',
  'key-iterations-exceeded':
    'The private key is encrypted with more iterations than `maxIterations` allows, so that to open it may take hours.',
  'key-algorithm-unsupported': 'This kind of key, or this way of storing one, is not supported here.',
  'signature-unsupported': 'Neither this library nor the WebCrypto provider can check a signature of this kind.',
  'provider-failed': 'The WebCrypto provider threw an error; `cause` is that error.',
  'key-weak': 'The RSA key has fewer than 2048 bits; current OpenSSL and Node refuse it.',
  'key-mismatch': 'The private key does not belong to the certificate.',
  'not-an-authority': 'The certificate is not that of a CA.',
  'lacks-cert-sign': 'The CA certificate lacks the key usage keyCertSign, so it may not sign certificates.',
  'authority-lacks-crl-sign': 'The CA certificate lacks the key usage cRLSign, so it may not sign CRLs.',
  'issuer-mismatch': 'The CA did not issue the certificate or CRL.',
  'path-too-long': 'The path length of the CA does not allow another CA certificate below it.',
  'path-length-invalid': 'The path length is not a whole number from 0 to 255.',
  'wrong-purpose': 'The extended key usage of the CA does not allow the purpose of the certificate.',
  'name-not-permitted': 'The name constraints of the CA do not allow a name of the certificate.',
  'not-a-leaf': 'The certificate is that of a CA, not that of a server or a client.',
  'not-a-root': 'The certificate is not that of a root CA.',
  'root-unchanged': 'The new root is the old root.',
  'roots-indistinguishable': 'OpenSSL cannot tell which of the two roots issued a certificate.',
  'request-invalid': 'The text or bytes are not a certificate request, or its own key did not sign it.',
  'request-not-allowed': 'The certificate request asks for a role or host that is not granted.',
  'crl-invalid': 'The text or bytes are not a readable certificate revocation list (CRL).',
  'crl-number-invalid': 'The number of the CRL is not higher than that of the previous CRL.',
  'crl-directory-set': 'The server also reads CRLs from the directory in `ssl_crl_dir`, which a plan does not write.',
  'crl-file-foreign': 'The file for CRLs holds something else, which a plan does not overwrite.',
  'crl-incomplete': 'With these CRLs a server would refuse every certificate of a CA that has none.',
  'crl-unfit': 'The server would not use the CRL, or the CRL is older than the one in place.',
  'revocation-reason-unknown': 'The reason of the revocation is not one of RFC 5280.',
  'ledger-invalid': 'The content of the store is not a ledger of a known version.',
  'ledger-busy':
    'Another process kept the lock of the ledger, or others changed the ledger at each attempt to change it.',
  'ledger-entry-unknown': 'The certificate is not in the ledger.',
  'issuer-expired': 'The CA certificate is not valid at this time.',
  'validity-invalid': 'The period of validity is empty, in the past, or not inside that of the issuer.',
  'serial-number-invalid': 'The serial number is not 1 to 20 octets of a positive number.',
  // conf
  'setting-name-invalid': 'The name given cannot be written in a postgresql.conf as that of a setting.',
  'setting-refused': 'A server of this major version refuses the value given, or knows no such setting.',
  'setting-not-alterable': 'ALTER SYSTEM refuses to set this, or could not read the file that it would have to change.',
  'file-unknown': 'The path is not that of a file of this configuration.',
  'quantity-invalid': 'The amount of memory or time given is not one that can be written exactly.',
  // client
  'connection-url-invalid':
    'libpq refuses the connection string, or the string names several hosts, or pg reads another host or user from it.',
  'connection-parameter-unknown': 'libpq knows no connection parameter of that name.',
  'connection-host-invalid': 'The host is missing, a Unix socket, a list, or neither a DNS name nor an IP address.',
  'connection-user-missing': 'The connection names no user, and the library never guesses a user.',
  'connection-value-invalid': 'The port is out of range, or a name holds a NUL or a lone surrogate.',
  'connection-not-expressible': 'This view of a connection cannot express one of its values.',
  'client-directory-invalid': 'The path cannot be a directory of client files: it is empty or holds a colon.',
  // tls
  'data-directory-incomplete': 'A file that every PostgreSQL server has is not where it was looked for.',
  'file-not-readable': 'A file could not be read, or is no regular file.',
  'target-changed':
    'Another program changed a file that a plan was made from, or one that it replaces; the message says what was written.',
  'target-not-writable': 'A file could not be written with its mode and owner; the message says what was written.',
  'hba-refused': 'The server refuses this pg_hba.conf at the line given; nothing was planned.',
  'conf-refused': 'The server refuses this postgresql.conf at the line given; nothing was planned.',
  'setting-overridden':
    'An included file, postgresql.auto.conf or the command line sets a value that would win over the planned one.',
  'certificate-foreign': 'A certificate, key or root is there already that this CA did not issue for this holder.',
  'plan-refused': 'The server would refuse the files after the plan, or would not start.',
  'way-in-lost': 'The server would refuse a way in that the request says to keep.',
  'ciphers-unfit': 'With its ciphers and protocol versions the server would refuse every client.',
  'certificate-unfit':
    'The server certificate of somebody else is not there, has expired, is for other hosts, or leads to no given root.',
  'authority-busy': 'Another process creates the CA in this directory.',
  'authority-incomplete': 'The certificate of a CA is there without its private key.',
  'root-missing': 'The CA is an intermediate, and the root that both sides have to trust is not given.',
  'apply-incomplete':
    'A change of several files stopped halfway and could not be rolled back; `recoverApply` completes it or rolls it back.',
  'apply-interrupted': 'An earlier change stopped halfway; `recoverApply` completes it or rolls it back.',
  'apply-busy': 'Another process is changing the files of this data directory.',
  'apply-aborted': 'The signal given ended the change before anything was written.',
  'verify-failed':
    'The server was not as it has to be after the change, or could not be asked; the change was rolled back.',
  'journal-invalid': 'The journal in the data directory is not one that this version of the library wrote.',
  'account-unavailable': "No process with another account's rights can be started here to work on its files.",
  'path-not-trusted':
    'Another account can change where this path leads, or wrote the journal, or may have changed what the journal says.',
  'reload-failed': 'The server of the data directory could not be told to reload its files.',
  // pg_hosts.conf
  'hosts-entry-invalid': 'The entry cannot be written so that a server reads it as what it is.',
  // pg_ident.conf
  'mapping-invalid': 'The mapping cannot be written so that a server of this major version reads it as what it is.',
  // pg_hba.conf
  'rule-invalid': 'The rule cannot be written so that a server of this major version reads it as what it is.',
} as const;

/** A code of a {@link PgHostsslError}: a key of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorTable;

/**
 * The codes of {@link PgHostsslError} with their meanings: mistakes of the caller, and failed input and output.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { errorCodes } from 'pg-hostssl';
 *
 * assert.ok('version-unknown' in errorCodes);
 * ```
 */
export const errorCodes: Readonly<Record<ErrorCode, string>> = errorTable;

const diagnosticTable = {
  // access
  'access-unreachable': 'No connection reaches the rule, since the rules before it match all of its connections.',
  'access-crossing':
    'Two rules with different outcomes share connections, and neither holds all connections of the other: the earlier rule takes what they share.',
  'access-trust-remote': 'A rule lets clients of other machines in without any proof of who they are.',
  'access-password-plain': 'A rule has clients of other machines send their passwords unencrypted, as they are.',
  'access-md5-deprecated': 'Method md5 is deprecated since PostgreSQL 18, and a later major version will drop it.',
  'access-ident-remote': 'A rule believes what another machine says about its user.',
  'access-without-tls': 'TLS is on, but the rule lets clients of other machines in without it as well.',
  'access-wide-weak': 'A weak method lets in a network that is larger than a private one.',
  'access-superuser-remote': 'The superuser of the installation, or a standby, can log in from any address.',
  'access-certificate-without-ca':
    'The rule demands a client certificate, and the server has no CA file: it refuses every connection of the rule.',
  'access-map-undefined': 'The rule names a map that pg_ident.conf does not define: it admits nobody by that map.',
  'access-map-unused': 'No rule names the map.',
  'ident-regex-slash': 'A regular expression ends in a slash, which is a part of it: there is no closing slash.',
  'ident-regex-unanchored':
    'A regular expression matches a part of a name, so that longer names with that part are let in as well.',
  'ident-substitute-without-group':
    'The database user has a \\1, but the regular expression has no parenthesis: the server looks at no further line.',
  'ident-name-as-pattern':
    'The database user looks like a keyword, a role or a regular expression, which this major version takes as a name.',
  // upgrade
  'upgrade-refused': 'The new major version refuses a line that the old one takes.',
  'upgrade-meaning': 'The new major version takes a line for something else than the old one does.',
  'upgrade-access': 'The new major version lets connections in, or refuses them, in another way than the old one does.',
  'upgrade-setting': 'The new major version does not know a setting, has renamed it, or does not take its value.',
  // conf
  'conf-syntax': 'The line is not a setting, an include directive or a comment: the server does not load the file.',
  'setting-unknown':
    'This major version has no setting with this name: the server does not load the file. A warning, if no table says so.',
  'setting-repeated': 'A later line sets the setting again, so that this line has no effect.',
  'setting-backslash': 'A single backslash in a value vanishes, or makes a control character.',
  'setting-mode-decimal': 'A file mode is written without its leading zero, and read as a decimal number.',
  'setting-internal': 'The build or the data directory fixes the setting: no file can set it.',
  'setting-value-invalid': 'The setting cannot have this value.',
  'setting-unit-invalid': 'The setting does not take this unit in this major version. The case of a unit matters.',
  'setting-out-of-range': 'The value is outside the range of the setting.',
  'setting-conflict': 'Settings that are valid each on its own contradict each other: the server does not start.',
  'setting-no-effect': 'The server accepts the line but ignores the setting.',
  'setting-unchecked':
    'The build, the operating system or other state of the server decides whether the value is valid.',
  // configuration
  'configuration-file-missing': 'A file without which the server does not start is not where the settings say.',
  'configuration-file-unread': 'A file could not be read here, so its content is unknown.',
  'ssl-file-invalid':
    'OpenSSL cannot load a file that a setting of TLS names: the server does not start. A warning, if that is not certain.',
  'ssl-key-mismatch': 'The server does not start, because its private key does not belong to its certificate.',
  'ssl-key-encrypted': 'The private key is encrypted, and no command gives the server the passphrase.',
  'ssl-certificate-refused':
    'Clients refuse the server certificate, or the server refuses every client certificate: a certificate has expired, is for another purpose, or is weak.',
  'ssl-certificate-ends-soon': 'A certificate of the server or of its CA expires soon.',
  'ssl-certificate-without-host':
    'The server certificate names its host in the common name only, which some clients do not compare.',
  'ssl-key-permissions': 'The server does not start, because other accounts can use or own its private key.',
  // pg_hba.conf, pg_ident.conf and pg_hosts.conf
  'include-failed': 'A file or directory that the line names cannot be read, or is nested too deep.',
  'include-recursion': 'A file includes itself, which makes a server of this major version crash.',
  'include-empty': 'An @file holds no word, so the columns after it move to the left.',
  'include-not-followed': 'The file that the line includes was not read, so its content is unknown.',
  'quote-open': 'A double quote is never closed.',
  'single-quotes': 'A word is in single quotes. The server takes them as a part of the word.',
  'comma-stray': 'A comma after a blank joins no words.',
  'comment-continues': 'A comment ends in a backslash and swallows the next line.',
  'continuation-unknown': 'A line ends in a backslash, which this major version takes as an ordinary character.',
  'carriage-return': 'A carriage return is inside a line.',
  nul: 'A NUL byte hides what follows it.',
  'byte-order-mark': 'The file begins with a byte order mark, which becomes a part of the first word.',
  'keyword-quoted': 'A keyword is in quotes, so the server takes it as a name.',
  'keyword-case': 'A keyword is not in lower case, so the server takes it as a name.',
  'regex-as-name': 'A word begins with a slash. This major version takes it as a name, not as a regular expression.',
  'address-host-name': 'An address is not an IP address. The server takes it as a host name that no client has.',
  'address-unspecified': 'An address is 0.0.0.0 or :: alone, which no client has.',
  'name-wildcard': 'A word such as * or any, which means everything in other programs, is a name here.',
  'look-alike': 'A name holds a character that looks like an ASCII character, or that is invisible.',
  'address-zone-unchecked':
    'An address names a network interface, and it is unknown whether the server has that interface.',
  'address-numeric':
    'An IPv4 address is not written as four decimal numbers, and may mean another address than it seems.',
  'address-host-bits': 'An address has bits outside its mask.',
  'address-ipv4-mapped': 'An IPv4-mapped IPv6 address matches no client.',
  'mask-with-holes': 'The one bits of a netmask are not all at its start.',
  'hba-clientcert-off': 'The value of clientcert switches the check off in this major version.',
  'hba-replication-uncovered':
    'A rule for the database all lets in, from other machines, all users or a user named like a standby. The database all does not cover replication, and no other rule does.',
  'hosts-column-missing': 'The line ends before the certificate or its private key.',
  'hosts-column-extra': 'The line has a word after its last column.',
  'hosts-list-not-allowed': 'A comma makes a list of a column that can hold one word only.',
  'hosts-keyword-mixed': 'The word * or /no_sni/ is in a list with other words.',
  'hosts-flag-invalid': 'The passphrase reload flag is not a boolean.',
  'hosts-repeated': 'A host name has an entry already.',
  'ident-column-missing': 'The line ends before all three columns of a mapping.',
  'ident-list-not-allowed': 'A comma makes a list of a column that can hold one word only.',
  'ident-ignored-columns': 'The server ignores all words after the third column.',
  'hba-no-entries': 'The file holds no rule at all, which the server refuses.',
  'line-too-long': 'The line is too long for the buffer of this major version, or of one of its older minor releases.',
  'token-too-long': 'A word is too long for the buffer of this major version, or of one of its older minor releases.',
  'hba-type-unknown': 'The first word of the line is not a connection type of this major version.',
  'hba-column-missing': 'The line ends before all columns that its connection type needs.',
  'hba-list-not-allowed': 'A comma makes a list of a column that can hold one word only.',
  'hba-host-name-with-mask': 'A prefix length follows a text that is not an IP address.',
  'hba-prefix-invalid': 'The prefix length of the address is not a number in the range of its family.',
  'hba-mask-invalid': 'The netmask is not an IP address.',
  'hba-mask-family': 'The address and its netmask are not both IPv4 or both IPv6.',
  'hba-method-unknown': 'The word is not an authentication method of this major version.',
  'hba-method-not-built':
    'The server was built without the authentication method, or it is unknown whether it was built with it.',
  'hba-method-misplaced': 'The authentication method is not allowed with this connection type.',
  'hba-md5-with-namespace':
    'The server refuses method md5 while db_user_namespace is on, and it is unknown whether that setting is off.',
  'hba-option-syntax': 'A word after the method does not have the form name=value.',
  'hba-option-unknown': 'This major version has no option of that name.',
  'hba-option-misplaced': 'The option is not allowed with this method or connection type.',
  'hba-option-value': 'The option cannot have this value.',
  'hba-option-repeated': 'A line has an option twice, and the server takes the last value.',
  'hba-option-ignored': 'The server takes the line, and logs that the option has no valid value.',
  'hba-option-missing': 'The method needs an option that the rule does not have.',
  'hba-option-conflict': 'A line has options that exclude each other.',
  'hba-radius-server-unchecked':
    'A RADIUS server is given by its host name, which the server must resolve when it loads the file. It is unknown whether it can.',
  'hba-oauth-validator': 'The server has no such validator for OAuth, or it is unknown whether it has.',
  'hba-clientcert-without-ca':
    'A rule asks for client certificates, but ssl_ca_file is empty or unknown. Without it, 9.6 refuses the file, and later major versions refuse each connection.',
  'regex-invalid': 'A regular expression is malformed.',
  'regex-unchecked': 'The regular expression uses syntax of PostgreSQL that is not checked here, so it may be invalid.',
  'hba-hostssl-without-ssl': 'A hostssl rule can match nothing while ssl is off, and 9.6 refuses it.',
  'hba-hostgssenc-without-gss': 'A hostgssenc rule can match nothing on a server built without GSSAPI.',
  // tls: notes of a plan
  'tls-name-not-bound':
    'This major version checks that a trusted CA issued the certificate, but not that the certificate names the user.',
  'tls-without-certificate': 'A rule lets the user of the plan in without a certificate.',
  'tls-other-certificate': 'A rule lets the user of the plan in with a certificate of somebody else.',
  'tls-way-in-unknown':
    'The plan changes which rule decides about a way in to keep, and its files do not tell whether the server lets it in.',
  'tls-behind-reject': "A rule above the plan's rule rejects some connections of the plan's rule.",
  'tls-before-reject':
    "The plan's rule is above a rule that rejects, and lets in connections with a certificate that the lower rule refused.",
  'tls-hba-include': 'A line includes rules of a file that was not read. The plan does not judge those rules.',
  'tls-conf-include': 'The included files of postgresql.conf are not part of the server state.',
  'tls-listens-locally': 'The server listens on this machine only, and the client is on another machine.',
  'tls-other-roots': 'The server also trusts certificates of other CAs.',
  'tls-certificate-foreign': 'Another CA issued the certificate, so the plan leaves it.',
  'tls-authority-ends': 'The CA certificate expires soon. The certificates that the CA issues expire with it.',
  'tls-certificate-revoked':
    'A certificate is revoked. The set-up of a user issues a new one; other plans leave the certificate.',
  'tls-crl-refuses': 'With its CRLs the server refuses every certificate of a CA, or soon will.',
  'tls-crl-directory': 'The server also reads CRLs from the directory in `ssl_crl_dir`, which plans do not look at.',
  'tls-no-longer-revoked': 'The new CRL of a CA lacks entries of the one in place.',
  'tls-switched-on': 'TLS is switched on, so that a rule for hostssl or hostnossl decides about other connections.',
  'tls-sessions-stay': 'The plan does not end open connections.',
  'tls-still-let-in': 'A rule still lets in the user that the plan removes.',
} as const;

/** A code of a {@link Diagnostic}: a key of {@link diagnosticCodes}. */
export type DiagnosticCode = keyof typeof diagnosticTable;

/**
 * The codes of {@link Diagnostic} with their meanings.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { diagnosticCodes, HbaFile } from 'pg-hostssl';
 *
 * const [diagnostic] = HbaFile.parse('host all all 10.0.0.0/8 passwd\n').diagnostics;
 * assert.equal(diagnostic?.code, 'hba-method-unknown');
 * assert.ok(diagnosticCodes[diagnostic.code].length > 0);
 * ```
 */
export const diagnosticCodes: Readonly<Record<DiagnosticCode, string>> = diagnosticTable;

/** The codes of the problems that {@link verifyChain} finds in certificates. */
export const chainProblemTable = {
  // chains of certificates: verifyChain
  'issuer-missing':
    'The certificate that issued this one is neither sent along nor trusted. Send the intermediate CA certificates after the leaf, and trust the root.',
  'root-untrusted': 'The chain ends in a root that the other side does not trust. Add the root to its trusted roots.',
  'signature-invalid':
    'The key of the issuer did not make the signature. Restore the certificate, or issue a new one from this CA.',
  'signature-unsupported':
    'The signature is of a kind that OpenSSL 3.0 does not know or that cannot be checked here. Issue the certificate with ECDSA, RSA or Ed25519 and SHA-2.',
  'signature-weak': 'The signature uses SHA-1, RIPEMD-160 or an older hash. Issue the certificate again, with SHA-256.',
  'key-weak':
    'The key is shorter than OpenSSL 3 accepts. Issue a certificate for a new key: P-256, or RSA with 2048 bits.',
  'key-unreadable':
    'OpenSSL does not read the public key of the certificate. Issue the certificate for a key of a known kind: P-256, RSA, Ed25519.',
  'curve-not-named':
    'The key gives the parameters of its curve instead of the name. Convert the key to a named curve and issue the certificate again.',
  'not-yet-valid': 'The certificate becomes valid later. Correct the clock, or wait.',
  expired: 'The certificate has expired. Renew it.',
  'not-an-authority':
    'A certificate in the chain issued another but is not that of a CA. Use the certificate of the CA.',
  'lacks-cert-sign': 'A CA certificate lacks the key usage keyCertSign. Issue the CA certificate again with it.',
  'path-too-long':
    'More CA certificates stand below a CA than its path length allows. Issue the leaf from a CA further up, or renew that CA with a longer path length.',
  'name-not-permitted':
    'The name constraints of a CA do not allow a name of the certificate. Issue the certificate from another CA, or for other names.',
  'names-too-many':
    'The certificate has too many names for the name constraints above it. Issue certificates with fewer names.',
  'extension-invalid':
    'An extension or a time of the certificate is malformed, so that OpenSSL loads the certificate and then refuses it. Issue the certificate again.',
  'wrong-purpose': 'The certificate is not for this purpose. Issue one with the extended key usage that is needed.',
  'unknown-critical-extension':
    'OpenSSL does not know a critical extension of the certificate. Issue the certificate without it.',
  'proxy-certificate':
    'A certificate of the chain is a proxy certificate (RFC 3820), which PostgreSQL does not let OpenSSL accept. Use the certificate that issued it.',
  revoked: 'A CRL revokes the certificate. Issue a new one.',
} as const;

/** The codes of the problems with the CRL of a CA. */
export const crlProblemTable = {
  // CRLs: verifyChain and checkRevocation
  'crl-missing': 'No CRL of the CA was given. Issue a CRL for each CA of the chain, the root included.',
  'crl-out-of-scope': 'The CRL of the CA is about other certificates only. Issue a CRL for all certificates of the CA.',
  'crl-not-signed': 'The key of the CA did not sign the CRL. Issue the CRL again.',
  'crl-signature-unsupported':
    'The signature of the CRL is of a kind that cannot be checked here. Issue the CRL again.',
  'crl-not-yet-valid': 'The CRL becomes valid later. Correct the clock, or issue the CRL with an earlier begin.',
  'crl-expired': 'The CRL has expired, so that the server rejects every client. Issue a new CRL.',
  'crl-unknown-critical-extension': 'OpenSSL does not know a critical extension of the CRL. Issue the CRL without it.',
  'authority-lacks-crl-sign':
    'The CA certificate lacks the key usage cRLSign. Renew the CA certificate with it, or do without CRLs.',
} as const;

/** The codes of the problems that {@link checkRevocation} finds beside those of each CRL. */
export const revocationProblemTable = {
  // files of CRLs: checkRevocation
  'crl-expires-soon': 'The CRL expires soon. Issue a new CRL and replace the file.',
  'crl-label': 'A CRL has the PEM label CRL, which OpenSSL ignores. Write the label X509 CRL.',
} as const;

/** A code of a `ChainProblem` or `RevocationProblem` of `pg-hostssl/pki`: a key of {@link problemCodes}. */
export type ProblemCode =
  | keyof typeof chainProblemTable
  | keyof typeof crlProblemTable
  | keyof typeof revocationProblemTable;

/**
 * The codes of the problems that `verifyChain` and `checkRevocation` find, each with its meaning and what to do.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { problemCodes } from 'pg-hostssl';
 * import { CertificateAuthority, verifyChain } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const other = await CertificateAuthority.create({ subject: '/CN=Other CA' });
 * const { chain } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const { problems } = await verifyChain({ chain, roots: other.certificate, purpose: 'clientAuth' });
 * assert.equal(problems[0]?.code, 'issuer-missing');
 * assert.match(problemCodes[problems[0].code], /trust the root/);
 * ```
 */
export const problemCodes: Readonly<Record<ProblemCode, string>> = {
  ...chainProblemTable,
  ...crlProblemTable,
  ...revocationProblemTable,
};

const causeTable = {
  // causes: the client's own files and settings
  'key-mismatch': 'The private key of the client does not belong to its certificate.',
  'passphrase-wrong':
    'The private key of the client is encrypted, and its passphrase is missing or wrong, or the client cannot be given one.',
  'key-file-mode':
    'Others than the owner can read the private key file of the client, so libpq, lib/pq and pgjdbc refuse it.',
  'root-file-missing':
    'The client shall verify the server, and its root certificate file is missing. libpq looks into ~/.postgresql/root.crt by default.',
  'client-file-missing':
    'A certificate or key file that the client names does not exist for its account. A relative path starts from the working directory, and ~ is a letter.',
  'jdbc-pem-key': 'pgjdbc got a private key in PEM, and this version reads only PKCS#8 in DER (.pk8) or PKCS#12.',
  'jdbc-encrypted-pk8': 'pgjdbc cannot open a .pk8 file that is encrypted with PBES2, as OpenSSL encrypts it.',
  'jdbc-pkcs12-passphrase': 'The passphrase of the PKCS#12 file (sslpassword) is wrong.',
  'url-parameters-sent': 'The driver (postgres.js) sent ssl parameters of the URL to the server as settings.',
  'certificate-weak':
    'The certificate has an RSA key under 2048 bits or a signature with SHA-1, which OpenSSL 3 refuses.',
  // causes: the client does not accept the server
  'ssl-options-replaced':
    'The connection string of `pg` has an sslmode or another ssl parameter. `pg` then throws the `ssl` object away, with its ca, cert and key.',
  'server-issuer-unknown':
    'The client does not know who issued the server certificate: it has no root, or the root of another CA, or the server does not send its intermediate certificates.',
  'server-certificate-expired': 'The certificate of the server has expired.',
  'server-certificate-not-yet-valid': 'The certificate of the server is not valid yet for the clock of the client.',
  'server-certificate-purpose':
    'The certificate of the server is not for servers: its extended key usage lacks serverAuth.',
  'host-checked-as-localhost': '`pg` before 8.23.1 and postgres.js check the server at an IP address as "localhost".',
  'host-not-covered': 'The certificate of the server is for other hosts than the one that the client connects to.',
  'server-not-trusted-by-client':
    'The client ended the handshake: it does not trust the certificate of the server, or found another fault of its own.',
  // causes: the server does not accept the client certificate
  'client-certificate-withheld':
    'The client has a certificate and does not send it: pgjdbc and Go send only one whose issuer the server names (ssl_ca_file), and pgjdbc takes only the entry "user" of a PKCS#12 file.',
  'client-certificate-missing':
    'The client sent no certificate: no file is where the client looks, or there is a certificate without its key, or the driver does not read the settings that name them.',
  'certificate-name-and-password':
    'The rule asks for a password and has clientcert=verify-full: the certificate names another user. The password may be right.',
  'user-not-named': 'The common name of the client certificate is not the role, and the rule has no map.',
  'map-without-match':
    'The rule names a map of pg_ident.conf, and no line of the map lets the name of the certificate be this role.',
  'client-issuer-unknown':
    'The server does not know who issued the client certificate: the root is not in ssl_ca_file, or the client does not send its intermediate certificates.',
  'crl-missing': 'The server checks CRLs, and it has no CRL of a CA in the chain of the client certificate.',
  'client-certificate-expired': 'The client certificate has expired.',
  'crl-expired': 'The CRL of the server has expired, so the server refuses every certificate of that CA.',
  'client-certificate-not-yet-valid': 'The client certificate is not valid yet for the clock of the server.',
  'client-certificate-revoked': 'The client certificate is on the CRL of the server.',
  'client-certificate-purpose': 'The client certificate is not for clients: its extended key usage lacks clientAuth.',
  'role-missing': 'The client passed the check of its certificate, and the role does not exist in the cluster.',
  // causes: rules, and TLS that the two sides do not share
  'no-rule-with-tls':
    'The client connected with TLS, and no rule of pg_hba.conf is for its address, user and database.',
  'rejected-by-rule': 'A reject rule of pg_hba.conf is the first one that matches the connection.',
  'password-wrong': 'The rule that decides asks for a password, and the password is wrong or the role has none.',
  'server-without-tls':
    'TLS is off at the server: ssl = off, or the server kept its old settings because its certificate files could not be loaded.',
  'setting-hidden':
    'Another place wins over postgresql.conf: the command line (-c ssl=…), postgresql.auto.conf, or a later line.',
  'tls-over-socket': 'The host is a directory of a Unix socket, which has no TLS.',
  'ca-file-unset': 'A rule asks for a client certificate, and the server has no ssl_ca_file.',
  'tls-version-not-shared':
    'Client and server share no TLS version: ssl_min_protocol_version or its counterpart of the client rules the other side out.',
  'key-kind-not-shared':
    'One side cannot use the kind of key of the other: a P-521 or Ed25519 certificate with a client or a TLS version that knows no such key.',
  'channel-binding-digest':
    'The CA signed the server certificate with an Ed25519 key, and libpq has no channel binding with SCRAM for such a signature.',
  'not-tls': 'The other side does not speak TLS at this port: it is another server, or a proxy that ends TLS itself.',
  'server-not-reached': 'No server listens at this address and port, or it listens on another address only.',
  'no-rule-without-tls': 'The client connected without TLS, and no rule of pg_hba.conf lets it in that way.',
  // causes: the server's own files
  'server-key-file-mode': 'Others can read the private key file of the server.',
  'server-key-file-owner': 'The private key file of the server belongs to another account.',
  'server-file-missing':
    'ssl is on, and a file of ssl_cert_file, ssl_key_file, ssl_ca_file or ssl_crl_file does not exist.',
  'server-file-permission': 'The account of the server cannot read one of its TLS files.',
  'server-key-mismatch':
    'The private key of the server does not belong to its certificate, often because only one of both was replaced.',
  'server-key-encrypted':
    'The private key of the server is encrypted, and the server has no way to ask for the passphrase.',
  'server-certificate-weak':
    'The certificate of the server has an RSA key under 2048 bits or a signature with SHA-1, which OpenSSL 3 refuses.',
  'server-file-damaged':
    'A TLS file of the server is not PEM, is empty, or holds something else, such as a key in place of a certificate.',
  'hba-refused': 'The server refuses its pg_hba.conf: after a reload the old rules stay, and a start fails.',
} as const;

/** The code of a cause that `explain` of `pg-hostssl/doctor` knows: a key of {@link causeCodes}. */
export type CauseCode = keyof typeof causeTable;

/**
 * The codes of the causes that `explain` of `pg-hostssl/doctor` finds, each with what is wrong.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { causeCodes } from 'pg-hostssl';
 *
 * assert.match(causeCodes['ca-file-unset'], /ssl_ca_file/);
 * ```
 */
export const causeCodes: Readonly<Record<CauseCode, string>> = causeTable;
