import { toHex } from '../../asn1/der.ts';
import { PgHostsslError } from '../../errors.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { decodeName } from '../../names/name.ts';
import { type Certificate, readCertificates, serialNumberHex } from '../certificate/certificate.ts';
import { certificateKind, readAuthorityKeyIdentifier } from '../certificate/extensions.ts';
import { isOver, wholeSeconds } from '../certificate/validity.ts';
import { readCrls } from '../revocation/crl.ts';

/** Where nothing else is asked for. */
const defaultLifePart = 2 / 3;
const defaultLeafDays = 365;

/** What kind of thing ends. */
export type RenewalKind = 'authority' | 'server' | 'client' | 'crl';

/** Something that ends, and when it is to be renewed. */
export interface RenewalItem {
  /** What it is. A certificate without an extended key usage counts as one for clients. */
  readonly kind: RenewalKind;
  /** The subject of a certificate, or the issuer of a list. */
  readonly subject: DistinguishedName;
  /** The serial number of a certificate, hexadecimal digits. */
  readonly serialNumber?: string;
  /** Its end: nobody accepts the certificate, or anybody because of the list, from then on. */
  readonly end: Date;
  /** From when on it is to be renewed. */
  readonly renewFrom: Date;
  /** `ended`: it is too late. `due`: renew it now. `good`: nothing to do yet. */
  readonly state: 'ended' | 'due' | 'good';
}

/** What to look at, and how early to renew. */
export interface RenewalsDueOptions {
  /** The moment to plan for. */
  readonly now: Date;
  /** Certificates of authorities, servers and clients, PEM. */
  readonly certificates?: string;
  /** Revocation lists, PEM; of several of one authority, the latest counts. */
  readonly crls?: string;
  /** The part of its life after which something is renewed: 2/3 if not given. */
  readonly lifePart?: number;
  /**
   * Days that a leaf is to be valid, 365 if not given: an authority is to be renewed so long before its end, since what
   * it issues never outlives it.
   */
  readonly leafDays?: number;
}

const day = 86_400_000;
const rank: Readonly<Record<RenewalKind, number>> = { authority: 0, crl: 1, server: 2, client: 3 };

/**
 * What has to be renewed and when, soonest first. Of what is due at once, authorities go first, since leaves renewed
 * before would end with the old one, and then the lists, whose end locks everybody out.
 *
 * @throws PgHostsslError `certificate-invalid`, `crl-invalid`; `validity-invalid` for a moment that is none, a
 * lifePart that is no part, and leafDays that are none
 */
export function renewalsDue(options: RenewalsDueOptions): readonly RenewalItem[] {
  const { certificates = '', crls = '', lifePart = defaultLifePart, leafDays = defaultLeafDays } = options;
  const now = wholeSeconds(options.now);
  if (!(lifePart > 0 && lifePart <= 1) || !(leafDays >= 0)) {
    throw new PgHostsslError(
      'validity-invalid',
      `A lifePart of ${lifePart} with leafDays of ${leafDays} plans nothing`,
      {
        hint: 'lifePart is a part of one, such as 2/3; leafDays is a number of days.',
      },
    );
  }
  const items = [
    ...(isBlank(certificates) ? [] : readCertificates(certificates).map((one) => certificateItem(one, options))),
    ...(isBlank(crls) ? [] : listItems(crls, options)),
  ];
  // What is due or over is due now, however long already.
  const moment = (item: RenewalItem) => Math.max(item.renewFrom.getTime(), now.getTime());
  return items.sort(
    (a, b) => moment(a) - moment(b) || rank[a.kind] - rank[b.kind] || a.end.getTime() - b.end.getTime(),
  );
}

function certificateItem(certificate: Certificate, options: RenewalsDueOptions): RenewalItem {
  const { extensions, notBefore, notAfter } = certificate;
  const kind = certificateKind(extensions);
  const latest =
    kind === 'authority' ? notAfter.getTime() - (options.leafDays ?? defaultLeafDays) * day : Number.POSITIVE_INFINITY;
  return {
    ...schedule(kind, notBefore, notAfter, options, latest),
    subject: decodeName(certificate.subject),
    serialNumber: serialNumberHex(certificate.serialNumber),
  };
}

function listItems(text: string, options: RenewalsDueOptions): readonly RenewalItem[] {
  const latest = new Map<string, RenewalItem>();
  for (const { issuer, extensions, thisUpdate, nextUpdate } of readCrls(text)) {
    if (nextUpdate === undefined) continue;
    const item = { ...schedule('crl', thisUpdate, nextUpdate, options), subject: decodeName(issuer) };
    // The next generation of a root has its name, and lists of its own.
    const { keyIdentifier } = readAuthorityKeyIdentifier(extensions);
    const authority = JSON.stringify([item.subject, keyIdentifier && toHex(keyIdentifier)]);
    const other = latest.get(authority);
    if (other === undefined || other.end < item.end) latest.set(authority, item);
  }
  return [...latest.values()];
}

/** Nothing to look at, unlike a text that holds something else than it should. */
function isBlank(text: string): boolean {
  return text.trim() === '';
}

function schedule(
  kind: RenewalKind,
  start: Date,
  end: Date,
  { now, lifePart = defaultLifePart }: RenewalsDueOptions,
  latest: number = Number.POSITIVE_INFINITY,
): Pick<RenewalItem, 'kind' | 'end' | 'renewFrom' | 'state'> {
  const life = end.getTime() - start.getTime();
  const renewFrom = new Date(Math.max(start.getTime(), Math.min(start.getTime() + life * lifePart, latest)));
  return { kind, end, renewFrom, state: isOver(end, now) ? 'ended' : now >= renewFrom ? 'due' : 'good' };
}
