import type { FileState } from './file-state.ts';
import type { ReadingPort } from './reading-port.ts';
import { systemError } from './system-error.ts';

/**
 * The size of all files that one call of the library reads together. A file counts at least as one block of the disk,
 * and each line counts as 128 bytes more, because a parsed line takes that much memory. The owner of a directory could
 * otherwise fill the memory of a process of root, which Node ends then without an exception. Real servers have a
 * thousandth of that.
 */
const most = 256 * 1024 * 1024;
const blockSize = 4096;
const lineSize = 128;

/**
 * Returns a function that reads files one after the other, until they are too large together. It then rejects with
 * `EFBIG`, also for each further file.
 */
export function limitedRead(port: ReadingPort): ReadingPort['read'] {
  let size = 0;
  let last: Promise<unknown> = Promise.resolve();
  const read = async (path: string): Promise<FileState | undefined> => {
    const file = size > most ? undefined : await port.read(path);
    if (file !== undefined) size += sizeOf(file.content());
    if (size > most) throw systemError('EFBIG', `${path} and the files read before are too large together`);
    return file;
  };
  return (path) => {
    const reading = last.then(() => read(path));
    last = reading.catch(() => undefined);
    return reading;
  };
}

function sizeOf(content: Uint8Array): number {
  let lines = 0;
  for (let at = content.indexOf(0x0a); at !== -1; at = content.indexOf(0x0a, at + 1)) lines += 1;
  return Math.max(content.length, blockSize) + lines * lineSize;
}
