import type { FileState, TargetFile } from '../../disk/file-state.ts';
import { PgHostsslError } from '../../errors.ts';
import {
  type CertificateAuthority,
  type CertificateInfo,
  type IssuedKeyPair,
  inspectCertificate,
  matchesKey,
} from '../../pki/index.ts';
import { inFile } from './in-file.ts';

/** A certificate chain and its private key, PEM: those that were there, or new ones. */
export interface CertificatePair {
  /** The certificate with its intermediates. */
  readonly certificate: string;
  /** The private key. */
  readonly privateKey: string;
}

/** What is wanted of a certificate and a key in two files. */
export interface PairRequest {
  /** Where the certificate is, or shall be. */
  readonly certificate: TargetFile;
  /** Where the private key is, or shall be. */
  readonly privateKey: TargetFile;
  /** Who has to have issued it. */
  readonly authority: CertificateAuthority;
  /** Whether a pair of somebody else's may be overwritten. */
  readonly replaceForeign: boolean;
  /** The present moment. */
  readonly now: Date;
  /** Why a certificate is none of this holder's, and not to be overwritten. */
  readonly objection?: (info: CertificateInfo) => string | undefined;
  /** Whether a certificate says all that it has to; else it is renewed. */
  readonly suffices: (info: CertificateInfo) => boolean;
  /** Issues a new pair. */
  readonly issue: () => Promise<IssuedKeyPair>;
}

/**
 * The pair that is there, if it will do: key and certificate belong together, the authority has issued it, it says what
 * it has to, and a third of its life is left. Else a new one.
 *
 * @throws PgHostsslError `key-mismatch` for a key that belongs to another certificate; `certificate-foreign` for what
 * would be overwritten, but is none of this authority's; those of reading certificates and keys.
 */
export async function ensurePair(request: PairRequest): Promise<CertificatePair> {
  const existing = await existingPair(request);
  if (existing !== undefined) return existing;
  const { chain, privateKey } = await request.issue();
  return { certificate: chain, privateKey: privateKey.toPem() };
}

async function existingPair(request: PairRequest): Promise<CertificatePair | undefined> {
  const { certificate, privateKey, authority, now } = request;
  if (certificate.content === undefined && privateKey.content === undefined) return undefined;
  try {
    if (certificate.content === undefined) throw foreign(privateKey.path, 'a private key without its certificate');
    if (privateKey.content === undefined) throw foreign(certificate.path, 'a certificate without its private key');
    const { info, pair } = await readPair(certificate, privateKey);
    if (!(await authority.hasIssued(pair.certificate)))
      throw foreign(certificate.path, 'a certificate of another authority');
    const objection = request.objection?.(info);
    if (objection !== undefined) throw foreign(certificate.path, objection);
    if (!request.suffices(info) || isExpiring(info, now)) return undefined;
    return pair;
  } catch (error) {
    if (request.replaceForeign && error instanceof PgHostsslError) return undefined;
    throw error;
  }
}

/** What is wanted of a server certificate that somebody else issued. */
export interface KeptPairRequest {
  /** The certificate. */
  readonly certificate: TargetFile;
  /** The private key. */
  readonly privateKey: TargetFile;
  /** Whether it is valid for all hosts. */
  readonly suffices: (info: CertificateInfo) => boolean;
  /** The present moment. */
  readonly now: Date;
}

/**
 * The pair that is there, as it is.
 *
 * @throws PgHostsslError `certificate-unfit`, `key-mismatch`; those of reading certificates and keys.
 */
export async function keptPair(request: KeptPairRequest): Promise<CertificatePair> {
  const { certificate, privateKey, now } = request;
  for (const file of [certificate, privateKey]) if (file.content === undefined) throw unfit(file.path, 'is not there');
  const { info, pair } = await readPair(certificate as FileState, privateKey as FileState);
  if (now < info.notBefore || now > info.notAfter) throw unfit(certificate.path, 'is not valid at this time');
  if (!request.suffices(info)) throw unfit(certificate.path, 'is not valid for all hosts of the request');
  return pair;
}

function unfit(file: string, what: string): PgHostsslError {
  return new PgHostsslError('certificate-unfit', `What is to be kept here ${what}`, {
    file,
    hint: 'Nothing was planned. Put a certificate there that fits, or plan without `keepServerCertificate`.',
  });
}

async function readPair(
  certificate: FileState,
  privateKey: FileState,
): Promise<{ readonly info: CertificateInfo; readonly pair: CertificatePair }> {
  const [pem, key] = [textOf(certificate.content()), textOf(privateKey.content())];
  const info = await inFile(certificate.path, () => inspectCertificate(pem));
  if (!(await inFile(privateKey.path, () => matchesKey(pem, key)))) {
    throw new PgHostsslError('key-mismatch', `This key belongs to another certificate than ${certificate.path}`, {
      file: privateKey.path,
      hint: 'Nothing was planned. Put the right pair there, move both files away, or set `replaceForeign`.',
    });
  }
  return { info, pair: { certificate: pem, privateKey: key } };
}

/** Whether less than a third of a certificate's life is left: early enough for everyone to notice. */
function isExpiring({ notBefore, notAfter }: CertificateInfo, now: Date): boolean {
  return notAfter.getTime() - now.getTime() < (notAfter.getTime() - notBefore.getTime()) / 3;
}

/** An error for a file that is not to be overwritten unasked. */
export function foreign(file: string, what: string): PgHostsslError {
  return new PgHostsslError('certificate-foreign', `This holds ${what}`, {
    file,
    hint: 'Nothing was planned. Move it away, give another path, or set `replaceForeign` to have it overwritten.',
  });
}

/** The text of a PEM file; what is not ASCII in it lies outside the blocks. */
export function textOf(content: Uint8Array): string {
  return new TextDecoder().decode(content);
}
