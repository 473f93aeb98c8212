import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { repositoryRoot } from '../repository.ts';

/** A file of `src`, and its imports. Paths are relative to `src`. */
export interface SourceFile {
  /** The path of the file, such as `hba/file.ts`. */
  readonly path: string;
  /**
   * The part of the library to which the file belongs: the folder in `src`, or the name of the file if it is in `src`
   * itself.
   */
  readonly part: string;
  /** The files of `src` that the file imports, including imports of types and dynamic imports. */
  readonly files: readonly string[];
  /** The other modules that the file imports: packages, `node:` modules, and `#` imports of package.json. */
  readonly modules: readonly string[];
  /** True if the file contains only re-exports. */
  readonly onlyReExports: boolean;
}

/** Reads all files of `src`. */
export function readSourceFiles(): readonly SourceFile[] {
  return readdirSync(join(repositoryRoot, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => path.replaceAll('\\', '/'))
    .map(readSourceFile);
}

function readSourceFile(path: string): SourceFile {
  const text = readFileSync(join(repositoryRoot, 'src', path), 'utf8');
  const specifiers = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
  const [relative, modules] = [specifiers.filter((name) => name.startsWith('.')), specifiers.filter(isNotRelative)];
  return {
    path,
    part: path.includes('/') ? path.slice(0, path.indexOf('/')) : path,
    files: relative.map((name) => new URL(name, `file:///${path}`).pathname.slice(1)),
    modules,
    onlyReExports: ts.createSourceFile(path, text, ts.ScriptTarget.Latest).statements.every(isReExport),
  };
}

function isNotRelative(specifier: string): boolean {
  return !specifier.startsWith('.');
}

function isReExport(statement: ts.Statement): boolean {
  return ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;
}
