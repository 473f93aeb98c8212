import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';

/** The connection types, with the major versions that know them (`parse_hba_line`). */
export const connectionTypes = {
  local: {},
  host: {},
  hostssl: {},
  hostnossl: {},
  hostgssenc: { since: 12 },
  hostnogssenc: { since: 12 },
} as const;

/** A connection type: the first column of a rule. */
export type ConnectionType = keyof typeof connectionTypes;

/** A connection type for TCP. Rules of these types have an address column. */
export type HostConnectionType = Exclude<ConnectionType, 'local'>;

/** The authentication methods, with the major versions that know them and the connection types that they need. */
export const authMethods = {
  trust: {},
  reject: {},
  md5: {},
  password: {},
  'scram-sha-256': { since: 10 },
  ident: {},
  peer: { types: ['local'], misplaced: 'only supported on local sockets' },
  cert: { types: ['hostssl'], misplaced: 'only supported on hostssl connections' },
  gss: {
    types: ['host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'],
    misplaced: 'not supported on local sockets',
    feature: 'gss',
    label: 'gssapi',
  },
  sspi: { feature: 'sspi' },
  ldap: { feature: 'ldap' },
  pam: { feature: 'pam' },
  bsd: { feature: 'bsd' },
  radius: { until: 18 },
  oauth: { since: 18 },
} as const;

/** An authentication method: the column after the address. */
export type AuthMethod = keyof typeof authMethods;

/** The authentication methods that a rule of this connection type can have. */
export type AuthMethodFor<T extends ConnectionType> = {
  [M in AuthMethod]: (typeof authMethods)[M] extends {
    /** The connection types that the method needs. */
    readonly types: readonly (infer Allowed)[];
  }
    ? T extends Allowed
      ? M
      : never
    : M;
}[AuthMethod];

/**
 * The options after the method (`parse_hba_auth_opt`). Each row has the major versions that know the option, the
 * methods that accept it, whether it needs `hostssl`, whether its methods require it, and whether its value is secret.
 */
export const authOptions = {
  map: { methods: ['ident', 'peer', 'gss', 'sspi', 'cert', 'oauth'] },
  clientcert: { hostsslOnly: true },
  clientname: { since: 14, hostsslOnly: true },
  pamservice: { methods: ['pam'] },
  pam_use_hostname: { methods: ['pam'] },
  ldapurl: { methods: ['ldap'], secret: true },
  ldaptls: { methods: ['ldap'] },
  ldapscheme: { since: 11, methods: ['ldap'] },
  ldapserver: { methods: ['ldap'] },
  ldapport: { methods: ['ldap'] },
  ldapbinddn: { methods: ['ldap'] },
  ldapbindpasswd: { methods: ['ldap'], secret: true },
  ldapsearchattribute: { methods: ['ldap'] },
  ldapsearchfilter: { since: 11, methods: ['ldap'] },
  ldapbasedn: { methods: ['ldap'] },
  ldapprefix: { methods: ['ldap'] },
  ldapsuffix: { methods: ['ldap'] },
  krb_realm: { methods: ['gss', 'sspi'] },
  include_realm: { methods: ['gss', 'sspi'] },
  compat_realm: { methods: ['sspi'] },
  upn_username: { methods: ['sspi'] },
  radiusserver: { until: 9.6, methods: ['radius'], required: true },
  radiussecret: { until: 9.6, methods: ['radius'], required: true, secret: true },
  radiusport: { until: 9.6, methods: ['radius'] },
  radiusidentifier: { until: 9.6, methods: ['radius'] },
  radiusservers: { since: 10, until: 18, methods: ['radius'], required: true },
  radiussecrets: { since: 10, until: 18, methods: ['radius'], required: true, secret: true },
  radiusports: { since: 10, until: 18, methods: ['radius'] },
  radiusidentifiers: { since: 10, until: 18, methods: ['radius'] },
  scope: { since: 18, methods: ['oauth'], required: true },
  issuer: { since: 18, methods: ['oauth'], required: true },
  validator: { since: 18, methods: ['oauth'] },
  delegate_ident_mapping: { since: 18, methods: ['oauth'] },
} as const;

