// Runs the compiled benchmarks, the files directly in bench, one after the other: all of them, or those whose name
// contains one of the given words. At the end, the script prints a table of the ratios for which there is a limit. With
// --runs=3, every benchmark runs three times, and the table has the medians.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../build/bench', import.meta.url));
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const runs = Number(/^--runs=(\d+)$/m.exec(process.argv.join('\n'))?.[1] ?? 1);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.js') && (words.length === 0 || words.some((word) => name.includes(word))))
  .sort();
if (names.length === 0) throw new Error(`No benchmark's name holds ${words.join(' or ')}`);

// Without this flag, V8's allocation-site pretenuring makes one process in three twice as slow as the others, although
// they run the same code. Comparisons of two versions of the code would then be random.
const flags = ['--no-allocation-site-pretenuring'];

const scratch = mkdtempSync(join(tmpdir(), 'pg-hostssl-bench-'));
const table = join(scratch, 'rows');
writeFileSync(table, '');
const env = { ...process.env, PG_HOSTSSL_BENCH_TABLE: table };
let failed = 0;
for (let run = 1; run <= runs; run++) {
  if (runs > 1) console.log(`\nRun ${run} of ${runs}`);
  for (const name of names) {
    const { status } = spawnSync(process.execPath, [...flags, `${folder}/${name}`], { stdio: 'inherit', env });
    if (status !== 0) failed++;
  }
}
printTable();
rmSync(scratch, { recursive: true });
process.exitCode = failed === 0 ? 0 : 1;

function printTable() {
  const rows = new Map();
  for (const line of readFileSync(table, 'utf8').split('\n').slice(0, -1)) {
    const { name, measured, aim } = JSON.parse(line);
    const row = rows.get(name) ?? { aim, measured: [] };
    rows.set(name, row);
    row.measured.push(measured);
  }
  const width = Math.max(...[...rows.keys()].map((name) => name.length));
  console.log(`\n${'row'.padEnd(width)} ${'measured'.padStart(9)} ${'aim'.padStart(6)}`);
  for (const [name, { measured, aim }] of rows) {
    const median = measured.sort((a, b) => a - b)[measured.length >> 1];
    const miss = aim !== undefined && median > aim ? '  over' : '';
    const digits = median < 100 ? 2 : 0;
    console.log(`${name.padEnd(width)} ${median.toFixed(digits).padStart(9)} ${String(aim ?? '').padStart(6)}${miss}`);
  }
}
