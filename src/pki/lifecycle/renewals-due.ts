import { assertProperties, assertText, type PropertyNames, shownValue } from '../../arguments.ts';
import { toHex } from '../../asn1/bytes.ts';
import type { DerElement } from '../../asn1/reader.ts';
import { isBlank } from '../../c/ascii.ts';
import { PgHostsslError } from '../../errors.ts';
import { groupBy } from '../../group-by.ts';
import { nameKey } from '../../names/canonical-name.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { decodeName } from '../../names/name.ts';
import { type Certificate, readCertificates } from '../certificate/certificate.ts';
import { readAuthorityKeyIdentifier } from '../certificate/extensions.ts';
import { isIssuerOf, isNamedAuthority, isSelfSigned } from '../certificate/issuer.ts';
import { certificateKind } from '../certificate/key-usage.ts';
import { serialNumberHex } from '../certificate/serial-number.ts';
import { day, isOver, type Period, wholeSeconds } from '../certificate/validity.ts';
import { readCrls } from '../revocation/crl.ts';
import { assertLifePart, dueFrom } from './due.ts';

/** The default of the option `leafDays`. */
const defaultLeafDays = 365;

/** The kind of an item to renew. */
export type RenewalKind = 'authority' | 'server' | 'client' | 'crl';

/** A certificate or CRL with the time to renew it. */
export interface RenewalItem {
  /** The kind of certificate, or `crl`. A certificate without an extended key usage counts as a client certificate. */
  readonly kind: RenewalKind;
  /** The subject of a certificate, or the issuer of a CRL. */
  readonly subject: DistinguishedName;
  /** The serial number of a certificate in hexadecimal digits. */
  readonly serialNumber?: string;
  /**
   * The end of validity. If the certificate of the CA was given, too, and expires earlier, this is the end of the CA's
   * validity. After this time nobody accepts the certificate. An expired CRL locks out all clients.
   */
  readonly end: Date;
  /** The moment from which on the item should be renewed. */
  readonly renewFrom: Date;
  /** `ended`: the item has expired. `due`: the item should be renewed now. `good`: there is nothing to do yet. */
  readonly state: 'ended' | 'due' | 'good';
}

/** Options of {@link renewalsDue}. */
export interface RenewalsDueOptions {
  /** The moment for which the states are computed, usually now. */
  readonly now: Date;
  /** Certificates of CAs, servers and clients, PEM. */
  readonly certificates?: string | undefined;
  /** CRLs, PEM. If a CA has several CRLs, only its latest CRL is listed. */
  readonly crls?: string | undefined;
  /** The part of its period of validity after which an item is due: more than 0 and less than 1; 2/3 if not given. */
  readonly lifePart?: number | undefined;
  /**
   * The days that a new leaf is valid; 365 if not given. A CA is due this many days before its end, because a CA issues
   * no certificate that is valid longer than the CA.
   */
  readonly leafDays?: number | undefined;
}

const optionNames: PropertyNames<RenewalsDueOptions> = {
  now: true,
  certificates: true,
  crls: true,
  lifePart: true,
  leafDays: true,
};

const rank: Readonly<Record<RenewalKind, number>> = { authority: 0, crl: 1, server: 2, client: 3 };

/**
 * Lists when to renew certificates and CRLs, the most urgent first. Among items that are due at the same time, CA
 * certificates come first: if a leaf were renewed before its CA, the new leaf would still expire with the old CA. CRLs
 * come next, because an expired CRL locks out everybody.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, renewalsDue } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { certificate } = await authority.issueClientCertificate({ user: 'webadmin', validity: { days: 30 } });
 * const certificates = authority.certificate + certificate;
 * const [first] = renewalsDue({ now: new Date(), certificates });
 * assert.equal(first?.kind, 'client');
 * assert.equal(first?.state, 'good');
 * ```
 *
 * @throws PgHostsslError `certificate-invalid`, `crl-invalid`; `validity-invalid` for a `now` that no certificate can
 * hold; `argument-invalid`
 */
