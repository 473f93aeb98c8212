import { accessTable, diffAccess, matchRule, unreachableRules } from '../src/access/index.ts';
import { HbaFile, type HbaRule } from '../src/hba/index.ts';
import { medianTimes } from './shared/rounds.ts';
import { addRow } from './shared/table.ts';

/**
 * Measures the time of the functions of pg-hostssl/access that say who can log in. Each time is shown as a ratio to the
 * time for splitting the text of pg_hba.conf into lines and fields in the same run. The time of a function includes
 * building its index. Parsing the file and reading its rules are timed separately. Each measurement uses new file
 * objects, because a file object keeps its index.
 */
const shapes: Readonly<Record<string, (i: number) => string>> = {
  'a rule per tenant': (i) =>
    i % 10 === 9
      ? `hostssl t${i} t${i}_app 2001:db8:${(i & 0xffff).toString(16)}::/48 scram-sha-256`
      : `hostssl t${i} t${i}_app 10.${(i >> 8) & 255}.${i & 255}.0/24 scram-sha-256`,
  'every 50th for all databases': (i) =>
    i % 50 === 0
      ? `host all all 192.168.${(i / 50) & 255}.0/24 md5`
      : `hostssl t${i} t${i}_app 10.${(i >> 8) & 255}.${i & 255}.0/24 scram-sha-256`,
  'every second rejects': (i) =>
    `host t${i} t${i}_app 10.${(i >> 8) & 255}.${i & 255}.0/24 ${i % 2 === 0 ? 'reject' : 'scram-sha-256'}`,
  'all over nested networks': (i) => `host all all 10.${(i * 7) & 255}.${(i * 13) & 255}.0/${16 + (i % 9)} md5`,
  'worst: lists of names': (i) =>
    `host d${(i * 7) % 200},d${(i * 11) % 200},d${(i * 13) % 200} u${(i * 3) % 200},u${(i * 17) % 200} 10.${i & 255}.0.0/16 md5`,
  'worst: masks with holes': (i) =>
    `host all all 10.${(i >> 8) & 255}.${i & 255}.1 255.${255 - (i % 7) * 2}.${170 + (i % 80)}.${85 + (i % 160)} md5`,
};

/**
 * The limit in seconds for the time of a row. If a row takes longer, the next row, which has ten times as many rules,
 * is left out.
 */
const secondsOfRow = 12;

/** The functions whose rows `npm run bench` prints in its table at the end. */
const questions = ['unreachableRules', 'diffAccess, 10 changes', 'accessTable', 'matchRule'];

/** The ratios that a row with 10,000 rules should not exceed, by the kind of file and the function. */
const aims: Readonly<Record<string, number>> = {
  'a rule per tenant, unreachableRules': 5,
  'a rule per tenant, diffAccess, 10 changes': 10,
  'a rule per tenant, matchRule': 2,
  'every 50th for all databases, unreachableRules': 5,
  'every 50th for all databases, diffAccess, 10 changes': 10,
  'every 50th for all databases, matchRule': 2,
};

const loop = 'plain loop over the fields';

/** The times of the previous row, by the kind of file and the function. */
const earlier = new Map<string, { readonly count: number; readonly time: number }>();

const connection = { transport: 'ssl', address: '172.16.0.1', database: 'nowhere', user: 'nobody' } as const;

for (const [name, shape] of Object.entries(shapes)) {
  for (const count of [1_000, 10_000, 100_000]) {
    const start = process.cpuUsage();
    await measure(name, shape, count);
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    if (seconds > secondsOfRow && count < 100_000) {
      console.log(`  ${seconds.toFixed(0)} s for this row: left out ${count * 10} rules and more`);
      break;
    }
  }
}

