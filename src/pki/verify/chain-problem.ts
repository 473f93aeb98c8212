import type { chainProblemTable } from '../../codes.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { decodeName } from '../../names/name.ts';
import type { Certificate } from '../certificate/certificate.ts';
import type { CrlProblemCode } from '../revocation/find-crl.ts';

/** The codes of {@link ChainProblem}. */
export type ChainProblemCode = keyof typeof chainProblemTable | CrlProblemCode;

/** A reason why OpenSSL rejects a chain. The server and libpq verify chains with OpenSSL. */
export interface ChainProblem {
  /** The kind of problem. */
  readonly code: ChainProblemCode;
  /** The position of the certificate in the chain: 0 is the leaf, 1 its issuer, and so on. */
  readonly depth: number;
  /** The subject of the certificate at this depth. */
  readonly subject: DistinguishedName;
  /** The problem, described for a person. */
  readonly message: string;
}

/**
 * @internal Whether a problem is about the given roots of a chain. With other roots, the chain may have no problem. The
 * code may also be that of a problem of another kind.
 */
export function isAboutRoots(code: string): boolean {
  return code === 'issuer-missing' || code === 'root-untrusted';
}

/**
 * @internal Whether a chain with this problem leads to another CA than the given roots, perhaps to a CA with the same
 * name.
 */
export function leadsToOtherCa(code: ChainProblemCode): boolean {
  return isAboutRoots(code) || code === 'signature-invalid';
}

/** @internal Creates the problem of the certificate at a depth of a path. */
export function chainProblem(
  path: readonly Certificate[],
  depth: number,
  code: ChainProblemCode,
  message: string,
): ChainProblem {
  return { code, depth, subject: decodeName(path[depth]!.subject), message };
}
