import { authorityAt, type CertificateAuthority } from '../../../pki/issue/authority.ts';

/**
 * A request with the moment of the plan. The moment decides which certificates and CRLs are due, and new certificates
 * and CRLs are valid from that moment on.
 */
export type Dated<T> = T & { readonly now: Date };

/**
 * Adds the moment of the plan to a request, and makes the clock of its CA stand still at that moment. If `now` is not
 * given, the moment is the present time of the CA's clock, or of the system clock if there is no CA.
 */
export function dated<
  T extends { readonly authority?: CertificateAuthority | undefined; readonly now?: Date | undefined },
>(request: T): Dated<T> {
  const { authority, now } = request;
  return { ...request, ...(authority === undefined ? { now: now ?? new Date() } : authorityAt(authority, now)) };
}
