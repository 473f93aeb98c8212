import {
  assertInstance,
  assertMethods,
  assertOneProperty,
  assertProperties,
  assertText,
  given,
  type PropertyNames,
  shownValue,
} from '../../arguments.ts';
import { copyArgument } from '../../copy-argument.ts';
import { PgHostsslError } from '../../errors.ts';
import { decimalSerialNumber, normalizeSerialNumber } from '../certificate/serial-number.ts';
import { wholeSeconds } from '../certificate/validity.ts';
import { CertificateAuthority } from '../issue/authority.ts';
import { inspectCrl } from '../revocation/crl.ts';
import type { CrlOptions, IssuedCrl } from '../revocation/issue-crl.ts';
import { checkReason, type RevocationReason } from '../revocation/revocation-reason.ts';
import {
  authorityId,
  emptyLedger,
  entryLine,
  issuedBy,
  type LedgerData,
  type LedgerEntry,
  ledgerEntry,
  ledgerText,
  parseLedger,
  withoutRepetitions,
} from './ledger-data.ts';

/**
 * The place where a {@link Ledger} keeps its text, such as a file or a row of a database. The store must be able to
 * compare and replace the text in one atomic step.
 */
export interface LedgerStore {
  /** Returns the text, or `undefined` if nothing was written yet. */
  read(): Promise<string | undefined>;
  /**
   * Replaces the text and returns `true`, if the present text is `previous`; `previous` is `undefined` if there is no
   * text yet. If the present text differs, `write` changes nothing and returns `false`. Comparison and
   * replacement must be one atomic step.
   */
  write(text: string, previous: string | undefined): Promise<boolean>;
  /**
   * Appends lines to the text and returns `true`. If there is no text, or if the text does not end with a line end,
   * `append` changes nothing and returns `false`. If a store has no `append`, each new record rewrites the whole text
   * with `write`.
   */
  append?(lines: string): Promise<boolean>;
}

/** The certificates to revoke. */
export type RevocationTarget =
  | {
      /** One certificate, PEM. */
      readonly certificate: string;
    }
  | {
      /**
       * The serial number of a certificate in hexadecimal digits. If several CAs issued certificates with this number,
       * all these certificates are revoked.
       */
      readonly serialNumber: string;
    }
  | {
      /**
       * A role. All client certificates with this common name are revoked, except certificates that have expired or are
       * revoked already. Certificates with other common names are not revoked, even if a map in pg_ident.conf allows
       * them for the role.
       */
      readonly user: string;
    };

/** Options of {@link Ledger.revoke}. */
export interface RevokeOptions {
  /** The reason of the revocation. */
  readonly reason?: RevocationReason | undefined;
  /** The time of the revocation; now if not given. */
  readonly at?: Date | undefined;
}

/** The number of attempts to make a change while other processes change the ledger. */
const attempts = 100;

/**
 * A record of the certificates that CAs issued and revoked. A ledger finds the certificates of a role, and numbers
 * CRLs. Several processes may use one store at the same time: if another process changes the text first, the ledger
 * repeats its own change.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, inspectCrl, Ledger, memoryLedgerStore } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { certificate, serialNumber } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const ledger = new Ledger(memoryLedgerStore());
 * await ledger.record(certificate);
 *
 * await ledger.revoke({ user: 'webadmin' }, { reason: 'keyCompromise' });
 * const { crl } = await ledger.issueCrl(authority);
 * assert.equal(inspectCrl(crl).revoked[0]?.serialNumber, serialNumber);
 * ```
 */
export class Ledger {
  readonly #store: LedgerStore;

  /**
   * Creates a ledger that keeps its text in a store.
   *
   * @throws PgHostsslError `argument-invalid` if the store has no method `read` or `write`
   */
  constructor(store: LedgerStore) {
    assertMethods(store, ['read', 'write'], 'store of Ledger');
    this.#store = store;
  }

