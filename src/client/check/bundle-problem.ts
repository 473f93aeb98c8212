import type { ChainProblemCode } from '../../pki/verify/chain-problem.ts';

/**
 * The codes of {@link BundleProblem}. Problems of certificate chains have the codes of `verifyChain` of
 * `pg-hostssl/pki`.
 */
export type BundleProblemCode =
  | ChainProblemCode
  | 'key-mismatch'
  | 'key-unreadable'
  | 'passphrase-wrong'
  | 'key-file-mode'
  | 'user-not-named'
  | 'map-without-match'
  | 'certificate-name-and-password'
  | 'certificate-missing'
  | 'role-missing'
  | 'no-rule-with-tls'
  | 'rejected-by-rule'
  | 'ca-file-unset'
  | 'server-without-tls'
  | 'host-not-covered'
  | 'channel-binding-digest';

/** A reason why a connection with a bundle fails, or may fail. */
export interface BundleProblem {
  /** The kind of problem. */
  readonly code: BundleProblemCode;
  /** The object that has the problem. */
  readonly of: 'client-certificate' | 'private-key' | 'key-file' | 'server-certificate' | 'configuration';
  /**
   * `error`: every connection fails. `warning`: some client programs fail, or it depends on options that were not given
   * whether connections fail.
   */
  readonly severity: 'error' | 'warning';
  /** The problem, described for a person. */
  readonly message: string;
  /** The solution of the problem, in one sentence. */
  readonly hint: string;
}
