import { parsedSize } from '../include/parsed-size.ts';
import type { FileState } from './file-state.ts';
import type { ReadingPort } from './reading-port.ts';
import { systemError } from './system-error.ts';

/**
 * The largest size of all files together that one call of the library reads. A file counts at least as one block of the
 * disk, and {@link parsedSize} adds the memory of the parsed lines and words. Without this limit, the owner of a
 * directory could fill the memory of a process of root, and Node would end the process without an exception. A
 * pg_hba.conf with a million lines is within the limit. A missing file counts, too, because a small file can name very
 * many missing files, and each one takes up to a millisecond.
 */
const most = 256 * 1024 * 1024;
const blockSize = 4096;
const missingSize = 64 * 1024;

/**
 * Returns a function that reads files one after the other. If the files that were read are too large together, the
 * function rejects this file and each further file with `EFBIG`.
 */
export function limitedRead(port: ReadingPort): ReadingPort['read'] {
  let size = 0;
  let last: Promise<unknown> = Promise.resolve();
  const read = async (path: string): Promise<FileState | undefined> => {
    const isFull = size > most;
    // A path that leads to a file as to a directory, or that cannot be read, counts as a missing file.
    size += missingSize;
    const file = isFull ? undefined : await port.read(path);
    if (file !== undefined) size += Math.max(parsedSize(file.content()), blockSize) - missingSize;
    if (size > most) throw systemError('EFBIG', `${path} and the files read before are too large together`);
    return file;
  };
  return (path) => {
    const reading = last.then(() => read(path));
    last = reading.catch(() => undefined);
    return reading;
  };
}
