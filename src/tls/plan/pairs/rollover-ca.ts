import { decodePem, encodePem } from '../../../asn1/pem.ts';
import { certificatesOnly } from '../../../asn1/pem-contents.ts';
import { equalBytes } from '../../../c/compare.ts';
import type { TargetFile } from '../../../disk/file-state.ts';
import { PgHostsslError } from '../../../errors.ts';
import {
  type Certificate,
  certificatePem,
  loadCertificates,
  readCertificate,
} from '../../../pki/certificate/certificate.ts';
import { opensslRules } from '../../../pki/certificate/openssl-rules.ts';
import { wholeSeconds } from '../../../pki/certificate/validity.ts';
import type { CertificateAuthority } from '../../../pki/issue/authority.ts';
import type { ChainProblemCode } from '../../../pki/verify/chain-problem.ts';
import { findPath } from '../../../pki/verify/find-path.ts';
import { verifyChain } from '../../../pki/verify/verify-chain.ts';
import { inFile, presentCertificates } from '../pem-files.ts';
import type { Holder } from './holder.ts';
import { purposes } from './peer.ts';

/** A root CA of a CA rollover: its certificate, and its key if the key is on this machine. */
export interface RolloverCa {
  /** The certificate of the CA, PEM. */
  readonly certificate: string;
  /** The CA with its key, if the key is on this machine. */
  readonly authority?: CertificateAuthority | undefined;
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
 * The problems of a certificate that a CA issued all the same: the CA was, or will be, responsible for the certificate.
 * After every other problem, the certificate counts as not issued. For example, the holder of any certificate can sign
 * a certificate for any name, but such a chain has the problem `not-an-authority`.
 */
const harmless: readonly ChainProblemCode[] = ['not-yet-valid', 'expired'];

/**
 * The certificates from the certificate in a file up to a root CA, if this root CA, or a CA below it, issued the
 * certificate in the file; otherwise `undefined`. Dates and the strength of keys and signatures are not checked.
 *
 * @param others the root files of the server and the client; they may hold the intermediate CA certificates that the
 * chain lacks
 */
export async function pathTo(
  { certificate: root }: RolloverCa,
  holder: Holder,
  file: TargetFile,
  { others, now }: { readonly others: readonly TargetFile[]; readonly now: Date },
): Promise<readonly Certificate[] | undefined> {
  if (presentCertificates(file) === '') return undefined;
  const chain = [file, ...others].map(presentCertificates).join('\n');
  const at = wholeSeconds(now);
  return inFile(file.path, async () => {
    const purpose = purposes[holder];
    const { problems } = await verifyChain({ chain, roots: root, purpose, at, allowWeak: true });
    if (problems.some(({ code }) => !harmless.includes(code))) return undefined;
    const [sent, trusted] = [loadCertificates(chain), loadCertificates(root)];
    return findPath({ sent, trusted, at, rules: opensslRules['3'] }).path;
  });
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
  return decodePem(presentCertificates(file)).map(({ der }) => der);
}

function isCertificateOf(authority: RolloverCa, der: Uint8Array): boolean {
  return equalBytes(der, readCertificate(authority.certificate).der);
}
