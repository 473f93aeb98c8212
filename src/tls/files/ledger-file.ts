import { dirname } from 'node:path';
import { withContent } from '../../disk/content.ts';
import type { LedgerStore } from '../../pki/index.ts';
import { diskFiles } from './disk.ts';
import type { TlsFiles } from './files.ts';
import { withLock } from './lock.ts';

/** How long another process's lock is waited for; writing takes milliseconds. */
const patience = 10_000;

/**
 * A ledger in a JSON file, replaced whole by each change. Several processes of one machine may use it at once: a directory
 * `<path>.lock` beside it keeps them apart for the moment of writing. The lock of a process that has ended is recognised.
 *
 * @param path the file; it need not exist yet, its directory must
 * @param files where it is; the disk if not given
 * @returns a store whose methods reject as `node:fs` does, and with `ledger-busy` if another process keeps the lock
 * @example
 * ```ts
 * import { Ledger } from 'pg-hostssl/pki';
 * import { fileLedgerStore, memoryFiles } from 'pg-hostssl/tls';
 *
 * const ledger = new Ledger(fileLedgerStore('/ledger.json', memoryFiles()));
 * console.log(await ledger.certificates());
 * ```
 */
export function fileLedgerStore(path: string, files: TlsFiles = diskFiles): LedgerStore {
  const read = async () => {
    const file = await files.read(path);
    return file === undefined ? undefined : new TextDecoder('utf-8').decode(file.content());
  };
  return {
    read,
    write: (text, previous) =>
      withLock({ path: `${path}.lock`, files, patience, code: 'ledger-busy' }, async () => {
        if ((await read()) !== previous) return false;
        await replaceFile(await files.realPath(path), new TextEncoder().encode(text), files);
        return true;
      }),
  };
}

async function replaceFile(path: string, content: Uint8Array, files: TlsFiles): Promise<void> {
  const current = await files.inspect(path);
  // One name for all, since the lock is held: what a process left here when it was killed goes away.
  const staged = `${path}.new`;
  if ((await files.inspect(staged)) !== undefined) await files.remove(staged);
  const facts = { mode: current?.mode ?? 0o600, ...(current?.owner && { owner: current.owner, like: path }) };
  await files.create(withContent({ path: staged, ...facts }, content));
  try {
    await files.rename(staged, path);
  } catch (error) {
    await files.remove(staged);
    throw error;
  }
  await files.sync(dirname(path));
}
