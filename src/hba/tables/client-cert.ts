import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';

/** What a client certificate is checked for: its chain alone, or that it names the database user as well. */
export type ClientCertLevel = 'verify-ca' | 'verify-full';

/** The `clientcert` option for a server's major, and what that major really checks. */
export interface ClientCertOption {
  /** The option's name. */
  readonly name: 'clientcert';
  /** The option's value for this major. */
  readonly value: '1' | ClientCertLevel;
  /**
   * `chain`: every client needs a certificate of a trusted authority, whoever it names. `name`: its common name must be
   * the database user, too.
   */
  readonly guarantees: 'chain' | 'name';
  /** Where it guarantees less than what was asked for: why, and what to do. */
  readonly note?: string;
}

/** What a `clientcert` value means to a server: off (no certificate is asked for), a level, or an error. */
export type ClientCertMeaning = 'off' | ClientCertLevel | 'error';

interface ClientCertRow extends PgMajorSpan {
  /** The values that these majors know. */
  readonly values: Readonly<Record<string, ClientCertMeaning>>;
  /** What any other value means. */
  readonly otherwise: 'off' | 'error';
  /** What these majors refuse beside method `cert`, with the text of the view's error column. */
  readonly refusedWithCert: Readonly<Partial<Record<ClientCertMeaning, string>>>;
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

/** What a `clientcert` value means to a major (`parse_hba_auth_opt`). */
export function clientCertMeaning(value: string, version: PgMajor): ClientCertMeaning {
  const { values, otherwise } = rowOf(version);
  return Object.hasOwn(values, value) ? values[value]! : otherwise;
}

/** The values that a major knows. */
export function clientCertValues(version: PgMajor): string[] {
  return Object.keys(rowOf(version).values);
}

/** The text of the view's error column where a major refuses this meaning beside method `cert`. */
export function refusedWithCert(meaning: ClientCertMeaning, version: PgMajor): string | undefined {
  return rowOf(version).refusedWithCert[meaning];
}

function rowOf(version: PgMajor): ClientCertRow {
  return rows.find((row) => spanIncludes(row, version))!;
}

/**
 * The `clientcert` option that asks a server of this major for a client certificate: `verify-ca` or `verify-full` from 12
 * on, `1` before. On 11 and older `1` guarantees the chain only: with a password method these majors never compare the
 * certificate's name with the user (and they take any other value, `verify-full` too, for "no certificate needed").
 * Method `cert` compares it on every major.
 */
export function clientCertOption(version: PgMajor, level: ClientCertLevel): ClientCertOption {
  if (clientCertMeaning(level, version) === level) {
    return { name: 'clientcert', value: level, guarantees: level === 'verify-full' ? 'name' : 'chain' };
  }
  const option = { name: 'clientcert', value: '1', guarantees: 'chain' } as const;
  if (level === 'verify-ca') return option;
  const note =
    `PostgreSQL ${version} cannot compare the certificate's name with the user beside a password: ` +
    'clientcert=1 takes any certificate of the trusted authority. Use method cert, which compares it on every major.';
  return { ...option, note };
}
