import { assertText, assertVersion, given } from '../../arguments.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { groupBy } from '../../group-by.ts';
import { lazily } from '../../lazily.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import { categories, settingRows } from './catalogue-data.ts';
import { moduleRows } from './module-data.ts';
import { settingKey } from './names.ts';

/** The type of a setting's values. A list is one string whose elements are separated by commas. */
export type SettingType = 'bool' | 'integer' | 'real' | 'enum' | 'string' | 'list';

/** The unit of a number without a written unit. `8kB` is a block; `16MB` is a WAL segment of 9.6. */
export type SettingUnit = 'B' | 'kB' | '8kB' | '16MB' | 'MB' | 'ms' | 's' | 'min';

/**
 * When a change of the setting takes effect. `internal`: never. `postmaster`: at the next start. `sighup`: at a reload.
 * `superuser-backend` and `backend`: in sessions that begin after a reload. `superuser` and `user`: at a reload, in all
 * sessions that have not set the setting themselves.
 */
export type SettingContext =
  | 'internal'
  | 'postmaster'
  | 'sighup'
  | 'superuser-backend'
  | 'backend'
  | 'superuser'
  | 'user';

/**
 * The definition of a setting in a major version: the columns of `pg_settings`, and properties that the view does not
 * show.
 */
export interface SettingDefinition {
  /** The name as the server writes it. */
  readonly name: string;
  /** The type of the setting's values. */
  readonly type: SettingType;
  /** The unit of a number without a written unit. */
  readonly unit?: SettingUnit;
  /** The smallest allowed value, in `unit`. */
  readonly min?: number;
  /** The largest allowed value, in `unit`. */
  readonly max?: number;
  /** The words of an enum, as the view shows them. */
  readonly values?: readonly string[];
  /** Words that an enum accepts but the view does not show. */
  readonly hiddenValues?: readonly string[];
  /** Words that only servers on other systems or with other build options accept. */
  readonly buildValues?: readonly string[];
  /** When a change of the setting takes effect. */
  readonly context: SettingContext;
  /**
   * The built-in default, written as in `boot_val`; missing if there is no default or if it depends on the build.
   */
  readonly default?: string;
  /** The category of the setting in the view `pg_settings`. */
  readonly category: string;
  /** `true` if ALTER SYSTEM quotes the elements of the list, so that they can contain commas and blanks. */
  readonly quotesElements: boolean;
  /** `true` if the server cuts the value to 63 bytes. */
  readonly isName: boolean;
  /** `true` if a file cannot set the setting; ALTER SYSTEM then refuses it. */
  readonly disallowedInFile: boolean;
  /** `true` if `pg_settings` does not show the setting. */
  readonly hidden: boolean;
  /**
   * The module that defines the setting. Until the module is loaded, the server accepts any value of the setting. When
   * the module is loaded, the server drops the value if the module refuses it.
   */
  readonly module?: string;
}

interface Row {
  readonly since: PgMajor;
  readonly until: PgMajor;
  readonly definition: SettingDefinition;
}

/** The lines of the table that define a setting, by the setting's name in lower case. */
const linesByKey = lazily(() => {
  const lines = [settingRows, moduleRows].flatMap((text) => text.slice(1, -1).split('\n'));
  return groupBy(lines, (line) => pgAsciiToLower(line.slice(0, line.indexOf('|'))));
});
/** The lines that were read, because a program that needs a few settings should not wait for all lines. */
const readRows = new Map<string, readonly Row[]>();
const modulesByPrefix = new Map<PgMajor, ReadonlyMap<string, string>>();

/**
 * Returns the definition of a setting in a major version. The case of ASCII letters is ignored, and an old name
 * (`sort_mem`) means the new name. From 10 on, the settings of PostgreSQL's own modules have definitions, too.
 *
 * @returns `undefined` if neither the major version nor one of its modules knows the setting
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind; `version-unknown` for an unsupported major
 * version
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { settingDefinition } from 'pg-hostssl/conf';
 *
 * assert.equal(settingDefinition('ssl', 9.6)?.context, 'postmaster');
 * assert.equal(settingDefinition('ssl', 10)?.context, 'sighup');
 * assert.equal(settingDefinition('wal_keep_segments', 13), undefined);
 * assert.equal(settingDefinition('pg_stat_statements.max', 18)?.module, 'pg_stat_statements');
 * ```
 */
export function settingDefinition(name: string, version: PgMajor): SettingDefinition | undefined {
  assertVersion(version);
  return rowsOf(settingKey(name, version)).find((row) => spanIncludes(row, version))?.definition;
}

