import { PgHostsslError } from '../../../errors.ts';
import { readCertificate } from '../../../pki/certificate/certificate.ts';
import { isForPurpose, type Purpose } from '../../../pki/certificate/key-usage.ts';
import { type ChainProblemCode, isAboutRoots } from '../../../pki/verify/chain-problem.ts';
import { verifyChain } from '../../../pki/verify/verify-chain.ts';
import type { Holder } from './holder.ts';

/** The purpose (extended key usage) that the certificate of a server or client needs. */
export const purposes: Readonly<Record<Holder, Purpose>> = {
  server: 'serverAuth',
  client: 'clientAuth',
};

/** The peers that verify the certificate of a holder, in words. */
const peers: Readonly<Record<Holder, string>> = { server: 'clients', client: 'the server' };

/** Whether OpenSSL accepts a certificate for the purpose of its holder. */
export function isForHolder(certificate: string, holder: Holder): boolean {
  return isForPurpose(readCertificate(certificate).extensions, purposes[holder], 'leaf');
}

/**
 * The reason in words why a certificate must not be renewed for a holder: the certificate is for another purpose. The
 * owner of the data directory may have put a client's certificate in the place of the server's certificate.
 */
export function otherPurpose(certificate: string, holder: Holder): string | undefined {
  return isForHolder(certificate, holder) ? undefined : `a certificate that is not for a ${holder}`;
}

/** A certificate that the peer of its holder verifies. */
export interface ShownCertificate {
  /** The certificate, then its intermediate CA certificates, PEM. */
  readonly certificate: string;
  /** The holder of the certificate. */
  readonly holder: Holder;
  /** The roots that the peer trusts, PEM. If they are not known, the chain may lead to any root. */
  readonly roots: string | undefined;
  /** The CRLs of the peer, PEM. If not given, revocation is not checked. */
  readonly crls?: string | undefined;
  /** The time for which the plan is made. */
  readonly now: Date;
}

/** The problems about which only OpenSSL knows whether they are a reason to refuse a chain. */
const notJudged: ReadonlySet<ChainProblemCode> = new Set(['resources-not-compared', 'signature-unsupported']);

/** The reason why the peer refuses a certificate. */
export interface Refusal {
  readonly code: ChainProblemCode;
  /** The reason as the end of a sentence. */
  readonly words: string;
}

/** Says why the peer refuses a certificate; `undefined` if the peer accepts the certificate. */
export async function refusalOf(shown: ShownCertificate): Promise<Refusal | undefined> {
  const { certificate: chain, holder, roots, crls, now: at } = shown;
  const options = { chain, roots: roots ?? chain, crls, at, purpose: purposes[holder], allowWeak: true };
  const { problems } = await verifyChain(options);
  const problem = problems.find(({ code, depth }) => {
    // The roots decide which certificates come above the issuer.
    if (roots === undefined && (depth > 1 || isAboutRoots(code))) return false;
    // OpenSSL may accept a CA certificate that this library cannot judge.
    return depth === 0 || !notJudged.has(code);
  });
  return problem && { code: problem.code, words: `is not accepted by ${peers[holder]}: ${problem.message}` };
}

/**
 * Checks that the peer accepts a certificate that the CA of a request issued.
 *
 * @param wayOut what to do instead of a plan with another CA, as the end of a sentence
 * @throws PgHostsslError `authority-unfit`
 */
export async function assertAccepted(
  shown: ShownCertificate,
  wayOut = 'give the root of this CA, if the request has the property `roots`',
): Promise<void> {
  const refusal = await refusalOf(shown);
  if (refusal === undefined) return;
  throw new PgHostsslError('authority-unfit', `A certificate of the CA for a ${shown.holder} ${refusal.words}`, {
    hint: `Nothing was planned. Plan with another CA, or ${wayOut}.`,
  });
}
