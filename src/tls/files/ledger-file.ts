import { withContent } from '../../disk/content.ts';
import { PgHostsslError } from '../../errors.ts';
import type { LedgerStore } from '../../pki/index.ts';
import { diskFiles } from './disk.ts';
import type { TlsFiles } from './files.ts';

/** How long a lock of somebody else is waited for; writing takes milliseconds. */
const patienceMs = 10_000;
const pauseMs = 5;

/**
 * A ledger in a JSON file, replaced whole by each change. Several processes of one machine may use it at once: a directory
 * `<path>.lock` beside it keeps them apart for the moment of writing.
 *
 * @param path the file; it need not exist yet, its directory must
 * @param files where it lies; the disk if not given
 * @returns a store whose methods throw as `node:fs` does, and `ledger-busy` where the lock does not go away
 */
export function fileLedgerStore(path: string, files: TlsFiles = diskFiles): LedgerStore {
  const lock = `${path}.lock`;
  const read = async () => {
    const file = await files.read(path);
    return file === undefined ? undefined : new TextDecoder('utf-8').decode(file.content());
  };
  return {
    read,
    write: async (text, previous) => {
      await takeLock(lock, files);
      try {
        if ((await read()) !== previous) return false;
        const staged = await files.stage(withContent({ path }, new TextEncoder().encode(text)));
        try {
          await staged.commit();
        } catch (error) {
          await staged.discard();
          throw error;
        }
        return true;
      } finally {
        await files.removeDirectory(lock);
      }
    },
  };
}

/** Making a directory is the one thing that fails on every file system if somebody else was first. */
async function takeLock(lock: string, files: TlsFiles): Promise<void> {
  for (const end = Date.now() + patienceMs; ; await pause()) {
    try {
      await files.makeDirectory(lock, { mode: 0o700 });
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
      if (Date.now() > end) {
        throw new PgHostsslError('ledger-busy', 'Another process holds the lock of the ledger', {
          file: lock,
          hint: 'If none is at work, one has died while it wrote: remove this directory.',
          cause: error,
        });
      }
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMs));
}