/** The name of an option. Since 19, there is also `validator.NAME`, an option that a validator module defines. */
export type AuthOptionName = keyof typeof authOptions | `validator.${string}`;

/** A row of {@link authMethods}. */
export interface AuthMethodRow extends PgMajorSpan {
  /** The connection types that the method needs; all types by default. */
  readonly types?: readonly ConnectionType[];
  /** The end of the server's error text about the method on a line of another type; only with `types`. */
  readonly misplaced?: string;
  /** The optional part of a server build that the method needs. */
  readonly feature?: 'ldap' | 'pam' | 'gss' | 'sspi' | 'bsd';
  /** The name of the method in PostgreSQL's messages, if it differs from the keyword. */
  readonly label?: string;
}

/** A row of {@link authOptions}. */
export interface AuthOptionRow extends PgMajorSpan {
  /** The methods that accept the option; all methods by default. */
  readonly methods?: readonly AuthMethod[];
  /** `true` if the option needs a `hostssl` line. */
  readonly hostsslOnly?: boolean;
  /** `true` if the methods that accept the option also require it. */
  readonly required?: boolean;
  /** `true` if the value is a secret. No message shows such a value. */
  readonly secret?: boolean;
}

/** The row of `validator.NAME`, an option that a validator module defines (19+). */
const validatorOption: AuthOptionRow = { since: 19, methods: ['oauth'] };

/**
 * Returns a function that takes a major version and returns the words of a table that this version knows. The results
 * are cached, because reading each rule needs them.
 */
function byMajor<Word extends string, Value>(
  table: Readonly<Record<Word, PgMajorSpan>>,
  valueFor: (word: Word) => Value,
): (major: PgMajor) => ReadonlyMap<string, Value> {
  const known = new Map<PgMajor, ReadonlyMap<string, Value>>();
  return (major) => {
    let words = known.get(major);
    if (words === undefined) {
      const all = Object.keys(table) as Word[];
      words = new Map(all.filter((word) => spanIncludes(table[word], major)).map((word) => [word, valueFor(word)]));
      known.set(major, words);
    }
    return words;
  };
}

/** Returns the connection types of a version by their words. */
export const connectionTypesOf: (major: PgMajor) => ReadonlyMap<string, ConnectionType> = byMajor(
  connectionTypes,
  (word) => word,
);

/**
 * Returns the authentication methods of a version by their words, including methods for which a server may not be
 * built.
 */
export const authMethodsOf: (major: PgMajor) => ReadonlyMap<string, AuthMethod> = byMajor(
  authMethods as Readonly<Record<AuthMethod, AuthMethodRow>>,
  (word) => word,
);

const authOptionsOf = byMajor(
  authOptions as Readonly<Record<keyof typeof authOptions, AuthOptionRow>>,
  (word): AuthOptionRow => authOptions[word],
);

/** Returns the method that the server uses: on a `local` line, `ident` means `peer` (`parse_hba_line`). */
export function usedMethod(type: ConnectionType, method: AuthMethod): AuthMethod {
  return type === 'local' && method === 'ident' ? 'peer' : method;
}

/** Returns the row of an authentication method. */
export function authMethodRow(method: AuthMethod): AuthMethodRow {
  return authMethods[method];
}

/**
 * Returns the row of an option; `undefined` if the version does not know the option. The result for `validator.NAME`
 * does not depend on whether `NAME` is valid.
 */
export function authOptionRow(name: string, major: PgMajor): AuthOptionRow | undefined {
  const row = authOptionsOf(major).get(name);
  if (row !== undefined || !name.startsWith('validator.')) return row;
  return spanIncludes(validatorOption, major) ? validatorOption : undefined;
}

/** Returns whether the value of an option is secret. */
export function isSecretOption(name: string): boolean {
  const row: AuthOptionRow | undefined = Object.hasOwn(authOptions, name)
    ? authOptions[name as keyof typeof authOptions]
    : undefined;
  return row?.secret === true;
}

/** Returns the options that a method requires in a version, in the server's order. */
export function requiredOptions(method: AuthMethod, major: PgMajor): string[] {
  return Object.keys(authOptions).filter((name) => {
    const row = authOptionRow(name, major);
    return row?.required === true && row.methods?.includes(method) === true;
  });
}
