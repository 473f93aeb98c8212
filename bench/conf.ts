import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfFile } from '../src/conf/index.ts';
import { readSample } from '../test/server/index.ts';
import { medianTimes } from './shared/rounds.ts';

/**
 * postgresql.conf as ratios within one run to splitting the same text into lines, with the array kept, and to one flat
 * copy of it to bytes; then the cold import of `./conf` in a fresh process, to that of a module with nothing in it.
 */
const shapes = [
  (i: number) => `# what ${i} is for, in a sentence of its own`,
  () => '',
  (i: number) => `#work_mem = ${i}MB\t\t\t\t# min 64kB`,
  (i: number) => `work_mem = ${i}kB`,
  (i: number) => `app.setting_${i} = 'it''s value ${i}'`,
  (i: number) => `log_line_prefix = '%m [%p] ${i} '\t\t# special values:`,
  () => 'search_path = \'"$user", public\'',
  (i: number) => `log_min_duration_statement = ${i}ms`,
];
const generated = Array.from({ length: 100_000 }, (_, i) => `${shapes[i % shapes.length]!(i)}\n`).join('');

reportFile("PostgreSQL 18's sample", new TextDecoder().decode(readSample(18, 'postgresql.conf.sample')), 200, 15);
reportFile('generated file', generated, 1, 9);
reportImport(15);

function reportFile(what: string, text: string, perRound: number, rounds: number): void {
  const bytes = new TextEncoder().encode(text);
  const parsed = ConfFile.parse(bytes);
  const names = ['work_mem', 'search_path', 'ssl', 'log_min_duration_statement'] as const;
  const often = (run: () => unknown) => () => {
    let last: unknown;
    for (let i = 0; i < perRound; i++) last = run();
    return last;
  };
  const times = medianTimes(
    [
      { name: 'floor: lines', run: often(() => text.split('\n')) },
      { name: 'floor: flat copy', run: often(() => new TextEncoder().encode(text)) },
      { name: 'parse', run: often(() => ConfFile.parse(bytes)) },
      {
        name: 'parse, read four settings',
        run: often(() => {
          const file = ConfFile.parse(bytes);
          return names.map((name) => file.value(name));
        }),
      },
      { name: 'parse, all diagnostics', run: often(() => ConfFile.parse(bytes).diagnostics) },
      { name: 'print', run: often(() => parsed.toBytes()) },
      { name: 'one edit and print', run: often(() => parsed.set('work_mem', '7MB').toBytes()) },
    ],
    rounds,
  );
  const lines = times.get('floor: lines')!;
  const copy = times.get('floor: flat copy')!;
  console.log(`\npostgresql.conf, ${what}, ${parsed.entries.length} lines, ${bytes.length} bytes`);
  for (const [name, time] of times) {
    const ratios = `${(time / lines).toFixed(2)} × lines, ${(time / copy).toFixed(2)} × flat copy`;
    console.log(`  ${name.padEnd(26)} ${(time / perRound).toFixed(3).padStart(9)} ms   ${ratios}`);
  }
}

function reportImport(rounds: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-conf-'));
  writeFileSync(join(folder, 'empty.mjs'), '');
  const modules = {
    'empty module': pathToFileURL(join(folder, 'empty.mjs')).href,
    './conf': new URL('../../dist/conf/index.js', import.meta.url).href,
    './hba': new URL('../../dist/hba/index.js', import.meta.url).href,
  };
  const times = Object.keys(modules).map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    Object.values(modules).forEach((url, i) => {
      times[i]!.push(importTime(url));
    });
  }
  rmSync(folder, { recursive: true });
  const medians = times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]!);
  console.log('\ncold import in a fresh process');
  Object.keys(modules).forEach((name, i) => {
    const ratio = `${(medians[i]! / medians[0]!).toFixed(2)} × empty module`;
    console.log(`  ${name.padEnd(26)} ${medians[i]!.toFixed(3).padStart(9)} ms   ${ratio}`);
  });
}

/** The CPU time in milliseconds that a fresh process takes for importing a module, the start of the process aside. */
function importTime(url: string): number {
  const program = `const start = process.cpuUsage();
    await import(${JSON.stringify(url)});
    const { user, system } = process.cpuUsage(start);
    console.log((user + system) / 1000);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }));
}