async function measure(name: string, shape: (i: number) => string, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, i) => shape(i));
  const text = `local all all peer\n${lines.join('\n')}\nhost all all all reject\n`;
  // Ten lines, spread over the file, get another authentication method.
  const changed = lines.map((line, i) => (i % (count / 10) === 7 ? line.replace(/\S+$/, 'trust') : line));
  const after = `local all all peer\n${changed.join('\n')}\nhost all all all reject\n`;
  const isWorst = name.startsWith('worst');
  // The first rounds are not counted, because they run code that V8 has not compiled yet.
  const [rounds, warmUps] = count > 50_000 ? [isWorst ? 1 : 3, 1] : isWorst ? [3, 1] : [9, 4];
  const parsed = (source: string): HbaFile => {
    const file = HbaFile.parse(source);
    void [file.rules, file.diagnostics];
    return file;
  };
  // Each round parses four new files, because only the first function call for a file reads its rules.
  let files: HbaFile[] = [];
  const last = parsed(text);
  const { rules } = last;
  const times = await medianTimes(
    [
      {
        name: 'floor: lines and fields',
        run: () => text.split('\n').map((line) => line.trim().split(/\s+/)),
      },
      { name: 'parsing four files', run: () => (files = [text, text, after, text].map(parsed)) },
      { name: 'reading their rules', run: () => files.map((file) => matchRule(file, connection)) },
      { name: 'unreachableRules', run: () => unreachableRules(files[0]!) },
      { name: 'diffAccess, 10 changes', run: () => diffAccess(files[1]!, files[2]!) },
      { name: 'accessTable', run: () => accessTable(files[3]!) },
      { name: 'matchRule', run: () => matchRule(last, connection) },
      { name: loop, run: () => plainLoop(rules) },
    ],
    rounds,
    warmUps,
  );
  const floor = times.get('floor: lines and fields')!;
  console.log(`\n${name}, ${count} rules`);
  for (const [what, time] of times) {
    const [measure, words] = measureOf(what, floor, times);
    const ratio = time / measure;
    const growth = growthOf(`${name}, ${what}`, count, time);
    const columns = [`${ratio.toFixed(2)} × ${words}`.padEnd(26), growth && `${growth.toFixed(2)} × n log n`];
    console.log(`  ${what.padEnd(28)} ${time.toFixed(2).padStart(9)} ms   ${columns.join(' ')}`);
    if (!questions.includes(what)) continue;
    const row = `access, ${name}, ${count} rules: ${what}`;
    if (count === 10_000) addRow(`${row}, ${words} = 1`, ratio, aims[`${name}, ${what}`]);
    if (count === 100_000 && growth !== undefined) addRow(`${row}, growth by n log n = 1`, growth);
  }
}

/** Returns the time that a question is compared with, and the name of the work that took this time. */
function measureOf(what: string, floor: number, times: ReadonlyMap<string, number>): readonly [number, string] {
  // `diffAccess` compares two files, so its time is compared with twice the time for splitting one file.
  if (what.startsWith('diffAccess')) return [2 * floor, 'both floors'];
  return what === 'matchRule' ? [times.get(loop)!, 'plain loop'] : [floor, 'lines and fields'];
}

/** Returns the growth of a time since the row with a tenth of the rules, as a ratio to a growth of n log n. */
function growthOf(key: string, count: number, time: number): number | undefined {
  const last = earlier.get(key);
  earlier.set(key, { count, time });
  if (last === undefined) return undefined;
  const expected = (count * Math.log(count)) / (last.count * Math.log(last.count));
  return time / last.time / expected;
}

/**
 * A simple loop that a caller could write in place of `matchRule`: it finds the first rule whose columns match, and
 * compares addresses as text.
 */
function plainLoop(rules: readonly HbaRule[]): object {
  const skipped: object[] = [];
  for (const rule of rules) {
    const fits =
      rule.type !== 'local' &&
      rule.databases.some((each) => each === 'nowhere' || (typeof each === 'object' && 'keyword' in each)) &&
      rule.users.some((each) => each === 'nobody' || typeof each === 'object');
    if (fits && 'keyword' in rule.address) return { rule, skipped };
    skipped.push({ rule, because: 'no' });
  }
  return { skipped };
}
