import type { CauseRow } from './cause-row.ts';
import { alertOfClient, inLine, notAfter, type Pattern, refused, rejectedByNode, verifyFailed } from './patterns.ts';

const nodeRoots: readonly Pattern[] = [
  /\b(?:DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?)\b/,
  rejectedByNode(
    /self.signed certificate(?! in certificate chain)|unable to verify the first certificate|unable to get (?:local )?issuer certificate/,
  ),
];
const nodeChainEndsInRoot: readonly Pattern[] = [
  /\bSELF_SIGNED_CERT_IN_CHAIN\b/,
  rejectedByNode(/self.signed certificate in certificate chain/),
];
const libpqVerify = inLine(/(?<![a-z])ssl error: /, /certificate verify failed/);

/** The beginning of errors of libpq and pgjdbc. Unlike `pg`, these clients do not replace options. */
const ofOtherClient = /psql: error: |connection to server (?:at|on) |PSQLException: /;

const goTime = /x509: certificate has expired or is not yet valid: current time/;

/** The causes for which the client rejects the server because of its certificate. */
export const serverCertificateCauses: readonly CauseRow[] = [
  {
    code: 'ssl-options-replaced',
    looksLike: 'SELF_SIGNED_CERT_IN_CHAIN, although `ssl.ca` is given',
    confirm: 'Look for sslmode, sslcert, sslkey or sslrootcert in connectionString (and in DATABASE_URL).',
    wayOut:
      'Give `pg` the object of `pgConfig(bundle)` without a connection string, or the URL of `libpqUri` without an object.',
    client: nodeChainEndsInRoot,
    maybe: [...nodeRoots, notAfter(ofOtherClient, /connection requires a valid client certificate/i)],
  },
  {
    code: 'server-issuer-unknown',
    looksLike: 'certificate verify failed; UNABLE_TO_VERIFY_LEAF_SIGNATURE; PKIX path building failed',
    confirm:
      '`verifyChain({ chain, roots, purpose: "serverAuth" })` with the content of ssl_cert_file and sslrootcert reports `issuer-missing` or `root-untrusted`.',
    wayOut: 'Give the client the root (`ca` of the bundle). Write the whole `chain` into the file of ssl_cert_file.',
    client: [
      ...nodeRoots,
      libpqVerify,
      verifyFailed(/unable to get (?:local )?issuer certificate|self.signed certificate|unable to verify/),
      /x509: certificate signed by unknown authority/,
      /PKIX path building failed|unable to find valid certification path/,
    ],
    server: [alertOfClient('unknown ca')],
    maybe: [
      ...nodeChainEndsInRoot,
      /PKIX path validation failed/,
      notAfter(refused, /\[ssl: certificate_verify_failed\]/i),
    ],
  },
  {
    code: 'server-certificate-expired',
    looksLike: 'CERT_HAS_EXPIRED',
    confirm:
      'Compare `inspectCertificate(text).notAfter` of each certificate in ssl_cert_file, and in root.crt (sslrootcert) of the client, with the clock of the client.',
    wayOut:
      'If the certificate of the server has expired, renew it (`authority.renewCertificate`), write the new files and reload the server. If a CA certificate has expired, renew the CA with its key (`authority.renew`), and replace its certificate in root.crt of every client.',
    client: [
      /\bCERT_HAS_EXPIRED\b/,
      rejectedByNode(/certificate has expired(?! or is not yet valid)/),
      inLine(goTime, / is after/),
      /CertificateExpiredException|NotAfter:/,
      verifyFailed(/certificate has expired/),
    ],
    server: [alertOfClient('certificate expired')],
    maybe: [libpqVerify],
  },
  {
    code: 'server-certificate-not-yet-valid',
    looksLike: 'CERT_NOT_YET_VALID',
    confirm: 'Compare `inspectCertificate(text).notBefore` with the clock of the client.',
    wayOut: 'Correct the clocks. Certificates of this library are valid from an hour before they are issued.',
    client: [
      /\bCERT_NOT_YET_VALID\b/,
      rejectedByNode(/certificate is not yet valid/),
      inLine(goTime, / is before/),
      /CertificateNotYetValidException|NotBefore:/,
      verifyFailed(/certificate is not yet valid/),
    ],
    maybe: [libpqVerify, alertOfClient('bad certificate')],
  },
  {
    code: 'server-certificate-purpose',
    looksLike: 'INVALID_PURPOSE',
    confirm: '`inspectCertificate(text).extendedKeyUsage` lacks serverAuth; `text` is the content of ssl_cert_file.',
    wayOut: 'Issue the certificate with `issueServerCertificate`. A server cannot use a client certificate.',
    client: [
      /\bINVALID_PURPOSE\b/,
      rejectedByNode(/(?:unsuitable|unsupported) certificate purpose/),
      /x509: certificate specifies an incompatible key usage/,
      /Extended key usage does not permit use for TLS server authentication/i,
      verifyFailed(/unsuitable certificate purpose|unsupported certificate purpose/),
    ],
    server: [alertOfClient('unsupported certificate')],
    maybe: [libpqVerify],
  },
  {
    code: 'server-certificate-revoked',
    looksLike: 'CERT_REVOKED',
    confirm:
      '`verifyChain({ chain, roots, crls, purpose: "serverAuth" })` with the content of ssl_cert_file, sslrootcert and sslcrl reports revoked.',
    wayOut: 'Issue a new server certificate and reload the server. A revoked certificate stays revoked.',
    client: [/\bCERT_REVOKED\b/, rejectedByNode(/certificate revoked/), verifyFailed(/certificate revoked/)],
    server: [alertOfClient('certificate revoked')],
    maybe: [libpqVerify],
  },
  {
    code: 'client-crl-missing',
    looksLike: 'UNABLE_TO_GET_CRL; CRL_SIGNATURE_FAILURE',
    confirm:
      'Compare `inspectCrl(text).issuer` of each CRL in `ssl.crl` or sslcrl with the issuers of the server certificates.',
    wayOut: 'Give the client a CRL of each CA in the chain of the server certificate, or no CRL at all.',
    client: [
      /\bUNABLE_TO_GET_CRL(?:_ISSUER)?\b|\bCRL_SIGNATURE_FAILURE\b/,
      rejectedByNode(/unable to get certificate crl|crl signature failure/),
      verifyFailed(/unable to get certificate crl|crl signature failure/),
    ],
    maybe: [libpqVerify, alertOfClient('unknown ca')],
  },
  {
    code: 'client-crl-expired',
    looksLike: 'CRL_HAS_EXPIRED',
    confirm: 'Compare `inspectCrl(text).nextUpdate` of each CRL in `ssl.crl` or sslcrl with the clock of the client.',
    wayOut: 'Issue a new CRL with `authority.issueCrl()`, and give it to the client before nextUpdate.',
    client: [/\bCRL_HAS_EXPIRED\b/, rejectedByNode(/crl has expired/), verifyFailed(/crl has expired/)],
    maybe: [libpqVerify, alertOfClient('certificate expired')],
  },
  {
    code: 'client-crl-not-yet-valid',
    looksLike: 'CRL_NOT_YET_VALID',
    confirm: 'Compare `inspectCrl(text).thisUpdate` of each CRL in `ssl.crl` or sslcrl with the clock of the client.',
    wayOut: 'Correct the clocks. CRLs of this library are valid from an hour before they are issued.',
    client: [/\bCRL_NOT_YET_VALID\b/, rejectedByNode(/crl is not yet valid/), verifyFailed(/crl is not yet valid/)],
    maybe: [libpqVerify, alertOfClient('bad certificate')],
  },
  {
    code: 'client-crl-damaged',
    looksLike: 'Failed to parse CRL',
    confirm: '`inspectCrl(text)` throws an error.',
    wayOut: 'Give the client the text of `authority.issueCrl()`, which is PEM. libpq ignores a file without a CRL.',
    client: [/Failed to parse CRL/],
  },
  {
    code: 'host-checked-as-localhost',
    looksLike: "Host: localhost. is not in the cert's altnames, although the host is an IP address",
    confirm: 'The text names the host localhost, and the configuration names an address.',
    wayOut:
      'Connect with `pgConfig(bundle)` or `postgresJsOptions(bundle)`, which give the name to check, or update `pg`.',
    client: [/Host: localhost\. is not (?:in the cert's altnames|cert's CN)/],
  },
  {
    code: 'host-not-covered',
    looksLike: 'ERR_TLS_CERT_ALTNAME_INVALID; server certificate for "…" does not match host name "…"',
    confirm:
      '`checkBundle(bundle, { serverCertificate })` says for each client whether the certificate covers the host.',
    wayOut:
      'Issue the server certificate with this host in `hosts` (if clients connect to an IP address, list this address, too), or connect to a host name in the certificate.',
    client: [
      /\bERR_TLS_CERT_ALTNAME_INVALID\b/,
      /Hostname\/IP does not match certificate's altnames/,
      inLine(/server certificate for /, / does not match host name/),
      /hostname mismatch, certificate is not valid for|ip address mismatch, certificate is not valid for/i,
      /x509: (?:certificate is (?:not )?valid for|cannot validate certificate for|certificate is not valid for any names|certificate relies on legacy Common Name)/,
      inLine(/(?:hostname|server name) /, /could not be verified/),
      /could not be verified by hostnameverifier/i,
    ],
    maybe: [alertOfClient('bad certificate'), alertOfClient('certificate unknown')],
  },
  {
    code: 'server-not-trusted-by-client',
    looksLike: 'could not accept SSL connection: EOF detected; could not accept SSL connection: Success (server log)',
    confirm: 'The client shows an error that says why.',
    wayOut: 'Call `explain` with the error of the client.',
    isRefusalByClient: true,
    server: [
      // Go sends the alert "bad certificate" for any fault of a certificate, and Java sends "certificate unknown".
      alertOfClient('bad certificate'),
      alertOfClient('certificate unknown'),
      inLine(refused, /^(?:eof detected|success\b|unexpected eof)|connection reset/),
    ],
  },
];
