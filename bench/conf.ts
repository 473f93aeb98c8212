import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfFile } from '../src/conf/index.ts';
import { readSample } from '../test/server/index.ts';
import { median, medianTimes } from './shared/rounds.ts';
import { addRow } from './shared/table.ts';

/**
 * Measures the times of parsing and editing postgresql.conf, as ratios to the times of two simple tasks in the same
 * run: splitting the text into an array of lines, and copying the text to bytes. Then it measures the time of importing
 * each subpath in a new process, as a ratio to importing an empty module.
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

/**
 * The ratios that imports should not exceed: the wall time of importing a subpath divided by the wall time of importing
 * an empty module.
 */
const importAims: Readonly<Record<string, number>> = { './hba': 2.2, './conf': 2.2, '.': 3.2, './pki': 4, './tls': 5 };

await reportFile("PostgreSQL 18's sample", new TextDecoder().decode(readSample(18, 'postgresql.conf.sample')), 200, 15);
await reportFile('generated file', generated, 1, 9);
reportImport(15);

async function reportFile(what: string, text: string, perRound: number, rounds: number): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  const parsed = ConfFile.parse(bytes);
  const names = ['work_mem', 'search_path', 'ssl', 'log_min_duration_statement'] as const;
  const often = (run: () => unknown) => () => {
    let last: unknown;
    for (let i = 0; i < perRound; i++) last = run();
    return last;
  };
  const times = await medianTimes(
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
      { name: 'set', run: often(() => parsed.set('app.new', '1')) },
      { name: 'setAll of 300', run: often(() => parsed.setAll(settings(300))) },
      { name: 'setAll of 1,000', run: often(() => parsed.setAll(settings(1000))) },
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
  if (perRound > 1) {
    addRow(`postgresql.conf, ${what}: parse and read, lines = 1`, times.get('parse, read four settings')! / lines, 10);
    addRow(`postgresql.conf, ${what}: diagnostics, lines = 1`, times.get('parse, all diagnostics')! / lines, 14);
  } else {
    const lineCount = parsed.entries.length;
    addRow(
      `postgresql.conf, ${lineCount} lines: setAll of 300, set = 1`,
      times.get('setAll of 300')! / times.get('set')!,
      5,
    );
    addRow(
      `postgresql.conf, ${lineCount} lines: setAll of 1,000, flat copy = 1`,
      times.get('setAll of 1,000')! / copy,
      3,
    );
  }
}

/** Returns `count` settings with new values. The generated file contains half of these settings. */
function settings(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      i % 2 === 0 ? `app.setting_${((i * 8) % 100_000) + 4}` : `app.new_${i}`,
      `new ${i}`,
    ]),
  );
}

function reportImport(rounds: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-conf-'));
  writeFileSync(join(folder, 'empty.mjs'), '');
  const subpaths = Object.keys(importAims).map((subpath) => [
    subpath,
    new URL(`../../dist/${subpath}/index.js`, import.meta.url).href,
  ]);
  const modules: Readonly<Record<string, string>> = {
    'empty module': pathToFileURL(join(folder, 'empty.mjs')).href,
    ...Object.fromEntries(subpaths),
  };
  const names = Object.keys(modules);
  const times = names.map(() => ({ wall: [] as number[], cpu: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    Object.values(modules).forEach((url, i) => {
      const { wall, cpu } = importTime(url);
      times[i]!.wall.push(wall);
      times[i]!.cpu.push(cpu);
    });
  }
  rmSync(folder, { recursive: true });
  const medians = times.map(({ wall, cpu }) => ({ wall: median(wall), cpu: median(cpu) }));
  const [empty] = medians;
  console.log('\ncold import in a fresh process: wall time, CPU time');
  names.forEach((name, i) => {
    const { wall, cpu } = medians[i]!;
    const [wallRatio, cpuRatio] = [wall / empty!.wall, cpu / empty!.cpu];
    const ratios = `${wallRatio.toFixed(2)} and ${cpuRatio.toFixed(2)} × empty module`;
    console.log(`  ${name.padEnd(26)} ${wall.toFixed(3).padStart(9)} ms ${cpu.toFixed(3).padStart(9)} ms   ${ratios}`);
    if (i === 0) return;
    addRow(`cold import ${name}, wall time, empty module = 1`, wallRatio, importAims[name]);
    addRow(`cold import ${name}, CPU time, empty module = 1`, cpuRatio);
  });
}

/**
 * Returns the times in milliseconds for importing a module in a new process. The start of the process is not included.
 */
function importTime(url: string): { readonly wall: number; readonly cpu: number } {
  const program = `const start = process.cpuUsage();
    const begin = performance.now();
    await import(${JSON.stringify(url)});
    const wall = performance.now() - begin;
    const { user, system } = process.cpuUsage(start);
    console.log(JSON.stringify({ wall, cpu: (user + system) / 1000 }));`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }));
}
