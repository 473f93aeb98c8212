import type { CertificateAuthority } from '../../pki/index.ts';
import { authorityAt } from '../../pki/issue/authority.ts';

/** A request with the moment of the plan. It decides what is due, and new certificates and CRLs begin then. */
export type Dated<T> = T & { readonly now: Date };

/** The request with its moment, which its CA takes for the present, too. Without `now` the CA's own clock decides, and without a CA the system's. */
export function dated<T extends { readonly authority?: CertificateAuthority; readonly now?: Date }>(
  request: T,
): Dated<T> {
  const { authority, now } = request;
  return { ...request, ...(authority === undefined ? { now: now ?? new Date() } : authorityAt(authority, now)) };
}
