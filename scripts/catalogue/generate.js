// Makes src/conf/catalogue-data.ts and src/conf/setting-types.ts: what every major says of its settings, as one table
// with spans of majors. 10 to 18 are asked in person, from test/server; 9.6 and 19, which npm does not carry, come from
// the files beside this script, and so does what the view pg_settings does not show.
//
//   npm run build:tests && node scripts/catalogue/generate.js
//
// Running it again changes nothing.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableMajors, withServer } from '../../build/test/server/index.js';

const majors = [9.6, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
const beyond = read('settings-beyond-pg_settings.json');
const build = read('build-dependent.json');
const hidden = read('hidden-settings.json');

const byMajor = new Map();
for (const major of majors) {
  const rows = availableMajors.includes(major) ? await ask(major) : read(`pg_settings.${major}.json`);
  const unseen = hidden.filter((row) => within(row.majors, major) && !rows.some(({ name }) => name === row.name));
  byMajor.set(major, new Map([...rows, ...unseen].map((row) => [row.name, describe(row, major)])));
}
const names = [...new Set([...byMajor.values()].flatMap((settings) => [...settings.keys()]))].sort();
const categories = [
  ...new Set([...byMajor.values()].flatMap((s) => [...s.values()].map((row) => row.category))),
].sort();
write('catalogue-data.ts', table());
write('setting-types.ts', types());
spawnSync('npx', ['biome', 'format', '--write', 'src/conf/catalogue-data.ts', 'src/conf/setting-types.ts'], {
  cwd: new URL('../..', import.meta.url),
  stdio: 'inherit',
});

function read(name) {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
}

function write(name, text) {
  writeFileSync(new URL(`../../src/conf/${name}`, import.meta.url), text);
}

function ask(major) {
  return withServer({ major }, (server) =>
    server.query(
      'SELECT name, unit, category, context, vartype, min_val, max_val, enumvals, boot_val FROM pg_settings',
    ),
  );
}

function within(spans, major) {
  return (spans ?? []).some((span) => {
    const [since, until = since] = span.split('-').map(Number);
    return since <= major && major <= until;
  });
}

function describe(row, major) {
  const { name, vartype, unit, context, category } = row;
  // Every major takes unix_socket_directories apart as a list, though the older ones do not mark it as one.
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
    // ssl_max_protocol_version has '' among its words.
    words: row.enumvals?.includes('') && words.length > 0 ? ['', ...words] : words,
    hiddenWords: hiddenWords.filter((word) => !words.includes(word)),
    buildWords: vartype === 'enum' ? (build.words[name] ?? []).filter((word) => !words.includes(word)) : [],
    flags,
    default: row.boot_val === null || preset ? '~' : row.boot_val,
  };
}

function table() {
  const lines = names.flatMap((name) =>
    spansOf(name).map(({ since, until, setting }) => row(name, since, until, setting)),
  );
  const problem = lines.find((line) => line.split('|').length !== 13 || /[\n`\\]|\$\{/.test(line));
  if (problem !== undefined) throw new Error(`This cannot be written as a row: ${problem}`);
  return `// Made by scripts/catalogue/generate.js. Do not edit.

/** The categories of pg_settings; the table names them by their index. */
export const categories: readonly string[] = [
${categories.map((category) => `  '${category}',\n`).join('')}];

/**
 * A line for each setting and span of majors in which it stays the same, its fields divided by \`|\`: name, first and last
 * major, type, flags (q list that is written with quoted elements, n cut to the length of a name, d not for the file, h
 * hidden from the view), unit, context, category, minimum, maximum, words, hidden words, words of other builds, default
 * (~ where there is none).
 */
export const settingRows: string = \`
${lines.join('\n')}
\`;

/** Settings that the sources have but that only servers built for debugging know, with the first and last such major. */
export const debugSettings: Readonly<Record<string, readonly [number, number]>> = {
${Object.entries(beyond.dependOnCompileOptions)
  .map(([name, [span]]) => `  ${name}: [${span.split('-').join(', ')}],`)
  .join('\n')}
};
`;
}

function row(name, since, until, setting) {
  const words = (list) => list.join(',');
  return [
    name,
    since === until ? since : `${since}-${until}`,
    setting.type,
    setting.flags,
    setting.unit,
    setting.context,
    categories.indexOf(setting.category),
    setting.min,
    setting.max,
    words(setting.words),
    words(setting.hiddenWords),
    words(setting.buildWords),
    setting.default,
  ].join('|');
}

function spansOf(name) {
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

function types() {
  const settable = names.filter((name) => spansOf(name).some(({ setting }) => setting.context !== 'internal'));
  const all = (name) => spansOf(name).map(({ setting }) => setting);
  const some = (test) => settable.filter((name) => all(name).some(test));
  const isNumber = ({ type }) => type === 'integer' || type === 'real';
  const isMemory = ({ unit }) => unit.endsWith('B');
  const words = (name) =>
    [...new Set(all(name).flatMap((s) => [...s.words, ...s.hiddenWords, ...s.buildWords]))].sort();
  return `// Made by scripts/catalogue/generate.js. Do not edit.
${[
  ['BoolSettingName', 'that are on or off', some(({ type }) => type === 'bool')],
  ['MemorySettingName', 'that are an amount of memory or storage', some((s) => isNumber(s) && isMemory(s))],
  ['DurationSettingName', 'that are a time', some((s) => isNumber(s) && s.unit !== '' && !isMemory(s))],
  ['NumberSettingName', 'that are a number without a unit', some((s) => isNumber(s) && s.unit === '')],
  ['StringSettingName', 'that are any text', some(({ type }) => type === 'string')],
  ['ListSettingName', 'that are a list', some(({ type }) => type === 'list')],
]
  .map(
    ([type, what, members]) => `
/** The settings ${what}, in any major. */
export type ${type} =
${members.map((name) => `  | '${name}'`).join('\n')};
`,
  )
  .join('')}
/** The settings that are one of a few words, each with the words of all majors and builds. */
export interface SettingWords {
${some(({ type }) => type === 'enum')
  .map(
    (name) =>
      `  /** Its words. */\n  readonly ${name}:\n${words(name)
        .map((word) => `    | '${word}'`)
        .join('\n')};`,
  )
  .join('\n')}
}
`;
}
