// Runs the compiled tests: all of them, or those whose path holds one of the words given as arguments.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../build/test/server/temporary.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);
const files = readdirSync(`${root}build/test`, { recursive: true })
  .map((name) => `build/test/${name}`)
  .filter((path) => path.endsWith('.test.js') && (words.length === 0 || words.some((word) => path.includes(word))))
  .sort();
if (files.length === 0) throw new Error(`No test file's path holds ${words.join(' or ')}`);

// A test file has ten minutes. A whole run takes longer than the sample of CI.
const runs = process.env.PG_HOSTSSL_CRASH === 'all' ? 6 : Math.max(1, Number(process.env.PG_HOSTSSL_RUNS ?? 1));
const options = [
  '--enable-source-maps',
  '--test',
  '--test-reporter=spec',
  `--test-concurrency=${availableParallelism()}`,
  `--test-timeout=${600_000 * runs}`,
];
const { status } = spawnSync(process.execPath, [...options, ...files], {
  cwd: root,
  stdio: 'inherit',
  // The data directories made by initdb are shared by all test files.
  env: { ...process.env, PG_HOSTSSL_TEST_CACHE: cacheFolder() },
});
process.exit(status ?? 1);
