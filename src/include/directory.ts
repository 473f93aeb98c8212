import { strcmp } from '../c/compare.ts';

/**
 * Returns the names of the files of a directory that `include_dir` reads: `*.conf` without hidden files, in byte order
 * (`GetConfFilesInDir`).
 */
export function configurationFiles(names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith('.conf') && !name.startsWith('.')).sort(strcmp);
}

/** Returns whether `GetConfFilesInDir` considers the name of a directory empty. */
export function isBlankName(name: string): boolean {
  return /^[ \t\r\n]*$/.test(name);
}
