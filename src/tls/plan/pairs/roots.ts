import { joinBytes } from '../../../asn1/bytes.ts';
import { decodePem, type PemBlock, pemText } from '../../../asn1/pem.ts';
import { certificatesOnly } from '../../../asn1/pem-contents.ts';
import { equalBytes } from '../../../c/compare.ts';
import type { ConfTree } from '../../../conf/tree.ts';
import type { TargetFile } from '../../../disk/file-state.ts';
import { PgHostsslError } from '../../../errors.ts';
import { readCertificate } from '../../../pki/certificate/certificate.ts';
import { inspectCertificate } from '../../../pki/certificate/inspect.ts';
import { isSelfSigned } from '../../../pki/certificate/issuer.ts';
import type { CertificateAuthority } from '../../../pki/issue/authority.ts';
import type { ServerState } from '../../state.ts';
import type { WantedFile } from '../data/planned-write.ts';
import { assertRootsLoad, inFile, presentCertificates, textOf } from '../pem-files.ts';
import type { TlsRequest } from '../request/request.ts';
import { isCaInForce } from '../settings/settings.ts';
import { foreign } from './certificates.ts';

/**
 * The roots that the server needs for client certificates. They are the given roots, or the certificate of the CA if no
 * roots are given, and the roots of client certificates from other CAs. The certificate of an intermediate CA is not
 * enough, because OpenSSL accepts no chain that ends at an intermediate CA.
 *
 * @returns PEM with a final newline
 * @throws PgHostsslError `root-missing` if the CA is an intermediate CA and no roots are given; the codes of {@link
 * checkedRoots}
 */
export function rootsOf(request: Pick<TlsRequest, 'roots' | 'authority' | 'clientCertificate' | 'users'>): string {
  const { roots, authority, users = [] } = request;
  const foreign = [request, ...users].map(({ clientCertificate }, i) => {
    const name = i === 0 ? 'clientCertificate.roots' : `users[${i - 1}].clientCertificate.roots`;
    return clientCertificate && checkedRoots(clientCertificate.roots, name);
  });
  const own =
    authority !== undefined && (roots !== undefined || foreign.includes(undefined)) ? ownRoots(roots, authority) : '';
  const given = authority === undefined && roots !== undefined ? checkedRoots(roots, 'roots') : '';
  return eachOnce([own, given, ...foreign].join(''));
}

/**
 * The roots by which clients trust the certificate of the server. The roots of client certificates do not belong to
 * them.
 *
 * @returns PEM with a final newline
 * @throws PgHostsslError as {@link rootsOf}
 */
export function rootsOfServer({
  serverCertificate,
  roots,
  authority,
}: Pick<TlsRequest, 'serverCertificate' | 'roots' | 'authority'>): string {
  if (serverCertificate !== undefined) return checkedRoots(serverCertificate.roots, 'serverCertificate.roots');
  return ownRoots(roots, authority!);
}

/** The certificate of a root CA; `undefined` for an intermediate CA, whose root is not known. */
export function rootOf({ certificate }: CertificateAuthority): string | undefined {
  return isSelfSigned(readCertificate(certificate)) ? certificate : undefined;
}

/** The certificates that the server trusts now, PEM; an empty text if it trusts none, or if they are not known. */
export function trustedNow(server: ServerState, settings: ConfTree): string {
  return isCaInForce(server, settings) ? presentCertificates(server.ca) : '';
}

/** Removes repeated certificates from a PEM text. */
function eachOnce(pem: string): string {
  return [...new Set(decodePem(pem).map(({ text }) => text))].join('');
}

function ownRoots(roots: TlsRequest['roots'], authority: CertificateAuthority): string {
  if (roots === undefined && rootOf(authority) === undefined) {
    throw new PgHostsslError('root-missing', 'The CA is an intermediate CA, and its root is not given', {
      hint: 'Give the root certificate as `roots`: servers and clients trust a chain only by its root.',
    });
  }
  return checkedRoots(roots ?? authority.certificate, 'roots');
}

/**
 * Checks that a text holds only readable certificates, and returns them.
 *
 * @param what the name of the text for the message
 * @returns PEM with a final newline
 * @throws PgHostsslError `certificate-invalid`; `private-key-misplaced`; `argument-invalid`
 */
export function checkedRoots(roots: string | Uint8Array, what: string): string {
  const pem = certificatesOnly(roots, what);
  for (const { text } of decodePem(pem)) inspectCertificate(text);
  return pem;
}

/** The planned content of a file of trusted roots. */
export interface TrustFile {
  /** The new content of the whole file. */
  readonly content: Uint8Array;
  /** The number of roots in the file that the plan does not need and that stay trusted. */
  readonly others: number;
}

/** Options for a file of roots. */
export interface TrustOptions {
  /**
   * Whether the roots in the file are trusted now. If no setting names the file yet, the roots in it must not become
   * trusted as a side effect of the plan.
   */
  readonly inForce: boolean;
  /** Whether other roots in the file may be removed. */
  readonly replaceForeign: boolean;
}

/**
 * The content of a root file after these roots were added. Other roots that are trusted already stay, in front of the
 * new roots.
 *
 * @throws PgHostsslError `plan-refused` for a damaged certificate in a file that is trusted now;
 * `certificate-foreign` for other roots in a file that nobody trusts yet;
 * `private-key-misplaced` for a private key in the file
 */
export async function ensureRoots(file: TargetFile, roots: string, options: TrustOptions): Promise<TrustFile> {
  const fresh = new TextEncoder().encode(roots);
  if (file.content === undefined) return { content: fresh, others: 0 };
  const content = file.content();
  const blocks = decodePem(textOf(content));
  const present = blocks.filter(({ label }) => label.endsWith('CERTIFICATE'));
  const wanted = decodePem(roots);
  const missing = wanted.filter((block) => !includes(present, block));
  const others = present.filter((block) => !includes(wanted, block)).length;
  if (!options.inForce && (others > 0 || present.length === 0)) {
    if (!options.replaceForeign) throw foreign(file.path, 'other root certificates, which nobody trusts yet');
    return { content: fresh, others: 0 };
  }
  const isMixed = blocks.length > present.length || pemText(content) === undefined;
  if (isMixed) await inFile(file.path, () => certificatesOnly(content, 'This file'));
  assertRootsLoad(file.path, textOf(content));
  if (missing.length === 0) return { content, others };
  const lineEnd = content.length === 0 || content.at(-1) === 0x0a ? '' : '\n';
  const added = new TextEncoder().encode(`${lineEnd}${missing.map(({ text }) => text).join('')}`);
  return { content: joinBytes([content, added]), others };
}

function includes(blocks: readonly PemBlock[], { der }: PemBlock): boolean {
  return blocks.some((block) => equalBytes(block.der, der));
}

/** The planned root file of the server (for clients' certificates) or of the client (for servers' certificates). */
export function rootsFile(
  { ca, owner }: Pick<ServerState, 'ca' | 'owner'>,
  step: 'new-file' | 'server-file' | 'client',
  content: Uint8Array,
): WantedFile {
  const what = step === 'client' ? "the roots of servers' certificates" : "the roots of clients' certificates";
  return { file: ca, step, what, content, owner };
}
