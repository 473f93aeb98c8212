// Installs the real PostgreSQL servers that the tests and the quickstart run (test/server/npm), once per lockfile.
// The packages' own install script only restores symbolic links, which npm cannot carry and may not run scripts for;
// it is done here instead.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../test/server/npm', import.meta.url));
const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
const stamp = join(folder, 'node_modules', '.installed-lock.json');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
  for (const name of readdirSync(join(folder, 'node_modules'))) restoreLinks(join(folder, 'node_modules', name));
  writeFileSync(stamp, lock);
}

function restoreLinks(server) {
  const list = join(server, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = join(server, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(server, source)), link);
  }
}
