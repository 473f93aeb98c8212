// Every code of an error or a diagnostic, with its meaning and what to do. A released code is never
// renamed: callers distinguish errors by their codes. CODES.md is made from these tables.

const errorTable = {
  // errors of all parts of the package
  'argument-invalid':
    'A JavaScript caller passed a value of the wrong kind, or an object with a property that does not exist. Pass the kind of value that the message names.',
  'version-unknown':
    'The text names no major version of PostgreSQL that this library knows. Pass a major version that `pgMajors` lists, or the text of `SHOW server_version`.',
  'text-invalid':
    'The text holds a lone surrogate, a NUL or a line break, and cannot be written. Remove the character that the message names.',
  'entry-unknown':
    'The entry to change, or the entry given as a place, is not in this file. Take the entry from `entries` of the file object that is edited, because each edit returns a new object.',
  'readback-mismatch':
    'A server would read the new line or certificate differently from what was requested; nothing was changed. Report this as a bug of this library, with the input.',
  // errors of `pg-hostssl/pki`
  'role-name-invalid':
    'The role name cannot be the common name of a certificate that PostgreSQL matches. Use a name of 1 to 63 bytes of UTF-8 without a NUL, or give a `subject` and a map.',
  'host-invalid':
    'The text is not a host: not a DNS name, wildcard, IPv4 or IPv6 address. Give a name without scheme, port and path, or an IP address.',
  'name-invalid':
    'The text or structure is not a distinguished name, or an attribute cannot have this value. Write the name as `CN=webadmin,O=Example` or `/O=Example/CN=webadmin`.',
  'name-attribute-unknown':
    'The attribute of a distinguished name has no known object identifier. Write the object identifier in place of the name.',
  'certificate-invalid':
    'The text or bytes are not a readable X.509 certificate. Give a PEM text with `BEGIN CERTIFICATE`, or one certificate in DER.',
  'private-key-invalid':
    'The text or bytes are not a readable private key. Give an unencrypted or encrypted key as PKCS#8, PKCS#1 or SEC1, in PEM or DER.',
  'private-key-misplaced':
    'A private key is in a text that must hold certificates only. Remove the private key, and replace it if others could read the text.',
  'passphrase-missing':
    'The private key is encrypted, or is to be encrypted, and no passphrase was given. Give `passphrase`.',
  'passphrase-wrong':
    'The private key does not open with the given passphrase. Give the passphrase with which the key was encrypted.',
  'key-iterations-exceeded':
    'The private key is encrypted with more iterations than `maxIterations` allows, so opening the key may take hours. Give a higher `maxIterations` if the key comes from a source that you trust.',
  'key-algorithm-unsupported':
    'This library does not support this kind of key, or this file format of a key. Use P-256, P-384, RSA or Ed25519, as PKCS#8.',
  'signature-unsupported':
    'Neither this library nor the WebCrypto provider can check a signature of this kind. Use a certificate with ECDSA, RSA or Ed25519 and SHA-2.',
  'provider-failed':
    'The WebCrypto provider threw an error; `cause` is that error. Look at `cause`, or do without `provider`.',
  'key-weak':
    'The RSA key has fewer than 2048 bits; current OpenSSL and Node refuse it. Use P-256, or RSA with at least 2048 bits.',
  'key-mismatch':
    'The private key does not belong to the certificate. Give the key and the certificate that were made together.',
  'not-an-authority': 'The certificate is not a CA certificate. Give the certificate of the CA.',
  'lacks-cert-sign':
    'The CA certificate lacks the key usage keyCertSign, so it may not sign certificates. Use another CA certificate, or issue the CA certificate again with keyCertSign.',
  'authority-lacks-crl-sign':
    'The CA certificate lacks the key usage cRLSign, so it may not sign CRLs. Renew the CA certificate with cRLSign, or do without CRLs.',
  'issuer-mismatch': 'The CA did not issue the certificate or CRL. Give the CA that issued it.',
  'path-too-long':
    'The path length of the CA does not allow another CA certificate below it. Issue from a CA further up, or renew the CA with a longer path length.',
  'path-length-invalid': 'The path length is not a whole number from 0 to 255. Give a whole number from 0 to 255.',
  'wrong-purpose':
    'The extended key usage of the CA does not allow the purpose of the certificate. Issue the certificate from another CA.',
  'name-not-permitted':
    'The name constraints of the CA do not allow a name of the certificate. Issue the certificate from another CA, or for other names.',
  'not-a-leaf':
    'The certificate is a CA certificate, not the certificate of a server or a client. Give the certificate of a server or a client.',
  'not-a-root': 'The certificate is not a root certificate. Give a certificate that its own key signed.',
  'root-unchanged': 'The next root is the current root. Create a new CA and give its certificate.',
  'roots-indistinguishable':
    'OpenSSL cannot tell which of the two roots issued a certificate. Create the next root with another name.',
  'request-invalid':
    'The text or bytes are not a certificate request, or its own key did not sign it. Make the certificate request again, with the key that it is for.',
  'request-not-allowed':
    'The certificate request asks for a role or host that the CA does not grant. Grant the name, or obtain a request without the name.',
  'crl-invalid':
    'The text or bytes are not a readable certificate revocation list (CRL). Give a PEM text with `BEGIN X509 CRL`, or one CRL in DER.',
  'crl-number-invalid':
    'The number of the CRL is not higher than the number of the previous CRL. Give a higher number.',
  'crl-file-foreign':
    'The file for CRLs contains something else, so a plan does not overwrite the file. Move the file away, or let `ssl_crl_file` name another file.',
  'crl-incomplete':
    'With these CRLs a server would refuse every certificate of a CA without a CRL. Give a CRL for each CA of the chain.',
  'crl-unfit':
    'The server would not use the CRL, or the CRL is older than the current CRL. Give a newer CRL of the CA that the CA signed and that is valid now.',
  'revocation-reason-unknown':
    'The reason of the revocation is not one of RFC 5280. Give a reason of the type `RevocationReason`.',
  'ledger-invalid':
    'The content of the store is not a ledger of a known version. Restore the file from a backup, or use the version of this library that wrote the file.',
  'ledger-busy':
    'Another process holds the lock of the ledger, or other processes changed the ledger during each attempt. Try again.',
  'ledger-entry-unknown': 'The certificate is not in the ledger. Record the certificate with `record` first.',
  'issuer-expired': 'The CA certificate is not valid at this time. Renew the CA certificate, or correct the clock.',
  'validity-invalid':
    'The validity of the certificate is empty, in the past, or not inside the validity of the issuer. Give an end that is after the start, and inside the validity of the issuer.',
  'serial-number-invalid':
    'The serial number is not hexadecimal, or not 1 to 20 octets of a positive number. For a new certificate, leave the serial number out, and a random one is taken. `pg_stat_ssl` shows decimal numbers: convert them.',
  // errors of `pg-hostssl/conf`
  'setting-name-invalid':
    'The given name cannot be the name of a setting in postgresql.conf. Use letters, digits and underscores, and do not begin with a digit. The name of an extension and a dot may come first.',
  'setting-refused':
    'A server of this major version refuses the given value, or does not know the setting. Correct the name or the value; `ConfFile.set` also takes `force`.',
  'setting-not-alterable':
    'ALTER SYSTEM refuses the setting, or could not read the file that it must change. Change the setting in postgresql.conf.',
  'file-unknown':
    'The path does not belong to a file of this configuration. Take the path from `files` of the configuration.',
  'quantity-invalid':
    'The given amount of memory or time cannot be written exactly. Give a whole number of a smaller unit.',
  // errors of `pg-hostssl/client`
  'connection-url-invalid':
    'libpq refuses the connection string, or the string names several hosts, or pg reads another host or user from it. Correct the connection string as the message says.',
  'connection-parameter-unknown':
    'libpq knows no connection parameter of that name. Correct the name, or remove the parameter.',
  'connection-host-invalid':
    'The host is missing, a Unix socket, a list, or neither a DNS name nor an IP address. Give one host name or IP address.',
  'connection-user-missing': 'The connection names no user, and the library never guesses a user. Give `user`.',
  'connection-value-invalid':
    'The port is out of range, or a name holds a NUL or a lone surrogate. Correct the value that the message names.',
  'connection-not-expressible':
    'This view of a connection cannot express one of its values. Change the value, or use another view.',
  'client-directory-invalid':
    'The path cannot be a directory of client files: it is empty, begins with "~" or holds a colon. Give another directory.',
  'client-files-unusable':
    '`accept` of `liveFiles` refused the files, or the files changed during each attempt to read them. Replace the certificate and the key at the same moment.',
  // errors of `pg-hostssl/tls`
  'data-directory-incomplete':
    'A file that every PostgreSQL server has is missing. Give the data directory of the server, which contains PG_VERSION.',
  'file-not-readable': 'A file could not be read, or is not a regular file. Correct the path or the permissions.',
  'target-changed':
    'Another program changed a file that the plan reads or replaces; the message names the files that were already written. Read the server again and make a new plan.',
  'target-not-writable':
    'A file could not be written with its mode and owner; the message names the files that were already written. Correct the permissions, or apply the plan as the owner of the data directory or as root.',
  'hba-refused':
    'The server refuses this pg_hba.conf at the given line; nothing was planned. Correct the line, then plan again.',
  'conf-refused':
    'The server refuses this postgresql.conf at the given line; nothing was planned. Correct the line, then plan again.',
  'setting-overridden':
    'An included file, postgresql.auto.conf or the command line sets a value that would override the planned value. Remove the setting from the place that the message names.',
  'certificate-foreign':
    'A certificate, key or root already exists at the path, and this CA did not issue it for this subject. Load the CA that issued it, or move the file away.',
  'plan-refused':
    'The server would refuse the files after the plan, would not start, or would match no rule of the plan. Correct what the message names, then plan again.',
  'way-in-lost':
    'The server would refuse connections that the request says to keep, or does not listen where these connections arrive. Put a rule for these connections above the others, change where the server listens, or plan without `keep`.',
  'ciphers-unfit':
    'With the ciphers, curves and protocol versions of the settings, the server would refuse every client, or the key of this client. Change `ssl_ciphers`, the curves or the protocol versions, or use another kind of key.',
  'certificate-unfit':
    'The server certificate from another CA is missing, has expired, is for other hosts, or has no chain to a given root. Give a valid certificate for the hosts, or let this library issue one.',
  'authority-busy': 'Another process creates the CA in this directory. Try again.',
  'authority-incomplete':
    'The directory holds the certificate of a CA, but not its private key. Put the private key back, or move the certificate away to create another CA.',
  'authority-key-exposed':
    'Other accounts can read or change the private key of the CA. Set the mode of the file to 0600. If somebody may have read the key, create another CA.',
  'authority-unfit':
    'The server or its clients would refuse the certificates that a plan issues with the CA: the CA or a CA above it is revoked, has expired, leads to none of the given roots, or has an extension that OpenSSL does not know. Plan with another CA, or give its root, if the request has the property `roots`.',
  'root-missing': 'The CA is an intermediate CA, and the root that both sides must trust was not given. Give `roots`.',
  'apply-incomplete':
    'A change of several files stopped halfway and could not be rolled back; `recoverApply` completes it or rolls it back. Call `recoverApply`.',
  'apply-interrupted':
    'An earlier change stopped halfway; `recoverApply` completes it or rolls it back. Call `recoverApply`, then plan again.',
  'apply-busy':
    'Another process is changing the files of this data directory. Wait until the other process ends, then plan again.',
  'apply-aborted':
    'The caller aborted the signal before anything was written. Apply the plan again if the change is still wanted.',
  'verify-failed':
    'After the change the server did not pass the check, or could not be reached; the change was rolled back. Look at the message and the log of the server, then plan again.',
  'journal-invalid':
    'Another version of the library wrote the journal in the data directory, or the journal is damaged. Use the version of this library that wrote the journal.',
  'account-unavailable':
    'This process cannot start a process of the account that owns the files. Run the program as the owner of the data directory.',
  'path-not-trusted':
    'Another account can change where this path leads, or wrote the journal, or may have changed what the journal says. Correct the owner or mode of the directory that the message names, or run as the owner of the data directory.',
  'reload-failed':
    'The server of the data directory could not be told to reload its files. Start the server, or reload it as its own account.',
  // errors of `pg-hostssl/hosts`
  'hosts-entry-invalid':
    'The entry cannot be written so that a server reads it back unchanged, or another record names its host. Correct the column that the message names, or change the other record.',
  // errors of `pg-hostssl/ident`
  'mapping-invalid':
    'The mapping cannot be written so that a server of this major version reads it back unchanged. Correct the column that the message names.',
  // errors of `pg-hostssl/hba`
  'rule-invalid':
    'The rule cannot be written so that a server of this major version reads it back unchanged. Correct the column or option that the message names.',
} as const;

