import type { CauseRow } from './cause-row.ts';
import { inLine, type Pattern } from './patterns.ts';

/** A pattern that matches a line about a file of the server that could not be loaded, and the reason. */
function loading(reason: RegExp): Pattern {
  return inLine(/could not (?:load(?! DH)|access|open|check|read)/, /certificate|private key|DH parameters/, reason);
}

/**
 * The causes for which the server cannot use its own files. A server that is being started then ends, and a server that
 * reloads continues with the old files.
 */
export const serverFileCauses: readonly CauseRow[] = [
  {
    code: 'server-key-file-mode',
    looksLike: 'FATAL: private key file "…" has group or world access',
    confirm: 'ls -l shows more rights than u=rw (0600), or than u=rw,g=r (0640) if root owns the file.',
    wayOut: 'chmod 600 server.key. In Kubernetes set defaultMode 0400 or copy the file: fsGroup makes the mode 0660.',
    server: [/private key file "[^"]*" has group or world access/i],
  },
  {
    code: 'server-key-file-owner',
    looksLike: 'private key file "…" must be owned by the database user or root',
    confirm: 'ls -l shows the owner. The Docker images run as user id 999 (Debian) or 70 (Alpine).',
    wayOut: 'chown the file to the account of the server.',
    server: [/private key file "[^"]*" must be owned by/i],
  },
  {
    code: 'server-file-missing',
    looksLike: 'could not load server certificate file "…": No such file or directory',
    confirm: 'Look for the files that the settings name. A relative path starts from the data directory.',
    wayOut: 'Write the files, or let `planClientCertificates` do it.',
    server: [loading(/no such file or directory/)],
  },
  {
    code: 'server-file-permission',
    looksLike: 'could not load server certificate file "…": Permission denied',
    confirm: 'Look at the owner and mode of the file, and of each directory above it.',
    wayOut: 'chown the file to the account of the server; a certificate may be readable by everybody.',
    server: [loading(/permission denied/)],
  },
  {
    code: 'server-key-mismatch',
    looksLike: 'check of private key failed: key values mismatch',
    confirm: '`matchesKey(certificate, privateKey)` returns false.',
    wayOut: 'Replace certificate and key together, as `applyPlan` does, and reload.',
    server: [inLine(/check of private key failed|could not load private key file/, /key values mismatch/)],
  },
  {
    code: 'server-key-encrypted',
    looksLike: 'private key file "…" cannot be reloaded because it requires a passphrase',
    confirm:
      'The key file begins with -----BEGIN ENCRYPTED PRIVATE KEY-----. show ssl_passphrase_command is empty, or show ssl_passphrase_command_supports_reload is off.',
    wayOut:
      'Use a key without encryption and mode 0600, or set ssl_passphrase_command (11+) and ssl_passphrase_command_supports_reload.',
    server: [
      /cannot be reloaded because it requires a passphrase/i,
      inLine(
        /could not load private key file/,
        /processing error|bad password read|problems getting password|bad decrypt|interrupted or cancelled/,
      ),
    ],
  },
  {
    code: 'server-certificate-weak',
    looksLike: 'could not load server certificate file "…": ee key too small',
    confirm: '`verifyChain` reports key-weak or signature-weak.',
    wayOut: 'Issue a new server certificate with `issueServerCertificate`.',
    server: [inLine(/could not load server certificate file/, /key too small|md too weak/)],
  },
  {
    code: 'server-file-damaged',
    looksLike: 'could not load server certificate file "…": no start line',
    confirm:
      '`inspectCertificate(text)` throws an error for a certificate file, or `PrivateKey.read(text)` for the key file.',
    wayOut: 'Write the file again from the issued `chain`, `privateKey.toPem()` or `authority.certificate`.',
    server: [
      loading(/no start line|bad base64|no certificate or crl found|wrong tag|bad end line|unsupported/),
      /(?:fatal|log): *private key file "[^"]*" is not a regular file/i,
    ],
  },
  {
    code: 'hba-refused',
    looksLike: 'pg_hba.conf was not reloaded; could not load pg_hba.conf',
    confirm:
      '`HbaFile.parse(text, { version }).diagnostics` contains an error, or select * from pg_hba_file_rules where type is null (10 and later) returns rows.',
    wayOut: 'Correct the line that the diagnostic with severity error names, and reload.',
    server: [/pg_hba\.conf was not reloaded/i, inLine(/could not load /, /pg_hba\.conf/)],
  },
  {
    code: 'hosts-refused',
    looksLike: 'could not load file "…/pg_hosts.conf": … failed due to parsing error',
    confirm: '`HostsFile.parse(text).diagnostics` contains an error.',
    wayOut: 'Correct the line that the diagnostic with severity error names, and reload.',
    server: [inLine(/could not load /, /pg_hosts\.conf/)],
  },
  {
    code: 'conf-refused',
    looksLike: 'configuration file "…" contains errors; could not set the cipher list (no valid ciphers available)',
    confirm:
      'The lines of the log above this line name the setting, and so do the `diagnostics` of `readConfiguration(dataDirectory)`, and select * from pg_file_settings where error is not null. These do not know which ciphers, curves, groups and DH parameters the OpenSSL of the server takes: openssl ciphers, openssl ecparam -list_curves and openssl dhparam -check -in FILE do.',
    wayOut: 'Correct the setting that the log or the diagnostic with severity error names. Then reload, or restart.',
    server: [
      /configuration file "[^"]*" contains errors/i,
      // OpenSSL refuses the value of ssl_ciphers, ssl_tls13_ciphers, ssl_ecdh_curve or ssl_groups.
      /could not set the (?:TLSv1\.[23] )?cipher (?:list|suites) \(/i,
      /ECDH: unrecognized curve name: |could not set group names specified in ssl_groups: /i,
      // The content of the file of ssl_dh_params_file.
      /could not load DH parameters file|invalid DH parameters/i,
    ],
  },
];
