import { privateKeyOnly } from '../../asn1/pem-contents.ts';
import type { FileState, TargetFile } from '../../disk/file-state.ts';
import { PgHostsslError } from '../../errors.ts';
import {
  type CertificateAuthority,
  type CertificateInfo,
  type IssuedKeyPair,
  inspectCertificate,
  matchesKey,
  PrivateKey,
} from '../../pki/index.ts';
import { certificatesIn, certificatesOf, inFile, textOf } from './pem-files.ts';

/** A certificate chain and its private key, PEM. */
export interface CertificatePair {
  /** The certificate with its intermediate certificates. */
  readonly certificate: string;
  /** The private key. */
  readonly privateKey: string;
  /** Which parts are those of the files. A kept certificate has a kept key. */
  readonly kept: 'both' | 'key' | 'none';
}

/** What is wanted of a certificate and a key in two files. */
export interface PairRequest {
  /** The file of the certificate. */
  readonly certificate: TargetFile;
  /** The file of the private key. */
  readonly privateKey: TargetFile;
  /** The CA that must have issued the certificate. */
  readonly authority: CertificateAuthority;
  /** Whether a certificate and key of somebody else may be given up. */
  readonly replaceForeign: boolean;
  /** Whether a new key is wanted, also if certificate and key are good. */
  readonly newKey: boolean;
  /** The present moment. */
  readonly now: Date;
  /** Why a certificate belongs to another holder and must not be given up. */
  readonly objection?: (info: CertificateInfo) => string | undefined;
  /** Whether a certificate says all that it has to; else it is renewed. */
  readonly suffices: (certificate: string, info: CertificateInfo) => boolean;
  /** Issues a certificate, for the key of the files if it is given, else for a new key. */
  readonly issue: (key?: string) => Promise<IssuedKeyPair>;
}

/**
 * The pair in the files if it is good: key and certificate fit, the CA issued the certificate, it says what it has
 * to, and a third of its life is left. Else a new certificate for the same key, or a new pair.
 *
 * @throws PgHostsslError `key-mismatch` for a key that belongs to another certificate; `certificate-foreign` for files that
 * are not of this CA and holder; the codes of reading certificates and keys
 */
export async function ensurePair(request: PairRequest): Promise<CertificatePair> {
  const existing = await existingPair(request);
  if (existing?.isGood && !request.newKey) return { ...existing.pair, kept: 'both' };
  if (existing === undefined || request.newKey) {
    const { chain, privateKey } = await request.issue();
    return { certificate: chain, privateKey: privateKey.toPem(), kept: 'none' };
  }
  const { path } = request.privateKey;
  const { privateKey } = existing.pair;
  // Reading the key here lets an error about a weak key name the file.
  await inFile(path, () => PrivateKey.read(privateKey));
  const { chain } = await request.issue(privateKey);
  return { certificate: chain, privateKey, kept: 'key' };
}

type PairText = Pick<CertificatePair, 'certificate' | 'privateKey'>;

async function existingPair(
  request: PairRequest,
): Promise<{ readonly pair: PairText; readonly isGood: boolean } | undefined> {
  const { certificate, privateKey, authority, now } = request;
  if (certificate.content === undefined && privateKey.content === undefined) return undefined;
  try {
    if (certificate.content === undefined) throw foreign(privateKey.path, 'a private key without its certificate');
    if (privateKey.content === undefined) throw foreign(certificate.path, 'a certificate without its private key');
    const { info, pair } = await readPair(certificate, privateKey);
    if (!(await authority.hasIssued(pair.certificate))) throw foreign(certificate.path, 'a certificate of another CA');
    const objection = request.objection?.(info);
    if (objection !== undefined) throw foreign(certificate.path, objection);
    return { pair, isGood: request.suffices(pair.certificate, info) && !isExpiring(info, now) };
  } catch (error) {
    if (request.replaceForeign && error instanceof PgHostsslError) return undefined;
    throw error;
  }
}

/** What is wanted of a server certificate that somebody else issued. */
export interface KeptPairRequest extends Pick<PairRequest, 'certificate' | 'privateKey' | 'now'> {
  /** Whether the certificate is valid for all hosts. */
  readonly suffices: PairRequest['suffices'];
}

/**
 * The pair in the files as it is.
 *
 * @throws PgHostsslError `certificate-unfit`, `key-mismatch`; the codes of reading certificates and keys
 */
export async function keptPair({ certificate, privateKey, now, suffices }: KeptPairRequest): Promise<CertificatePair> {
  for (const file of [certificate, privateKey]) if (file.content === undefined) throw unfit(file.path, 'is missing');
  const { info, pair } = await readPair(certificate as FileState, privateKey as FileState);
  if (now < info.notBefore || now > info.notAfter) throw unfit(certificate.path, 'is not valid at this time');
  if (!suffices(pair.certificate, info)) throw unfit(certificate.path, 'is not valid for all hosts of the request');
  return { ...pair, kept: 'both' };
}

function unfit(file: string, what: string): PgHostsslError {
  return new PgHostsslError('certificate-unfit', `The file to be kept ${what}`, {
    file,
    hint: 'Nothing was planned. Put a certificate there that fits, or plan without `keepServerCertificate`.',
  });
}

async function readPair(
  certificate: FileState,
  privateKey: FileState,
): Promise<{ readonly info: CertificateInfo; readonly pair: PairText }> {
  const key = textOf(privateKey.content());
  // A server takes one file as both. Its certificates are read past the key then.
  const isOneFile = certificate.path === privateKey.path;
  const pem = isOneFile ? certificatesOf(key) : await certificatesIn(certificate);
  const info = await inFile(certificate.path, () => inspectCertificate(pem));
  if (!(await inFile(privateKey.path, () => matchesKey(pem, key)))) {
    throw new PgHostsslError('key-mismatch', `This key belongs to another certificate than ${certificate.path}`, {
      file: privateKey.path,
      hint: 'Nothing was planned. Put the right pair there, move both files away, or set `replaceForeign`.',
    });
  }
  return { info, pair: { certificate: pem, privateKey: isOneFile ? privateKeyOnly(key, 'This file').pem : key } };
}

/** Whether less than a third of a certificate's life is left: early enough for everyone to notice. */
function isExpiring({ notBefore, notAfter }: CertificateInfo, now: Date): boolean {
  return notAfter.getTime() - now.getTime() < (notAfter.getTime() - notBefore.getTime()) / 3;
}

/** An error for a file that must not be given up unasked. */
export function foreign(file: string, what: string): PgHostsslError {
  return new PgHostsslError('certificate-foreign', `This file holds ${what}`, {
    file,
    hint: 'Nothing was planned. Move it away, give another path, or set `replaceForeign` to give it up.',
  });
}