export function renewalsDue(options: RenewalsDueOptions): readonly RenewalItem[] {
  assertProperties(options, optionNames, 'options of renewalsDue');
  const { certificates = '', crls = '', lifePart, leafDays = defaultLeafDays } = options;
  assertText(certificates, 'certificates of renewalsDue');
  assertText(crls, 'crls of renewalsDue');
  const now = wholeSeconds(options.now);
  assertLifePart(lifePart, 'lifePart of renewalsDue');
  if (!(typeof leafDays === 'number' && leafDays >= 0)) {
    const message = `leafDays of renewalsDue must be a number that is not negative; got ${shownValue(leafDays)}`;
    throw new PgHostsslError('argument-invalid', message);
  }
  const all = isBlank(certificates) ? [] : readCertificates(certificates);
  const named = bySubject(all);
  const limits = { now: options.now, lifePart, leafDays };
  const items = [
    ...all.map((one) => certificateItem(one, named, limits)),
    ...(isBlank(crls) ? [] : crlItems(crls, named, limits)),
  ];
  // An item that became due in the past is sorted as if it became due now.
  const moment = (item: RenewalItem) => Math.max(item.renewFrom.getTime(), now.getTime());
  return items.sort(
    (a, b) => moment(a) - moment(b) || rank[a.kind] - rank[b.kind] || a.end.getTime() - b.end.getTime(),
  );
}

/** The options that decide when an item is due, with their defaults. */
interface Limits {
  readonly now: Date;
  readonly lifePart: number | undefined;
  readonly leafDays: number;
}

/** The certificates with a subject. */
type Named = (subject: DerElement) => readonly Certificate[];

/** Groups certificates by subject, because a list of thousands has only a few issuers. */
function bySubject(all: readonly Certificate[]): Named {
  const groups = groupBy(all, ({ subject }) => nameKey(subject));
  return (subject) => groups.get(nameKey(subject)) ?? [];
}

/**
 * The time until which a certificate can be used. If every CA that may have issued the certificate expires earlier,
 * this is the latest expiry of these CAs.
 */
function endOf(certificate: Certificate, named: Named, below: readonly Certificate[] = []): Date {
  if (isSelfSigned(certificate)) return certificate.notAfter;
  const others = named(certificate.issuer).filter((one) => one !== certificate && !below.includes(one));
  const issuers = others.filter((one) => isIssuerOf(one, certificate));
  return earlier(certificate.notAfter, latestEnd(issuers, named, [...below, certificate]));
}

function latestEnd(issuers: readonly Certificate[], named: Named, below: readonly Certificate[]): Date | undefined {
  return issuers.map((issuer) => endOf(issuer, named, below)).toSorted((a, b) => b.getTime() - a.getTime())[0];
}

function earlier(own: Date, issuer: Date | undefined): Date {
  return issuer !== undefined && issuer < own ? issuer : own;
}

function certificateItem(certificate: Certificate, named: Named, limits: Limits): RenewalItem {
  const { extensions, notBefore } = certificate;
  const end = endOf(certificate, named);
  const kind = certificateKind(extensions);
  return {
    ...schedule(kind, { notBefore, notAfter: end }, limits),
    subject: decodeName(certificate.subject),
    serialNumber: serialNumberHex(certificate.serialNumber),
  };
}

function crlItems(text: string, named: Named, limits: Limits): readonly RenewalItem[] {
  const latest = new Map<string, RenewalItem>();
  for (const { issuer, extensions, thisUpdate, nextUpdate } of readCrls(text)) {
    if (nextUpdate === undefined) continue;
    const issuers = named(issuer).filter((one) => isNamedAuthority(one, extensions));
    const end = earlier(nextUpdate, latestEnd(issuers, named, []));
    const item = { ...schedule('crl', { notBefore: thisUpdate, notAfter: end }, limits), subject: decodeName(issuer) };
    // A renewed root has the same name as the old root, but its own CRLs. The key identifier distinguishes the CRLs of
    // both roots.
    const { keyIdentifier } = readAuthorityKeyIdentifier(extensions);
    const authority = JSON.stringify([item.subject, keyIdentifier && toHex(keyIdentifier)]);
    const other = latest.get(authority);
    if (other === undefined || other.end < item.end) latest.set(authority, item);
  }
  return [...latest.values()];
}

function schedule(
  kind: RenewalKind,
  { notBefore, notAfter: end }: Period,
  { now, lifePart, leafDays }: Limits,
): Pick<RenewalItem, 'kind' | 'end' | 'renewFrom' | 'state'> {
  const due = dueFrom({ notBefore, notAfter: end }, lifePart);
  const latest = kind === 'authority' ? end.getTime() - leafDays * day : Number.POSITIVE_INFINITY;
  const renewFrom = new Date(Math.max(notBefore.getTime(), Math.min(due.getTime(), latest)));
  return { kind, end, renewFrom, state: isOver(end, now) ? 'ended' : now >= renewFrom ? 'due' : 'good' };
}
