import type { CertificateAuthority } from '../../pki/index.ts';
import { authorityAt } from '../../pki/issue/authority.ts';

/**
 * A request with the moment of the plan. The moment decides which items are due. New certificates and CRLs are valid
 * from it.
 */
export type Dated<T> = T & { readonly now: Date };

/**
 * Adds the moment to a request, and fixes the clock of its CA to that moment. If `now` is not given, the CA's own clock
 * decides. Without a CA, the system clock decides.
 */
export function dated<T extends { readonly authority?: CertificateAuthority; readonly now?: Date }>(
  request: T,
): Dated<T> {
  const { authority, now } = request;
  return { ...request, ...(authority === undefined ? { now: now ?? new Date() } : authorityAt(authority, now)) };
}
