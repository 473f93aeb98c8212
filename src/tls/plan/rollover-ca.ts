import { decodePem, encodePem } from '../../asn1/pem.ts';
import { certificatesOnly } from '../../asn1/pem-contents.ts';
import { equalBytes } from '../../c/compare.ts';
import type { TargetFile } from '../../disk/file-state.ts';
import { PgHostsslError } from '../../errors.ts';
import {
  type Certificate,
  certificatePem,
  loadCertificates,
  readCertificate,
} from '../../pki/certificate/certificate.ts';
import { isIssuerOf } from '../../pki/certificate/issuer.ts';
import { type CertificateAuthority, verifyChain } from '../../pki/index.ts';
import { purposes } from './foreign-pair.ts';
import { inFile } from './pem-files.ts';
import { presentCertificate } from './renewed-elsewhere.ts';

/** A root CA of a rollover: its certificate, and its key if the key is on this machine. */
export interface RolloverCa {
  /** The certificate of the CA, PEM. */
  readonly certificate: string;
  /** The CA with its key, if the key is on this machine. */
  readonly authority?: CertificateAuthority;
}

/**
 * Reads a root CA that a request gives.
 *
 * @throws PgHostsslError `certificate-invalid`; `private-key-misplaced`
 */
export function rolloverCa(given: CertificateAuthority | string, name: string): RolloverCa {
  if (typeof given !== 'string') return { certificate: given.certificate, authority: given };
  return { certificate: certificatePem(readCertificate(certificatesOnly(given, name)).der) };
}

/**
 * Whether a CA issued the certificate in a file. If only the certificate of the CA is given, certificates that its
 * intermediate CAs issued count, too.
 */
export async function hasIssued(
  { certificate: root, authority }: RolloverCa,
  holder: 'server' | 'client',
  file: TargetFile,
): Promise<boolean> {
  const chain = presentCertificate(file);
  if (chain === '') return false;
  if (authority !== undefined) return inFile(file.path, () => authority.hasIssued(chain));
  const { problems } = await inFile(file.path, () =>
    verifyChain({ chain, roots: root, purpose: purposes[holder], allowWeak: true }),
  );
  return !problems.some(({ code }) => ['issuer-missing', 'root-untrusted', 'signature-invalid'].includes(code));
}

/**
 * Returns the certificate that issued the first certificate of a chain, PEM. If no certificate of the chain did, the
 * root is returned.
 */
export function issuerIn(chain: string, root: string): string {
  const [leaf, ...above] = loadCertificates(chain);
  const isAbove = (each: Certificate): boolean => isIssuerOf(each, leaf!);
  const issuer = above.find(isAbove);
  return issuer === undefined ? root : certificatePem(issuer.der);
}

/** Whether a file of roots holds the certificate of a CA. */
export function holds(file: TargetFile, authority: RolloverCa): boolean {
  return file.content !== undefined && rootsIn(file).some((der) => isCertificateOf(authority, der));
}

/** Returns the content of a file of roots without the certificate of a CA. */
export function without(file: TargetFile, authority: RolloverCa): Uint8Array {
  const rest = rootsIn(file).filter((der) => !isCertificateOf(authority, der));
  if (rest.length === 0) {
    throw new PgHostsslError('root-missing', 'The file trusts only the current CA', {
      file: file.path,
      hint: 'Nothing was planned. Add the root of the next CA first.',
    });
  }
  return new TextEncoder().encode(rest.map((der) => encodePem('CERTIFICATE', der)).join(''));
}

function rootsIn(file: TargetFile): readonly Uint8Array[] {
  return decodePem(presentCertificate(file)).map(({ der }) => der);
}

function isCertificateOf(authority: RolloverCa, der: Uint8Array): boolean {
  return equalBytes(der, readCertificate(authority.certificate).der);
}
