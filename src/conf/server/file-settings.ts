import { appendAll } from '../../append-all.ts';
import { assertProperties, assertRecord, assertSource, assertVersion } from '../../arguments.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import {
  coreDefinition,
  type SettingContext,
  type SettingDefinition,
  settingDefinition,
} from '../catalogue/catalogue.ts';
import { judgeSetting } from '../check/judge-setting.ts';
import { ConfFile } from '../file.ts';
import { collectSources, isSetting, overriddenItems, type SettingItem, type SourceItem } from '../lines/sources.ts';
import { amountOf, isSameValue, readValue, startPaths } from '../values/value.ts';

/** A row of the view pg_file_settings. */
export interface FileSettingsRow {
  /** The path of the file, or `null` if the path is not known. */
  readonly sourcefile: string | null;
  /** The 1-based number of the line in the file. */
  readonly sourceline: number;
  /** The 1-based number of the row, in the order of processing. */
  readonly seqno: number;
  /** The name as the file writes it, or `null` if the line is not a setting. */
  readonly name: string | null;
  /** The value without quotes and escapes, or `null` if the line is not a setting. */
  readonly setting: string | null;
  /** `true` if the server would apply the value. The server never applies the value of an overridden line. */
  readonly applied: boolean;
  /** The error in the server's words, or `null`. */
  readonly error: string | null;
}

/**
 * The configuration files of a server. A file that is given as text or bytes has no path; a {@link ConfFile} can have a
 * path.
 */
export interface ConfFiles {
  /** The file postgresql.conf. */
  readonly main: string | Uint8Array | ConfFile;
  /** The file postgresql.auto.conf, if there is one. */
  readonly auto?: string | Uint8Array | ConfFile | undefined;
}

/** The settings of a running server by their names in lower case: column `setting` of its view `pg_settings`. */
export type RunningSettings = Readonly<Record<string, string | null>>;

/**
 * Returns the rows of the server's view `pg_file_settings` for these files (`show_all_file_settings`, which calls
 * `ProcessConfigFileInternal`). The view reads a file up to its first syntax error. After an error or an unknown name
 * it shows every setting as not applied.
 *
 * @param running the current settings of the server. If a setting needs a restart and differs from its current value,
 * its row has an error. Without `running`, no setting counts as different. The view also has rows without a file, for
 * settings that no file sets any more and that need a restart; these rows are left out. If a value names a role, a
 * tablespace or another database object, the object is assumed to exist.
 * @throws PgHostsslError `argument-invalid` for values of the wrong kind; `version-unknown` for an unsupported major
 * version
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { confFileSettings } from 'pg-hostssl/conf';
 *
 * const rows = confFileSettings({ main: 'ssl = maybe\nport = 5432\nport = 5433\n' }, 18);
 * assert.deepEqual(
 *   rows.map(({ name, applied, error }) => [name, applied, error]),
 *   [
 *     ['ssl', false, 'setting could not be applied'],
 *     ['port', false, null],
 *     ['port', true, null],
 *   ],
 * );
 * ```
 */
export function confFileSettings(
  files: ConfFiles,
  version: PgMajor,
  running: RunningSettings = {},
): readonly FileSettingsRow[] {
  assertProperties(files, { main: true, auto: true }, 'files of confFileSettings');
  assertVersion(version);
  assertRecord(running, 'running of confFileSettings');
  const items = [...collect(files.main, version)];
  if (files.auto !== undefined && items.every(isSetting)) appendAll(items, collect(files.auto, version));
  const isKnown = (name: string): boolean =>
    coreDefinition(name, version) !== undefined || presentValue(name, running) !== undefined;
  const overridden = overriddenItems(items, isKnown);
  const isUnknown = (item: SourceItem): boolean =>
    item.kind === 'setting' && !item.entry.name.includes('.') && !isKnown(item.entry.name);
  const isRead = items.every(isSetting);
  const isLoaded = isRead && !items.some(isUnknown);
  return items.map((item, i) => {
    const place = { sourcefile: item.file.path ?? null, sourceline: item.line, seqno: i + 1 };
    if (item.kind !== 'setting') {
      const { path = place.sourcefile, line = errorLine(item) } =
        item.kind === 'include-problem' ? (item.at ?? {}) : {};
      const error = errorText(item);
      return { ...place, sourcefile: path, sourceline: line, name: null, setting: null, applied: false, error };
    }
    const { name, value } = item.entry;
    const row = { ...place, name, setting: value };
    if (isRead && isUnknown(item)) return { ...row, applied: false, error: 'unrecognized configuration parameter' };
    if (!isLoaded || overridden.has(item)) return { ...row, applied: false, error: null };
    const applied = isApplied(name, value, version, running);
    return { ...row, applied, error: applied ? null : 'setting could not be applied' };
  });
}

