import { certificatesOnly, privateKeyOnly } from '../../../asn1/pem-contents.ts';
import { crlProblemTable } from '../../../codes.ts';
import type { FileState, TargetFile } from '../../../disk/file-state.ts';
import { PgHostsslError } from '../../../errors.ts';
import { type CertificateInfo, inspectCertificate } from '../../../pki/certificate/inspect.ts';
import { provesKey } from '../../../pki/certificate/matches-key.ts';
import { inFile, onlyCertificatesIn, presentCertificates, textOf } from '../pem-files.ts';
import { readInProperty } from '../request/invalid.ts';
import type { ForeignCertificate } from '../request/request.ts';
import { type CertificatePair, foreign, type PairRequest, readPair } from './certificates.ts';
import type { Holder } from './holder.ts';
import { type Refusal, refusalOf } from './peer.ts';

/** The requirements for a certificate that another CA issued. */
export interface ForeignPairRequest extends Pick<PairRequest, 'certificate' | 'privateKey' | 'now' | 'passphrase'> {
  /** The holder of the certificate. */
  readonly holder: Holder;
  /** The name of the property in the request that holds the certificate, for error messages. */
  readonly name: string;
  /** If the certificate does not fit the request, returns the reason in words; `undefined` if the certificate fits. */
  readonly objection: (certificate: string, info: CertificateInfo) => string | undefined;
  /** The certificate to install. If not given, the existing files stay. */
  readonly foreign: Pick<ForeignCertificate, 'certificate' | 'privateKey'>;
  /** The file of a private key that an earlier plan made for a certificate request. */
  readonly pendingKey?: TargetFile | undefined;
  /** The roots to which the chain of the certificate must lead, PEM. */
  readonly roots: string;
  /**
   * The content of the root file with which the peer verifies the certificate, PEM, if the plan does not change that
   * file.
   */
  readonly trusted?: string | undefined;
  /** Whether the plan may replace a certificate and key if another CA issued the certificate. */
  readonly replaceForeign: boolean;
  /** The CRLs with which the peer verifies the certificate, PEM. */
  readonly crls?: string | undefined;
}

/**
 * The certificate from another CA and its key: those that the request gives, or those in the existing files.
 *
 * @throws PgHostsslError `certificate-unfit`, `key-mismatch`; the codes of reading certificates and keys
 */
export async function foreignPair(request: ForeignPairRequest): Promise<CertificatePair> {
  const { certificate, holder, now, objection, roots, crls } = request;
  const { info, ...pair } = await (request.foreign.certificate === undefined ? keptPair(request) : givenPair(request));
  const fail = (what: string, first?: string): PgHostsslError => unfit(request, certificate.path, what, first);
  if (now < info.notBefore || now > info.notAfter) throw fail('is not valid at this time');
  const why = objection(pair.certificate, info);
  if (why !== undefined) throw fail(why);
  for (const trusted of new Set([roots, request.trusted ?? roots])) {
    const refusal = await refusalOf({ certificate: pair.certificate, holder, roots: trusted, crls, now });
    if (refusal !== undefined) throw fail(refusal.words, advice(refusal));
  }
  if (holder === 'client' && !request.replaceForeign) await assertMayReplace(request, pair.kept);
  return pair;
}

/**
 * Checks that the client's directory has no certificate of another holder, and no key whose certificate has not been
 * issued yet. The client's files have fixed names, so a new certificate and key would replace the old files.
 *
 * @throws PgHostsslError `certificate-foreign`
 */
async function assertMayReplace(
  { certificate, privateKey, objection }: ForeignPairRequest,
  kept: CertificatePair['kept'],
): Promise<void> {
  if (kept === 'both') return;
  if (certificate.content !== undefined) {
    const pem = await onlyCertificatesIn(certificate as FileState);
    const why = objection(pem, await inFile(certificate.path, () => inspectCertificate(pem)));
    if (why !== undefined) throw foreign(certificate.path, `a certificate that ${why}`);
  } else if (kept === 'none' && privateKey.content !== undefined) {
    throw foreign(privateKey.path, 'a private key without its certificate');
  }
}

type FoundPair = CertificatePair & { readonly info: CertificateInfo };

