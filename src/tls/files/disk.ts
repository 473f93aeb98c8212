import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { diskReader, ownerOf, statIfThere } from '../../disk/disk-reader.ts';
import type { Owner } from '../../disk/file-state.ts';
import { hasCode, systemError } from '../../disk/system-error.ts';
import type { NewFile, StagedFile, TlsFiles } from './files.ts';
import { isMounted } from './mount.ts';

/** Files of this machine. */
export const diskFiles: TlsFiles = { ...diskReader, makeDirectory, removeDirectory: rmdir, stage };

const isUnix = process.platform !== 'win32';

async function makeDirectory(path: string, options: { readonly mode: number; readonly owner?: Owner }): Promise<void> {
  await mkdir(path, { mode: options.mode });
  const handle = isUnix ? await open(path, 'r') : undefined;
  try {
    await handle?.chmod(options.mode);
    if (options.owner !== undefined) await giveTo(handle, options.owner);
  } catch (error) {
    await rmdir(path);
    throw error;
  } finally {
    await handle?.close();
  }
}

async function stage(file: NewFile): Promise<StagedFile> {
  const target = await diskReader.realPath(file.path);
  const current = await statIfThere(target);
  if (current !== undefined && !current.isFile()) throw systemError('EISDIR', `${target} is not a regular file`);
  if (await isMounted(target)) throw systemError('EBUSY', `${target} is mounted by itself`);
  const folder = dirname(target);
  // A file that may not be written could still be renamed over where the directory allows it; as root, both always.
  await access(folder, constants.W_OK);
  const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  const handle = await open(temporary, 'wx', 0o600);
  try {
    const owner = file.owner ?? (current === undefined ? undefined : ownerOf(current).owner);
    if (owner !== undefined) await giveTo(handle, owner);
    // Beside chown, since that would clear some bits, and beside open, whose mode is cut by the umask.
    if (isUnix) await handle.chmod(file.mode ?? (current === undefined ? 0o600 : current.mode & 0o7777));
    await handle.writeFile(file.content());
    await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await handle.close();
  return {
    commit: async () => {
      await rename(temporary, target);
      await syncDirectory(folder);
    },
    discard: () => rm(temporary, { force: true }),
  };
}

async function giveTo(handle: FileHandle | undefined, owner: Owner): Promise<void> {
  if (!isUnix || handle === undefined) return;
  const { uid, gid } = await handle.stat();
  if (uid !== owner.uid || gid !== owner.gid) await handle.chown(owner.uid, owner.gid);
}

/** Makes the new name last through a power cut; where a directory cannot be synced there is nothing better. */
async function syncDirectory(folder: string): Promise<void> {
  if (!isUnix) return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!hasCode(error, 'EINVAL') && !hasCode(error, 'ENOTSUP')) throw error;
  } finally {
    await handle.close();
  }
}
