import { diffAccess, matchRule, unreachableRules } from '../src/access/index.ts';
import { HbaFile, type HbaRule } from '../src/hba/index.ts';
import { medianTimes } from './shared/rounds.ts';

/**
 * Questions about who gets in, as ratios within one run to splitting the text of the file into lines and fields. Each turn
 * parses a file of its own outside of the time that counts, since a file keeps what was found out about it.
 */
const shapes: Readonly<Record<string, (i: number, count: number) => string>> = {
  'a rule per tenant': (i) =>
    i % 10 === 9
      ? `hostssl t${i} t${i}_app 2001:db8:${(i & 0xffff).toString(16)}::/48 scram-sha-256`
      : `hostssl t${i} t${i}_app 10.${(i >> 8) & 255}.${i & 255}.0/24 scram-sha-256`,
  'every 50th for all databases': (i) =>
    i % 50 === 0
      ? `host all all 192.168.${(i / 50) & 255}.0/24 md5`
      : `hostssl t${i} t${i}_app 10.${(i >> 8) & 255}.${i & 255}.0/24 scram-sha-256`,
  'all over nested networks': (i) => `host all all 10.${(i * 7) & 255}.${(i * 13) & 255}.0/${16 + (i % 9)} md5`,
  'lists of names': (i) =>
    `host d${(i * 7) % 200},d${(i * 11) % 200},d${(i * 13) % 200} u${(i * 3) % 200},u${(i * 17) % 200} 10.${i & 255}.0.0/16 md5`,
};

for (const [name, shape] of Object.entries(shapes)) {
  // The growth shows with one shape; the others would take minutes to parse.
  for (const count of name === 'a rule per tenant' ? [1_000, 10_000, 100_000] : [1_000, 10_000]) {
    const lines = Array.from({ length: count }, (_, i) => shape(i, count));
    const text = `local all all peer\n${lines.join('\n')}\nhost all all all reject\n`;
    // Ten lines that differ, spread over the file.
    const changed = lines.map((line, i) => (i % (count / 10) === 7 ? line.replace(/\S+$/, 'trust') : line));
    const after = `local all all peer\n${changed.join('\n')}\nhost all all all reject\n`;
    const rounds = count > 50_000 ? 1 : count > 5_000 ? 5 : 9;
    const fresh = (source: string): HbaFile => {
      const file = HbaFile.parse(source);
      // What every reader of the file pays once.
      void [file.rules, file.diagnostics];
      return file;
    };
    const files = Array.from({ length: (rounds + 2) * 3 }, (_, i) => fresh(i % 3 === 2 ? after : text));
    let next = 0;
    const last = fresh(text);
    const { rules } = last;
    const connection = { transport: 'ssl', address: '172.16.0.1', database: 'nowhere', user: 'nobody' } as const;
    matchRule(last, connection);
    const times = medianTimes(
      [
        { name: 'floor: lines and fields', run: () => text.split('\n').map((line) => line.trim().split(/\s+/)) },
        { name: 'unreachableRules', run: () => unreachableRules(files[3 * (next++ % (rounds + 2))]!) },
        {
          name: 'diffAccess, 10 changes',
          run: () => diffAccess(files[3 * (next % (rounds + 2)) + 1]!, files[3 * (next % (rounds + 2)) + 2]!),
        },
        { name: 'matchRule', run: () => matchRule(last, connection) },
        { name: 'plain loop over the fields', run: () => plainLoop(rules) },
      ],
      rounds,
    );
    const floor = times.get('floor: lines and fields')!;
    console.log(`\n${name}, ${count} rules`);
    for (const [what, time] of times) {
      console.log(
        `  ${what.padEnd(28)} ${time.toFixed(2).padStart(9)} ms   ${(time / floor).toFixed(2)} × lines and fields`,
      );
    }
  }
}

/** What a caller would write: the first rule whose columns fit, addresses compared as text. */
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
