import { assertVersion } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';

/** What the server checks of a client certificate: its chain alone, or also that it names the database user. */
export type ClientCertLevel = 'verify-ca' | 'verify-full';

/** The `clientcert` option for one major version, and what that version really checks. */
export interface ClientCertOption {
  /** The option's name. */
  readonly name: 'clientcert';
  /** The option's value in this version. */
  readonly value: '1' | ClientCertLevel;
  /**
   * `chain`: a trusted CA must have issued the client's certificate, which may name anybody. `name`: the certificate must
   * also name the database user.
   */
  readonly guarantees: 'chain' | 'name';
  /** If the option guarantees less than the level asks for: why, and the way out. */
  readonly note?: string;
}

/** What the server does at a `clientcert` value: it asks for no certificate, checks a level, or refuses the value. */
export type ClientCertEffect = 'off' | ClientCertLevel | 'error';

interface ClientCertRow extends PgMajorSpan {
  /** The values that these versions know. */
  readonly values: Readonly<Record<string, ClientCertEffect>>;
  /** The effect of any other value. */
  readonly otherwise: 'off' | 'error';
  /** The effects that these versions refuse together with method `cert`, with the text of the view's error column. */
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

/** The effect of a `clientcert` value in a version (`parse_hba_auth_opt`). */
export function clientCertEffect(value: string, version: PgMajor): ClientCertEffect {
  const { values, otherwise } = rowOf(version);
  return Object.hasOwn(values, value) ? values[value]! : otherwise;
}

/** Whether a value of `clientcert` asks for no certificate although it does not say so. */
export function isOffByMistake(value: string, version: PgMajor): boolean {
  return value !== '0' && value !== 'no-verify' && clientCertEffect(value, version) === 'off';
}

/** What to do about a value of `clientcert` that asks for no certificate although it does not say so. */
export function offByMistakeMessage(value: string, version: PgMajor): string {
  return `PostgreSQL ${version} asks for no certificate at clientcert=${value}, because it knows clientcert=1 only. Write clientcert=1`;
}

/** The values that a version knows. */
export function clientCertValues(version: PgMajor): string[] {
  return Object.keys(rowOf(version).values);
}

/** The text of the view's error column if a version refuses this effect together with method `cert`. */
export function refusedWithCert(effect: ClientCertEffect, version: PgMajor): string | undefined {
  return rowOf(version).refusedWithCert[effect];
}

function rowOf(version: PgMajor): ClientCertRow {
  return rows.find((row) => spanIncludes(row, version))!;
}

/**
 * The `clientcert` option that asks a server of this version for a client certificate: `verify-ca` or `verify-full` from 12
 * on, `1` before. Up to 11, `1` guarantees the chain only: together with a password method these versions never compare the
 * certificate's name with the user, and they take any other value, `verify-full` too, for "no certificate needed". Method
 * `cert` compares the name in every version.
 *
 * @param level what the server is to check
 * @param version the server's major version
 * @throws PgHostsslError `argument-invalid` for an unknown level; `version-unknown`
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
  if (level !== 'verify-ca' && level !== 'verify-full') {
    throw new PgHostsslError('argument-invalid', "The level of clientCertOption must be 'verify-ca' or 'verify-full'", {
      hint: 'Give the level first, then the version.',
    });
  }
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
