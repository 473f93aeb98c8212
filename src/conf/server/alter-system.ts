import { assertInstance, assertRecord, assertVersion } from '../../arguments.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { PgHostsslError } from '../../errors.ts';
import { decodeText, encodeText, isAscii, toFileText } from '../../text/bytes.ts';
import type { Span } from '../../text/span.ts';
import { defaultPgMajor, type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import { type SettingDefinition, settingDefinition } from '../catalogue/catalogue.ts';
import { settingKey } from '../catalogue/names.ts';
import { ConfFile } from '../file.ts';
import { type ConfSetting, settingSpans } from '../lines/entry.ts';
import { type ConfValue, escapeValue, valueText } from '../lines/quote.ts';
import { isSettingName } from '../lines/scan.ts';
import type { CustomSettingName, SettingInput, SettingName } from '../values/setting-input.ts';
import { splitListSetting } from '../values/value.ts';
import { quoteIdentifier } from './keywords.ts';

/**
 * Settings to change. `null` removes a setting from postgresql.auto.conf, so that postgresql.conf or the default
 * applies. `[]` sets a list setting to a list without elements.
 */
export type SystemChanges = {
  readonly [N in SettingName | CustomSettingName]?: SettingInput<N> | null;
};

/**
 * Returns the SQL that changes settings, for a caller without access to the files. Run the statements one by one,
 * because `ALTER SYSTEM` does not work in a transaction. The new values take effect at a reload or restart; see {@link
 * settingChanges}. Before 17, a server accepts the setting of an extension only in a session that has loaded the
 * extension.
 *
 * @throws PgHostsslError `setting-not-alterable` for a setting that `ALTER SYSTEM` refuses; `text-invalid` for a value
 * with a NUL, a line break or a lone surrogate; `argument-invalid` for values of the wrong kind; `version-unknown` for
 * an unsupported major version
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { alterSystem } from 'pg-hostssl/conf';
 *
 * assert.deepEqual(alterSystem({ ssl: true, search_path: ['app', 'public'], work_mem: null }, 17), [
 *   "ALTER SYSTEM SET ssl = 'on'",
 *   "ALTER SYSTEM SET search_path = 'app', 'public'",
 *   'ALTER SYSTEM RESET work_mem',
 * ]);
 * ```
 */
export function alterSystem(values: SystemChanges, version: PgMajor = defaultPgMajor): readonly string[] {
  assertRecord(values, 'values of alterSystem');
  assertVersion(version);
  return alterations(values, version).map(({ name, elements, definition }) => {
    const target = name
      .split('.')
      .map((part) => quoteIdentifier(pgAsciiToLower(part), version))
      .join('.');
    if (elements === undefined) return `ALTER SYSTEM RESET ${target}`;
    if (elements.length === 0) return emptied(name, target, definition!, version);
    return `ALTER SYSTEM SET ${target} = ${elements.map(quoteLiteral).join(', ')}`;
  });
}

/**
 * Returns the postgresql.auto.conf that `ALTER SYSTEM` would write after these changes (`write_auto_conf_file`): two
 * lines of warning, then all settings in quotes, with the changed settings last. Write the file only while the server
 * does not run, because a running server can write the file at any time.
 *
 * @throws PgHostsslError with the codes of {@link alterSystem}; `setting-not-alterable` if a line of the file is not a
 * setting
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { alterAutoConf, ConfFile } from 'pg-hostssl/conf';
 *
 * const file = ConfFile.parse("ssl = 'off'\nwork_mem = '8MB'\n");
 * assert.match(alterAutoConf(file, { ssl: true }).toString(), /\nwork_mem = '8MB'\nssl = 'on'\n$/);
 * ```
 */
export function alterAutoConf(file: ConfFile, values: SystemChanges): ConfFile {
  assertInstance(file, ConfFile, 'file of alterAutoConf');
  assertRecord(values, 'values of alterAutoConf');
  const { version } = file;
  const invalid = file.entries.find((entry) => entry.kind === 'invalid' || entry.kind === 'include');
  if (invalid !== undefined) {
    throw new PgHostsslError('setting-not-alterable', 'ALTER SYSTEM cannot read this file: a line is not a setting', {
      ...(file.options.file !== undefined && { file: file.options.file }),
      line: file.lineNumber(invalid),
    });
  }
  const { encoding } = decodeText(file.toBytes());
  const changes = alterations(values, version);
  const changed = new Set(changes.map(({ name }) => pgAsciiToLower(name)));
  const kept = file.settings.filter(({ name }) => !changed.has(pgAsciiToLower(name))).map(writtenAgain);
  const added = changes.flatMap(({ name, elements, definition }) => {
    if (elements === undefined) return [];
    // SQL makes a list of one empty element.
    const isEmptied =
      elements.length === 0 && definition?.name === 'temp_tablespaces' && !spanIncludes(hasEmptyLists, version);
    const list = () => (isEmptied ? [''] : elements).map((element) => quoteIdentifier(element, version)).join(', ');
    return `${pgAsciiToLower(name)} = ${inQuotes(definition?.quotesElements ? list() : elements[0]!)}\n`;
  });
  const text = `${warning}${kept.join('')}${added.map((line) => toFileText(line, encoding)).join('')}`;
  return ConfFile.parse(encodeText(text, encoding), file.options);
}

/** The major versions in which `ALTER SYSTEM SET list TO NULL` makes an empty list. */
const hasEmptyLists = { since: 19 } as const satisfies PgMajorSpan;

/**
 * Returns the SQL statement that sets a list setting to an empty list. Before major version 19,
 * `ALTER SYSTEM SET … = ''` makes a list of one empty element. Only `temp_tablespaces` treats such a list as empty and
 * then uses the default tablespace of the database.
 */
function emptied(name: string, target: string, definition: SettingDefinition, version: PgMajor): string {
  if (spanIncludes(hasEmptyLists, version)) return `ALTER SYSTEM SET ${target} = NULL`;
  if (definition.name === 'temp_tablespaces') return `ALTER SYSTEM SET ${target} = ''`;
  throw notAlterable(name, `before PostgreSQL ${hasEmptyLists.since}, SQL cannot make a list empty. Use alterAutoConf`);
}

const warning = '# Do not edit this file manually!\n# It will be overwritten by the ALTER SYSTEM command.\n';

/**
 * Returns the line that postgresql.auto.conf gets for an unchanged setting. A value that is not ASCII keeps its text
 * from the file, so that its bytes stay.
 */
function writtenAgain(setting: ConfSetting): string {
  const spans = settingSpans(setting);
  const spelt = ({ start, end }: Span) => setting.text.slice(start, end);
  const token = spelt(spans.value);
  const value = !spans.quoted ? `'${token}'` : isAscii(setting.value) ? inQuotes(setting.value) : token;
  return `${spelt(spans.name)} = ${value}\n`;
}

/** Quotes a value as `write_auto_conf_file` does. Unlike that function, this function writes a line end as `\n`. */
function inQuotes(value: string): string {
  return `'${escapeValue(value).replaceAll('\n', '\\n')}'`;
}

interface Alteration {
  readonly name: string;
  readonly definition: SettingDefinition | undefined;
  /** The value as the only element, or the elements of a list; `undefined` if the setting is removed. */
  readonly elements: readonly string[] | undefined;
}

function alterations(values: SystemChanges, version: PgMajor): readonly Alteration[] {
  return Object.entries(values).flatMap(([name, value]): Alteration[] => {
    if (value === undefined) return [];
    const definition = settingDefinition(name, version);
    assertAlterable(name, definition, version);
    if (value === null) return [{ name, definition, elements: undefined }];
    return [{ name, definition, elements: elementsOf(name, value, definition, version) }];
  });
}

function elementsOf(
  name: string,
  value: ConfValue,
  definition: SettingDefinition | undefined,
  version: PgMajor,
): readonly string[] | undefined {
  const text = toFileText(valueText(name, value), 'utf-8');
  if (text.includes('\n'))
    throw new PgHostsslError('text-invalid', `ALTER SYSTEM refuses a line break in the value of ${name}`);
  if (definition?.quotesElements !== true) return [text];
  const elements = typeof value === 'object' ? value : splitListSetting(name, text, version);
  if (elements === undefined) throw new PgHostsslError('text-invalid', `The value of ${name} is not a valid list`);
  return elements;
}

/** The settings with the flag `GUC_DISALLOW_IN_AUTO_FILE`, and the reason why `ALTER SYSTEM` refuses each of them. */
const disallowedInAutoFile: ReadonlyMap<string, string> = new Map([
  ['allow_alter_system', 'only postgresql.conf and the command line can change this setting'],
  ['data_directory', 'the server has to find the data directory before it reads the file'],
]);

function assertAlterable(name: string, definition: SettingDefinition | undefined, version: PgMajor): void {
  if (definition === undefined) {
    if (!name.includes('.')) throw notAlterable(name, `PostgreSQL ${version} has no such setting`);
    // Servers write a name such as `a.b$` to the file, and can then no longer read the file.
    if (!isSettingName(name)) throw notAlterable(name, 'postgresql.auto.conf cannot hold a setting with this name');
    return;
  }
  if (definition.context === 'internal' || definition.disallowedInFile)
    throw notAlterable(name, 'no file can change this setting');
  const because = disallowedInAutoFile.get(settingKey(name, version));
  if (because !== undefined) throw notAlterable(name, because);
}

function notAlterable(name: string, because: string): PgHostsslError {
  return new PgHostsslError('setting-not-alterable', `ALTER SYSTEM cannot set ${name}: ${because}`);
}

/** Returns a string constant that does not depend on `standard_conforming_strings`. */
function quoteLiteral(text: string): string {
  const quoted = text.replaceAll("'", "''");
  return text.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}
