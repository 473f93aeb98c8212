import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../repository.ts';

const { name, exports, dependencies } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));

/** The name of the package. */
export const packageName: string = name;

/** The exports of the package that are code: `.`, `./hba` and so on. */
export const subpaths: readonly string[] = Object.keys(exports).filter((subpath) => !subpath.endsWith('.json'));

/** The names of the runtime dependencies. */
export const dependencyNames: readonly string[] = Object.keys(dependencies);

/** Returns the module name that a user imports, such as `pg-hostssl/hba`. */
export function specifierOf(subpath: string): string {
  return `${name}${subpath.slice(1)}`;
}

/** Returns the path of the built JavaScript file of an export. */
export function builtFile(subpath: string): string {
  return join(repositoryRoot, exports[subpath].default);
}

/** Returns the path of the declaration file of an export. */
export function declarationFile(subpath: string): string {
  return join(repositoryRoot, exports[subpath].types);
}

/** Returns the path of the source file of an export. */
export function sourceFile(subpath: string): string {
  return builtFile(subpath)
    .replace(/[\\/]dist[\\/]/, '/src/')
    .replace(/\.js$/, '.ts');
}