async function keptPair(request: ForeignPairRequest): Promise<FoundPair> {
  const { certificate, privateKey } = request;
  for (const { path, content } of [certificate, privateKey]) {
    if (content === undefined) throw unfit(request, path, 'is missing');
  }
  const { info, pair } = await readPair(certificate, privateKey, request);
  return { ...pair, kept: 'both', info };
}

/**
 * The certificate that the request gives, with its key: the key that the request gives, the key in the existing file,
 * or the key that was made for a certificate request.
 */
async function givenPair(request: ForeignPairRequest): Promise<FoundPair> {
  const { certificate, privateKey, foreign: given, pendingKey, name } = request;
  const pem = certificatesOnly(given.certificate!, `${name}.certificate`);
  const info = inspectCertificate(pem);
  const fits = async (key: string): Promise<boolean> => provesKey(pem, key, { passphrase: request.passphrase });
  const fitting = async (file: TargetFile | undefined): Promise<string | undefined> => {
    if (file?.content === undefined) return undefined;
    const key = textOf(file.content());
    return (await inFile(file.path, () => fitsOrForeign(key, fits, given))) ? key : undefined;
  };
  const ofRequest = given.privateKey;
  if (ofRequest !== undefined && !(await readInProperty(`${name}.privateKey`, () => fits(ofRequest)))) {
    throw new PgHostsslError(
      'key-mismatch',
      `The private key ${name}.privateKey does not belong to the certificate ${name}.certificate`,
      { hint: `Nothing was planned. Give the key of this certificate as \`${name}.privateKey\`.` },
    );
  }
  const ofFile = await fitting(privateKey);
  const key = ofFile ?? ofRequest ?? (await fitting(pendingKey));
  if (key === undefined && privateKey.content === undefined) {
    throw new PgHostsslError('certificate-unfit', `The private key of ${name}.certificate is missing`, {
      file: privateKey.path || undefined,
      hint: `Nothing was planned. Give the key as \`${name}.privateKey\`, or make a key with planCertificateRequests before the CA issues the certificate.`,
    });
  }
  if (key === undefined) {
    throw new PgHostsslError(
      'key-mismatch',
      `The private key in the file does not belong to the certificate ${name}.certificate`,
      {
        file: privateKey.path || undefined,
        hint: `Nothing was planned. Give a certificate for this key, or give the key of the certificate as \`${name}.privateKey\`, if the request has this property.`,
      },
    );
  }
  const kept = ofFile === undefined ? 'none' : presentCertificates(certificate) === pem ? 'both' : 'key';
  return { certificate: pem, privateKey: privateKeyOnly(key, 'The private key').pem, kept, info };
}

/**
 * Whether the key in a file belongs to the certificate. If the request gives a key, the result is false for an
 * unreadable key in the file; otherwise an unreadable key is an error.
 */
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

/** What to try before another certificate is given, as a sentence; `undefined` if only another certificate helps. */
function advice({ code }: Refusal): string | undefined {
  if (code === 'issuer-missing')
    return 'If an intermediate CA issued the certificate, append the certificate of that CA (fullchain.pem).';
  // No CRL helps if the CA certificate lacks the key usage for CRLs.
  return Object.hasOwn(crlProblemTable, code) && code !== 'authority-lacks-crl-sign'
    ? 'First install the current CRL of the CA with planRevocation.'
    : undefined;
}

/**
 * The error for a certificate that does not fit the request.
 *
 * @param first the first advice of the hint, as a sentence
 */
function unfit(
  { holder, name, foreign }: ForeignPairRequest,
  path: string,
  what: string,
  first?: string,
): PgHostsslError {
  const isGiven = foreign.certificate !== undefined;
  return new PgHostsslError('certificate-unfit', `The certificate of the ${holder} ${what}`, {
    // A certificate that the request gives is not in the file yet.
    file: isGiven ? undefined : path,
    hint: `Nothing was planned. ${first === undefined ? 'Give' : `${first} Otherwise give`} ${isGiven ? `another certificate as \`${name}\`` : `a certificate that fits as \`${name}.certificate\``}, or plan without \`${name}\`.`,
  });
}
