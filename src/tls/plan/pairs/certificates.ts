import { privateKeyOnly } from '../../../asn1/pem-contents.ts';
import type { TargetFile } from '../../../disk/file-state.ts';
import { PgHostsslError } from '../../../errors.ts';
import { type CertificateInfo, inspectCertificate } from '../../../pki/certificate/inspect.ts';
import { provesKey } from '../../../pki/certificate/matches-key.ts';
import type { CertificateAuthority } from '../../../pki/issue/authority.ts';
import type { IssuedKeyPair } from '../../../pki/issue/issued.ts';
import { PrivateKey } from '../../../pki/keys/private-key.ts';
import { needsRenewal } from '../../../pki/lifecycle/due.ts';
import { certificatesOf, inFile, onlyCertificatesIn, textOf } from '../pem-files.ts';
import type { Holder } from './holder.ts';
import { withAuthoritiesOf } from './kept-authorities.ts';
import { assertAccepted, refusalOf } from './peer.ts';

/** A certificate chain and its private key, PEM. */
export interface CertificatePair {
  /** The certificate, then its intermediate CA certificates. */
  readonly certificate: string;
  readonly privateKey: string;
  /**
   * The parts that come from the existing files: certificate and key, only the key, or nothing. A kept certificate
   * always keeps its key.
   */
  readonly kept: 'both' | 'key' | 'none';
}

/** The requirements for a certificate and a key in two files. */
export interface PairRequest {
  readonly certificate: TargetFile;
  readonly privateKey: TargetFile;
  /** The holder of the certificate. */
  readonly holder: Holder;
  /** The CA that must have issued the certificate. */
  readonly authority: CertificateAuthority;
  /** The roots that the peer of the holder trusts, PEM; `undefined` if they are not known. */
  readonly roots: string | undefined;
  /** Whether the plan may replace a certificate and key if another CA issued the certificate. */
  readonly replaceForeign: boolean;
  /** Whether a new key must be made even if the existing certificate and key can be kept. */
  readonly newKey: boolean;
  /** The time for which the plan is made. */
  readonly now: Date;
  /** The part of its period of validity after which a certificate is due for renewal; two thirds if not given. */
  readonly lifePart?: number | undefined;
  /** The passphrase that decrypts an encrypted private key, and encrypts a new one. */
  readonly passphrase?: string | undefined;
  /**
   * If a certificate belongs to another holder and must not be replaced, returns the reason in words; `undefined` if
   * the certificate may be replaced.
   */
  readonly objection?: (info: CertificateInfo) => string | undefined;
  /** Returns whether a certificate has all required names and properties. If not, the certificate is renewed. */
  readonly suffices: (certificate: string, info: CertificateInfo) => boolean;
  /** Issues a certificate for the given key, or for a new key if no key is given. */
  readonly issue: (key?: PrivateKey) => Promise<IssuedKeyPair>;
}

/**
 * The certificate and key in the files, if they can be kept: the key belongs to the certificate, the CA issued the
 * certificate, the certificate has all required names, it is not due for renewal, and the peer accepts the chain in the
 * file. Otherwise the result is a new certificate for the same key, or a new certificate and key.
 *
 * @throws PgHostsslError `key-mismatch` for a key that belongs to another certificate; `certificate-foreign` for files
 * of another CA or holder; `authority-unfit`; the codes of reading certificates and keys
 */
export async function ensurePair(request: PairRequest): Promise<CertificatePair> {
  const existing = await existingPair(request);
  if (existing?.isGood && !request.newKey) return { ...existing.pair, kept: 'both' };
  const issued = await issuePair(request, existing?.pair);
  await assertAccepted({ ...request, certificate: issued.certificate });
  return issued;
}