/** Returns the current value of a setting; `undefined` if the server does not have the setting. */
function presentValue(name: string, running: RunningSettings): string | null | undefined {
  const key = pgAsciiToLower(name);
  // A name from a file can also be the name of a property of every object, such as `constructor`.
  return Object.hasOwn(running, key) ? running[key] : undefined;
}

function collect(source: string | Uint8Array | ConfFile, version: PgMajor): readonly SourceItem[] {
  if (!(source instanceof ConfFile)) assertSource(source, 'confFileSettings');
  const file = source instanceof ConfFile ? source : ConfFile.parse(source, { version });
  return collectSources(
    { path: file.options.file, entries: file.entries },
    { ...file.options, version, stopAtSyntaxError: true },
  );
}

/**
 * Returns the line number of an error. If the last line of a file is an incomplete setting without a line end, the
 * server reports the line before.
 */
function errorLine(item: ErrorItem): number {
  const isCutOff = item.kind === 'syntax-error' && item.isCutOff;
  return isCutOff ? item.line - 1 : item.line;
}

function errorText(item: ErrorItem): string {
  if (item.kind === 'include-problem') return item.error;
  return item.kind === 'syntax-error' ? 'syntax error' : `could not open file "${item.entry.path}"`;
}

/** A line that the server does not read as a setting. */
type ErrorItem = Exclude<SourceItem, SettingItem>;

/**
 * The contexts whose settings the view shows as applied without a check of their values, and the major versions that do
 * so.
 */
const unlooked: PgMajorSpan & { readonly contexts: readonly SettingContext[] } = {
  until: 11,
  contexts: ['backend', 'superuser-backend'],
};

/** Settings whose values name database objects, such as roles and tablespaces. */
const catalogDependent: readonly string[] = [
  ...['default_table_access_method', 'default_tablespace', 'default_text_search_config', 'role'],
  ...['session_authorization', 'temp_tablespaces'],
];

function isApplied(name: string, text: string, version: PgMajor, running: RunningSettings): boolean {
  const definition = settingDefinition(name, version);
  const isLoaded = definition?.module === undefined || presentValue(name, running) !== undefined;
  if (definition === undefined || !isLoaded) return true;
  const { context } = definition;
  // The view runs in a session, which can look up database objects such as roles, so these objects are assumed to
  // exist.
  if (catalogDependent.includes(definition.name)) return true;
  if (spanIncludes(unlooked, version) && unlooked.contexts.includes(context)) return true;
  const judgement = judgeSetting(name, text, version);
  if (judgement.kind === 'refused-by-module') return false;
  if (judgement.kind === 'refused' && judgement.when === 'load') return false;
  const present = presentValue(definition.name, running);
  if (changesTransaction(definition, text, version, present)) return false;
  if (context !== 'postmaster' || present === undefined) return true;
  // A text setting without a default is NULL as long as nothing sets it. The view `pg_settings` shows NULL as an empty
  // text, but an empty text in the file counts as a different value.
  if (definition.type === 'string' && definition.default === undefined && text === '') return false;
  if (present === null) return true;
  if (startPaths.includes(definition.name) || definition.type === 'list') return text === present;
  const [given, now] = [readValue(definition, text, version), readValue(definition, present, version)];
  // For `wal_buffers = -1`, the server calculates the number at its start, so the running value does not count as
  // different.
  if (definition.name === 'wal_buffers' && given.ok && amountOf(given.value) === -1) return true;
  return !given.ok || !now.ok || isSameValue(given.value, now.value);
}

/**
 * Returns whether the server refuses a setting because it would change the transaction of the view's query. The server
 * accepts such a change only before the first query of a transaction (`check_transaction_isolation`,
 * `check_transaction_deferrable`, `check_transaction_read_only`).
 */
function changesTransaction(
  definition: SettingDefinition,
  text: string,
  version: PgMajor,
  present: string | null | undefined,
): boolean {
  const reading = readValue(definition, text, version);
  switch (definition.name) {
    case 'transaction_deferrable':
      return true;
    case 'transaction_read_only':
      return present === 'on' && reading.ok && reading.value === false;
    case 'transaction_isolation': {
      const word = pgAsciiToLower(text);
      return word !== 'default' && word !== (present ?? 'read committed');
    }
    default:
      return false;
  }
}
