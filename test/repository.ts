import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, found from the compiled tests and from their sources. */
export const repositoryRoot: string = findRepositoryRoot(dirname(fileURLToPath(import.meta.url)));

function findRepositoryRoot(folder: string): string {
  if (existsSync(join(folder, 'test', 'server', 'npm', 'package.json'))) return folder;
  if (folder === dirname(folder)) throw new Error('The test servers are not run from within the repository');
  return findRepositoryRoot(dirname(folder));
}