/** A code of a {@link PgHostsslError}: a key of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorTable;

/**
 * The codes of {@link PgHostsslError} for mistakes of the caller, and for failed input and output: each with its
 * meaning and what to do.
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
Object.freeze(errorCodes);

const diagnosticTable = {
  // diagnostics of `lintAccess`, and of maps in pg_ident.conf
  'access-unreachable':
    'No connection reaches the rule, because the rules before it match all of its connections. Remove the rule, or move it up.',
  'access-crossing':
    'Two rules with different outcomes share connections, and each also matches other connections. The earlier rule decides the shared connections. Check that this order is intended, or narrow one of the rules.',
  'access-trust-remote':
    'A rule lets in clients of other machines without any proof of their identity. Use `scram-sha-256` or `cert`.',
  'access-password-plain':
    'A rule lets clients of other machines send their passwords unencrypted. Use `hostssl`, or `scram-sha-256`.',
  'access-md5-deprecated':
    'Method md5 is deprecated since PostgreSQL 18, and a later major version will drop it. Set `password_encryption` to `scram-sha-256`, set the passwords again, then use `scram-sha-256`.',
  'access-ident-remote': 'A rule trusts another machine to name its user. Use `scram-sha-256` or `cert`.',
  'access-without-tls': 'TLS is on, but the rule also lets in clients of other machines without TLS. Use `hostssl`.',
  'access-wide-weak':
    'A weak method lets in a network that is larger than a private network. Narrow the network, or use a stronger method.',
  'access-superuser-remote':
    'The superuser of the installation, or a standby, can log in from any address. Narrow the address or the users.',
  'access-certificate-without-ca':
    'The rule demands a client certificate, but the server has no CA file, so it refuses every connection of the rule. Set `ssl_ca_file`.',
  'access-clientname-without-map':
    'With `clientname=DN` and no map, the server compares the whole subject of a certificate with the name of the user, so no user with a plain name gets in. With method `cert`, name a map that maps subjects to users; or leave `clientname` out.',
  'access-map-undefined':
    'The rule names a map that pg_ident.conf does not define, so the rule admits nobody. Add lines for the map to pg_ident.conf, or correct its name.',
  'access-map-unused': 'No rule names the map. Remove the lines of the map, or name it in a rule.',
  'ident-regex-slash':
    'A regular expression ends in a slash. The slash is part of the expression, because there is no closing slash. Remove the slash at the end.',
  'ident-regex-unanchored':
    'A regular expression matches part of a name, so longer names that contain a match are also let in. Begin the expression with ^ and end it with $.',
  'ident-substitute-without-group':
    'The database user has a \\1, but the regular expression has no parentheses. The server then refuses the login and checks no further line. Put parentheses around the part that \\1 repeats.',
  'ident-name-as-pattern':
    'The database user looks like a keyword, a role or a regular expression, but this major version reads it as a name. Name a role, or use PostgreSQL 16 or later.',
  // diagnostics of `checkUpgrade`
  'upgrade-refused':
    'The new major version refuses a line that the old major version accepts. Change the line before the upgrade.',
  'upgrade-meaning':
    'The new major version reads a line differently from the old major version. Rewrite the line so that both major versions read it alike.',
  'upgrade-access':
    'The new major version decides some connections differently from the old major version. Check that the change is intended, or change the rules before the upgrade.',
  'upgrade-setting':
    'The new major version does not know a setting, has renamed it, or does not accept its value. Change or remove the setting before the upgrade.',
  // diagnostics of postgresql.conf
  'conf-syntax':
    'The line is not a setting, an include directive or a comment: the server does not load the file. Write `name = value`, with the value in single quotes.',
  'setting-unknown':
    'This major version has no setting with this name: the server does not load the file. If it is unknown whether the server has the setting, the diagnostic is a warning. Correct the name, or remove the line.',
  'setting-repeated': 'A later line sets the setting again, so this line has no effect. Remove one of the two lines.',
  'setting-backslash':
    'The server drops a single backslash in a value, or reads it and the next letter as a control character. Double the backslash.',
  'setting-mode-decimal':
    'A file mode has no leading zero, so the server reads it as a decimal number. Write a leading zero.',
  'setting-octal':
    'A number has a leading zero, so the server reads it in base 8. Remove the zero, or write the number in decimal.',
  'setting-internal':
    'The build or the data directory determines the setting, so a file cannot set it. Remove the line.',
  'setting-value-invalid': 'The setting cannot have this value. Correct the value as the message says.',
  'setting-unit-invalid':
    'The setting does not take this unit in this major version. The case of a unit matters. Write another unit.',
  'setting-out-of-range': 'The value is outside the range of the setting. Write a value inside the range.',
  'setting-conflict':
    'Settings that are valid alone contradict each other. If this is an error, the server does not start. Change one of the settings that the message names.',
  'setting-no-effect': 'The server accepts the line but ignores the setting. Remove the line.',
  'setting-unchecked':
    'Whether the value is valid depends on the build, the operating system or the state of the server. Check the value on the server, with `pg_file_settings`.',
  // diagnostics of `pg-hostssl/configuration`
  'configuration-file-missing':
    'A file that the server needs to start does not exist at the path in the settings. Create the file, or correct the setting.',
  'configuration-file-unread':
    'This process could not read a file, so its content is unknown. Read the configuration as an account that can read the file, and write a relative path as an absolute path.',
  'configuration-data-directory':
    'The setting data_directory names another directory than the directory whose files were read. Read the directory that the server uses, unless both paths lead to the same directory.',
  'configuration-settings-unknown':
    'The server does not load its settings because of an error in a file, so verdicts that depend on settings are not known. Correct the error that the other diagnostic names.',
  'ssl-file-invalid':
    'OpenSSL cannot load a file that a TLS setting names, so the server does not start. If that is not certain, the diagnostic is a warning. Replace the file.',
  'ssl-key-mismatch':
    'The server does not start, because its private key does not belong to its certificate. Install the key and the certificate that were made together.',
  'ssl-key-encrypted':
    'The private key is encrypted, and the server has no command that prints the passphrase. Set `ssl_passphrase_command`, or install an unencrypted key.',
  'ssl-certificate-refused':
    'Clients refuse the server certificate, or the server refuses every client certificate: a certificate has expired, is for another purpose, or is weak. Issue a new certificate.',
  'ssl-certificate-ends-soon': 'A certificate of the server or of its CA expires soon. Renew the certificate.',
  'ssl-certificate-without-host':
    'The server certificate names its host in the common name only, which some clients do not compare. Issue a certificate that names the host as a subject alternative name.',
  'ssl-key-permissions':
    'The server does not start, because other accounts can read or own its private key. Give the key to the account of the server, with mode 0600.',
  'ssl-file-permissions':
    'The server does not start, because its account may not read a file that a TLS setting names. Give the file to the account of the server.',
  'ssl-crl-delta':
    'A file of CRLs holds a delta CRL, which older versions of OpenSSL use as if it were complete. Remove the delta CRL.',
  'ssl-crl-file-trusted':
    'The server trusts a CA certificate in the file or directory of CRLs, like a certificate in `ssl_ca_file`. Remove the certificate, or move it to `ssl_ca_file`.',
  // diagnostics of pg_hba.conf, pg_ident.conf and pg_hosts.conf
  'include-failed':
    'A file or directory that the line names cannot be read, or is nested too deep. Create the file, or correct the path or its permissions.',
  'include-recursion':
    'A file includes itself, which makes a server of this major version crash. Remove one of the includes.',
  'include-empty':
    'An @file holds no word, so the columns after it move to the left. Write a name into the file, or remove the @file.',
  'include-not-followed':
    'The file that the line includes was not read, so its content is unknown. Give `readFile` and `file`, and run as an account that may read the file.',
  'quote-open': 'A double quote is never closed. Close the quote.',
  'single-quotes':
    'A word is in single quotes. The server reads the quotes as part of the word. Use double quotes or no quotes.',
  'comma-stray': 'A comma after a blank joins no words. Remove the blank before the comma.',
  'comment-continues':
    'A comment ends in a backslash, so the next line is a part of the comment. Remove the backslash.',
  'continuation-unknown':
    'A line ends in a backslash, which is an ordinary character in this major version. Write the line as one physical line.',
  'carriage-return': 'A carriage return is inside a line. Remove the character.',
  nul: 'A NUL byte hides the text after it from the server. Remove the byte.',
  'byte-order-mark':
    'The file begins with a byte order mark, which becomes a part of the first word. Save the file without a byte order mark.',
  'keyword-quoted':
    'A keyword is in quotes, so the server reads it as a name. Remove the quotes, or ignore the diagnostic if the name is meant.',
  'keyword-case':
    'A keyword is not in lower case, so the server reads it as a name. Write the keyword in lower case, or quote the name.',
  'regex-as-name':
    'A word begins with a slash. This major version reads it as a name, not as a regular expression. Name the roles or databases, or use PostgreSQL 16 or later.',
  'address-host-name':
    'An address is not an IP address. The server reads it as a host name that no client can have. Correct the address.',
  'address-unspecified':
    'An address is 0.0.0.0 or :: alone, which no client has. Write `0.0.0.0/0` or `::/0` for all clients, or the address of a client.',
  'name-wildcard':
    'The server reads * or any as a name, although such a word means everything in other programs. Write `all`, or quote the name.',
  'look-alike':
    'A name holds a character that looks like an ASCII character, or that is invisible. Write the ASCII character, or ignore the diagnostic if the name is meant.',
  'address-zone-unchecked':
    'An address names a network interface, and it is unknown whether the server has that interface. Give `interfaces`, or check that the server has the interface.',
  'address-numeric':
    'An IPv4 address is not written as four decimal numbers, so the server may read another address than its author meant. Write four decimal numbers.',
  'address-host-bits': 'An address has bits outside its mask. Write the first address of the network.',
  'address-ipv4-mapped': 'An IPv4-mapped IPv6 address matches no client. Write the IPv4 address.',
  'mask-with-holes': 'The 1 bits of a netmask are not all at its start. Write a prefix length.',
  'hba-clientcert-off':
    'The value of clientcert switches the check off in this major version. Remove the option, or write a value that checks the certificate.',
  'hba-replication-uncovered':
    'The keyword all in the database column does not match replication connections, and no rule of the file matches them, although a rule for all databases seems to be meant for standbys, too. Add a rule for the database `replication` if standbys connect.',
  'hosts-column-missing': 'The line ends before the certificate or its private key. Add the columns that are missing.',
  'hosts-column-empty':
    'The name of the certificate or of its private key is empty, so the server does not start. Name a file.',
  'hosts-column-extra': 'The line has a word after its last column. Remove the word.',
  'hosts-list-not-allowed':
    'A comma makes a list of a column that must be one word. Remove the comma, or quote the word.',
  'hosts-keyword-mixed':
    'The word * or /no_sni/ is in a list with other words. Write the keyword on a line of its own.',
  'hosts-flag-invalid': 'The passphrase reload flag is not a boolean. Write `on` or `off`.',
  'hosts-name-not-sent':
    'Most clients do not send this host name, because it is an IP address, or has a star, a final dot or a letter beyond ASCII. Write the name that clients send.',
  'hosts-repeated': 'A host name has a record already. Remove one of the records.',
  'ident-column-missing':
    'The line ends before all three columns of a mapping. Write a map name, a system user and a database user.',
  'ident-list-not-allowed': 'A comma makes a list of a column that must be one word. Write a line for each word.',
  'ident-ignored-columns':
    'The server ignores all words after the third column. Remove the words, or write a line for each database user.',
  'hba-no-entries': 'The file contains no rule, so the server refuses it. Add a rule.',
  'line-too-long':
    'The line is too long for the buffer of this major version, or of one of its older minor releases. Split the line, or move names into an `@file`.',
  'token-too-long':
    'A word is too long for the buffer of this major version, or of one of its older minor releases. Shorten the word.',
  'hba-type-unknown':
    'The first word of the line is not a connection type of this major version. Write `local`, `host`, `hostssl`, `hostnossl`, `hostgssenc` or `hostnogssenc`.',
  'hba-column-missing':
    'The line ends before all columns that its connection type needs. Add the columns that are missing.',
  'hba-list-not-allowed': 'A comma makes a list of a column that must be one word. Write a line for each word.',
  'hba-host-name-with-mask':
    'A prefix length follows a text that is not an IP address. Remove the prefix length, or write an IP address.',
  'hba-prefix-invalid':
    'The prefix length of the address is not a number in the range of its family. Write 0 to 32 for IPv4, 0 to 128 for IPv6.',
  'hba-mask-invalid': 'The netmask is not an IP address. Write a netmask or a prefix length.',
  'hba-mask-family':
    'The address and its netmask are not both IPv4 or both IPv6. Write a netmask of the family of the address.',
  'hba-method-unknown':
    'The word is not an authentication method of this major version. Write a method of this major version.',
  'hba-method-not-built':
    'The server was built without the authentication method, or it is unknown whether it was built with it. Check how the server was built, or use another method.',
  'hba-method-misplaced':
    'The authentication method is not allowed with this connection type. Use another method or connection type.',
  'hba-md5-with-namespace':
    'The server refuses method md5 while db_user_namespace is on, and it is unknown whether that setting is off. Switch `db_user_namespace` off, or give its value.',
  'hba-option-syntax':
    'A word after the method does not have the form name=value. Write `name=value`, quoted if the value has a blank.',
  'hba-option-unknown': 'This major version has no option of that name. Correct the name, or remove the option.',
  'hba-option-misplaced':
    'The option is not allowed with this method or connection type. Remove the option, or change the method or connection type.',
  'hba-option-value': 'The option cannot have this value. Correct the value as the message says.',
  'hba-option-repeated': 'A line has an option twice, and the server uses the last value. Remove all but one.',
  'hba-option-ignored':
    'The server loads the line, but logs that the value of the option is invalid. Correct the value, or remove the option.',
  'hba-option-missing': 'The method needs an option that the rule does not have. Add the option.',
  'hba-option-conflict': 'A line has options that exclude each other. Remove one of the options.',
  'hba-radius-server-unchecked':
    'A RADIUS server is given by its host name, which the server must resolve when it loads the file. It is unknown whether the server can resolve it. Write the IP address of the server.',
  'hba-oauth-validator':
    'The server does not have the OAuth validator, or it is unknown whether it has the validator. Add the validator to `oauth_validator_libraries`, or correct its name.',
  'hba-clientcert-without-ca':
    'A rule asks for client certificates, but the server has no CA file for them, or it is not known whether it has one. Without it, 9.6 refuses a file with `clientcert=1`, and each major version refuses the connections of the rule. Set `ssl_ca_file`; on 19 with `ssl_sni`, give each record of pg_hosts.conf a CA file.',
  'regex-invalid': 'A regular expression is malformed. Correct the expression.',
  'regex-unchecked':
    'The regular expression uses syntax of PostgreSQL that this library does not check, so it may be invalid. Check the expression on the server.',
  'hba-hostssl-without-ssl':
    'A hostssl rule matches no connection while ssl is off, and 9.6 refuses it. Set `ssl = on`.',
  'hba-hostgssenc-without-gss':
    'A hostgssenc rule matches no connection on a server built without GSSAPI. Remove the rule.',
  // diagnostics of a plan of `pg-hostssl/tls`
  'tls-name-not-bound':
    'This major version checks that a trusted CA issued the certificate, but not that the certificate names the user. Use method `cert`, or PostgreSQL 12 or later with `verify-full`.',
  'tls-without-certificate':
    'A rule lets in the user of the plan without a certificate. Remove or narrow the rule if the user must always have a certificate.',
  'tls-other-certificate':
    'A rule lets in the user of the plan with the certificate of another user. Use `verify-full`, or narrow the map.',
  'tls-way-in-unknown':
    'The files alone do not show whether the server still lets in a connection of `keep`, or whether it listens where the client connects. Give the facts or files that the message names, or test the connection after the change.',
  'tls-behind-reject':
    "A rule above the plan's rule rejects some connections of the plan's rule. Narrow or move the upper rule if those connections must be let in.",
  'tls-before-reject':
    "The plan's rule is above a rule that rejects, and lets in connections with a certificate that the lower rule rejected before. Narrow the rule of the plan if those connections must still be rejected.",
  'tls-way-in-ends':
    "A rule that names the user of the plan no longer lets this user in with a certificate after the plan, because the plan's rejection is above the rule. Give the databases and addresses of this rule in the request, too, or remove the user from this rule.",
  'tls-hba-include':
    'A line includes rules of a file that was not read. The plan does not judge those rules. Look at the rules of that file.',
  'tls-conf-include':
    'The included files of postgresql.conf are not part of the server state. Look at the settings in those files.',
  'tls-hosts-file':
    'The server (19 and later, with `ssl_sni` on) takes certificates, keys and roots from the records of pg_hosts.conf, which the plan does not change. Name the files of the plan in the record of the host, or set `ssl_sni` to off.',
  'tls-listens-locally':
    'The server does not listen where the client connects: it listens only for its own machine, or only for other machines. Set `listen_addresses` and restart the server.',
  'tls-other-roots':
    'The server also trusts certificates of other CAs. Remove the other roots from `ssl_ca_file` if the server must not trust them.',
  'tls-certificate-foreign':
    'Another CA issued the certificate, so the plan does not replace it. Load the CA that issued it, or move the file away to get a new certificate.',
  'tls-authority-ends':
    'The CA certificate expires soon, or the root of the CA in a root file. The certificates that the CA issues expire with it. Plan a rollover of the CA with `planCaRollover`.',
  'tls-clock-doubtful':
    'A certificate begins after the moment of the plan, so that the clock may be wrong. Correct the clock and plan again, or apply the plan if the certificate was issued with a wrong clock.',
  'tls-certificate-revoked':
    'A certificate is revoked, or in a rollover a CA above it. Renewals and rollovers keep the certificate; other plans issue a new certificate with a new key. Give `newKey` if the holder may get in again.',
  'tls-certificate-expired':
    'A renewal or rollover issues a certificate again, although it has expired, or in a rollover a CA above it. Check that its holder may have a new certificate.',
  'tls-crl-refuses':
    'Because of its CRLs, the server refuses every certificate of a CA, or will do so soon. Issue a CRL for this CA.',
  'tls-crl-directory':
    'The state of the server lacks the directory in `ssl_crl_dir`, or OpenSSL splits its path at a colon. Read the server with `readServer`, or correct the path as the message says.',
  'tls-crl-behind':
    'The CRL of the server is missing, or lacks revocations of the ledger: it was removed, or an older CRL was put back. Give the last CRL as `crls`, or revoke with a ledger.',
  'tls-user-not-revoked':
    'All certificates of the user in the ledger have expired, so the plan revokes none of them. Record each renewed certificate, and give the present certificate of the user as `revoked`.',
  'tls-no-longer-revoked':
    'The new CRL of a CA lacks entries of the current CRL. Issue a CRL with all entries if the server must still refuse those certificates.',
  'tls-switched-on':
    'Switching TLS on changes the connections that a hostssl or hostnossl rule decides. Check that these rules should decide those connections.',
  'tls-clients-need-root':
    'After the plan, the server shows a certificate of another CA, or the present certificate is not known. Give every client the root of this CA first.',
  'tls-scram-fails':
    'An Ed25519 or Ed448 key signed the server certificate, so SCRAM logins over TLS fail with libpq, if the server is PostgreSQL 11 or later. Take a CA with an ECDSA or RSA key, or set channel_binding=disable at each client.',
  'tls-roots-end':
    'The plan names another file in `ssl_ca_file`, and the roots of the present file are no longer trusted. Read the server with the present file if clients have certificates of its CAs.',
  'tls-hosts-end':
    "The server's certificate names fewer hosts after the plan. A client that verifies the host refuses the server at the other hosts. Give all hosts.",
  'tls-rule-stays':
    'After the step back of a migration, a rule still demands a certificate of the user, or rejects the user. Plan the step back with the request of the step require, or remove the rule.',
  'tls-sessions-stay': 'The plan does not end open connections. End them with `pg_terminate_backend`.',
  'tls-still-let-in': 'A rule still lets in the user that the plan removes. Remove or narrow the rule.',
} as const;

/** A code of a {@link Diagnostic}: a key of {@link diagnosticCodes}. */
export type DiagnosticCode = keyof typeof diagnosticTable;

