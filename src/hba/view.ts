import { assertInstance } from '../arguments.ts';
import type { ExpandableFile } from '../auth-file/read/expand.ts';
import type { LineContext } from '../auth-file/read/record-format.ts';
import type { Token } from '../auth-file/scan/token.ts';
import { type FileView, type RowPlace, viewRows } from '../auth-file/view.ts';
import { atoi } from '../c/numbers.ts';
import type { ServerFacts } from '../parse-options.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../version.ts';
import { HbaFile } from './file.ts';
import { addressColumns } from './read/address.ts';
import { type HeldOption, heldOptions } from './read/ldap.ts';
import { optionValue } from './read/option.ts';
import type { HbaRecord } from './read/record.ts';
import type { HbaRule } from './rule.ts';
import { clientCertEffect } from './tables/client-cert.ts';
import { isFlagOn, isOptionFlag } from './tables/option-flags.ts';
import type { AuthMethod } from './tables/tables.ts';

/** A row of the view `pg_hba_file_rules`, with the view's column names. */
export interface HbaFileRulesRow {
  /** The number of the rule in the order of matching; `null` for a line with an error (16+). */
  readonly rule_number?: number | null;
  /** The path of the line's file; `null` if the parse option `file` is not given (16+). */
  readonly file_name?: string | null;
  /** The number of the line in its file. */
  readonly line_number: number;
  /** The connection type. */
  readonly type: string | null;
  /** The words of the database column. */
  readonly database: readonly string[] | null;
  /** The words of the user column. */
  readonly user_name: readonly string[] | null;
  /** A keyword, a host name or a canonical IP address. */
  readonly address: string | null;
  /** The netmask, in the form of an IP address. */
  readonly netmask: string | null;
  /** The authentication method. */
  readonly auth_method: string | null;
  /** The options as the server stores them. */
  readonly options: readonly string[] | null;
  /**
   * The reason why the server refuses the line, or why the rule never matches. A row in which all columns of the rule
   * are `null` is also a refused line, even if `error` is `null`.
   */
  readonly error: string | null;
}

/**
 * Returns the rows of the view `pg_hba_file_rules` (10+) for a file and its included files, exactly as a server of the
 * file's version shows them: arrays lose their quotes, defaults are not among the options, and a refused line can have
 * no error.
 *
 * @throws PgHostsslError `argument-invalid` if `file` is not an HbaFile
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { HbaFile, hbaFileRules } from 'pg-hostssl/hba';
 *
 * const [row] = hbaFileRules(HbaFile.parse('host all all 10.0.0.0/8 md5\n'));
 * assert.deepEqual([row?.address, row?.netmask, row?.auth_method], ['10.0.0.0', '255.0.0.0', 'md5']);
 * ```
 */
export function hbaFileRules(file: HbaFile): readonly HbaFileRulesRow[] {
  assertInstance(file, HbaFile, 'the file of hbaFileRules');
  return viewRows(file.expandable() as ExpandableFile<HbaRecord, HbaRule>, view);
}

const view: FileView<HbaRecord, HbaFileRulesRow> = { numbered: { since: 16 }, rowOf };

function rowOf(
  record: HbaRecord | undefined,
  { number, file, line, error }: RowPlace,
  { version, server }: LineContext,
): HbaFileRulesRow {
  const type = record?.type ?? null;
  const database = record?.databases.map(wordOf) ?? null;
  const user_name = record?.users.map(wordOf) ?? null;
  const { address, netmask } = record?.address === undefined ? noAddress : addressColumns(record.address);
  const auth_method = record?.method ?? null;
  const shown = record === undefined ? none : optionsColumn(record, version, server);
  const options = shown.length === 0 ? null : shown;
  // Complete object literals are ten times faster than a literal with object spread.
  return number === undefined
    ? { line_number: line, type, database, user_name, address, netmask, auth_method, options, error }
    : {
        rule_number: number,
        file_name: file,
        line_number: line,
        type,
        database,
        user_name,
        address,
        netmask,
        auth_method,
        options,
        error,
      };
}

const noAddress = { address: null, netmask: null };

function wordOf({ value }: Token): string {
  return value;
}

