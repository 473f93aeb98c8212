import { type Certificate, certificatePem } from '../certificate/certificate.ts';
import { isSelfSigned } from '../certificate/issuer.ts';
import { serialNumberHex } from '../certificate/serial-number.ts';
import type { PrivateKey } from '../keys/private-key.ts';

/** An issued certificate. */
export interface IssuedCertificate {
  /** The certificate alone, PEM with a final newline. */
  readonly certificate: string;
  /**
   * The certificate, then the intermediate CA certificates up to but without the root: the content of `ssl_cert_file`
   * and of libpq's `sslcert`. PEM with a final newline.
   */
  readonly chain: string;
  /** Lower-case hexadecimal digits. `pg_stat_ssl.client_serial` shows the same number in decimal. */
  readonly serialNumber: string;
  /** First moment of validity. */
  readonly notBefore: Date;
  /** Last moment of validity. */
  readonly notAfter: Date;
}

/** An issued certificate with its private key. */
export interface IssuedKeyPair extends IssuedCertificate {
  /** The private key. Its `toPem()` gives the text; inspection and serialization show no part of the key. */
  readonly privateKey: PrivateKey;
}

/**
 * @internal A certificate in the form that the caller gets.
 *
 * @param above - the CA certificates that are sent along, PEM: {@link intermediates}
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

/** @internal The certificates that are sent along: all but the root, which the other side has. PEM. */
export function intermediates(certificates: readonly Certificate[]): string {
  return certificates
    .filter((certificate) => !isSelfSigned(certificate))
    .map(({ der }) => certificatePem(der))
    .join('');
}
