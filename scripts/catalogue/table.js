// Makes the content of src/conf/catalogue/catalogue-data.ts and src/conf/catalogue/setting-types.ts from the settings
// of every major version: one table with spans of major versions. Files beside this script hold the facts that no
// server can be asked for: the settings of 9.6 and 19, whose servers npm does not have, and facts that the view
// pg_settings does not show.
import { readFileSync } from 'node:fs';

const majors = [9.6, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
const beyond = read('settings-beyond-pg_settings.json');
const build = read('build-dependent.json');
const hidden = read('hidden-settings.json');
const beyondMinor = read('beyond-minor-release.json');

const columns = 'name, unit, category, context, vartype, min_val, max_val, enumvals, boot_val';

/** The major versions whose settings come from a file in this folder, because npm has no server of these versions. */
export const recordedMajors = [9.6, 19];

/**
 * The settings of the server that is asked for its catalogue. They make the server load those modules that define their
 * settings only when the server starts.
 */
export const settingsOfAskedServer = {
  shared_preload_libraries: 'auth_delay, auto_explain, pg_prewarm, pg_stat_statements',
};

const modules = [
  ...['basebackup_to_shell', 'basic_archive', 'isn', 'passwordcheck', 'pg_plan_advice', 'pg_stash_advice'],
  ...['pg_trgm', 'pgcrypto', 'plpgsql', 'postgres_fdw'],
];

/** Returns the rows of pg_settings, after the server has loaded all modules that it can load. */
export async function ask(server) {
  // Errors are ignored, because some major versions lack some modules.
  for (const name of modules) await server.query(`LOAD '${name}'`).catch(() => undefined);
  return server.query(`SELECT ${columns} FROM pg_settings ORDER BY name COLLATE "C"`);
}

/** Returns the rows of the server's own settings, or of the settings of its modules. */
export function rowsOf(rows, { ofModules }) {
  return rows.filter(({ name }) => name.includes('.') === ofModules);
}

/** Makes the catalogue files from the rows of each server. Returns their unformatted texts, by file name. */
export function catalogueTexts(allRows) {
  const rowsOfServers = new Map([...allRows].map(([major, rows]) => [major, rowsOf(rows, { ofModules: false })]));
  const byMajor = new Map();
  for (const major of majors) {
    const rows = recordedMajors.includes(major) ? read(`pg_settings.${major}.json`) : rowsOfServers.get(major);
    const unseen = hidden.filter((row) => within(row.majors, major) && !rows.some(({ name }) => name === row.name));
    byMajor.set(major, new Map([...rows, ...unseen].map((row) => [row.name, describe(row, major)])));
  }
  const names = [...new Set([...byMajor.values()].flatMap((settings) => [...settings.keys()]))].sort();
  return {
    'catalogue-data.ts': table(byMajor, names),
    'module-data.ts': moduleTable(allRows),
    'setting-types.ts': types(byMajor, names),
  };
}

function moduleTable(allRows) {
  const byMajor = new Map();
  for (const major of majors) {
    const rows = major === 19 ? read('module-settings.19.json') : rowsOf(allRows.get(major) ?? [], { ofModules: true });
    // PL/Perl and PL/Tcl load only if Perl and Tcl are installed, so their settings come from a file. They are the same
    // in all major versions.
    const all = major === 9.6 ? [] : [...rows, ...read('language-settings.json')];
    byMajor.set(major, new Map(all.map((row) => [row.name, describe(row, major)])));
  }
  const names = [...new Set([...byMajor.values()].flatMap((settings) => [...settings.keys()]))].sort();
  return `// Made by scripts/catalogue/generate.js. Do not edit.

/** The settings of PostgreSQL's own modules, from 10 on, in the form of \`settingRows\`. */
export const moduleRows: string = \`
${names.flatMap((name) => spansOf(byMajor, name).map((span) => row(name, span, ''))).join('\n')}
\`;
`;
}

function read(name) {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
}

function within(spans, major) {
  return (spans ?? []).some((span) => {
    const [since, until = since] = span.split('-').map(Number);
    return since <= major && major <= until;
  });
}

function describe(row, major) {
  const { name, vartype, unit, context, category } = row;
  // Every major version splits unix_socket_directories as a list, although the older versions do not mark the setting
  // as a list.
  const isList = within(beyond.listInput[name], major) || name === 'unix_socket_directories';
  const preset = build.defaults.includes(name);
  const words = row.enumvals?.filter((word) => word !== '') ?? [];
  const hiddenWords = (beyond.hiddenEnumValues[name] ?? []).flatMap((entry) =>
    within(entry.majors, major) && vartype === 'enum' ? entry.values : [],
  );
  const flags = [
    within(beyond.listQuote[name], major) ? 'q' : '',
    within(beyond.truncatedToNameLength[name], major) ? 'n' : '',
    within(beyond.disallowedInFile[name], major) ? 'd' : '',
    within(beyond.hiddenFromTheView[name], major) ? 'h' : '',
  ].join('');
  const bound = (value) =>
    value === null || preset ? '' : value === '1.79769e+308' ? String(Number.MAX_VALUE) : value;
  return {
    type: isList ? 'list' : vartype,
    unit: unit ?? '',
    context,
    category,
    min: bound(row.min_val),
    max: bound(row.max_val),
    // The allowed values of ssl_max_protocol_version include the empty string, which is kept.
    words: row.enumvals?.includes('') && words.length > 0 ? ['', ...words] : words,
    hiddenWords: hiddenWords.filter((word) => !words.includes(word)),
    buildWords: vartype === 'enum' ? (build.words[name] ?? []).filter((word) => !words.includes(word)) : [],
    flags,
    default: row.boot_val === null || preset ? '~' : row.boot_val,
  };
}

function table(byMajor, names) {
  const categories = [
    ...new Set([...byMajor.values()].flatMap((s) => [...s.values()].map((row) => row.category))),
  ].sort();
  const lines = names.flatMap((name) =>
    spansOf(byMajor, name).map((span) => row(name, span, categories.indexOf(span.setting.category))),
  );
  const problem = lines.find((line) => line.split('|').length !== 13 || /[\n`\\]|\$\{/.test(line));
  if (problem !== undefined) throw new Error(`This cannot be written as a row: ${problem}`);
  return `// Made by scripts/catalogue/generate.js. Do not edit.

import type { PgMajorSpan } from '../../version.ts';

/** The categories of pg_settings. A line of \`settingRows\` has the index of its category in this list. */
export const categories: readonly string[] = [
${categories.map((category) => `  '${category}',\n`).join('')}];

/**
 * The settings, one line for each setting and span of major versions with the same definition. The fields of a line are
 * separated by \`|\`: name, first and last major version, type, flags, unit, context, index of the category, minimum,
 * maximum, words, hidden words, words of other builds, default (\`~\` if there is none). The flags are: \`q\` for a list
 * whose elements ALTER SYSTEM quotes, \`n\` for a value that is cut to the length of a name, \`d\` for a setting that a
 * file cannot set, \`h\` for a setting that the view does not show.
 */
export const settingRows: string = \`
${lines.join('\n')}
\`;

/** Settings of PostgreSQL's source code that only servers built for debugging know, with the major versions. */
export const debugSettings: Readonly<Record<string, PgMajorSpan>> = {
${Object.entries(beyond.dependOnCompileOptions)
  .map(([name, [span]]) => `  ${name}: ${spanText(span)},`)
  .join('\n')}
};

/** Settings that only late minor releases of these majors know. */
export const lateMinorSettings: Readonly<Record<string, PgMajorSpan>> = {
${Object.entries(beyondMinor.lateMinors)
  .map(([name, [span]]) => `  ${name}: ${spanText(span)},`)
  .join('\n')}
};

/** Settings that only the servers of some distributions know, with the names of the distributions. */
export const vendorSettings: Readonly<Record<string, string>> = {
${Object.entries(beyondMinor.vendors)
  .map(([name, whose]) => `  ${name}: '${whose}',`)
  .join('\n')}
};
`;
}

function spanText(span) {
  return `{ since: ${span.split('-')[0]}, until: ${span.split('-').at(-1)} }`;
}

function row(name, { since, until, setting }, category) {
  const words = (list) => list.join(',');
  return [
    name,
    since === until ? since : `${since}-${until}`,
    setting.type,
    setting.flags,
    setting.unit,
    setting.context,
    category,
    setting.min,
    setting.max,
    words(setting.words),
    words(setting.hiddenWords),
    words(setting.buildWords),
    setting.default,
  ].join('|');
}

function spansOf(byMajor, name) {
  const spans = [];
  for (const major of majors) {
    const setting = byMajor.get(major).get(name);
    const last = spans.at(-1);
    if (setting === undefined) continue;
    const follows = last !== undefined && majors.indexOf(major) === majors.indexOf(last.until) + 1;
    if (follows && JSON.stringify(last.setting) === JSON.stringify(setting)) last.until = major;
    else spans.push({ since: major, until: major, setting });
  }
  return spans;
}

function types(byMajor, names) {
  const all = (name) => spansOf(byMajor, name).map(({ setting }) => setting);
  const settable = names.filter((name) => all(name).some(({ context }) => context !== 'internal'));
  const some = (test) => settable.filter((name) => all(name).some(test));
  const isNumber = ({ type }) => type === 'integer' || type === 'real';
  const isMemory = ({ unit }) => unit.endsWith('B');
  const words = (name) =>
    [...new Set(all(name).flatMap((s) => [...s.words, ...s.hiddenWords, ...s.buildWords]))].sort();
  return `// Made by scripts/catalogue/generate.js. Do not edit.
${[
  ['BoolSettingName', 'that are on or off', some(({ type }) => type === 'bool')],
  ['MemorySettingName', 'whose value is an amount of memory or storage', some((s) => isNumber(s) && isMemory(s))],
  ['DurationSettingName', 'whose value is a time', some((s) => isNumber(s) && s.unit !== '' && !isMemory(s))],
  ['NumberSettingName', 'whose value is a number without a unit', some((s) => isNumber(s) && s.unit === '')],
  ['StringSettingName', 'whose value is any text', some(({ type }) => type === 'string')],
  ['ListSettingName', 'whose value is a list', some(({ type }) => type === 'list')],
]
  .map(
    ([type, what, members]) => `
/** The settings ${what}, in any major version. */
export type ${type} =
${members.map((name) => `  | '${name}'`).join('\n')};
`,
  )
  .join('')}
/** The settings whose value is one of a few words, each with the words of all major versions and builds. */
export interface SettingWords {
${some(({ type }) => type === 'enum')
  .map(
    (name) =>
      `  /** The words that the setting \`${name}\` accepts. */\n  readonly ${name}:\n${words(name)
        .map((word) => `    | '${word}'`)
        .join('\n')};`,
  )
  .join('\n')}
}
`;
}
