import { PgHostsslError } from '../../errors.ts';
import { formatName } from '../../names/format-name.ts';
import { inspectCertificate } from '../certificate/inspect.ts';
import { wholeSeconds } from '../certificate/validity.ts';
import type { CertificateAuthority } from '../issue/authority.ts';
import { checkReason, inspectCrl, type RevocationReason } from '../revocation/crl.ts';
import type { CrlOptions, IssuedCrl } from '../revocation/issue-crl.ts';
import { type LedgerData, type LedgerEntry, ledgerEntry, ledgerText, parseLedger } from './ledger-data.ts';

/**
 * Where a ledger lies: a file, a row of a database, anything that holds one text and can replace it only if nobody else
 * has in the meantime.
 */
export interface LedgerStore {
  /** The text, or `undefined` where nothing was written yet. */
  read(): Promise<string | undefined>;
  /**
   * Replaces the text and gives `true`, provided that it still is `previous` (`undefined`: that there is none); else
   * changes nothing and gives `false`. Both in one step.
   */
  write(text: string, previous: string | undefined): Promise<boolean>;
}

/** Which certificates to revoke. */
export type RevocationTarget =
  | {
      /** One certificate, PEM. */
      readonly certificate: string;
    }
  | {
      /** One certificate by its serial number, hexadecimal digits; of each authority that has one with this number. */
      readonly serialNumber: string;
    }
  | {
      /**
       * All client certificates with the role for a common name that are neither over nor revoked. What a map of
       * pg_ident.conf makes of other common names is not looked at.
       */
      readonly user: string;
    };

/** How to revoke. */
export interface RevokeOptions {
  /** Why. */
  readonly reason?: RevocationReason;
  /** When; now if not given. */
  readonly at?: Date;
}

/** How often a change is tried again that somebody else's came before. */
const attempts = 100;

/**
 * A record of what authorities have issued and revoked. It is what makes revoking by role possible, and lists number
 * themselves. Several processes may use one store at once: each change is made to what is there, or made again.
 */
export class Ledger {
  readonly #store: LedgerStore;

  /** The ledger in a store. */
  constructor(store: LedgerStore) {
    this.#store = store;
  }

  /**
   * All certificates recorded, oldest first.
   *
   * @throws PgHostsslError `ledger-invalid`, and what the store throws
   */
  async certificates(): Promise<readonly LedgerEntry[]> {
    return parseLedger(await this.#store.read()).certificates;
  }

  /**
   * Records certificates that were issued. One that is there already stays as it is.
   *
   * @throws PgHostsslError `certificate-invalid`, `ledger-invalid`, `ledger-busy`, and what the store throws
   */
  async record(...certificates: readonly string[]): Promise<readonly LedgerEntry[]> {
    const entries = certificates.map(ledgerEntry);
    await this.#change((data) => {
      const fresh = entries.filter((entry) => !data.certificates.some((known) => isSame(known, entry)));
      return { ...data, certificates: [...data.certificates, ...fresh] };
    });
    return entries;
  }

  /**
   * Marks certificates as revoked, and gives those that were marked now. It takes effect with the next
   * {@link Ledger.issueCrl}, when the server has that list.
   *
   * @throws PgHostsslError `ledger-entry-unknown` for one certificate that is not recorded, `revocation-not-possible` for a
   * reason that is none, `validity-invalid` for a time that is none, and what {@link Ledger.record} throws
   */
  async revoke(target: RevocationTarget, options: RevokeOptions = {}): Promise<readonly LedgerEntry[]> {
    const reason = options.reason && checkReason(options.reason);
    const at = wholeSeconds(options.at ?? new Date());
    const isMeant = matcher(target, at);
    let revoked: readonly LedgerEntry[] = [];
    await this.#change((data) => {
      const meant = data.certificates.filter(isMeant);
      if (meant.length === 0 && !('user' in target)) {
        throw new PgHostsslError('ledger-entry-unknown', 'The certificate to be revoked is not in the ledger', {
          hint: 'Record it first, or revoke it by its serial number in issueCrl of the authority.',
        });
      }
      const change = new Map(
        meant
          .filter(({ revokedAt }) => revokedAt === undefined)
          .map((entry) => [
            entry,
            { ...entry, revokedAt: at.toISOString(), ...(reason === undefined ? {} : { reason }) },
          ]),
      );
      revoked = [...change.values()];
      return { ...data, certificates: data.certificates.map((entry) => change.get(entry) ?? entry) };
    });
    return revoked;
  }

  /**
   * The authority's next revocation list, with all that is revoked in the ledger and the next number. Where the authority
   * had lists before it had this ledger, give the last of them as `previous` once: its entries are taken over into this
   * list, but not into the ledger, so that from then on each list needs the one before.
   *
   * @throws PgHostsslError what {@link CertificateAuthority.issueCrl} and {@link Ledger.record} throw
   */
  async issueCrl(
    authority: CertificateAuthority,
    options: Pick<CrlOptions, 'validity' | 'previous'> = {},
  ): Promise<IssuedCrl> {
    const { subject, subjectKeyIdentifier } = inspectCertificate(authority.certificate);
    const name = formatName(subject, 'rfc4514');
    const identifier = subjectKeyIdentifier ?? name;
    const before = options.previous === undefined ? 0n : BigInt(inspectCrl(options.previous).number ?? 0);
    let data = parseLedger(undefined);
    // The number is taken before the list is made, so that no two lists have the same one.
    await this.#change((current) => {
      const last = BigInt(current.crlNumbers[identifier] ?? 0);
      const number = String((last > before ? last : before) + 1n);
      data = { ...current, crlNumbers: { ...current.crlNumbers, [identifier]: number } };
      return data;
    });
    const revoked = data.certificates.flatMap(({ authority: issuer, serialNumber, revokedAt, reason }) =>
      (issuer !== identifier && issuer !== name) || revokedAt === undefined
        ? []
        : [{ serialNumber, revokedAt: new Date(revokedAt), ...(reason === undefined ? {} : { reason }) }],
    );
    return authority.issueCrl({ ...options, revoked, number: data.crlNumbers[identifier]! });
  }

  async #change(change: (data: LedgerData) => LedgerData): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const previous = await this.#store.read();
      if (await this.#store.write(ledgerText(change(parseLedger(previous))), previous)) return;
    }
    throw new PgHostsslError('ledger-busy', `The ledger was changed by others at each of ${attempts} attempts`);
  }
}

/** A store in memory, for tests and for processes that keep the text elsewhere. */
export function memoryLedgerStore(text?: string): LedgerStore {
  let current = text;
  return {
    read: async () => current,
    write: async (next, previous) => {
      if (current !== previous) return false;
      current = next;
      return true;
    },
  };
}

function isSame(a: LedgerEntry, b: LedgerEntry): boolean {
  return a.serialNumber === b.serialNumber && a.authority === b.authority;
}

function matcher(target: RevocationTarget, at: Date): (entry: LedgerEntry) => boolean {
  if ('user' in target) {
    return ({ kind, name, notAfter }) => kind === 'client' && name === target.user && new Date(notAfter) >= at;
  }
  if ('certificate' in target) {
    const wanted = ledgerEntry(target.certificate);
    return (entry) => isSame(entry, wanted);
  }
  return ({ serialNumber }) => serialNumber === target.serialNumber.toLowerCase();
}