/**
 * The codes of {@link Diagnostic}, each with its meaning and what to do.
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
Object.freeze(diagnosticCodes);

/** The codes of the problems that {@link verifyChain} finds in certificates. */
export const chainProblemTable = {
  // problems of certificates that `verifyChain` finds
  'issuer-missing': {
    problem: 'The issuer of this certificate is neither sent with it nor trusted.',
    hint: 'Send the intermediate CA certificates after the leaf, and trust the root.',
  },
  'root-untrusted': {
    problem: 'The chain ends in a root that the other side does not trust.',
    hint: 'Add the root to the trusted roots of that side.',
  },
  'signature-invalid': {
    problem: 'The key of the issuer did not make the signature.',
    hint: 'Restore the certificate, or issue a new certificate from this CA.',
  },
  'signature-unsupported': {
    problem: 'The signature is of a kind that OpenSSL 3.0 does not know or that this library cannot check.',
    hint: 'Issue the certificate with ECDSA, RSA or Ed25519 and SHA-2.',
  },
  'signature-weak': {
    problem: 'The signature uses SHA-1, RIPEMD-160 or an older hash.',
    hint: 'Issue the certificate again, with SHA-256.',
  },
  'key-weak': {
    problem: 'The key is shorter than OpenSSL 3 accepts.',
    hint: 'Issue a certificate for a new key: P-256, or RSA with 2048 bits.',
  },
  'key-unreadable': {
    problem:
      'OpenSSL 3.0 does not read the public key of the certificate; a newer version may read it (ML-DSA from 3.5 on), but this library does not check that.',
    hint: 'Issue the certificate for a key of a known kind: P-256, RSA, Ed25519.',
  },
  'curve-not-named': {
    problem: 'The key gives the parameters of its curve instead of the name.',
    hint: 'Convert the key to a named curve and issue the certificate again.',
  },
  'not-yet-valid': { problem: 'The certificate becomes valid later.', hint: 'Correct the clock, or wait.' },
  expired: {
    problem: 'The certificate has expired.',
    hint: 'Renew it. If it is a CA certificate, also replace it where it is trusted: in root.crt of the clients, and in ssl_ca_file of the server.',
  },
  'not-an-authority': {
    problem: 'A certificate in the chain issued another certificate but is not a CA certificate.',
    hint: 'Use the certificate of the CA.',
  },
  'lacks-cert-sign': {
    problem: 'A CA certificate lacks the key usage keyCertSign.',
    hint: 'Issue the CA certificate again with keyCertSign.',
  },
  'path-too-long': {
    problem: 'More CA certificates are below a CA than its path length allows.',
    hint: 'Issue the leaf from a CA further up, or renew that CA with a longer path length.',
  },
  'name-not-permitted': {
    problem: 'The name constraints of a CA do not allow a name of the certificate.',
    hint: 'Issue the certificate from another CA, or for other names.',
  },
  'names-too-many': {
    problem: 'The certificate has too many names for the name constraints above it.',
    hint: 'Issue certificates with fewer names.',
  },
  'extension-invalid': {
    problem:
      'An extension or a time of the certificate is malformed, so OpenSSL loads the certificate and then refuses it.',
    hint: 'Issue the certificate again.',
  },
  'wrong-purpose': {
    problem: 'The certificate is not for this purpose.',
    hint: 'Issue a certificate with the extended key usage that is needed.',
  },
  'unknown-critical-extension': {
    problem: 'OpenSSL does not know a critical extension of the certificate.',
    hint: 'Issue the certificate without it.',
  },
  'proxy-certificate': {
    problem: 'A certificate of the chain is a proxy certificate (RFC 3820), which PostgreSQL does not accept.',
    hint: 'Use the certificate that issued the proxy certificate.',
  },
  'resources-not-compared': {
    problem:
      'A certificate of the chain contains IP addresses or AS numbers (RFC 3779), so it is unknown whether OpenSSL accepts the chain.',
    hint: 'Check the chain with `openssl verify`, or issue the certificate without them.',
  },
  revoked: { problem: 'A CRL revokes the certificate.', hint: 'Issue a new certificate.' },
} as const;

