import type { CertificateAuthority } from '../../pki/index.ts';
import { authorityAt } from '../../pki/issue/authority.ts';

/** A request with the moment for which the plan is made: what is due then, and from when on new certificates and CRLs count. */
export type Dated<T> = T & { readonly now: Date };

/** The request with its moment, which is also that of its authority; the clock of the authority if the caller gives none. */
export function dated<T extends { readonly authority: CertificateAuthority; readonly now?: Date }>(
  request: T,
): Dated<T> {
  return { ...request, ...authorityAt(request.authority, request.now) };
}
