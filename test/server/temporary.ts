import { spawn } from 'node:child_process';
import { accessSync, chmodSync, chownSync, constants, mkdirSync, mkdtempSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { serverAccount } from './account.ts';

// The path of a Unix socket must stay below 104 bytes on macOS and 108 on Linux. It is a few folders deeper than this path.
const longestBase = 60;

// When the pipe closes because this process has ended in any way: stop its servers, then remove its folder.
const guardScript = `
trap '' INT TERM HUP
cat > /dev/null
for file in "$1"/*/data/postmaster.pid; do
  [ -f "$file" ] && read -r pid < "$file" && kill -QUIT "$pid" && tries=100 || continue
  while [ $tries -gt 0 ] && [ -f "$file" ]; do sleep 0.05; tries=$((tries - 1)); done
done
rm -rf "$1"
`;

let root: string | undefined;
let count = 0;

/**
 * Makes an empty folder that the account of the servers owns. The folder is removed when this process ends or is killed. If its
 * folder `data` is the data directory of a server, the server is stopped before.
 */
export function temporaryFolder(): string {
  const folder = join(temporaryRoot(), String(count++));
  mkdirSync(folder, { mode: 0o700 });
  if (serverAccount !== undefined) chownSync(folder, serverAccount.uid, serverAccount.gid);
  return folder;
}

/**
 * Returns the folder for files that are made once and used by many: of the whole test run if its runner has named one, and
 * otherwise of this process.
 */
export function cacheFolder(): string {
  const folder = process.env.PG_HOSTSSL_TEST_CACHE ?? join(temporaryRoot(), 'cache');
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}

/** Returns the folder of all temporary files of this process. Every account may pass through it. */
function temporaryRoot(): string {
  if (root === undefined) {
    root = mkdtempSync(join(temporaryBase(), 'pg-hostssl-'));
    chmodSync(root, 0o755);
    guard(root);
  }
  return root;
}

function guard(folder: string): void {
  const child = spawn('/bin/sh', ['-c', guardScript, 'guard', folder], {
    // Its own process group, so that Ctrl-C, which reaches the whole group of the tests, does not end it first.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
}

function temporaryBase(): string {
  const base = [tmpdir(), '/tmp', '/var/tmp'].find((folder) => folder.length <= longestBase && isUsable(folder));
  if (base === undefined) throw new Error('No temporary folder here has a short path and is open to every account');
  return realpathSync(base);
}

/** Returns true if this process can write in a folder and the account of the servers can pass through it. */
function isUsable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return serverAccount === undefined || isOpenToAll(realpathSync(folder));
  } catch {
    return false;
  }
}

function isOpenToAll(folder: string): boolean {
  return (statSync(folder).mode & 0o001) !== 0 && (folder === dirname(folder) || isOpenToAll(dirname(folder)));
}
