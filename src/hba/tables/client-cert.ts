import { assertKnownValue, assertVersion } from '../../arguments.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import type { AuthMethod } from './tables.ts';

/**
 * The check of a client certificate. `verify-ca`: only its chain. `verify-full`: also that it names the database user.
 */
export type ClientCertLevel = 'verify-ca' | 'verify-full';

/** The `clientcert` option for a major version, and the check that this version really makes. */
export interface ClientCertOption {
  /** The name of the option. */
  readonly name: 'clientcert';
  /** The value of the option in this version. */
  readonly value: '1' | ClientCertLevel;
  /**
   * `chain`: a trusted CA issued the client's certificate, which can name anybody. `name`: the certificate also names
   * the database user.
   */
  readonly guarantees: 'chain' | 'name';
  /** If the option guarantees less than the requested level, the reason for this and what to do. */
  readonly note?: string;
}

/**
 * The effect of a `clientcert` value. `off`: the server demands no certificate. `error`: the server refuses the value.
 * Otherwise, the check that the server makes.
 */
export type ClientCertEffect = 'off' | ClientCertLevel | 'error';

/** The server's message if a rule or an option demands a client certificate, and the server has no `ssl_ca_file`. */
export const noRootStore = 'client certificates can only be checked if a root certificate store is available';

/** The server's message if a rule demands a client certificate, and the client shows none. */
export const noCertificate = 'connection requires a valid client certificate';

/** The major versions in which the records of pg_hosts.conf can name the CA files instead of `ssl_ca_file`. */
export const hasHostsFile: PgMajorSpan = { since: 19 };

/** The major versions that refuse `clientcert=1` while no `ssl_ca_file` is loaded (`parse_hba_auth_opt`). */
export const refusesOptionWithoutCa: PgMajorSpan = { until: 9.6 };

/**
 * Returns the server's message to a client if the deciding rule demands a client certificate, and the server has no
 * `ssl_ca_file` (`ClientAuthentication`). 9.6 only notices that the client shows no certificate.
 */
export function messageWithoutCa(version: PgMajor): string {
  return spanIncludes(refusesOptionWithoutCa, version) ? noCertificate : noRootStore;
}

interface ClientCertRow extends PgMajorSpan {
  /** The values of `clientcert` that these major versions know, with their effects. */
  readonly values: Readonly<Record<string, ClientCertEffect>>;
  /** The effect of a value that these major versions do not know. */
  readonly otherwise: 'off' | 'error';
  /** The effects that these versions refuse together with method `cert`, with the text in the view's error column. */
  readonly refusedWithCert: Readonly<Partial<Record<ClientCertEffect, string>>>;
}

const oldValues = { '1': 'verify-ca', '0': 'off' } as const;
const newValues = { 'verify-ca': 'verify-ca', 'verify-full': 'verify-full' } as const;
const bothValues = { ...oldValues, ...newValues, 'no-verify': 'off' } as const;

const rows: readonly ClientCertRow[] = [
  {
    until: 11,
    values: oldValues,
    otherwise: 'off',
    refusedWithCert: { off: 'clientcert can not be set to 0 when using "cert" authentication' },
  },
  {
    since: 12,
    until: 12,
    values: bothValues,
    otherwise: 'error',
    refusedWithCert: { off: 'clientcert can not be set to "no-verify" when using "cert" authentication' },
  },
  {
    since: 13,
    until: 13,
    values: bothValues,
    otherwise: 'error',
    refusedWithCert: { off: 'clientcert cannot be set to "no-verify" when using "cert" authentication' },
  },
  {
    since: 14,
    values: newValues,
    otherwise: 'error',
    refusedWithCert: {
      'verify-ca': 'clientcert can only be set to "verify-full" when using "cert" authentication',
    },
  },
];

/** Returns the effect of a `clientcert` value in a version (`parse_hba_auth_opt`). */
export function clientCertEffect(value: string, version: PgMajor): ClientCertEffect {
  const { values, otherwise } = rowOf(version);
  return Object.hasOwn(values, value) ? values[value]! : otherwise;
}

/** Returns the certificate that a rule with this method and this `clientcert` value demands. */
export function demandedCertificate(
  method: AuthMethod,
  clientCert: string | undefined,
  version: PgMajor,
): 'none' | ClientCertLevel {
  if (method === 'cert') return 'verify-full';
  const effect = clientCert === undefined ? 'off' : clientCertEffect(clientCert, version);
  return effect === 'verify-ca' || effect === 'verify-full' ? effect : 'none';
}

/** Returns whether a value of `clientcert` demands no certificate although it seems to demand one. */
export function isOffByMistake(value: string, version: PgMajor): boolean {
  return value !== '0' && value !== 'no-verify' && clientCertEffect(value, version) === 'off';
}

/** Returns the advice for a value of `clientcert` that demands no certificate although it seems to demand one. */
export function offByMistakeMessage(value: string, version: PgMajor): string {
  return `PostgreSQL ${version} asks for no certificate with clientcert=${value}, because it knows only clientcert=1. Write clientcert=1`;
}

/** Returns the values of `clientcert` that a major version accepts together with a method. */
export function clientCertValues(version: PgMajor, method: AuthMethod): string[] {
  const { values, refusedWithCert: refused } = rowOf(version);
  return Object.keys(values).filter((value) => method !== 'cert' || refused[values[value]!] === undefined);
}

/**
 * Returns the text in the view's error column if a version refuses this effect together with method `cert`; otherwise
 * `undefined`.
 */
export function refusedWithCert(effect: ClientCertEffect, version: PgMajor): string | undefined {
  return rowOf(version).refusedWithCert[effect];
}

function rowOf(version: PgMajor): ClientCertRow {
  return rows.find((row) => spanIncludes(row, version))!;
}

/**
 * Returns the `clientcert` option that makes a server of this version demand a client certificate: `verify-ca` or
 * `verify-full` from 12 on, `1` before. Up to 11, `1` guarantees only the chain. Together with a password method, these
 * versions never compare the certificate's name with the user. They treat any other value, including `verify-full`, as
 * "no certificate needed". Method `cert` compares the name in every version.
 *
 * @param level the check that the server should make
 * @param version the server's major version
 * @throws PgHostsslError `argument-invalid` for an unknown level; `version-unknown` for an unsupported major version
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientCertOption } from 'pg-hostssl/hba';
 *
 * assert.deepEqual(clientCertOption('verify-full', 18), { name: 'clientcert', value: 'verify-full', guarantees: 'name' });
 * const old = clientCertOption('verify-full', 11);
 * assert.equal(old.value, '1');
 * assert.equal(old.guarantees, 'chain');
 * ```
 */
export function clientCertOption(level: ClientCertLevel, version: PgMajor): ClientCertOption {
  assertKnownValue(level, ['verify-ca', 'verify-full'], 'level of clientCertOption');
  assertVersion(version);
  if (clientCertEffect(level, version) === level) {
    return { name: 'clientcert', value: level, guarantees: level === 'verify-full' ? 'name' : 'chain' };
  }
  const option = { name: 'clientcert', value: '1', guarantees: 'chain' } as const;
  if (level === 'verify-ca') return option;
  const note =
    `PostgreSQL ${version} cannot compare the name in the certificate with the user beside a password: ` +
    'clientcert=1 accepts any certificate of the trusted CA. Use method cert, which compares the name in every version.';
  return { ...option, note };
}
