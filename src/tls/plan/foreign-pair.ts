import { certificatesOnly, privateKeyOnly } from '../../asn1/pem-contents.ts';
import type { FileState } from '../../disk/file-state.ts';
import { PgHostsslError } from '../../errors.ts';
import { type CertificateInfo, inspectCertificate, matchesKey, verifyChain } from '../../pki/index.ts';
import { type CertificatePair, keyOptions, mismatch, type PairRequest, readPair } from './certificates.ts';
import { certificatesOf, inFile, textOf } from './pem-files.ts';
import type { ForeignCertificate } from './request.ts';

/** What is wanted of a server certificate that somebody else issued. */
export interface ForeignPairRequest extends Pick<PairRequest, 'certificate' | 'privateKey' | 'now' | 'passphrase'> {
  /** Whether the certificate is valid for all hosts. */
  readonly suffices: PairRequest['suffices'];
  /** The certificate to install. Without it the files stay. */
  readonly foreign: Pick<ForeignCertificate, 'certificate' | 'privateKey'>;
  /** The roots that the certificate has to lead to, PEM. */
  readonly roots: string;
}

/**
 * The pair that somebody else issued: that of the files, or the given one.
 *
 * @throws PgHostsslError `certificate-unfit`, `key-mismatch`; the codes of reading certificates and keys
 */
export async function foreignPair(request: ForeignPairRequest): Promise<CertificatePair> {
  const { certificate, now, suffices, roots } = request;
  const { info, ...pair } = await (request.foreign.certificate === undefined ? keptPair(request) : givenPair(request));
  if (now < info.notBefore || now > info.notAfter) throw unfit(certificate.path, 'is not valid at this time');
  if (!suffices(pair.certificate, info)) throw unfit(certificate.path, 'is not valid for all hosts of the request');
  const verdict = await verifyChain({
    chain: pair.certificate,
    roots,
    purpose: 'serverAuth',
    at: now,
    allowWeak: true,
  });
  if (!verdict.ok) throw unfit(certificate.path, `is not accepted by clients: ${verdict.problems[0]!.message}`);
  return pair;
}

type FoundPair = CertificatePair & { readonly info: CertificateInfo };

async function keptPair(request: ForeignPairRequest): Promise<FoundPair> {
  const { certificate, privateKey } = request;
  for (const file of [certificate, privateKey]) if (file.content === undefined) throw unfit(file.path, 'is missing');
  const { info, pair } = await readPair(certificate as FileState, privateKey as FileState, request);
  return { ...pair, kept: 'both', info };
}

/** A given certificate with the given key, or with the key of the file. */
async function givenPair(request: ForeignPairRequest): Promise<FoundPair> {
  const { certificate, privateKey, foreign: given } = request;
  const pem = certificatesOnly(given.certificate!, 'serverCertificate.certificate');
  const info = inspectCertificate(pem);
  const ofFile = privateKey.content === undefined ? undefined : textOf(privateKey.content());
  const fits = async (key: string): Promise<boolean> => matchesKey(pem, key, keyOptions(request));
  if (given.privateKey === undefined && ofFile === undefined) throw unfit(privateKey.path, 'is missing');
  const isOfFile = ofFile !== undefined && (await inFile(privateKey.path, () => fitsOrForeign(ofFile, fits, given)));
  const key = isOfFile ? ofFile : given.privateKey;
  if (key === undefined || !(await fits(key))) throw mismatch(privateKey.path, 'serverCertificate.certificate');
  const present = certificate.content === undefined ? '' : certificatesOf(textOf(certificate.content()));
  const kept = !isOfFile ? 'none' : present === pem ? 'both' : 'key';
  return { certificate: pem, privateKey: privateKeyOnly(key, 'The private key').pem, kept, info };
}

/** Whether the key of the file fits. If another key is given, one in the file that cannot be opened counts as another key. */
async function fitsOrForeign(
  key: string,
  fits: (key: string) => Promise<boolean>,
  given: ForeignPairRequest['foreign'],
): Promise<boolean> {
  try {
    return await fits(key);
  } catch (error) {
    if (given.privateKey !== undefined && error instanceof PgHostsslError) return false;
    throw error;
  }
}

function unfit(file: string, what: string): PgHostsslError {
  return new PgHostsslError('certificate-unfit', `The certificate of the server ${what}`, {
    file,
    hint: 'Nothing was planned. Put a certificate there that fits, or plan without `serverCertificate`.',
  });
}
