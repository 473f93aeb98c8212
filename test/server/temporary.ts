import { spawn } from 'node:child_process';
import { accessSync, chmodSync, chownSync, constants, mkdirSync, mkdtempSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { serverAccount } from './account.ts';

// A Unix socket's path has to stay below 104 bytes on macOS and 108 on Linux, and it is a few folders deeper.
const longestBase = 60;

// When the pipe closes, because this process has ended in whatever way: stop its servers, then remove its folder.
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
 * A new empty folder that the servers' account owns. It is removed when this process ends, and a server whose data
 * directory is the `data` folder in it is stopped before; also when this process is killed.
 */
export function temporaryFolder(): string {
  const folder = join(temporaryRoot(), String(count++));
  mkdirSync(folder, { mode: 0o700 });
  if (serverAccount !== undefined) chownSync(folder, serverAccount.uid, serverAccount.gid);
  return folder;
}

/**
 * The folder for what can be made once and used by many: of the whole test run where its runner has named one, else of
 * this process.
 */
export function cacheFolder(): string {
  const folder = process.env.PG_HOSTSSL_TEST_CACHE ?? join(temporaryRoot(), 'cache');
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}

/** The folder that all temporary files of this process lie in; everyone may pass through it. */
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
    // A group of its own, so that Ctrl-C, which reaches the whole group, does not end it first.
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

/** Whether this process can write in a folder, and the servers' account can pass through it. */
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
