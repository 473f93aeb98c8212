import { shownValue } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';

/**
 * The revocation reasons (CRLReason) with their numbers in RFC 5280 §5.3.1. removeFromCRL is left out, because only
 * delta CRLs use it.
 */
export const reasonCodes = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;

/** A reason for a revocation (RFC 5280 §5.3.1). */
export type RevocationReason = keyof typeof reasonCodes;

/** @internal Whether a value is the name of a revocation reason. */
export function isRevocationReason(value: unknown): value is RevocationReason {
  return typeof value === 'string' && Object.hasOwn(reasonCodes, value);
}

/**
 * @internal Checks the reason of a revocation. A CRL cannot hold an unknown reason, and a ledger with an unknown reason
 * is invalid.
 *
 * @throws PgHostsslError `revocation-reason-unknown`
 */
export function checkReason(reason: RevocationReason): RevocationReason {
  if (isRevocationReason(reason)) return reason;
  throw new PgHostsslError(
    'revocation-reason-unknown',
    `reason must be a known revocation reason; got ${shownValue(reason)}`,
    {
      hint: `Use one of ${Object.keys(reasonCodes).join(', ')}, or leave the reason out.`,
    },
  );
}