/** Returns the definition of a setting that the server has without any module. */
export function coreDefinition(name: string, version: PgMajor): SettingDefinition | undefined {
  const definition = settingDefinition(name, version);
  return definition?.module === undefined ? definition : undefined;
}

/**
 * Returns the definitions of all settings of a major version without its modules, sorted by name.
 *
 * @throws PgHostsslError `version-unknown` for an unsupported major version
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { settingDefinitions } from 'pg-hostssl/conf';
 *
 * const names = settingDefinitions(18).map(({ name }) => name);
 * assert.ok(names.includes('ssl_groups') && !names.includes('ssl_sni'));
 * ```
 */
export function settingDefinitions(version: PgMajor): readonly SettingDefinition[] {
  assertVersion(version);
  return definitionsIn(version).filter(({ module }) => module === undefined);
}

/** Returns the definitions of the settings of a major version's modules. */
export function moduleDefinitions(version: PgMajor): readonly SettingDefinition[] {
  return definitionsIn(version).filter(({ module }) => module !== undefined);
}

/** Returns the module of a major version whose settings have names with this prefix before the dot. */
export function moduleWithPrefix(prefix: string, version: PgMajor): string | undefined {
  let modules = modulesByPrefix.get(version);
  if (modules === undefined) {
    modules = new Map(moduleDefinitions(version).map(({ name, module }) => [name.split('.')[0]!, module!]));
    modulesByPrefix.set(version, modules);
  }
  return modules.get(prefix);
}

function definitionsIn(version: PgMajor): readonly SettingDefinition[] {
  return [...linesByKey().keys()].flatMap(
    (key) => rowsOf(key).find((row) => spanIncludes(row, version))?.definition ?? [],
  );
}

/**
 * Returns the first and the last major version with a setting.
 *
 * @returns `undefined` if no known major version has the setting
 *
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { settingMajors } from 'pg-hostssl/conf';
 *
 * assert.deepEqual(settingMajors('wal_keep_segments'), { since: 9.6, until: 12 });
 * ```
 */
export function settingMajors(name: string): Required<PgMajorSpan> | undefined {
  assertText(name, 'the name of a setting');
  const rows = rowsOf(pgAsciiToLower(name));
  return rows.length === 0 ? undefined : { since: rows[0]!.since, until: rows.at(-1)!.until };
}

function rowsOf(key: string): readonly Row[] {
  let rows = readRows.get(key);
  if (rows === undefined) {
    const lines = linesByKey().get(key);
    if (lines === undefined) return [];
    rows = lines.map(parseRow);
    readRows.set(key, rows);
  }
  return rows;
}

/** The fields of a line of the catalogue. */
type Fields = [
  name: string,
  span: string,
  type: SettingType,
  flags: string,
  unit: SettingUnit | '',
  context: SettingContext,
  category: string,
  min: string,
  max: string,
  words: string,
  hiddenWords: string,
  buildWords: string,
  boot: string,
];

function parseRow(line: string): Row {
  const fields = line.split('|') as Fields;
  const [name, span, type, flags, unit, context, category, min, max, words, hiddenWords, buildWords, boot] = fields;
  const [since, until = since] = span.split('-').map((major) => Number(major) as PgMajor) as [PgMajor, PgMajor?];
  const list = (words: string) => (words === '' ? undefined : Object.freeze(words.split(',')));
  const number = (text: string) => (text === '' ? undefined : Number(text));
  return {
    since,
    until,
    // All callers and the library itself share the definition.
    definition: Object.freeze<SettingDefinition>(
      given({
        name,
        type,
        unit: unit === '' ? undefined : unit,
        min: number(min),
        max: number(max),
        values: list(words),
        hiddenValues: list(hiddenWords),
        buildValues: list(buildWords),
        context,
        default: boot === '~' ? undefined : boot,
        category: category === '' ? 'Customized Options' : categories[Number(category)]!,
        quotesElements: flags.includes('q'),
        isName: flags.includes('n'),
        disallowedInFile: flags.includes('d'),
        hidden: flags.includes('h'),
        module: moduleOf(name),
      }),
    ),
  };
}

/**
 * Returns the module that defines a setting. The part of the setting's name before the dot is the name of the module;
 * only `pltclu`, the second language of module pltcl, is different.
 */
function moduleOf(name: string): string | undefined {
  const [prefix, ...rest] = name.split('.');
  if (rest.length === 0) return undefined;
  return prefix === 'pltclu' ? 'pltcl' : prefix!;
}