/** The codes of the problems with the CRL of a CA. */
export const crlProblemTable = {
  // problems of CRLs that `verifyChain` and `checkRevocation` find
  'crl-missing': {
    problem: 'No CRL of the CA was given.',
    hint: 'Issue a CRL for each CA of the chain, the root included.',
  },
  'crl-out-of-scope': {
    problem: 'The CRL of the CA does not cover this kind of certificate.',
    hint: 'Issue a CRL for all certificates of the CA.',
  },
  'crl-not-signed': { problem: 'The key of the CA did not sign the CRL.', hint: 'Issue the CRL again.' },
  'crl-signature-unsupported': {
    problem: 'The signature of the CRL is of a kind that this library cannot check.',
    hint: 'Issue the CRL again.',
  },
  'crl-not-yet-valid': {
    problem: 'The CRL becomes valid later.',
    hint: 'Correct the clock, or issue the CRL with an earlier start.',
  },
  'crl-expired': { problem: 'The CRL has expired, so the server rejects every client.', hint: 'Issue a new CRL.' },
  'crl-unknown-critical-extension': {
    problem: 'OpenSSL does not know a critical extension of the CRL.',
    hint: 'Issue the CRL without it.',
  },
  'authority-lacks-crl-sign': {
    problem: 'The CA certificate lacks the key usage cRLSign.',
    hint: 'Renew the CA certificate with cRLSign, or do without CRLs.',
  },
} as const;

