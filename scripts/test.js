// Runs the compiled tests: all of them, or those whose path contains one of the words given as arguments.
// --without-servers leaves out test files that need the programs of a server or pack the package.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../build/test/server/temporary.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const withoutServers = process.argv.includes('--without-servers');
const files = readdirSync(`${root}build/test`, { recursive: true })
  .map((name) => `build/test/${name}`)
  .filter((path) => path.endsWith('.test.js') && (words.length === 0 || words.some((word) => path.includes(word))))
  .filter((path) => !withoutServers || !(path.includes('/package/') || needsServer(path)))
  .sort();
if (files.length === 0) throw new Error(`No test file's path holds ${words.join(' or ')}`);

/** Returns whether a compiled test imports, directly or through other modules, the code that finds the servers. */
function needsServer(test) {
  const modules = new Set([test]);
  // The loop also visits the modules that it adds.
  for (const path of modules) {
    for (const [, name] of readFileSync(root + path, 'utf8').matchAll(/\b(?:from|import)\s*\(?["'](\.[^"']*)["']/g)) {
      const imported = join(dirname(path), name);
      if (imported.startsWith('build/test/') && existsSync(root + imported)) modules.add(imported);
    }
  }
  return modules.has('build/test/server/packages.js');
}

// Each test file may take ten minutes. A run with PG_HOSTSSL_CRASH=all or with more generated cases takes several times
// as long.
const runs = process.env.PG_HOSTSSL_CRASH === 'all' ? 6 : Math.max(1, Number(process.env.PG_HOSTSSL_RUNS ?? 1));
const processors = availableParallelism();
// A run of all tests took 28 minutes of one processor.
const minutes = words.length === 0 && !withoutServers ? `, about ${Math.ceil((28 * runs) / processors)} minutes` : '';
console.log(`Runs ${files.length} test files, ${processors} at a time${minutes}.`);

const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-counts-'));
const counts = join(folder, 'counts');
const options = [
  '--enable-source-maps',
  '--test',
  '--test-reporter=spec',
  '--test-reporter-destination=stdout',
  `--test-reporter=${new URL('count-reporter.js', import.meta.url).href}`,
  `--test-reporter-destination=${counts}`,
  `--test-concurrency=${processors}`,
  `--test-timeout=${600_000 * runs}`,
];
const { status } = spawnSync(process.execPath, [...options, ...files], {
  cwd: root,
  stdio: 'inherit',
  // All test files share a cache of the data directories that initdb makes.
  env: { ...process.env, PG_HOSTSSL_TEST_CACHE: cacheFolder() },
});
process.stdout.write(readFileSync(counts, 'utf8'));
rmSync(folder, { recursive: true });
process.exit(status ?? 1);
