import type { CauseRow } from './cause-row.ts';
import { inLine, notAfter } from './patterns.ts';

/** The server logs the same about a setting in postgresql.conf, and then names the file. */
const sentParameter = /unrecognized configuration parameter "(?:ssl|uselibpqcompat|channel_binding)[^"]*"(?! in file)/i;

/** The causes for which the client cannot use its own files or settings. */
export const clientFileCauses: readonly CauseRow[] = [
  {
    code: 'key-mismatch',
    looksLike: 'certificate does not match private key file; ERR_OSSL_X509_KEY_VALUES_MISMATCH',
    confirm: '`matchesKey(certificate, privateKey)` returns false.',
    wayOut:
      'Use a certificate and a key that were issued together. Replace both in one step, so that no client reads a new certificate with an old key.',
    client: [
      /key.values.mismatch/i,
      /certificate does not match private key file/i,
      /tls: private key does not match public key/,
    ],
  },
  {
    code: 'passphrase-wrong',
    looksLike: 'bad decrypt; ERR_OSSL_BAD_DECRYPT; ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED',
    confirm: 'The key file begins with -----BEGIN ENCRYPTED PRIVATE KEY-----, or holds Proc-Type: 4,ENCRYPTED.',
    wayOut:
      'Give `passphrase` to `clientBundle`: each view that can hold a passphrase contains it. A URL gives `pg` no passphrase. Or use a decrypted key.',
    client: [
      /bad.decrypt|interrupted.or.cancelled|ERR_MISSING_PASSPHRASE|bad password read|problems getting password/i,
      /maybe_wrong_password|pkcs12 cipherfinal error/i,
      /Could not decrypt SSL key file/,
      inLine(/could not load private key file/, /processing error/),
      /failed to decrypt key|x509: decryption password incorrect|unable to decrypt/i,
    ],
    // With one of 256 wrong passphrases, the decrypted bytes happen to have valid padding. OpenSSL then tries to read
    // random bytes as a key.
    maybe: [/ERR_OSSL_UNSUPPORTED/],
  },
  {
    code: 'key-file-mode',
    looksLike: 'private key file "…" has group or world access',
    confirm:
      '`checkBundle(bundle, { keyFile: statSync(path) })` reports key-file-mode, or ls -l shows rights of group or others.',
    wayOut: 'chmod 600 FILE, and chown it to the account of the client. `libpqFiles` returns the mode of each file.',
    client: [
      /(?<!fatal: *)private key file "[^"]*" has group or world access/i,
      /pq: private key (?:file )?has (?:group or )?world access/i,
    ],
  },
  {
    code: 'password-file-mode',
    looksLike: 'WARNING: password file "…" has group or world access; permissions should be u=rw (0600) or less',
    confirm:
      'ls -l shows rights of group or others for ~/.pgpass, or for the file that `PGPASSFILE` or `passfile` names.',
    wayOut: 'chmod 600 ~/.pgpass',
    client: [/password file "[^"]*" has group or world access/i],
  },
  {
    code: 'client-file-permission',
    looksLike: 'EACCES: permission denied, open \'…\'; could not open certificate file "…": Permission denied',
    confirm: 'Read the file as the account of the client, for example: sudo -u NAME cat FILE.',
    wayOut:
      'chown the files to the account of the client, with mode 0600 for the key. Give the account the right to enter each directory above the files.',
    client: [
      // Some versions of OpenSSL print only "system lib" for a root file that exists and cannot be opened.
      inLine(
        /could not (?:open|read|load|stat) (?:root certificate|certificate|private key) file/,
        /permission denied|\bsystem lib\b/,
      ),
      inLine(/\bEACCES\b/, /\bopen '/),
      /open [^ \n]+: permission denied|FileNotFoundException: [^\n]*\(Permission denied\)/i,
    ],
  },
  {
    code: 'root-file-missing',
    looksLike: 'root certificate file "…" does not exist',
    confirm: 'Check, as the account of the client, that the file of sslrootcert exists.',
    wayOut:
      'Write the files of `libpqFiles(bundle, directory)`, and connect with `libpqUri(bundle, { directory })`, which names them.',
    client: [
      /root certificate file "[^"]*" does not exist/i,
      /could not open (?:ssl )?root certificate file/i,
      inLine(/could not read root certificate file/, /no such file/),
    ],
  },
  {
    code: 'client-file-missing',
    looksLike: 'ENOENT: no such file or directory; could not open certificate file "…"',
    confirm: 'Check, as the account of the client, that the files of sslcert and sslkey exist.',
    wayOut: 'Name the files by absolute paths, or pass their contents to the driver with `pgConfig(bundle)`.',
    client: [
      /could not (?:open|read|stat) (?:certificate|private key) file "[^"]*": no such file/i,
      /certificate present, but not private key file/i,
      inLine(/\bENOENT\b/, /\.(?:crt|key|pem|cer|p12|pk8)\b/),
      /(?:open|stat) [^ \n]+\.(?:crt|key|pem): no such file or directory/i,
      /could not open SSL (?:certificate|key|root certificate) file|FileNotFoundException/i,
    ],
  },
  {
    code: 'client-file-damaged',
    looksLike:
      'could not read certificate file "…": no start line; DECODER routines::unsupported; ERR_OSSL_UNSUPPORTED',
    confirm:
      '`clientBundle` throws if a certificate or the key is damaged or swapped, and `PrivateKey.read` if the key cannot be read.',
    wayOut:
      'Write the files of `libpqFiles(bundle, directory)`, or pass their contents with `pgConfig(bundle)`. PEM in an environment variable needs real line breaks, not a backslash followed by n.',
    client: [
      inLine(
        /could not (?:read|load) (?:root certificate|certificate|private key) file/,
        /no start line|bad base64|bad end line|no certificate or crl found|wrong tag|unsupported/,
      ),
      /ERR_OSSL_PEM_(?:NO_START_LINE|BAD_BASE64_DECODE|BAD_END_LINE)|PEM routines:[^:\n]*:(?:no start line|bad base64 decode|bad end line)/i,
      /ERR_OSSL_UNSUPPORTED|DECODER routines:[^:\n]*:unsupported/i,
      /(?<!(?:fatal|log): *)private key file "[^"]*" is not a regular file/i,
      inLine(/tls: failed to find /, /(?:certificate|key) input/),
      /tls: found a certificate rather than a key/,
    ],
  },
  {
    code: 'jdbc-pem-key',
    looksLike: 'extra data at the end; Could not read SSL key file (pgjdbc)',
    confirm: 'The file of sslkey begins with -----BEGIN.',
    wayOut: 'Write the files of `jdbcFiles(bundle, directory)`, and connect with `jdbcUrl(bundle, { directory })`.',
    client: [/extra data at the end|Could not read SSL key file|InvalidKeySpecException|invalid key format/i],
  },
  {
    code: 'jdbc-encrypted-pk8',
    looksLike: 'Cannot find any provider supporting PBES2 (pgjdbc)',
    confirm: 'openssl asn1parse -inform DER -in FILE.pk8 shows PBES2.',
    wayOut: 'Use PKCS#12: `createPkcs12`, and `jdbcUrl(bundle, { directory, pkcs12 })`.',
    client: [/provider supporting PBES2|1\.2\.840\.113549\.1\.5\.13/],
  },
  {
    code: 'jdbc-pkcs12-passphrase',
    looksLike: 'keystore password was incorrect; X.509 CertificateFactory not available (pgjdbc)',
    confirm: 'keytool -list -keystore FILE.p12 refuses the passphrase, too.',
    wayOut: 'Give `pkcs12.passphrase` of `jdbcUrl` the passphrase of `createPkcs12`.',
    client: [/keystore password was incorrect|X\.509 CertificateFactory not available/i],
  },
  {
    code: 'url-parameters-sent',
    looksLike: 'unrecognized configuration parameter "sslrootcert"',
    confirm: 'The URL holds sslcert, sslkey or sslrootcert.',
    wayOut: 'Use an options object instead of a URL: `postgres(postgresJsOptions(bundle))`.',
    client: [sentParameter],
    server: [sentParameter],
  },
  {
    code: 'connection-parameter-invalid',
    looksLike: 'invalid sslmode value: "verify_full"',
    confirm:
      'Compare the parameter that the text names with the manual of the client. libpq knows the values disable, allow, prefer, require, verify-ca and verify-full of sslmode. Only `pg` knows no-verify. verify-full needs a host name in `host`, also beside `hostaddr`. A service must be in the file of `PGSERVICEFILE`, or in ~/.pg_service.conf.',
    wayOut:
      'Write sslmode=verify-full, with a hyphen, and give `host`. Write a service into the service file that the client reads. Connect with the view that fits the client, such as `libpqUri(bundle, { directory })`, `jdbcUrl` or `pgConfig`: its parameters are valid.',
    client: [
      /invalid "?(?:sslmode|sslnegotiation|sslcertmode|ssl_m(?:in|ax)_protocol_version|gssencmode|channel_binding)"? value\b/i,
      /weak sslmode "[^"]*" may not be used with|unsupported sslmode "|sslmode is invalid/,
      /host name must be specified for a verified SSL connection/i,
      /definition of service "[^"]*" not found|service file "[^"]*" not found|syntax error in service file "/i,
    ],
  },
  {
    code: 'certificate-weak',
    looksLike: 'ee key too small; ca md too weak',
    confirm: '`verifyChain` reports key-weak or signature-weak.',
    wayOut: 'Issue new certificates; the default of this library is P-256 with SHA-256.',
    client: [
      notAfter(
        /could not load server certificate file/,
        /ee key too small|ca key too small|ca md too weak|ee_key_too_small|ca_md_too_weak|key too weak/i,
      ),
    ],
  },
];