/**
 * The codes of the problems that {@link checkRevocation} finds, in addition to the problems of {@link crlProblemTable}.
 */
export const revocationProblemTable = {
  // problems of CRL files that `checkRevocation` finds
  'crl-expires-soon': { problem: 'The CRL expires soon.', hint: 'Issue a new CRL and replace the file.' },
  'crl-label': { problem: 'A CRL has the PEM label CRL, which OpenSSL ignores.', hint: 'Write the label X509 CRL.' },
} as const;

/** A code of a `ChainProblem` or `RevocationProblem` of `pg-hostssl/pki`: a key of {@link problemCodes}. */
export type ProblemCode =
  | keyof typeof chainProblemTable
  | keyof typeof crlProblemTable
  | keyof typeof revocationProblemTable;

/** @internal The text about each problem: its meaning, and what to do. */
export const problemTable: Readonly<Record<ProblemCode, { readonly problem: string; readonly hint: string }>> = {
  ...chainProblemTable,
  ...crlProblemTable,
  ...revocationProblemTable,
};

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
export const problemCodes: Readonly<Record<ProblemCode, string>> = Object.fromEntries(
  Object.entries(problemTable).map(([code, { problem, hint }]) => [code, `${problem} ${hint}`]),
) as Record<ProblemCode, string>;
Object.freeze(problemCodes);

