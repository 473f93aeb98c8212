import { certificatesOnly, privateKeyOnly } from '../../asn1/pem-contents.ts';
import type { FileState, TargetFile } from '../../disk/file-state.ts';
import { PgHostsslError } from '../../errors.ts';
import { type CertificateInfo, inspectCertificate, matchesKey, type Purpose, verifyChain } from '../../pki/index.ts';
import { type CertificatePair, foreign, keyOptions, mismatch, type PairRequest, readPair } from './certificates.ts';
import { certificatesIn, certificatesOf, inFile, textOf } from './pem-files.ts';
import type { ForeignCertificate } from './request.ts';

/** The requirements for a certificate that another CA issued. */
export interface ForeignPairRequest extends Pick<PairRequest, 'certificate' | 'privateKey' | 'now' | 'passphrase'> {
  /** The holder of the certificate. */
  readonly holder: 'server' | 'client';
  /** The name of the property in the request, for messages. */
  readonly name: string;
  /** Returns the reason why the certificate does not fit the request; `undefined` if it fits. */
  readonly objection: (certificate: string, info: CertificateInfo) => string | undefined;
  /** The certificate to install. If not given, the existing files stay. */
  readonly foreign: Pick<ForeignCertificate, 'certificate' | 'privateKey'>;
  /** A key that an earlier plan made for a certificate request. */
  readonly pendingKey?: TargetFile;
  /** The roots to which the chain of the certificate must lead, PEM. */
  readonly roots: string;
  /** The root file of the other side, if the plan leaves that file as it is, PEM. */
  readonly trusted?: string | undefined;
  /** Whether a certificate and key from another CA may be replaced. */
  readonly replaceForeign: boolean;
  /** The CRLs that the verifying side uses, PEM. */
  readonly crls?: string | undefined;
}

/** The purpose that the certificate of a holder needs. */
export const purposes: Readonly<Record<ForeignPairRequest['holder'], Purpose>> = {
  server: 'serverAuth',
  client: 'clientAuth',
};

/**
 * The certificate and key from another CA: the given ones, or those in the files.
 *
 * @throws PgHostsslError `certificate-unfit`, `key-mismatch`; the codes of reading certificates and keys
 */
export async function foreignPair(request: ForeignPairRequest): Promise<CertificatePair> {
  const { certificate, holder, now, objection, roots, crls } = request;
  const { info, ...pair } = await (request.foreign.certificate === undefined ? keptPair(request) : givenPair(request));
  const fail = (what: string): PgHostsslError => unfit(request, certificate.path, what);
  if (now < info.notBefore || now > info.notAfter) throw fail('is not valid at this time');
  const why = objection(pair.certificate, info);
  if (why !== undefined) throw fail(why);
  const other = holder === 'server' ? 'clients' : 'the server';
  for (const trusted of [roots, request.trusted ?? roots]) {
    const { problems } = await verifyChain({
      chain: pair.certificate,
      roots: trusted,
      purpose: purposes[holder],
      at: now,
      allowWeak: true,
      ...(crls !== undefined && { crls }),
    });
    if (problems[0] !== undefined) throw fail(`is not accepted by ${other}: ${problems[0].message}`);
  }
  if (holder === 'client' && !request.replaceForeign) await assertMayReplace(request, pair.kept);
  return pair;
}

/**
 * Checks that a client's files have no certificate of another holder, and no key that is still waiting for its
 * certificate. A client's files have fixed names, so a new certificate and key would replace the old ones.
 *
 * @throws PgHostsslError `certificate-foreign`
 */
async function assertMayReplace(
  { certificate, privateKey, objection }: ForeignPairRequest,
  kept: CertificatePair['kept'],
): Promise<void> {
  if (kept === 'both') return;
  if (certificate.content !== undefined) {
    const pem = await certificatesIn(certificate as FileState);
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
  const { info, pair } = await readPair(certificate as FileState, privateKey as FileState, request);
  return { ...pair, kept: 'both', info };
}

/** The given certificate, with its key: the given key, the key in the file, or the key of a certificate request. */
async function givenPair(request: ForeignPairRequest): Promise<FoundPair> {
  const { certificate, privateKey, foreign: given, pendingKey, name } = request;
  const pem = certificatesOnly(given.certificate!, `${name}.certificate`);
  const info = inspectCertificate(pem);
  const fits = async (key: string): Promise<boolean> => matchesKey(pem, key, keyOptions(request));
  const fitting = async (file: TargetFile | undefined): Promise<string | undefined> => {
    if (file?.content === undefined) return undefined;
    const key = textOf(file.content());
    return (await inFile(file.path, () => fitsOrForeign(key, fits, given))) ? key : undefined;
  };
  const ofFile = await fitting(privateKey);
  const key = ofFile ?? given.privateKey ?? (await fitting(pendingKey));
  if (key === undefined && privateKey.content === undefined) {
    throw new PgHostsslError('certificate-unfit', `The private key of ${name}.certificate is missing`, {
      ...(privateKey.path !== '' && { file: privateKey.path }),
      hint: `Nothing was planned. Give the key as \`${name}.privateKey\`, or make a key with planCertificateRequests before the CA issues the certificate.`,
    });
  }
  if (key === undefined || (key === given.privateKey && !(await fits(key)))) {
    throw mismatch(privateKey.path, `${name}.certificate`);
  }
  const present = certificate.content === undefined ? '' : certificatesOf(textOf(certificate.content()));
  const kept = ofFile === undefined ? 'none' : present === pem ? 'both' : 'key';
  return { certificate: pem, privateKey: privateKeyOnly(key, 'The private key').pem, kept, info };
}

/**
 * Whether the key in a file belongs to the certificate. If the caller gives another key, an unreadable key in the file
 * counts as not fitting.
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

function unfit({ holder, name, foreign }: ForeignPairRequest, path: string, what: string): PgHostsslError {
  const isGiven = foreign.certificate !== undefined;
  return new PgHostsslError('certificate-unfit', `The certificate of the ${holder} ${what}`, {
    ...(path !== '' && { file: path }),
    hint: `Nothing was planned. ${isGiven ? `Give another one as \`${name}\`` : `Give one that fits as \`${name}.certificate\``}, or plan without \`${name}\`.`,
  });
}
