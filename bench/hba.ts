import { all, type HbaEdit, HbaFile, type HbaRuleInput, hbaFileRules } from '../src/hba/index.ts';
import { allDifferentHbaText, hbaText } from './shared/hba-text.ts';
import { medianTimes } from './shared/rounds.ts';
import { addRow } from './shared/table.ts';

/**
 * Measures the times of parsing and editing pg_hba.conf, as ratios to the times of two simple tasks in the same run:
 * splitting the text into arrays of lines and fields, and copying the text to bytes. The time of a third task shows how
 * fast a parser could be: it makes rule objects from the split fields without interpreting or checking them.
 */
const everything = 'parse, every rule, all diagnostics';
const added: HbaRuleInput = { type: 'local', databases: [all], users: ['nobody here'], method: 'peer' };

for (const count of [10_000, 100_000]) {
  const text = hbaText(count);
  const bytes = new TextEncoder().encode(text);
  const parsed = HbaFile.parse(bytes);
  const middle = parsed.rules[parsed.rules.length >> 1]!;
  const edits = Array.from({ length: 1000 }, (_, i) => mixedEdit(parsed, i));
  const rounds = count > 20_000 ? 9 : 25;
  // Reading and writing are measured separately. Otherwise the garbage of reading would be collected while writing is
  // measured.
  const reading = await medianTimes(
    [
      { name: 'floor: lines and fields', run: () => text.split('\n').map((line) => line.trim().split(/\s+/)) },
      { name: 'objects, nothing checked', run: () => text.split('\n').map(unchecked) },
      { name: 'parse', run: () => HbaFile.parse(bytes) },
      {
        name: 'parse and rules',
        run: () => {
          const file = HbaFile.parse(bytes);
          return [file, file.rules];
        },
      },
      {
        name: everything,
        run: () => {
          const file = HbaFile.parse(bytes);
          return [file, file.rules, file.diagnostics];
        },
      },
      { name: 'hbaFileRules of a parsed file', run: () => hbaFileRules(parsed) },
    ],
    rounds,
  );
  const writing = await medianTimes(
    [
      { name: 'floor: flat copy', run: () => new TextEncoder().encode(text) },
      { name: 'print', run: () => parsed.toBytes() },
      { name: 'insert', run: () => parsed.insert(added, 'end') },
      { name: 'ensure', run: () => parsed.ensure(added, 'end') },
      { name: 'edit: 1,000 edits', run: () => parsed.edit(edits) },
      { name: 'one edit and print', run: () => parsed.replace(middle, { users: ['someone'] }).toBytes() },
    ],
    rounds,
  );
  const times = new Map([...reading, ...writing]);
  const fields = times.get('floor: lines and fields')!;
  const copy = times.get('floor: flat copy')!;
  console.log(`\npg_hba.conf, ${count} lines, ${bytes.length} bytes`);
  for (const [name, time] of times) {
    const ratios = `${(time / fields).toFixed(2)} × lines and fields, ${(time / copy).toFixed(2)} × flat copy`;
    console.log(`  ${name.padEnd(36)} ${time.toFixed(2).padStart(9)} ms   ${ratios}`);
  }
  const row = (what: string, name: string, floor: string, aim: number) =>
    addRow(`pg_hba.conf, ${count} lines: ${what}`, times.get(name)! / times.get(floor)!, aim);
  if (count === 10_000) {
    row('ensure, insert = 1', 'ensure', 'insert', 2);
  } else {
    row('rules, split = 1', 'parse and rules', 'floor: lines and fields', 2.5);
    row('rules and diagnostics, split = 1', everything, 'floor: lines and fields', 3.5);
    row('hbaFileRules, rules and diagnostics = 1', 'hbaFileRules of a parsed file', everything, 1.8);
    row('1,000 edits by edit, flat copy = 1', 'edit: 1,000 edits', 'floor: flat copy', 3);
    await reportAllDifferent(count);
  }
}

/**
 * Measures and reports the times for a file in which every name and address occurs once, so that caches do not help.
 */
async function reportAllDifferent(count: number): Promise<void> {
  const text = allDifferentHbaText(count);
  const bytes = new TextEncoder().encode(text);
  const times = await medianTimes(
    [
      { name: 'floor', run: () => text.split('\n').map((line) => line.trim().split(/\s+/)) },
      {
        name: everything,
        run: () => {
          const file = HbaFile.parse(bytes);
          return [file, file.rules, file.diagnostics];
        },
      },
    ],
    9,
  );
  const ratio = times.get(everything)! / times.get('floor')!;
  console.log(
    `\npg_hba.conf, ${count} rules, all names and addresses different\n  ${everything} ${ratio.toFixed(2)} × lines and fields`,
  );
  addRow(`pg_hba.conf, ${count} different rules: rules and diagnostics, split = 1`, ratio);
}

/** Returns edit number `i` of a thousand edits that are spread over the file. */
function mixedEdit(file: HbaFile, i: number): HbaEdit {
  const entry = file.rules[Math.floor((i * file.rules.length) / 1000)]!;
  if (i % 10 < 4) return { kind: 'replace', entry, change: { users: [`user${i}`] } };
  if (i % 10 < 7) return { kind: 'remove', entry };
  return { kind: 'insert', insertion: { ...added, databases: [`db${i}`] }, place: { before: entry } };
}

/** Returns an object for a line, made from the split fields without interpreting them. */
function unchecked(text: string): object {
  const fields = text.trim().split(/\s+/);
  const [type, database, user] = fields;
  if (user === undefined || type === '#') return { text, entry: { kind: 'comment', comment: text, text } };
  let next = 3;
  const address = type === 'local' ? undefined : { ip: fields[next++], prefix: 32 };
  const method = fields[next++];
  const options = fields.slice(next).map((value) => ({ name: value, value }));
  return { text, entry: { kind: 'rule', type, databases: [database], users: [user], address, method, options, text } };
}
