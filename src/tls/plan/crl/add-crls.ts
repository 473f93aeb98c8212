import { joinPathComponents } from '../../../c/paths.ts';
import type { Certificate } from '../../../pki/certificate/certificate.ts';
import type { Crl } from '../../../pki/revocation/crl.ts';
import { hashedCrlName, nameHash, parseHashedCrlName } from '../../../pki/revocation/file-name.ts';
import { isIssuerOfCrl } from '../../../pki/revocation/find-crl.ts';
import type { CrlDirectoryState } from '../../state.ts';
import { textOf } from '../pem-files.ts';
import { assertCrlsOnly, type ConfiguredServer, type CrlFile, foreignFile, isDirectoryInForce } from './crl-files.ts';

/** A CRL that a plan adds, with the CA that issued it. */
export interface NewCrl {
  /** The CRL that the plan adds. */
  readonly crl: Crl;
  /** The certificate of the CA. */
  readonly issuer: Certificate;
}

/**
 * Puts new CRLs into the files of a server. In each file with CRLs of the same CA, the new CRL replaces them. In a CRL
 * directory, each CA has its own file, and the files of other CAs stay as they are.
 *
 * @returns the files that hold new CRLs
 * @throws PgHostsslError `crl-file-foreign` if OpenSSL would stop at another file of the directory before it finds a
 * new CRL
 */
export function withCrls(
  configured: ConfiguredServer,
  files: readonly CrlFile[],
  added: readonly NewCrl[],
): readonly CrlFile[] {
  const { crlDirectory } = configured.server;
  const after = [...files];
  const changed = new Set<number>();
  for (const { crl, issuer } of added) {
    let isPlaced = false;
    for (const [i, file] of after.entries()) {
      const first = file.crls.findIndex((each) => isIssuerOfCrl(issuer, each));
      if (first === -1) continue;
      const present = file.file;
      if (present.content !== undefined) assertCrlsOnly(present.path, textOf(present.content()));
      // The new CRL keeps the place of the first one, so that the same CRL does not change the file.
      const others = file.crls.filter((each, at) => at === first || !isIssuerOfCrl(issuer, each));
      after[i] = { ...file, crls: others.with(first, crl) };
      changed.add(i);
      isPlaced ||= crlDirectory === undefined || indexOf(file, crl) < firstFree(crlDirectory, after, crl);
    }
    if (isPlaced) continue;
    if (crlDirectory === undefined) {
      after[0] = { ...after[0]!, crls: [...after[0]!.crls, crl] };
      changed.add(0);
    } else {
      after.push({ ...newFile(configured, crlDirectory, after, crl), crls: [crl] });
      changed.add(after.length - 1);
    }
  }
  if (crlDirectory !== undefined) assertFound(crlDirectory, after, added);
  return after.filter((_, i) => changed.has(i));
}

/** A new file for a CRL whose CA has no file in the directory yet. The file gets the first free name `<hash>.r<n>`. */
function newFile(
  configured: ConfiguredServer,
  directory: CrlDirectoryState,
  files: readonly CrlFile[],
  crl: Crl,
): Omit<CrlFile, 'crls'> {
  const name = hashedCrlName(nameHash(crl.issuer), firstFree(directory, files, crl));
  const at = (folder: string): string => joinPathComponents(folder, name);
  const realPath = directory.realPath === undefined ? {} : { realPath: at(directory.realPath) };
  return { file: { path: at(directory.path), ...realPath }, name, isInForce: isDirectoryInForce(configured) };
}

/**
 * The number n in the name of a file `<hash>.r<n>`, if the hash is that of the CRL's issuer. For all other names,
 * infinity.
 */
function indexOf({ name = '' }: CrlFile, { issuer }: Crl): number {
  const parts = parseHashedCrlName(name);
  return parts?.hash === nameHash(issuer) ? parts.index : Number.POSITIVE_INFINITY;
}

/**
 * The lowest number n for which no file `<hash>.r<n>` with the hash of the CRL's issuer exists. OpenSSL stops at the
 * first missing number.
 */
function firstFree({ names = [] }: CrlDirectoryState, files: readonly CrlFile[], { issuer }: Crl): number {
  const hash = nameHash(issuer);
  const taken = new Set([...names, ...files.map(({ name }) => name)]);
  let index = 0;
  while (taken.has(hashedCrlName(hash, index))) index += 1;
  return index;
}

/**
 * Checks that OpenSSL finds new CRLs in a directory. OpenSSL tries `<hash>.r0`, `<hash>.r1` and so on, and stops at the
 * first missing file or at a file that it cannot load.
 *
 * @throws PgHostsslError `crl-file-foreign`
 */
function assertFound(directory: CrlDirectoryState, after: readonly CrlFile[], added: readonly NewCrl[]): void {
  for (const { crl } of added) {
    for (let index = 0; index < firstFree(directory, after, crl); index++) {
      const name = hashedCrlName(nameHash(crl.issuer), index);
      if (after.some((file) => file.name === name && file.crls.length > 0)) continue;
      const path = joinPathComponents(directory.path, name);
      throw foreignFile(path, 'OpenSSL looks for CRLs of the CA in this file, but cannot load a CRL from the file');
    }
  }
}
