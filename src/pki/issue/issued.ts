import { type Certificate, certificatePem } from '../certificate/certificate.ts';
import { isSelfSigned } from '../certificate/issuer.ts';
import { serialNumberHex } from '../certificate/serial-number.ts';
import type { PrivateKey } from '../keys/private-key.ts';

/** An issued certificate. */
export interface IssuedCertificate {
  /** The certificate alone, PEM with a final newline. */
  readonly certificate: string;
  /**
   * The certificate, then its intermediate CA certificates, without the root: the content of `ssl_cert_file` and of
   * libpq's `sslcert`. PEM with a final newline.
   */
  readonly chain: string;
  /**
   * The serial number in lower-case hexadecimal digits. `pg_stat_ssl.client_serial` shows the same number in decimal
   * digits.
   */
  readonly serialNumber: string;
  /** First moment of validity. */
  readonly notBefore: Date;
  /** Last moment of validity. */
  readonly notAfter: Date;
}

/** An issued certificate with its private key. */
export interface IssuedKeyPair extends IssuedCertificate {
  /** The private key. Its `toPem()` returns the text. Inspecting or serializing the object shows no part of the key. */
  readonly privateKey: PrivateKey;
}

/**
 * @internal A certificate in the form that callers of this library receive.
 *
 * @param above the CA certificates that {@link intermediates} returns, PEM
 */
export function issued(certificate: Certificate, above: string): IssuedCertificate {
  const pem = certificatePem(certificate.der);
  return {
    certificate: pem,
    chain: pem + above,
    serialNumber: serialNumberHex(certificate.serialNumber),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
  };
}

/**
 * @internal Returns the certificates that a server or client sends, PEM: all of the given certificates except the root,
 * which the peer already has.
 */
export function intermediates(certificates: readonly Certificate[]): string {
  return certificates
    .filter((certificate) => !isSelfSigned(certificate))
    .map(({ der }) => certificatePem(der))
    .join('');
}
