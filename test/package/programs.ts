import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { repositoryRoot } from '../repository.ts';

/** A program in the documentation. */
export interface Program {
  /** The name of the program's file, without an extension. */
  readonly name: string;
  /** The source in TypeScript. */
  readonly code: string;
}

/** The result of running a program. */
export interface ProgramResult {
  /** The output of `console.log`. */
  readonly output: string;
  /** The stack of the error that ended the program. */
  readonly error?: string;
}

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  types: ['node'],
  typeRoots: [join(repositoryRoot, 'node_modules/@types')],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
};

/**
 * Makes a folder for programs of the documentation. It is inside the repository, so that imports of `pg-hostssl` find
 * the built files.
 */
export function programFolder(prefix: string): string {
  mkdirSync(join(repositoryRoot, 'build'), { recursive: true });
  const folder = mkdtempSync(join(repositoryRoot, 'build', `${prefix}-`));
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Compiles programs, and returns the errors of the compiler; an empty text if there are no errors. */
export function compilePrograms(folder: string, programs: readonly Program[]): string {
  const files = programs.map(({ name, code }) => {
    const file = join(folder, `${name}.mts`);
    writeFileSync(file, `${code}\nexport {};\n`);
    return file;
  });
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram(files, { ...options, noEmit: true }));
  const host = { getCanonicalFileName: String, getCurrentDirectory: () => folder, getNewLine: () => '\n' };
  return ts.formatDiagnostics(diagnostics, host);
}

/** Runs programs one after the other in one process, each as its own module. The folder is the working directory. */
export function runPrograms(folder: string, programs: readonly Program[]): ReadonlyMap<string, ProgramResult> {
  const urls = programs.map(({ name, code }) => {
    const fileName = join(folder, `${name}.mjs`);
    writeFileSync(fileName, ts.transpileModule(code, { compilerOptions: options, fileName: `${name}.mts` }).outputText);
    return pathToFileURL(fileName).href;
  });
  const runner = `
    import { writeFileSync } from 'node:fs';
    import { format } from 'node:util';
    const results = [];
    for (const url of ${JSON.stringify(urls)}) {
      let output = '';
      console.log = (...values) => { output += format(...values) + '\\n'; };
      const error = await import(url).then(() => undefined, (error) => String(error?.stack ?? error));
      results.push({ output, error });
    }
    writeFileSync('results.json', JSON.stringify(results));`;
  execFileSync(process.execPath, ['--input-type=module', '-e', runner], { cwd: folder, stdio: 'inherit' });
  const results: readonly ProgramResult[] = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'));
  return new Map(programs.map(({ name }, index) => [name, results[index]!]));
}
