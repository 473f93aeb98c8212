// Bundles the library into dist: a file for each export, for each file of `imports` in package.json, and for each layer of src,
// with source maps. Node loads a few files much faster than a few hundred. The declarations in the same folder are from tsc.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../', import.meta.url));
const { exports, imports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** The files that exports share, lowest layer first. Each is made of folders of src that are always loaded together. */
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
  // Conditions in package.json choose the file for `#name` when the library is used.
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

/** Returns the folder of src that a module is bundled with. The root's index, and modules that are loaded on demand, have none. */
function folderOf(path) {
  const [folder, ...rest] = relative(`${root}src`, path).split(sep);
  if (folder === 'index.ts' || /(?:\.(?:node|browser)|[\\/]x509)\.ts$/.test(path)) return undefined;
  return rest.length > 0 ? folder : '';
}

/** Returns all JavaScript files that conditions of package.json lead to. */
function filesOf(value) {
  if (typeof value === 'string') return value.endsWith('.js') ? [value] : [];
  return [...new Set(Object.values(value).flatMap(filesOf))];
}
