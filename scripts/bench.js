// Runs the compiled benchmarks of bench (not those files that lie deeper, which they share), one after the other: all of
// them, or those whose name holds one of the words given.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../build/bench', import.meta.url));
const words = process.argv.slice(2);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.js') && (words.length === 0 || words.some((word) => name.includes(word))))
  .sort();
if (names.length === 0) throw new Error(`No benchmark's name holds ${words.join(' or ')}`);

// With V8's allocation-site pretenuring, one process in three is twice as slow as the others from its first round on, for
// the same code. Ratios between two states of the code would then be ratios between two moods of V8.
const flags = ['--no-allocation-site-pretenuring'];

for (const name of names) {
  const { status } = spawnSync(process.execPath, [...flags, `${folder}/${name}`], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
