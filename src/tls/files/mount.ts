import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Whether a file is a mount point by itself, as containers have single files: nothing can be moved over it then, which
 * would show only when other files are in place already. Known on Linux alone (proc(5), `mountinfo`).
 */
export async function isMounted(path: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const target = join(await realpath(dirname(path)), basename(path));
  return (await mountInfo()).split('\n').some((line) => octalDecoded(line.split(' ')[4] ?? '') === target);
}

/** Nothing where there is no /proc. */
async function mountInfo(): Promise<string> {
  try {
    return await readFile('/proc/self/mountinfo', 'utf8');
  } catch {
    return '';
  }
}

/** Blanks, tabs, line ends and backslashes stand there in octal. */
function octalDecoded(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
