import { spawn } from 'node:child_process';
import { accessSync, chmodSync, chownSync, constants, mkdirSync, mkdtempSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { serverAccount } from './account.ts';

// The longest usable path for the folder of temporary files. The path of a Unix socket, a few folders deeper, must stay
// below 104 bytes on macOS and 108 on Linux.
const longestBase = 60;

// A shell script that waits until a pipe closes, because this process has ended or was killed. Then it stops the
// servers of this process and removes its folder.
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
 * Makes an empty folder that the account of the test servers owns. The folder is removed when this process ends or is
 * killed. If a server runs in its subfolder `data`, the server is stopped before.
 */
export function temporaryFolder(): string {
  const folder = join(temporaryRoot(), String(count++));
  mkdirSync(folder, { mode: 0o700 });
  if (serverAccount !== undefined) chownSync(folder, serverAccount.uid, serverAccount.gid);
  return folder;
}

/**
 * Returns the folder for files that are made once and used by several tests: the folder that scripts/test.js has named
 * for the whole test run, or else a folder of this process.
 */
export function cacheFolder(): string {
  const folder = process.env.PG_HOSTSSL_TEST_CACHE ?? join(temporaryRoot(), 'cache');
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}

/** Returns the folder of all temporary files of this process. Every account may open paths below it. */
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
    // The script gets its own process group, so that Ctrl-C, which ends the whole process group of the tests, does not
    // end the script.
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

/** Returns true if this process can write in a folder, and the account of the test servers can open paths below it. */
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
