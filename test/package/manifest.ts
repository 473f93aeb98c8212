import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../server/index.ts';

const { name, exports, dependencies } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));

/** The name of the package. */
export const packageName: string = name;

/** The code that the package exports: `.`, `./hba` and so on. */
export const subpaths: readonly string[] = Object.keys(exports).filter((subpath) => !subpath.endsWith('.json'));

/** The names of the runtime dependencies. */
export const dependencyNames: readonly string[] = Object.keys(dependencies);

/** Returns the module name that a user imports: `pg-hostssl/hba`. */
export function specifierOf(subpath: string): string {
  return `${name}${subpath.slice(1)}`;
}

/** Returns the built file of an export. */
export function builtFile(subpath: string): string {
  return join(repositoryRoot, exports[subpath].default);
}

/** Returns the declaration file of an export. */
export function declarationFile(subpath: string): string {
  return join(repositoryRoot, exports[subpath].types);
}

/** Returns the source of an export's index. */
export function sourceFile(subpath: string): string {
  return builtFile(subpath)
    .replace(/[\\/]dist[\\/]/, '/src/')
    .replace(/\.js$/, '.ts');
}