const none: readonly string[] = [];

interface ShownOption extends PgMajorSpan {
  readonly name: string;
  /** How the server stores the value of an option that is not a flag: as a number, or as text by default. */
  readonly as?: 'number';
  /** The value for a rule that does not have the option. A flag has its default. */
  readonly otherwise?: string;
  /** The methods with which the view shows the option; all methods by default. */
  readonly methods?: readonly AuthMethod[];
}

/** All options that the function `gethba_options` of the server shows, in the order of that function. */
const shownOptions: readonly ShownOption[] = [
  { name: 'include_realm', methods: ['gss', 'sspi'] },
  { name: 'krb_realm', methods: ['gss', 'sspi'] },
  { name: 'map' },
  { name: 'clientcert' },
  { name: 'pamservice' },
  { name: 'ldapserver' },
  { name: 'ldapport', as: 'number' },
  // Late minor releases of 13 to 17 show `ldapscheme`. No release of 11 and 12 shows it.
  { name: 'ldapscheme', since: 13 },
  { name: 'ldaptls' },
  { name: 'ldapprefix' },
  { name: 'ldapsuffix' },
  { name: 'ldapbasedn' },
  { name: 'ldapbinddn' },
  { name: 'ldapbindpasswd' },
  { name: 'ldapsearchattribute' },
  { name: 'ldapsearchfilter' },
  { name: 'ldapscope', as: 'number', otherwise: '2', methods: ['ldap'] },
  { name: 'radiusservers' },
  { name: 'radiussecrets' },
  { name: 'radiusidentifiers' },
  { name: 'radiusports' },
  { name: 'issuer' },
  { name: 'scope' },
  { name: 'validator' },
  { name: 'delegate_ident_mapping' },
];

/**
 * The methods for which the view shows options that the rule itself does not have: the default of an option,
 * `clientcert` for method cert, or the only OAuth validator of the server.
 */
const methodsWithMore: ReadonlySet<AuthMethod> = new Set<AuthMethod>([
  'cert',
  'oauth',
  ...shownOptions.flatMap((row) => (textOf(row, undefined) === undefined ? [] : (row.methods ?? []))),
]);

function optionsColumn(record: HbaRecord, version: PgMajor, { oauthValidators = [] }: ServerFacts): readonly string[] {
  if (record.options.length === 0 && !methodsWithMore.has(record.method)) return none;
  const shown: string[] = [];
  const held = heldOptions(record.options);
  for (const row of shownOptions) {
    if (!spanIncludes(row, version) || row.methods?.includes(record.method) === false) continue;
    // If the server has only one OAuth validator, a rule without the option `validator` uses this validator
    // (`check_oauth_validator`).
    const [only] = row.name === 'validator' && record.method === 'oauth' ? oauthValidators : [];
    const value = shownValue(record, held, row, version) ?? only;
    if (value !== undefined) shown.push(`${row.name}=${value}`);
  }
  return shown;
}

function shownValue(
  record: HbaRecord,
  held: readonly HeldOption[],
  row: ShownOption,
  version: PgMajor,
): string | undefined {
  const value = optionValue(held, row.name);
  return row.name === 'clientcert' ? shownClientCert(record, value, version) : textOf(row, value);
}

/** Returns the text with which the view shows the value of an option; `undefined` if the view leaves the option out. */
function textOf({ name, as, otherwise }: ShownOption, value: string | undefined): string | undefined {
  if (isOptionFlag(name)) return isFlagOn(name, value) ? 'true' : undefined;
  const text = value ?? otherwise;
  if (text === undefined) return undefined;
  if (as !== 'number') return text;
  const number = atoi(text);
  return number === 0 ? undefined : String(number);
}

/** The versions that store `clientcert` as a boolean. */
const clientCertIsSwitch: PgMajorSpan = { until: 11 };

function shownClientCert(record: HbaRecord, value: string | undefined, version: PgMajor): string | undefined {
  const effect =
    record.method === 'cert' ? 'verify-full' : value === undefined ? 'off' : clientCertEffect(value, version);
  if (effect === 'off') return undefined;
  return spanIncludes(clientCertIsSwitch, version) ? 'true' : effect;
}
