import { all, HbaFile, type HbaRuleInput, hbaFileRules } from '../src/hba/index.ts';
import { medianTimes } from './shared/rounds.ts';

/**
 * pg_hba.conf as ratios within one run to two floors over the same text: splitting it into lines and fields with the
 * arrays kept, and one flat copy of it to bytes. Beside the first stands what remains to be won: the objects of the rules
 * made from those fields as they come, nothing understood and nothing checked.
 */
const shapes = [
  (i: number) => `# rule ${i} of the application servers`,
  () => '',
  () => 'local   all             postgres                                peer',
  (i: number) =>
    `host    all             all             10.${(i >> 8) & 255}.${i & 255}.0/24            scram-sha-256`,
  (i: number) => `hostssl app${i}         web${i},batch   192.168.${i & 255}.0/24        cert map=users`,
  (i: number) => `host    "my db"         +staff          10.1.${i & 255}.0 255.255.255.0   md5   # office`,
  () => 'hostssl all             all             0.0.0.0/0               scram-sha-256 clientcert=verify-full',
  (i: number) => `hostnossl all           "user ${i}"     ::1/128                 reject`,
];

const added: HbaRuleInput = { type: 'local', databases: [all], users: ['nobody here'], method: 'peer' };

for (const count of [10_000, 100_000]) {
  const text = Array.from({ length: count }, (_, i) => shapes[i % shapes.length]!(i))
    .join('\n')
    .concat('\n');
  const bytes = new TextEncoder().encode(text);
  const parsed = HbaFile.parse(bytes);
  const middle = parsed.rules[parsed.rules.length >> 1]!;
  const rounds = count > 20_000 ? 9 : 25;
  // What is read is timed apart from what is written: the garbage of the one would be collected in the turns of the other.
  const reading = medianTimes(
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
        name: 'parse, every rule, all diagnostics',
        run: () => {
          const file = HbaFile.parse(bytes);
          return [file, file.rules, file.diagnostics];
        },
      },
      { name: 'hbaFileRules of a parsed file', run: () => hbaFileRules(parsed) },
    ],
    rounds,
  );
  const writing = medianTimes(
    [
      { name: 'floor: flat copy', run: () => new TextEncoder().encode(text) },
      { name: 'print', run: () => parsed.toBytes() },
      { name: 'insert', run: () => parsed.insert(added, 'end') },
      { name: 'ensure', run: () => parsed.ensure(added, 'end') },
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
}

/** A line and its entry, made of the fields that a split gives, whatever they mean. */
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
