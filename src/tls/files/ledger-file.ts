import { dirname, resolve } from 'node:path';
import { assertText } from '../../arguments.ts';
import { withOwnerFiles } from '../../disk/account/owner-files.ts';
import { checkedTlsFiles } from '../../disk/checked-files.ts';
import { diskFiles } from '../../disk/disk-files.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import type { LedgerStore } from '../../pki/lifecycle/ledger.ts';
import { withContent } from '../../with-content.ts';
import { withLock } from './lock.ts';
import { replaceWhole } from './whole-file.ts';

/**
 * Creates a store that keeps a `Ledger` of `pg-hostssl/pki` in a file. Recording certificates appends lines to the
 * file; any other change replaces the file. If a process is killed while it appends, an incomplete line may remain;
 * readers ignore it. Several processes of one machine may use the file at the same time: a process that writes holds a
 * lock, which is the directory `<path>.lock`. The lock of a process that has ended is ignored.
 *
 * @param path the path of the file. The file need not exist yet, but its directory must.
 * @param files how files are accessed. If not given, the file system of this machine, with the rights of the
 * directory's owner.
 * @returns the store. Its methods reject with the errors of `node:fs`; with `ledger-busy` if another process holds the
 * lock; with `path-not-trusted` or `account-unavailable` if root cannot work with the owner's rights
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
 * @example
 * ```ts
 * import { Ledger } from 'pg-hostssl/pki';
 * import { fileLedgerStore, memoryFiles } from 'pg-hostssl/tls';
 *
 * const ledger = new Ledger(fileLedgerStore('/ledger.json', memoryFiles()));
 * console.log(await ledger.certificates());
 * ```
 */
export function fileLedgerStore(path: string, files?: TlsFiles): LedgerStore {
  assertText(path, 'the path of fileLedgerStore');
  const checked = checkedTlsFiles(files, 'the files of fileLedgerStore');
  const client = { directory: dirname(resolve(path)) };
  const withFiles = <T>(use: (files: TlsFiles) => Promise<T>): Promise<T> =>
    checked === undefined ? withOwnerFiles({ client }, (owner) => use(owner.files)) : use(checked);
  /**
   * Runs a function while no other call writes the ledger. The function gets the path of the file without symbolic
   * links, because callers may use several links to one ledger.
   */
  const whileLocked = (use: (real: string, files: TlsFiles) => Promise<boolean>): Promise<boolean> =>
    withFiles(async (port) => {
      const real = await port.realPath(path);
      const lock = { path: `${real}.lock`, files: port, queue: files ?? diskFiles } as const;
      return await withLock({ ...lock, code: 'ledger-busy' }, () => use(real, port));
    });
  return {
    read: () => withFiles((port) => readText(path, port)),
    write: (text, previous) =>
      whileLocked(async (real, port) => {
        if ((await readText(real, port)) !== previous) return false;
        await replaceFile(real, new TextEncoder().encode(text), port);
        return true;
      }),
    append: (text) =>
      whileLocked(
        async (real, port) =>
          (await port.append?.(withContent({ path: real }, new TextEncoder().encode(text)))) ?? false,
      ),
  };
}

async function readText(path: string, files: TlsFiles): Promise<string | undefined> {
  const file = await files.read(path);
  return file === undefined ? undefined : new TextDecoder('utf-8').decode(file.content());
}

async function replaceFile(path: string, content: Uint8Array, files: TlsFiles): Promise<void> {
  const current = await files.inspect(path);
  const facts = { mode: current?.mode ?? 0o600, ...(current?.owner && { owner: current.owner, like: path }) };
  await replaceWhole(withContent({ path, ...facts }, content), `${path}.new`, files);
}