  /**
   * All recorded certificates, the oldest first.
   *
   * @throws PgHostsslError `ledger-invalid`, and the errors of the store
   */
  async certificates(): Promise<readonly LedgerEntry[]> {
    return parseLedger(await this.#store.read()).certificates;
  }

  /**
   * Records issued certificates. An existing entry stays unchanged.
   *
   * @param certificates PEM; only the first certificate of each text is recorded
   * @returns the entries of the certificates
   * @throws PgHostsslError `argument-invalid` for a value of the wrong kind; `certificate-invalid`, `ledger-invalid`,
   * `ledger-busy`, and the errors of the store
   */
  async record(...certificates: readonly string[]): Promise<readonly LedgerEntry[]> {
    const entries = certificates.map(ledgerEntry);
    // A line about a certificate that has an entry already has no effect, so the text need not be read first.
    if (await this.#store.append?.(entries.map(entryLine).join(''))) return entries;
    await this.#change((data) => ({ ...data, certificates: withoutRepetitions([...data.certificates, ...entries]) }));
    return entries;
  }

  /**
   * Marks certificates as revoked. The revocation takes effect when the server loads the next CRL from {@link
   * Ledger.issueCrl}.
   *
   * @returns the entries that this call revoked
   * @throws PgHostsslError `ledger-entry-unknown` if the ledger does not hold the certificate, or holds no client
   * certificate of the role; `revocation-reason-unknown`, `validity-invalid`, `argument-invalid`, and the codes of
   * {@link Ledger.record}
   */
  async revoke(target: RevocationTarget, options: RevokeOptions = {}): Promise<readonly LedgerEntry[]> {
    assertProperties(target, targetNames, 'target of Ledger.revoke');
    assertProperties(options, revokeNames, 'options of Ledger.revoke');
    assertOneProperty(target, ['certificate', 'serialNumber', 'user'], 'target of Ledger.revoke');
    target = given(target);
    const reason = options.reason === undefined ? undefined : checkReason(options.reason);
    const at = wholeSeconds(options.at ?? new Date());
    const isTarget = matcher(target);
    const isExpired = ({ notAfter }: LedgerEntry) => 'user' in target && new Date(notAfter) < at;
    let revoked: readonly LedgerEntry[] = [];
    await this.#change((data) => {
      const found = data.certificates.filter(isTarget);
      if (found.length === 0) throw unknownEntry(target);
      const change = new Map(
        found
          .filter((entry) => entry.revokedAt === undefined && !isExpired(entry))
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
   * Issues the next CRL of a CA. The CRL has the next CRL number and lists all certificates of the CA that the ledger
   * has as revoked. If the CA issued CRLs without this ledger, give the last CRL as `previous`. The ledger does not
   * record the entries of `previous`, so each later CRL needs its predecessor as `previous`, too.
   *
   * @throws PgHostsslError the codes of {@link CertificateAuthority.issueCrl} and {@link Ledger.record}
   */
  async issueCrl(
    authority: CertificateAuthority,
    options: Pick<CrlOptions, 'validity' | 'previous'> = {},
  ): Promise<IssuedCrl> {
    assertProperties(options, issueCrlNames, 'options of Ledger.issueCrl');
    assertInstance(authority, CertificateAuthority, 'authority of Ledger.issueCrl');
    options = copyArgument(options);
    const id = authorityId(authority.certificate);
    const before = options.previous === undefined ? 0n : BigInt(inspectCrl(options.previous).number ?? 0);
    let data = emptyLedger;
    // The CRL number is written to the ledger before the CRL is signed. Two processes therefore never issue CRLs with
    // the same number.
    await this.#change((current) => {
      const last = BigInt(current.crlNumbers[id] ?? 0);
      const number = String((last > before ? last : before) + 1n);
      data = { ...current, crlNumbers: { ...current.crlNumbers, [id]: number } };
      return data;
    });
    const own = issuedBy(authority.certificate, data.certificates);
    const revoked = own.flatMap(({ serialNumber, revokedAt, reason }) =>
      revokedAt === undefined
        ? []
        : [{ serialNumber, revokedAt: new Date(revokedAt), ...(reason === undefined ? {} : { reason }) }],
    );
    return authority.issueCrl({ ...options, revoked, number: data.crlNumbers[id]! });
  }

  async #change(change: (data: LedgerData) => LedgerData): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const previous = await this.#store.read();
      if (await this.#store.write(ledgerText(change(parseLedger(previous))), previous)) return;
    }
    throw new PgHostsslError('ledger-busy', `Other processes changed the ledger during each of ${attempts} attempts`);
  }
}

const targetNames: PropertyNames<RevocationTarget> = { certificate: true, serialNumber: true, user: true };
const revokeNames: PropertyNames<RevokeOptions> = { reason: true, at: true };
const issueCrlNames: PropertyNames<Pick<CrlOptions, 'validity' | 'previous'>> = { validity: true, previous: true };

/**
 * Creates a ledger store in memory, for tests and for programs that keep the text elsewhere.
 *
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { Ledger, memoryLedgerStore } from 'pg-hostssl/pki';
 *
 * const store = memoryLedgerStore();
 * assert.deepEqual(await new Ledger(store).certificates(), []);
 * assert.equal(await store.read(), undefined);
 * ```
 *
 * @param text the text of an existing ledger
 */
export function memoryLedgerStore(text?: string): LedgerStore {
  if (text !== undefined) assertText(text, 'the text of memoryLedgerStore');
  let current = text;
  return {
    read: async () => current,
    write: async (next, previous) => {
      if (current !== previous) return false;
      current = next;
      return true;
    },
    append: async (lines) => {
      if (current?.endsWith('\n') !== true) return false;
      current += lines;
      return true;
    },
  };
}

function isSame(a: LedgerEntry, b: LedgerEntry): boolean {
  return a.serialNumber === b.serialNumber && a.authority === b.authority;
}

function matcher(target: RevocationTarget): (entry: LedgerEntry) => boolean {
  if ('user' in target) return ({ kind, name }) => kind === 'client' && name === target.user;
  if ('certificate' in target) {
    const wanted = ledgerEntry(target.certificate);
    return (entry) => isSame(entry, wanted);
  }
  const wanted = normalizeSerialNumber(target.serialNumber);
  return ({ serialNumber }) => serialNumber === wanted;
}

function unknownEntry(target: RevocationTarget): PgHostsslError {
  const what = 'user' in target ? `client certificate of the role ${shownValue(target.user)}` : 'such certificate';
  return new PgHostsslError('ledger-entry-unknown', `The ledger holds no ${what}`, {
    hint: `Record the certificate first, or revoke it by its hexadecimal serial number in issueCrl of the CA. ${decimalSerialNumber}`,
  });
}
