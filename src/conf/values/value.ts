import { endWithoutSpaces, pgAsciiToLower, skipSpaces } from '../../c/ascii.ts';
import { parseBool } from '../../c/boolean.ts';
import { splitDirectoriesString, splitGucList, splitIdentifierString } from '../../c/lists.ts';
import { pgCleanAscii, truncateIdentifier } from '../../c/names.ts';
import { type CNumber, strtod, strtol } from '../../c/numbers.ts';
import { canonicalizePath } from '../../c/paths.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import type { SettingDefinition, SettingUnit } from '../catalogue/catalogue.ts';
import { readDateStyle } from './date-style.ts';
import { encodingName } from './encodings.ts';
import { type Quantity, roundHalfEven, toBaseUnit, unitNames, wholeNumbers } from './units.ts';

/** The value of a setting as a major version reads it. */
export type SettingValue = boolean | number | string | Quantity | readonly string[];

/** Returns the number in a value: the amount of a quantity without its unit, or the number itself. */
export function amountOf(value: SettingValue): number {
  return typeof value === 'object' && 'amount' in value ? value.amount : Number(value);
}

/** Returns whether two texts of a setting have the same value. */
export function isSameValue(a: SettingValue, b: SettingValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The value that a major version reads from a text, or the reason why it refuses the text. */
export type ValueReading =
  | { readonly ok: true; readonly value: SettingValue }
  | { readonly ok: false; readonly code: ValueProblemCode; readonly because: string };

/**
 * The kind of reason why a major version refuses a text: its type, unit or range, or a build of the server without an
 * optional feature.
 */
export type ValueProblemCode =
  | 'setting-value-invalid'
  | 'setting-unit-invalid'
  | 'setting-out-of-range'
  | 'setting-build-dependent';

/** Reads a value as `parse_and_validate_value` does, without the check function of the setting. */
export function readValue(definition: SettingDefinition, text: string, version: PgMajor): ValueReading {
  switch (definition.type) {
    case 'bool':
      return readBool(text);
    case 'integer':
    case 'real':
      return readNumber(definition, text, version);
    case 'enum':
      return readEnum(definition, text, version);
    case 'list': {
      if (hasGrammar(definition.name)) return { ok: true, value: text };
      const elements = splitListSetting(definition.name, text, version);
      if (elements === undefined) return invalid('the syntax of the list is invalid');
      return { ok: true, value: definition.name === 'DateStyle' ? shownDateStyle(elements) : elements };
    }
    case 'string':
      return { ok: true, value: readString(definition, text, version) };
  }
}

/** Returns whether a list setting has its own grammar instead of elements between commas. */
function hasGrammar(name: string): boolean {
  return name === 'synchronous_standby_names';
}

type SplitList = (text: string, version: PgMajor) => readonly string[] | undefined;

/** Splits the value of a list setting. Returns `undefined` if the major version refuses its syntax. */
export function splitListSetting(name: string, text: string, version: PgMajor): readonly string[] | undefined {
  const row = listSplitters.find((row) => row.names.includes(name) && spanIncludes(row, version));
  return (row?.split ?? splitIdentifierString)(text, version);
}

/** List settings whose elements are not identifiers. */
const listSplitters: readonly (PgMajorSpan & { readonly names: readonly string[]; readonly split: SplitList })[] = [
  { names: ['listen_addresses'], split: splitGucList, since: 13 },
  { names: ['debug_io_direct', 'oauth_validator_libraries', 'log_min_messages'], split: splitGucList },
  {
    names: [
      'unix_socket_directories',
      'shared_preload_libraries',
      'session_preload_libraries',
      'local_preload_libraries',
    ],
    split: splitDirectoriesString,
  },
];

/** The settings whose values are paths that the server makes canonical when it reads them (`check_canonical_path`). */
const checkedPaths = ['external_pid_file', 'log_directory', 'stats_temp_directory'];

/**
 * The settings whose values are paths that the server makes canonical and absolute at its start (`make_absolute_path`).
 * A relative path starts from the working directory of the server.
 */
export const startPaths: readonly string[] = ['data_directory', 'hba_file', 'ident_file', 'hosts_file'];

/** The settings that name a TLS file. A relative path starts from the data directory. */
export const tlsFilePaths: readonly string[] = [
  'ssl_cert_file',
  'ssl_key_file',
  'ssl_ca_file',
  'ssl_crl_file',
  'ssl_dh_params_file',
];

function readString({ name, isName }: SettingDefinition, text: string, version: PgMajor): string {
  if (name === 'application_name' || name === 'cluster_name') return pgCleanAscii(text, version);
  if (checkedPaths.includes(name) || startPaths.includes(name)) return canonicalizePath(text, version);
  if (name === 'client_encoding') return encodingName(text) ?? text;
  return isName ? truncateIdentifier(text) : text;
}

function shownDateStyle(elements: readonly string[]): readonly string[] {
  const read = readDateStyle(elements);
  return 'problem' in read ? elements : [read.style, read.order];
}

function readBool(text: string): ValueReading {
  const value = parseBool(text);
  return value === undefined
    ? invalid('the value is not one of on, off, true, false, yes, no, 1, 0')
    : { ok: true, value };
}

/** Reads a number as `parse_int` and `parse_real` do, and checks its range. */
function readNumber(definition: SettingDefinition, text: string, version: PgMajor): ValueReading {
  const { type, unit, min, max } = definition;
  const isWhole = spanIncludes(wholeNumbers, version);
  const number = type === 'real' ? strtod(text) : isWhole ? strtol(text, 0) : strtolOrStrtod(text);
  if (number.end === 0 || Number.isNaN(number.value))
    return invalid(`the value is not a ${type === 'real' ? '' : 'whole '}number`);
  if (number.outOfRange) return outOfRange(definition);
  if (isWhole && type === 'integer' && !isInt32(number.value)) return outOfRange(definition);
  const rest = text.slice(skipSpaces(text, number.end));
  let value = number.value;
  if (rest !== '') {
    if (isWhole && type === 'integer' && /^\.\d/.test(rest))
      return invalid(
        `the value is not a whole number. Up to PostgreSQL ${wholeNumbers.until}, the server reads no fraction`,
      );
    if (type === 'integer' && /^\d/.test(rest))
      return invalid('a number with a leading zero is in base 8, which has no digits 8 and 9');
    if (unit === undefined || (isWhole && type === 'real')) return invalid('the setting takes a number without a unit');
    const converted = toBaseUnit(value, rest.slice(0, endWithoutSpaces(rest)), unit, version);
    if (converted === undefined) return badUnit(unit, version);
    value = converted;
  }
  if (type === 'integer') {
    value = roundHalfEven(value);
    if (!isInt32(value)) return outOfRange(definition);
  }
  if ((min !== undefined && value < min) || (max !== undefined && value > max)) return outOfRange(definition);
  value = raised(definition.name, value, version);
  return { ok: true, value: unit === undefined ? value : { amount: value, unit } };
}

/**
 * Returns the value that the server uses. If the given value is too small and not -1, the server uses its smallest
 * value instead (`check_wal_buffers`, `check_autovacuum_work_mem`).
 */
function raised(name: string, value: number, version: PgMajor): number {
  const row = smallestTaken.find((row) => row.name === name && spanIncludes(row, version));
  return row === undefined || value === -1 ? value : Math.max(value, row.amount);
}

const smallestTaken: readonly (PgMajorSpan & { readonly name: string; readonly amount: number })[] = [
  { name: 'wal_buffers', amount: 4 },
  { name: 'autovacuum_work_mem', amount: 1024, until: 16 },
  { name: 'autovacuum_work_mem', amount: 64, since: 17 },
];

/**
 * Reads a whole number. Since major version 12, the server reads a number with a fraction or an exponent, or a number
 * that is too large for an integer, as a floating-point number.
 */
function strtolOrStrtod(text: string): CNumber {
  const whole = strtol(text, 0);
  return whole.outOfRange || /^[.eE]/.test(text.slice(whole.end)) ? strtod(text) : whole;
}

function isInt32(value: number): boolean {
  return value >= -2147483648 && value <= 2147483647;
}

function readEnum(
  { name, values = [], hiddenValues = [], buildValues = [] }: SettingDefinition,
  text: string,
  version: PgMajor,
): ValueReading {
  const word = pgAsciiToLower(text);
  const known = (words: readonly string[]) => words.find((candidate) => pgAsciiToLower(candidate) === word);
  const value = known(values) ?? known(hiddenValues);
  if (value !== undefined) return { ok: true, value: shownWord(value, values, name, version) };
  if (known(buildValues) !== undefined) {
    return {
      ok: false,
      code: 'setting-build-dependent',
      because: 'only servers that are built with support for this value accept it',
    };
  }
  return invalid(`the value is not one of ${values.map((word) => (word === '' ? "''" : word)).join(', ')}`);
}

/** Returns the word that the view `pg_settings` shows for an accepted word of an enum setting. */
function shownWord(word: string, shown: readonly string[], name: string, version: PgMajor): string {
  // If several words mean the same value, the view shows the first of these words in the server's table, even a hidden
  // word (`config_enum_lookup_by_value`).
  if ((word === 'debug' || word === 'debug2') && spanIncludes(debugFirst, version)) return 'debug';
  const synonym = synonyms.find(
    (row) => row.words.includes(word) && row.setting === name && spanIncludes(row, version),
  );
  const common = synonyms.find((row) => row.words.includes(word) && row.setting === undefined);
  const meant = synonym?.meant ?? common?.meant;
  return meant !== undefined && shown.includes(meant) ? meant : word;
}

/** The major versions whose tables of message levels have `debug`, a synonym of `debug2`, as the first word. */
const debugFirst: PgMajorSpan = { until: 11 };

interface Synonyms extends PgMajorSpan {
  readonly words: readonly string[];
  readonly meant: string;
  readonly setting?: string;
}

const synonyms: readonly Synonyms[] = [
  { words: ['on', 'true', 'yes', '1'], meant: 'md5', setting: 'password_encryption' },
  // Since 19, the build of the server decides which method `on` means.
  { words: ['on', 'true', 'yes', '1'], meant: 'pglz', setting: 'wal_compression', until: 18 },
  { words: ['fatal', 'panic'], meant: 'error', setting: 'client_min_messages' },
  { words: ['true', 'yes', '1'], meant: 'on' },
  { words: ['false', 'no', '0'], meant: 'off' },
  { words: ['archive', 'hot_standby'], meant: 'replica' },
  { words: ['debug'], meant: 'debug2' },
];

function invalid(because: string): ValueReading {
  return { ok: false, code: 'setting-value-invalid', because };
}

function outOfRange({ min, max, unit }: SettingDefinition): ValueReading {
  const suffix = unit === undefined ? '' : ` (in ${unit})`;
  return { ok: false, code: 'setting-out-of-range', because: `the value is outside ${min} to ${max}${suffix}` };
}

function badUnit(unit: SettingUnit, version: PgMajor): ValueReading {
  const names = unitNames(unit, version).join(', ');
  return { ok: false, code: 'setting-unit-invalid', because: `the unit is not one of ${names} (case matters)` };
}
