import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../repository.ts';

/** A Markdown page of the project. */
export interface Document {
  /** The path relative to the root of the repository, such as `docs/versions.md`. */
  readonly path: string;
  readonly text: string;
}

/** The Markdown pages in the root of the repository and in `docs`. */
export const documents: readonly Document[] = ['.', 'docs'].flatMap(pagesIn);

function pagesIn(folder: string): readonly Document[] {
  const absolute = join(repositoryRoot, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => ({
      path: folder === '.' ? name : `${folder}/${name}`,
      text: readFileSync(join(absolute, name), 'utf8'),
    }));
}
