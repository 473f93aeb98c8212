import { type ExpandedLine, expandLines } from '../auth-file/read/expand.ts';
import type { AuthLine } from '../auth-file/read/line.ts';
import type { ParseOptions, ServerFacts } from '../parse-options.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../version.ts';
import { addressColumns } from './read/address.ts';
import { leadingInteger } from './read/integer.ts';
import { type HeldOption, heldOptions } from './read/ldap.ts';
import { type HbaRecord, type RecordReading, readRecord, serverTextOf } from './read/record.ts';
import { clientCertMeaning } from './tables/client-cert.ts';
import type { AuthMethod } from './tables/tables.ts';

/** A row of the view `pg_hba_file_rules`, with the view's column names. */
export interface HbaFileRulesRow {
  /** 16+: the number of the rule in the order of matching; null for a line with an error. */
  readonly rule_number?: number | null;
  /** 16+: the path of the file that the line is in; null where the `file` of the parse options is not given. */
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
  /** The mask as an IP address. */
  readonly netmask: string | null;
  /** The authentication method. */
  readonly auth_method: string | null;
  /** The options as the server holds them. */
  readonly options: readonly string[] | null;
  /** Why the line is refused, or never matches. A row of nulls, this one included, is a refused line as well. */
  readonly error: string | null;
}

/** The majors whose view has the columns `rule_number` and `file_name`. */
const numbersRules: PgMajorSpan = { since: 16 };

/** What the server makes of a line of whatever file; undefined for one that is no record. */
export function readingOf({ line, fields, problem }: ExpandedLine): RecordReading | undefined {
  if (problem !== undefined) return { problem, notes: [] };
  if (fields.length === 0) return undefined;
  return readRecord(fields, line.how);
}

/** The rows of `pg_hba_file_rules` for these lines and what they include (`fill_hba_view`, `fill_hba_line`). */
export function rowsOf(lines: readonly AuthLine[], options: ParseOptions, version: PgMajor): HbaFileRulesRow[] {
  const rows: HbaFileRulesRow[] = [];
  const numbered = spanIncludes(numbersRules, version);
  let rules = 0;
  expandLines(lines, options, (line) => {
    const reading = readingOf(line);
    if (reading === undefined) return;
    const error = reading.problem?.serverText ?? serverTextOf(reading.notes);
    if (error === null) rules += 1;
    rows.push({
      ...(numbered ? { rule_number: error === null ? rules : null, file_name: line.file ?? null } : {}),
      line_number: line.serverLine,
      ...columnsOf(reading.record, version, options.server),
      error,
    });
  });
  return rows;
}

type Columns = Omit<HbaFileRulesRow, 'rule_number' | 'file_name' | 'line_number' | 'error'>;

const noColumns: Columns = {
  type: null,
  database: null,
  user_name: null,
  address: null,
  netmask: null,
  auth_method: null,
  options: null,
};

function columnsOf(record: HbaRecord | undefined, version: PgMajor, server: ServerFacts = {}): Columns {
  if (record === undefined) return noColumns;
  const address = record.address === undefined ? { address: null, netmask: null } : addressColumns(record.address);
  const options = optionsColumn(record, version, server);
  return {
    type: record.type,
    database: record.databases.map((token) => token.value),
    user_name: record.users.map((token) => token.value),
    ...address,
    auth_method: record.method,
    options: options.length === 0 ? null : options,
  };
}

interface ShownOption extends PgMajorSpan {
  readonly name: string;
  /** How the server holds the value; the text itself where not given. */
  readonly as?: 'number' | 'flag';
  /** The value of rules that do not give one. */
  readonly otherwise?: string;
  /** The methods with which it is shown; all where not given. */
  readonly methods?: readonly AuthMethod[];
}

/** What `gethba_options` shows, in its order; what is not here is never shown. */
const shownOptions: readonly ShownOption[] = [
  { name: 'include_realm', as: 'flag', otherwise: '1', methods: ['gss', 'sspi'] },
  { name: 'krb_realm', methods: ['gss', 'sspi'] },
  { name: 'map' },
  { name: 'clientcert' },
  { name: 'pamservice' },
  { name: 'ldapserver' },
  { name: 'ldapport', as: 'number' },
  // Late minor releases of 13 to 17 show it; none of 11 and 12 does.
  { name: 'ldapscheme', since: 13 },
  { name: 'ldaptls', as: 'flag' },
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
  { name: 'delegate_ident_mapping', as: 'flag' },
];

function optionsColumn(record: HbaRecord, version: PgMajor, { oauthValidators = [] }: ServerFacts): string[] {
  const shown: string[] = [];
  const held = heldOptions(record.options);
  for (const row of shownOptions) {
    if (!spanIncludes(row, version) || row.methods?.includes(record.method) === false) continue;
    // The only validator that there is need not be named (check_oauth_validator).
    const [only] = row.name === 'validator' && record.method === 'oauth' ? oauthValidators : [];
    const value = heldValue(record, held, row, version) ?? only;
    if (value !== undefined) shown.push(`${row.name}=${value}`);
  }
  return shown;
}

function heldValue(
  record: HbaRecord,
  held: readonly HeldOption[],
  { name, as, otherwise }: ShownOption,
  version: PgMajor,
): string | undefined {
  const value = held.findLast((option) => option.name === name)?.value;
  if (name === 'clientcert') return heldClientCert(record, value, version);
  const text = value ?? otherwise;
  if (text === undefined) return undefined;
  if (as === 'flag') return text === '1' ? 'true' : undefined;
  if (as !== 'number') return text;
  const number = leadingInteger(text);
  return number === 0 ? undefined : String(number);
}

/** The majors that hold `clientcert` as a switch. */
const clientCertIsSwitch: PgMajorSpan = { until: 11 };

function heldClientCert(record: HbaRecord, value: string | undefined, version: PgMajor): string | undefined {
  const meaning =
    record.method === 'cert' ? 'verify-full' : value === undefined ? 'off' : clientCertMeaning(value, version);
  if (meaning === 'off') return undefined;
  return spanIncludes(clientCertIsSwitch, version) ? 'true' : meaning;
}
