// Runs the built package on other JavaScript runtimes, which come from npm. Missing runtimes are installed below
// test/runtimes/npm (about 800 MB).
//   node scripts/runtimes.js               all runtimes
//   node scripts/runtimes.js bun node26    runtimes whose name contains one of the words
//   node scripts/runtimes.js node26 hba/   a word with a slash chooses test files by their paths
// Bun and Deno issue and verify certificates ten times, each time in a new process, because a former bug of the package
// on Bun appeared in only 17 of 40 runs. Each major version of Node runs the tests that start no other program and
// write no files.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'test/runtimes/npm');
const runs = 10;
const words = process.argv.slice(2).filter((word) => !word.includes('/'));
const paths = process.argv.slice(2).filter((word) => word.includes('/'));
const program = join(root, 'test/runtimes/issue-and-verify.js');
const testFiles = filesWithoutDisk();
const nodeArguments = ['--enable-source-maps', '--test', '--test-reporter=dot', ...testFiles];

const runtimes = [
  ['bun', '@oven/bun-linux-x64/bin/bun', [program], runs],
  [
    'deno',
    '@deno/linux-x64-glibc/deno',
    ['run', '--allow-all', '--node-modules-dir=manual', '--no-lock', program],
    runs,
  ],
  ['node22', 'node22-linux-x64/bin/node', nodeArguments, 1],
  ['node24', 'node24-linux-x64/bin/node', nodeArguments, 1],
  ['node26', 'node26-linux-x64/bin/node', nodeArguments, 1],
].filter(([name]) => words.length === 0 || words.some((word) => name.includes(word)));
if (runtimes.length === 0) throw new Error(`No runtime's name holds ${words.join(' or ')}`);
if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('The runtimes are those for Linux on x64');

if (runtimes.some(([, path]) => !existsSync(join(folder, 'node_modules', path)))) {
  console.log('Installs Bun, Deno and three versions of Node from npm, about 800 MB on the disk');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

let failed = 0;
for (const [name, path, parameters, count] of runtimes) {
  const executable = join(folder, 'node_modules', path);
  const version = spawnSync(executable, ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0];
  const what = count === 1 ? `${testFiles.length} test files` : `${count} runs that issue and verify`;
  let good = 0;
  let output = '';
  for (let run = 0; run < count; run++) {
    const result = spawnSync(executable, parameters, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
    if (result.status === 0) good++;
    else output ||= `${result.stdout}${result.stderr}`;
  }
  console.log(
    `${good === count ? 'good  ' : 'FAILED'} ${name.padEnd(8)} ${version.padEnd(12)} ${what}, ${good} of ${count} good`,
  );
  if (good < count) console.log(output.slice(-5000));
  failed += count - good;
}
process.exit(failed === 0 ? 0 : 1);

/**
 * Returns the compiled test files that start no other program and write no files, and that import no file that does so.
 */
function filesWithoutDisk() {
  const test = join(root, 'build/test');
  return readdirSync(test, { recursive: true })
    .map((name) => join(test, name))
    .filter((path) => path.endsWith('.test.js') && !/\.server\.|\/package\/|\/server\//.test(path))
    .filter((path) => paths.length === 0 || paths.some((word) => path.includes(word)))
    .filter((path) => !touchesDisk(path))
    .sort();
}

function touchesDisk(path, seen = new Set()) {
  if (seen.has(path)) return false;
  seen.add(path);
  const text = readFileSync(path, 'utf8');
  if (/from 'node:child_process'|writeFileSync|mkdtemp/.test(text)) return true;
  const imported = [...text.matchAll(/from ['"](\.{1,2}\/[^'"]+)['"]/g)].map((match) => join(path, '..', match[1]));
  // Imports of the package itself are not followed, because importing the package starts no program and writes no file.
  return imported.some(
    (file) => file.includes('/build/test/') && (file.includes('/test/server/') || touchesDisk(file, seen)),
  );
}