const causeTable = {
  // causes in the client's own files and settings
  'key-mismatch': 'The private key of the client does not belong to its certificate.',
  'passphrase-wrong':
    'The private key of the client is encrypted, and its passphrase is missing or wrong, or the client accepts no passphrase.',
  'key-file-mode':
    'The group or others can read the private key file of the client, so libpq, lib/pq and pgjdbc refuse it.',
  'password-file-mode':
    'The group or others can access the password file of the client (~/.pgpass), so libpq ignores the file.',
  'root-file-missing':
    'The client must verify the server, but its root certificate file is missing. By default libpq reads ~/.postgresql/root.crt.',
  'client-file-missing':
    'A certificate or key file that the client names does not exist for its account. A relative path starts from the working directory, and ~ is not expanded.',
  'client-file-permission':
    'The account of the client may not read one of its certificate, key or root files, or may not enter the directory of the file.',
  'client-file-damaged':
    'A certificate, key or root file of the client is not a file, is not PEM, is empty, or holds something else, such as a key in place of a certificate; or OpenSSL 3 does not know the encryption of the key.',
  'jdbc-pem-key': 'pgjdbc got a private key in PEM, and this version reads only PKCS#8 in DER (.pk8) or PKCS#12.',
  'jdbc-encrypted-pk8': 'pgjdbc cannot open a .pk8 file that is encrypted with PBES2, as OpenSSL encrypts it.',
  'jdbc-pkcs12-passphrase': 'The passphrase of the PKCS#12 file (sslpassword) is wrong.',
  'url-parameters-sent': 'The driver (postgres.js) sent ssl parameters of the URL to the server as settings.',
  'connection-parameter-invalid':
    'The client cannot use a connection parameter of its connection string, service file or environment: it does not know the value of sslmode, it does not find the service, or the host name that verify-full needs is missing.',
  'certificate-weak':
    'The certificate has an RSA key under 2048 bits or a signature with SHA-1, which OpenSSL 3 refuses.',
  // causes for which the client does not accept the server
  'ssl-options-replaced':
    'The connection string of `pg` has an sslmode or another ssl parameter. `pg` then ignores the `ssl` object, with its ca, cert and key.',
  'server-issuer-unknown':
    'The client does not know who issued the server certificate: it has no root, or the root of another CA, or the server does not send its intermediate certificates.',
  'server-certificate-expired': 'The certificate of the server, or a CA certificate above it, has expired.',
  'server-certificate-not-yet-valid':
    'The certificate of the server is not valid yet according to the clock of the client.',
  'server-certificate-purpose':
    'The certificate of the server is not for servers: its extended key usage lacks serverAuth.',
  'server-certificate-revoked': 'The certificate of the server is on the CRL that the client checks.',
  'client-crl-missing':
    'The client checks CRLs, and it has no CRL that the CA of the server certificate signed. With libpq and pg, each CA of the chain needs a CRL.',
  'client-crl-expired': 'The CRL of the client has expired, so the client refuses every server certificate of that CA.',
  'client-crl-not-yet-valid':
    'The CRL of the client is not valid yet according to the clock of the client, so the client refuses every server certificate of that CA.',
  'client-crl-damaged': 'The client cannot read its CRL: the text is not PEM, is empty, or holds no CRL.',
  'host-checked-as-localhost': '`pg` before 8.23.1 and postgres.js check the server at an IP address as "localhost".',
  'host-not-covered': 'The certificate of the server does not cover the host that the client connects to.',
  'server-not-trusted-by-client':
    'The client ended the handshake, because it does not trust the certificate of the server or found another problem.',
  // causes for which the server does not accept the client certificate
  'client-certificate-withheld':
    'The client has a certificate but does not send it. pgjdbc and Go send a certificate only if the server names its issuer (ssl_ca_file). From a PKCS#12 file, pgjdbc uses only the entry "user".',
  'client-certificate-missing':
    'The client sent no certificate. Its files are not where the client looks, or the key is missing, or the driver ignores the settings that name the files.',
  'certificate-name-and-password':
    'The rule asks for a password and has clientcert=verify-full, and the certificate names another user. The password may be right.',
  'user-not-named': 'The common name of the client certificate is not the role, and the rule has no map.',
  'map-without-match':
    'The rule names a map of pg_ident.conf, and no line of the map maps the name in the certificate to this role.',
  'client-issuer-unknown':
    'The server does not know who issued the client certificate: the root is not in ssl_ca_file, or the client does not send its intermediate certificates.',
  'crl-missing': 'The server checks CRLs, and it has no CRL of a CA in the chain of the client certificate.',
  'client-certificate-expired': 'The client certificate, or a CA certificate above it, has expired.',
  'crl-expired': 'The CRL of the server has expired, so the server refuses every certificate of that CA.',
  'crl-not-yet-valid':
    'The CRL of the server is not valid yet according to the clock of the server, so the server refuses every certificate of that CA.',
  'client-certificate-not-yet-valid': 'The client certificate is not valid yet according to the clock of the server.',
  'client-certificate-revoked': 'The client certificate is on the CRL of the server.',
  'client-certificate-purpose': 'The client certificate is not for clients: its extended key usage lacks clientAuth.',
  'role-missing': 'The client passed the check of its certificate, but the role does not exist in the cluster.',
  'role-without-login':
    'The client passed the check of its certificate or password, but the role lacks the attribute LOGIN, as a group has it.',
  'database-missing':
    'The server has no database with the name that the client gives, in the same upper and lower case.',
  'database-closed': 'The database accepts no connections from anybody, as template0 does by default.',
  'database-permission': 'The role lacks the privilege CONNECT on the database.',
  'connections-exhausted':
    'The role, the database or the server has as many connections as its limit allows, or the limit of the role is 0.',
  // causes in rules, and in TLS settings that server and client do not share
  'no-rule-with-tls':
    'The client connected with TLS, and no rule of pg_hba.conf matches its address, user and database.',
  'rejected-by-rule': 'The first rule of pg_hba.conf that matches the connection rejects it.',
  'password-wrong': 'The rule that decides asks for a password, and the password is wrong or the role has none.',
  'password-expired':
    'The rule that decides asks for a password, and the password of the role is past its end (VALID UNTIL).',
  'password-missing': 'The rule that decides asks for a password, and the client has no password to send.',
  'system-user-refused':
    'The rule that decides has method peer or ident. The operating system account of the client does not have the name of the role, the map of the rule does not lead from the account to the role, or no ident server names the account.',
  'server-without-tls':
    'TLS is off at the server: ssl = off, or the server kept its old settings because its certificate files could not be loaded.',
  'setting-hidden':
    'Another source overrides postgresql.conf: the command line (-c ssl=…), postgresql.auto.conf, or a later line.',
  'tls-over-socket': 'The host is a directory of a Unix socket, which has no TLS.',
  'ca-file-unset': 'A rule asks for a client certificate, and the server has no ssl_ca_file.',
  'host-without-record':
    'The server (19 and later, with `ssl_sni` on) finds no record of pg_hosts.conf for the host name that the client sent, or the client sent no host name.',
  'tls-version-not-shared':
    'Client and server share no TLS version: ssl_min_protocol_version or its counterpart in the client excludes the versions of the other side.',
  'tls-version-range-empty':
    'No TLS version is allowed on one side, because ssl_min_protocol_version is above ssl_max_protocol_version there.',
  'key-kind-not-shared':
    'One side does not support the key of the other side: for example, the key of a certificate is P-521 or Ed25519, and the client or the TLS version does not support this kind of key.',
  'channel-binding-digest':
    'The CA signed the server certificate with an Ed25519 key, and libpq does not support SCRAM channel binding with such a signature.',
  'client-demand-unmet':
    'The client demands an authentication method (require_auth) or channel binding, and the deciding rule uses another method. Method cert counts as no method, and has no channel binding.',
  'gss-encryption-demanded':
    'The client demands GSSAPI encryption (gssencmode=require): it has no Kerberos credentials, it connects to a Unix socket, or the client or the server does not support GSSAPI.',
  'not-tls':
    'The other side does not use TLS on this port: it is another server, a proxy that terminates TLS, or, in the log of the server, a program that is no client of PostgreSQL.',
  'host-unknown':
    'The name of the host cannot be resolved: it is misspelled, or it is not in the DNS or hosts file of the machine or container where the client runs, or no DNS server answers.',
  'server-not-reached':
    'No server listens at this address and port: it does not run, it listens on another address only, or another program has its port.',
  'server-not-answering':
    'No answer comes from this address and port: a firewall or a wrong address swallows the packets, or the program at this port does not answer.',
  'server-not-ready':
    'The server runs, but accepts no connections at the moment: it starts, stops, or recovers after a crash or as a standby.',
  'connection-closed':
    'The other side closed the connection without an answer: the server starts, stops or has crashed, or a proxy or port mapping finds no server behind it. A server that refuses a certificate closes the connection, too, and its reason may get lost.',
  'no-rule-without-tls': 'The client connected without TLS, and no rule of pg_hba.conf lets it in that way.',
  // causes in the server's own files
  'server-key-file-mode': "Accounts other than the server's can read the private key file of the server.",
  'server-key-file-owner': 'The private key file of the server belongs to another account.',
  'server-file-missing':
    'ssl is on, and a file of ssl_cert_file, ssl_key_file, ssl_ca_file, ssl_crl_file or ssl_dh_params_file does not exist.',
  'server-file-permission': 'The account of the server cannot read one of its TLS files.',
  'server-key-mismatch':
    'The private key of the server does not belong to its certificate, often because only one of the two files was replaced.',
  'server-key-encrypted': 'The private key of the server is encrypted, and the server cannot ask for the passphrase.',
  'server-certificate-weak':
    'The certificate of the server has an RSA key under 2048 bits or a signature with SHA-1, which OpenSSL 3 refuses.',
  'server-file-damaged':
    'A TLS file of the server is not PEM, is empty, or holds something else, such as a key in place of a certificate.',
  'hba-refused':
    'The server refuses its pg_hba.conf. A reloading server keeps its old rules, and a starting server fails.',
  'hosts-refused':
    'The server (19 and later, with `ssl_sni` on) refuses its pg_hosts.conf. A reloading server keeps its old certificates, and a starting server fails.',
  'conf-refused':
    'The server refuses a setting in its configuration files, or cannot change the setting without a restart. A reloading server keeps the old value, and a starting server fails.',
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
Object.freeze(causeCodes);
