import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import ts from 'typescript';
import { repositoryRoot } from '../server/index.ts';
import { type Example, readExamples } from './code-blocks.ts';

// Inside the repository, so that the package's name leads to what was built here.
mkdirSync(join(repositoryRoot, 'build'), { recursive: true });
const folder = mkdtempSync(join(repositoryRoot, 'build', 'readme-'));
after(() => rmSync(folder, { recursive: true }));

const examples = readExamples(readFileSync(join(repositoryRoot, 'README.md'), 'utf8'));
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

test('the README has programs, and one at least that runs', () => {
  assert.ok(examples.some((example) => example.run));
});

test('every program of the README compiles', () => {
  const files = examples.map((example) => {
    writeFileSync(fileOf(example), `${example.code}\nexport {};\n`);
    return fileOf(example);
  });
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram(files, { ...options, noEmit: true }));
  const host = { getCanonicalFileName: String, getCurrentDirectory: () => folder, getNewLine: () => '\n' };
  assert.equal(ts.formatDiagnostics(diagnostics, host), '');
});

for (const example of examples.filter(({ run }) => run)) {
  test(`the program in line ${example.line} of the README does what it says`, () => {
    const script = fileOf(example).replace(/ts$/, 'js');
    const { outputText } = ts.transpileModule(example.code, { compilerOptions: options, fileName: fileOf(example) });
    writeFileSync(script, outputText);
    const output = execFileSync(process.execPath, [script], { cwd: folder, encoding: 'utf8' });
    if (example.output !== undefined) assert.equal(output, example.output);
  });
}

function fileOf(example: Example): string {
  return join(folder, `line-${example.line}.mts`);
}
