import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { serverAccount } from './account.ts';

/** The content of a file, and its mode if it is not 0600. */
export type ServerFile = string | Uint8Array | { readonly content: string | Uint8Array; readonly mode: number };

/** Files by their paths below a data directory. */
export type ServerFiles = Readonly<Record<string, ServerFile>>;

/** Writes files and their folders below a folder. The account of the test servers owns them. */
export function writeServerFiles(folder: string, files: ServerFiles): void {
  for (const [name, file] of Object.entries(files)) {
    const { content, mode } =
      typeof file === 'string' || file instanceof Uint8Array ? { content: file, mode: 0o600 } : file;
    const path = join(folder, name);
    makeFolder(dirname(path));
    writeFileSync(path, content, { mode: 0o600 });
    giveToServer(path);
    // The mode is set separately, because the umask limits the mode of a new file, and writing does not change the mode
    // of an existing file.
    chmodSync(path, mode);
  }
}

function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
  giveToServer(folder);
}

function giveToServer(path: string): void {
  if (serverAccount !== undefined) chownSync(path, serverAccount.uid, serverAccount.gid);
}
