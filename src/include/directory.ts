import { strcmp } from '../c/compare.ts';

/** The names that `include_dir` takes: ending in `.conf`, not hidden, in byte order (`GetConfFilesInDir`). */
export function configurationFiles(names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith('.conf') && !name.startsWith('.')).sort(strcmp);
}

/** Whether the name of a directory is empty to `GetConfFilesInDir`. */
export function isBlankName(name: string): boolean {
  return /^[ \t\r\n]*$/.test(name);
}
