// Bundles the library into dist: one file for each export, each file of package.json's `imports`, and each floor of src,
// with source maps. Node loads a few files much faster than a few hundred. The declarations beside them are tsc's.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../', import.meta.url));
const { exports, imports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** The files that exports share, each made of folders of src that are loaded together; lowest floor first. */
const floors = {
  base: ['', 'c', 'net', 'text', 'include'],
  names: ['asn1', 'names'],
  'auth-file': ['auth-file'],
  hba: ['hba'],
  ident: ['ident'],
  hosts: ['hosts'],
  conf: ['conf'],
  access: ['access'],
  disk: ['disk'],
  pki: ['pki'],
  configuration: ['configuration'],
  client: ['client'],
};

for (const path of readdirSync(`${root}dist`, { recursive: true, encoding: 'utf8' })) {
  if (/\.js(?:\.map)?$/.test(path)) rmSync(`${root}dist/${path}`);
}
const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(
    filesOf([exports, imports]).map((file) => {
      const name = file.replace('./dist/', '').replace(/\.js$/, '');
      return [name, `src/${name}.ts`];
    }),
  ),
  // Where the library is used, conditions of package.json choose what `#name` stands for.
  external: (name) => !/^(?:\.|\/|src\/)/.test(name),
  platform: 'neutral',
  tsconfig: false,
  preserveEntrySignatures: 'strict',
});
await bundle.write({
  dir: 'dist',
  format: 'esm',
  sourcemap: true,
  comments: false,
  entryFileNames: '[name].js',
  chunkFileNames: 'shared/[name].js',
  codeSplitting: {
    groups: Object.entries(floors).map(([name, folders], floor) => ({
      name,
      test: (path) => folders.includes(folderOf(path)),
      priority: Object.keys(floors).length - floor,
    })),
  },
});
await bundle.close();

/** The folder of src that a module is bundled with; none for the root's index and for what is loaded only when needed. */
function folderOf(path) {
  const [folder, ...rest] = relative(`${root}src`, path).split(sep);
  if (folder === 'index.ts' || /(?:\.(?:node|browser)|[\\/]x509)\.ts$/.test(path)) return undefined;
  return rest.length > 0 ? folder : '';
}

/** All JavaScript files that conditions of package.json lead to. */
function filesOf(value) {
  if (typeof value === 'string') return value.endsWith('.js') ? [value] : [];
  return [...new Set(Object.values(value).flatMap(filesOf))];
}
