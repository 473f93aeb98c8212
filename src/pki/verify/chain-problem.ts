import type { chainProblemTable } from '../../codes.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { decodeName } from '../../names/name.ts';
import type { Certificate } from '../certificate/certificate.ts';
import type { CrlProblemCode } from '../revocation/find-crl.ts';

/** What is wrong with a chain. */
export type ChainProblemCode = keyof typeof chainProblemTable | CrlProblemCode;

/** A reason for which OpenSSL, and so the server or libpq, rejects a chain. */
export interface ChainProblem {
  /** What is wrong. */
  readonly code: ChainProblemCode;
  /** Which certificate: 0 is the leaf, and each issuer is one more. */
  readonly depth: number;
  /** The subject of that certificate. */
  readonly subject: DistinguishedName;
  /** The problem, for a person. */
  readonly message: string;
}

/** @internal A problem of the certificate at a depth of a path. */
export function chainProblem(
  path: readonly Certificate[],
  depth: number,
  code: ChainProblemCode,
  message: string,
): ChainProblem {
  return { code, depth, subject: decodeName(path[depth]!.subject), message };
}
