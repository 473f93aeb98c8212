import type { FileState } from './file-state.ts';
import type { ReadingPort } from './reading-port.ts';
import { systemError } from './system-error.ts';

/**
 * The largest size of all files together that one call of the library reads. A file counts at least as one block of the
 * disk. Each line counts as 128 bytes more, because a parsed line takes that much memory. Without this limit, the owner
 * of a directory could fill the memory of a process of root, and Node would end the process without an exception. A
 * pg_hba.conf with a million lines is within the limit.
 */
const most = 256 * 1024 * 1024;
const blockSize = 4096;
const lineSize = 128;

/**
 * Returns a function that reads files one after the other. If the files that were read are too large together, the
 * function rejects this file and each further file with `EFBIG`.
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
