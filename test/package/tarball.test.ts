import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { before, test } from 'node:test';
import { publint } from 'publint';
import ts from 'typescript';
import { repositoryRoot } from '../repository.ts';
import { temporaryFolder } from '../server/temporary.ts';
import { documents } from './documents.ts';
import { dependencyNames, packageName, specifierOf, subpaths } from './manifest.ts';

/**
 * A project into which the packed package is installed. It is outside of this repository, so that it cannot find the
 * repository's node_modules.
 */
const project = temporaryFolder();
let tarball: string;
let packedFiles: readonly string[];

before(() => {
  // npm must not run the scripts of the package, because a build would replace `dist` while other tests use it.
  const parameters = ['pack', '--json', '--ignore-scripts', '--pack-destination', project];
  const [packed] = JSON.parse(execFileSync('npm', parameters, { cwd: repositoryRoot, encoding: 'utf8' }));
  tarball = join(project, packed.filename);
  packedFiles = packed.files.map((file: { path: string }) => file.path);
  install();
});

test('the tarball contains the built library and its documentation, and nothing else', () => {
  const papers = [
    'CHANGELOG.md',
    'CODES.md',
    'LICENSE',
    'README.md',
    'SECURITY.md',
    'package.json',
    'schema/plan.schema.json',
    'schema/policy.schema.json',
  ];
  const pages = documents.map(({ path }) => path).filter((path) => path.startsWith('docs/'));
  assert.deepEqual(packedFiles.filter((path) => !path.startsWith('dist/')).sort(), [...papers, ...pages].sort());
  assert.deepEqual(
    packedFiles.filter((path) => path.startsWith('dist/') && !/\.(?:js|js\.map|d\.ts)$/.test(path)),
    [],
  );
});

test('every relative link of a page in the tarball leads to a file of the tarball', () => {
  const pages = documents.filter(({ path }) => packedFiles.includes(path));
  assert.ok(pages.length > 10);
  const links = pages.flatMap(({ path, text }) =>
    Array.from(text.replace(/^```.*?^```$/gms, '').matchAll(/\]\(([^)#\s:]+)(?:#[^)\s]*)?\)/g), ([, link]) => ({
      path,
      link: link!,
    })),
  );
  assert.deepEqual(
    links.filter(({ path, link }) => !packedFiles.includes(posix.join(posix.dirname(path), link))),
    [],
  );
});

test('publint finds no problem', async () => {
  const { buffer, byteOffset, byteLength } = readFileSync(tarball);
  const bytes = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  const { messages } = await publint({ pack: { tarball: bytes }, strict: true });
  assert.deepEqual(messages, []);
});

test('attw finds no problem with the types of any export', () => {
  const cli = join(repositoryRoot, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  const parameters = [cli, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji', '--no-color', tarball];
  const { status, stdout } = spawnSync(process.execPath, parameters, { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
  for (const subpath of subpaths) assert.ok(stdout.includes(`"${specifierOf(subpath)}"`), stdout);
});

test('an installed package can be imported and required', () => {
  const names = JSON.stringify(subpaths.map(specifierOf));
  const program = `
    const require = (await import('node:module')).createRequire(process.cwd() + '/');
    for (const name of ${names}) {
      const imported = await import(name);
      if (imported !== require(name) || Object.keys(imported).length === 0) throw new Error(name);
    }
    console.log('all');`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: project });
  assert.equal(String(output), 'all\n');
});

const surroundings = [
  { title: 'with the types of Node', lib: ['lib.es2022.d.ts'], types: ['node'] },
  { title: 'with the types of browsers', lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: [] },
  { title: 'without either', lib: ['lib.es2022.d.ts'], types: [] },
  {
    title: 'for a bundler',
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  },
];

for (const { title, ...options } of surroundings) {
  test(`the declarations compile ${title}`, () => {
    const program = ts.createProgram([join(project, 'consumer.ts')], {
      module: ts.ModuleKind.NodeNext,
      typeRoots: [join(repositoryRoot, 'node_modules/@types')],
      target: ts.ScriptTarget.ES2022,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      noEmit: true,
      ...options,
    });
    const host = { getCanonicalFileName: String, getCurrentDirectory: () => project, getNewLine: () => '\n' };
    assert.equal(ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), host), '');
    const own = program.getSourceFiles().filter((file) => file.fileName.includes(`/node_modules/${packageName}/dist/`));
    assert.ok(own.length > subpaths.length);
  });
}

function install(): void {
  const modules = join(project, 'node_modules');
  mkdirSync(modules);
  execFileSync('tar', ['-xzf', tarball, '-C', modules]);
  renameSync(join(modules, 'package'), join(modules, packageName));
  for (const name of dependencyNames) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(repositoryRoot, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  const lines = subpaths.map((subpath, index) => `export * as part${index} from '${specifierOf(subpath)}';\n`);
  writeFileSync(join(project, 'consumer.ts'), lines.join(''));
}
