// Builds the library and the tests if one of their sources has changed since the last complete build.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const stamp = `${root}build/.built`;
const state = stateOfSources();

if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) {
  console.log('Nothing has changed since the last build.');
} else {
  console.log('Builds the library and the tests: about half a minute.');
  for (const script of ['build', 'build:tests']) {
    const { status } = spawnSync('npm', ['run', '--silent', script], {
      cwd: root,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    if (status !== 0) process.exit(status ?? 1);
  }
  writeFileSync(stamp, state);
}

/** Returns a digest of the paths and contents of all files that the build reads. */
function stateOfSources() {
  const files = ['src', 'test', 'examples', 'bench', 'scripts'].flatMap(filesIn);
  const settings = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  const hash = createHash('sha256');
  for (const path of [...settings, ...files.sort()]) hash.update(`${path}\n`).update(readFileSync(root + path));
  return hash.digest('hex');
}

/** Returns the source files below a folder. Packages that npm installed there are left out. */
function filesIn(folder) {
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(path);
    return /\.(?:[cm]?[jt]s|json)$/.test(path) ? [path] : [];
  });
}
