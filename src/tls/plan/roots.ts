import type { TargetFile } from '../../disk/file-state.ts';
import { PgHostsslError } from '../../errors.ts';
import { inspectCertificate } from '../../pki/index.ts';
import { foreign, textOf } from './certificates.ts';
import type { TlsRequest } from './request.ts';

/**
 * The roots of an authority: those given, else the authority itself. OpenSSL builds no chain that ends at an
 * intermediate.
 *
 * @throws PgHostsslError `root-missing` where the authority is an intermediate and no roots are given.
 */
export function rootsOf({ roots, authority }: Pick<TlsRequest, 'roots' | 'authority'>): string {
  if (roots === undefined && !inspectCertificate(authority.certificate).isSelfIssued) {
    throw new PgHostsslError('root-missing', 'The authority is an intermediate, and its root is not given', {
      hint: 'Give the root certificate as `roots`: servers and clients trust a chain by its root alone.',
    });
  }
  return checkedRoots(roots ?? authority.certificate);
}

/**
 * Roots with a final newline, which PEM blocks need between them.
 *
 * @throws PgHostsslError `certificate-invalid` here rather than at the server, where it is no certificate.
 */
export function checkedRoots(roots: string): string {
  inspectCertificate(roots);
  return roots.endsWith('\n') ? roots : `${roots}\n`;
}

/** A file of trusted roots as it shall be. */
export interface TrustFile {
  /** The whole content. */
  readonly content: Uint8Array;
  /** How many other roots it goes on trusting. */
  readonly others: number;
}

/** How a file of roots is treated. */
export interface TrustOptions {
  /** Whether the file is what is trusted now; one that only lies there is not made to be trusted by the way. */
  readonly inForce: boolean;
  /** Whether other roots may be overwritten. */
  readonly replaceForeign: boolean;
}

/**
 * A file with these roots in it. Others that are trusted already stay, before the new ones.
 *
 * @throws PgHostsslError `certificate-foreign` for other roots in a file that is not in force.
 */
export function ensureRoots(file: TargetFile, roots: string, options: TrustOptions): TrustFile {
  const wanted = pemBlocks(roots);
  const present = file.content === undefined ? [] : pemBlocks(textOf(file.content()));
  const missing = wanted.filter((block) => !present.some((other) => body(other) === body(block)));
  const others = present.filter((block) => !wanted.some((other) => body(other) === body(block))).length;
  const fresh = new TextEncoder().encode(roots);
  if (file.content === undefined) return { content: fresh, others: 0 };
  if (!options.inForce && (others > 0 || present.length === 0)) {
    if (!options.replaceForeign) throw foreign(file.path, 'other roots, which nobody trusts yet');
    return { content: fresh, others: 0 };
  }
  const content = file.content();
  if (missing.length === 0) return { content, others };
  const lineEnd = content.length === 0 || content.at(-1) === 0x0a ? '' : '\n';
  const added = new TextEncoder().encode(`${lineEnd}${missing.join('\n')}\n`);
  return { content: new Uint8Array([...content, ...added]), others };
}

function pemBlocks(text: string): readonly string[] {
  return text.match(/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]*-----END [A-Z0-9 ]*CERTIFICATE-----/g) ?? [];
}

/** What tells one block from another, whatever its line lengths. */
function body(block: string): string {
  return block.replace(/-----[^-]*-----|\s/g, '');
}
