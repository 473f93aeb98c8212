// Bundles the library into dist, with source maps: a file for each path of `exports` and of `imports` in package.json,
// and a file for each layer of src. Node loads a few files much faster than a few hundred: loading a file takes as long
// as loading 50 kB of code. The declarations in the same folder are from tsc.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

const root = fileURLToPath(new URL('../', import.meta.url));
const { exports, imports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/**
 * The bundled files that several exports share, the lowest layer first. Each contains folders or files of src that are
 * always loaded together, with the modules that they import. A module that only one export needs is bundled with that
 * export.
 */
const floors = {
  codes: ['codes.ts'],
  // `describePlan` checks the bundles in a plan, and loads nothing else of the client.
  base: ['', 'c', 'net', 'text', 'include', 'client/bundle/assert-bundle.ts'],
  names: ['asn1', 'names'],
  'auth-file': ['auth-file', 'hba', 'ident', 'hosts'],
  conf: ['conf'],
  access: ['access'],
  disk: ['disk'],
  pki: ['pki'],
  // The doctor needs these checks, and can be bundled for a browser, which has no disk.
  checks: ['configuration/check.ts', 'configuration/check-certificates.ts'],
  configuration: ['configuration'],
  'client-start': ['client'],
  'tls-start': ['tls'],
  tls: ['tls'],
};

/** The index files whose asynchronous functions are loaded only when one of these functions is called. */
const lazyExports = ['src/client/index.ts', 'src/doctor/index.ts', 'src/tls/index.ts'].map((path) => join(root, path));

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
  // Imports of `#name` stay as they are, because conditions in package.json choose their files when the library is
  // used.
  external: (name) => !/^(?:\.|\/|src\/)/.test(name),
  platform: 'neutral',
  tsconfig: false,
  preserveEntrySignatures: 'strict',
  plugins: [{ name: 'lazy-exports', load: (path) => (lazyExports.includes(path) ? lazyExport(path) : undefined) }],
});
await bundle.write({
  dir: 'dist',
  format: 'esm',
  sourcemap: true,
  comments: false,
  // Node reads a file faster if it contains only ASCII.
  charset: 'ascii',
  entryFileNames: '[name].js',
  chunkFileNames: 'shared/[name].js',
  codeSplitting: {
    groups: Object.entries(floors).map(([name, folders], floor) => ({
      name,
      test: (path) => folders.some((folder) => isIn(folder, path)),
      priority: Object.keys(floors).length - floor,
      // No other export needs the folder tls. It has its own files, so that they can be loaded later.
      minShareCount: folders.includes('tls') ? 1 : 2,
      // The modules that an index file imports statically are bundled into a separate file. The other modules are
      // loaded later.
      tags: name.endsWith('-start') ? ['$initial'] : [],
    })),
  },
});
await bundle.close();

/**
 * Returns the text of an index file that imports the module of an asynchronous function when the function is called.
 * Callers see no difference, because an asynchronous function always returns a promise, and its number of parameters
 * stays. The arguments are copied first, because the caller may change them while the module is loaded.
 */
function lazyExport(path) {
  const copyArgument = `import { copyArgument } from '${join(root, 'src/copy-argument.ts')}';\n`;
  const text = readFileSync(path, 'utf8').replace(/^export \{([^}]*)\} from '([^']*)';$/gm, (_, names, file) => {
    const source = readFileSync(join(dirname(path), file), 'utf8');
    const isLazy = (name) => source.includes(`\nexport async function ${name}(`);
    const all = names.split(',').map((name) => name.trim());
    const lazy = all.filter(isLazy).map((name) => {
      const args = [...requiredParameters(source, name), '...others'].join(', ');
      return `export async function ${name}(${args}) {
        const copies = [${args}].map(copyArgument);
        return (await import('${file}')).${name}(...copies);
      }`;
    });
    const others = all.filter((name) => !isLazy(name));
    return [...lazy, others.length === 0 ? '' : `export { ${others} } from '${file}';`].join('\n');
  });
  return copyArgument + text;
}

/**
 * Returns names for the parameters of an exported function that come before its first parameter with a default value.
 */
function requiredParameters(source, name) {
  const declarations = parseAst(source, { lang: 'ts' }).body.map(({ declaration }) => declaration);
  const { params } = declarations.find((each) => each?.type === 'FunctionDeclaration' && each.id.name === name);
  const end = params.findIndex(({ type }) => type === 'AssignmentPattern' || type === 'RestElement');
  return (end === -1 ? params : params.slice(0, end)).map((_, i) => `parameter${i}`);
}

/**
 * Returns whether a module is bundled with a folder of src, which is '' for src itself. Entries, and modules that are
 * loaded on demand, are bundled with no folder.
 */
function isIn(folder, path) {
  const name = relative(`${root}src`, path).split(sep).join('/');
  if (name === 'index.ts' || lazyExports.includes(path)) return false;
  if (/(?:\.(?:node|browser)|\/x509)\.ts$/.test(name)) return false;
  // Few of the files that load the root of src need the tables of codes.
  if (name.includes('/') || name === 'codes.ts') return name === folder || name.startsWith(`${folder}/`);
  return folder === '';
}

/** Returns all JavaScript files in a value of `exports` or `imports` of package.json, for all its conditions. */
function filesOf(value) {
  if (typeof value === 'string') return value.endsWith('.js') ? [value] : [];
  return [...new Set(Object.values(value).flatMap(filesOf))];
}
