import type { AuthMethod } from '../../hba/tables/tables.ts';
import { methodRows } from './methods.ts';

/**
 * The client certificate that a rule demands: none, a certificate of a trusted CA (`verify-ca`), or one that also names
 * the user (`verify-full`).
 */
export type CertificateLevel = 'none' | 'verify-ca' | 'verify-full';

/** The values of `CertificateLevel`, weakest first. */
export const certificateLevels: readonly CertificateLevel[] = ['none', 'verify-ca', 'verify-full'];

/** What the server does with a connection. */
export type Outcome =
  | {
      /**
       * The server refuses the connection: by a `reject` rule, without a matching rule, or by a rule that can admit
       * nobody.
       */
      readonly kind: 'refused';
    }
  | {
      /** The server authenticates the connection with a method. */
      readonly kind: 'way-in';
      /** The method. It is `peer` if a `local` rule names `ident`. */
      readonly method: AuthMethod;
      /** The certificate that the rule demands. */
      readonly certificate: CertificateLevel;
    }
  | {
      /** The lines of a file that was not read decide the connection. */
      readonly kind: 'unknown';
    };

/** The outcome of a refused connection. */
export const refused: Outcome = { kind: 'refused' };
Object.freeze(refused);

/** The outcome of the lines of a file that was not read. */
export const unknownOutcome: Outcome = { kind: 'unknown' };
Object.freeze(unknownOutcome);

/** The comparison of an outcome with another outcome. */
export type Comparison = 'equal' | 'weaker' | 'stronger' | 'other';

/**
 * Compares the outcome `after` with the outcome `before`. `weaker` means more permissive. Some pairs of outcomes cannot
 * be ranked; for these the result is `other`.
 */
export function compareOutcomes(before: Outcome, after: Outcome): Comparison {
  if (before.kind === 'unknown' || after.kind === 'unknown') return before.kind === after.kind ? 'equal' : 'other';
  if (before.kind === 'refused' || after.kind === 'refused') {
    if (before.kind === after.kind) return 'equal';
    return before.kind === 'refused' ? 'weaker' : 'stronger';
  }
  const certificate = compareCertificates(before, after);
  const secret = compareSecrets(before.method, after.method);
  if (secret === undefined) return 'other';
  if (certificate === 0 && secret === 0) return before.method === after.method ? 'equal' : 'other';
  if (certificate >= 0 && secret >= 0) return 'stronger';
  return certificate <= 0 && secret <= 0 ? 'weaker' : 'other';
}

/**
 * Returns whether the outcome `after` admits somebody whom the outcome `before` does not admit. The result is `maybe`
 * if the methods cannot be ranked, such as `ldap` and `scram-sha-256`, or if a file that was not read decides. A
 * certificate that names the user counts as stricter than every secret.
 */
export function admitsFurther(before: Outcome, after: Outcome): 'certain' | 'maybe' | 'no' {
  const change = compareOutcomes(before, after);
  if (change === 'weaker') return 'certain';
  if (change !== 'other' || after.kind === 'refused') return 'no';
  if (before.kind !== 'way-in' || after.kind !== 'way-in') return 'maybe';
  const certificate = compareCertificates(before, after);
  if (certificate < 0) return 'certain';
  if (certificate > 0 && after.certificate === 'verify-full') return 'no';
  const secret = compareSecrets(before.method, after.method);
  return secret !== undefined && secret < 0 ? 'certain' : 'maybe';
}

function compareCertificates(
  before: Extract<Outcome, { readonly kind: 'way-in' }>,
  after: Extract<Outcome, { readonly kind: 'way-in' }>,
): number {
  return certificateLevels.indexOf(after.certificate) - certificateLevels.indexOf(before.certificate);
}

function compareSecrets(before: AuthMethod, after: AuthMethod): number | undefined {
  if (before === after) return 0;
  const [from, to] = [methodRows[before].strength, methodRows[after].strength];
  // A method without a secret is weaker than every method with a secret.
  if (from === 0 && to === undefined) return 1;
  if (to === 0 && from === undefined) return -1;
  return from === undefined || to === undefined ? undefined : to - from;
}

/** Returns the rank of an outcome in a list that begins with the weakest. */
export function weaknessRank(outcome: Outcome): number {
  if (outcome.kind === 'refused') return 100;
  if (outcome.kind === 'unknown') return -1;
  return (methodRows[outcome.method].strength ?? 2.5) + 10 * certificateLevels.indexOf(outcome.certificate);
}