/** Issues a certificate for the key of the existing pair, or for a new key. */
async function issuePair(request: PairRequest, existing: PairText | undefined): Promise<CertificatePair> {
  if (existing === undefined || request.newKey) {
    const { chain, privateKey } = await request.issue();
    const { passphrase } = request;
    const text = passphrase === undefined ? privateKey.toPem() : await privateKey.toEncryptedPem(passphrase);
    const certificate = existing === undefined ? chain : withAuthoritiesOf(existing.certificate, chain, request.now);
    return { certificate, privateKey: text, kept: 'none' };
  }
  const { path } = request.privateKey;
  const { privateKey } = existing;
  // The key is read inside `inFile`, so that an error about a weak key contains the path of the file.
  const key = await inFile(path, () => PrivateKey.read(privateKey, { passphrase: request.passphrase }));
  const { chain } = await request.issue(key);
  return { certificate: withAuthoritiesOf(existing.certificate, chain, request.now), privateKey, kept: 'key' };
}

/** The certificates and the private key of a pair, PEM. */
export type PairText = Pick<CertificatePair, 'certificate' | 'privateKey'>;

async function existingPair(
  request: PairRequest,
): Promise<{ readonly pair: PairText; readonly isGood: boolean } | undefined> {
  const { certificate, privateKey, authority, now } = request;
  if (certificate.content === undefined && privateKey.content === undefined) return undefined;
  try {
    const { info, pair } = await readPair(certificate, privateKey, request);
    const isForeign = !(await authority.hasIssued(pair.certificate));
    if (isForeign) throw foreign(certificate.path, 'a certificate of another CA', keepForeign);
    const objection = request.objection?.(info);
    if (objection !== undefined) throw foreign(certificate.path, objection);
    const isDue = !request.suffices(pair.certificate, info) || needsRenewal(info, now, request.lifePart);
    const isGood = !isDue && (await refusalOf({ ...request, certificate: pair.certificate })) === undefined;
    return { pair, isGood };
  } catch (error) {
    if (request.replaceForeign && error instanceof PgHostsslError) return undefined;
    throw error;
  }
}

/**
 * Reads the certificate and the private key from their files.
 *
 * @throws PgHostsslError `certificate-foreign` if one of the two files is missing; `key-mismatch`; the codes of reading
 * certificates and keys
 */
export async function readPair(
  certificate: TargetFile,
  privateKey: TargetFile,
  { passphrase }: Pick<PairRequest, 'passphrase'>,
): Promise<{ readonly info: CertificateInfo; readonly pair: PairText }> {
  if (certificate.content === undefined) throw foreign(privateKey.path, 'a private key without its certificate');
  if (privateKey.content === undefined) throw foreign(certificate.path, 'a certificate without its private key');
  const key = textOf(privateKey.content());
  // One file may hold both the key and the certificates. Its other PEM blocks are then ignored.
  const isOneFile = certificate.path === privateKey.path;
  const pem = isOneFile ? certificatesOf(key) : await onlyCertificatesIn(certificate);
  const info = await inFile(certificate.path, () => inspectCertificate(pem));
  if (!(await inFile(privateKey.path, () => provesKey(pem, key, { passphrase })))) {
    throw mismatch(privateKey.path, certificate.path);
  }
  return { info, pair: { certificate: pem, privateKey: isOneFile ? privateKeyOnly(key, 'This file').pem : key } };
}

/** The error for a key that belongs to another certificate. */
function mismatch(file: string, certificate: string): PgHostsslError {
  return new PgHostsslError('key-mismatch', `The private key does not belong to the certificate ${certificate}`, {
    file: file || undefined,
    hint: 'Nothing was planned. Replace one of the files by the right one, move both files away, or have planClientCertificates, planMigration or planServerCertificate replace them (`replaceForeign`).',
  });
}

const keepForeign =
  'To keep the certificate, give its roots as `serverCertificate`, or as `clientCertificate` if a client has it.';

/**
 * The error for a file that is replaced only if the caller asks for it.
 *
 * @param further a further way out, as a sentence
 */
export function foreign(file: string, what: string, further?: string): PgHostsslError {
  const hint =
    'Nothing was planned. Move the file away, give another path, or have planClientCertificates, planMigration or planServerCertificate replace the file (`replaceForeign`).';
  return new PgHostsslError('certificate-foreign', `The file holds ${what}`, {
    file,
    hint: further === undefined ? hint : `${hint} ${further}`,
  });
}
