import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import * as client from '../../src/client/index.ts';
import * as doctor from '../../src/doctor/index.ts';
import * as tls from '../../src/tls/index.ts';
import { repositoryRoot } from '../repository.ts';
import { builtFile, specifierOf, subpaths } from './manifest.ts';

/** The exports that load Node modules or other packages. All other exports load only files of this package. */
const heavy = ['./configuration', './pki', './client', './tls', './doctor'];

// A module loader that prints the URL of every loaded module. Loaders run in their own thread, so it prints with
// writeSync.
const printingHooks = `
  import { writeSync } from 'node:fs';
  export async function resolve(specifier, context, next) {
    const resolved = await next(specifier, context);
    writeSync(1, resolved.url + '\\n');
    return resolved;
  }`;

for (const subpath of subpaths.filter((name) => !heavy.includes(name))) {
  test(`${specifierOf(subpath)} loads and contains only files of this package`, async () => {
    const own = pathToFileURL(join(repositoryRoot, 'dist/')).href;
    const loaded = modulesLoadedBy(subpath);
    assert.ok(loaded.includes(pathToFileURL(builtFile(subpath)).href));
    assert.deepEqual(
      loaded.filter((url) => !url.startsWith(own)),
      [],
    );
    // Modules that the export imports only later, with a dynamic import, are checked, too.
    assert.deepEqual(
      (await modulesReachableFrom(subpath)).filter((path) => !path.startsWith('dist/')),
      [],
    );
  });
}

for (const subpath of subpaths.filter((name) => heavy.includes(name))) {
  test(`${specifierOf(subpath)} loads no certificate library and no provider before the first use`, () => {
    const loaded = modulesLoadedBy(subpath);
    assert.ok(loaded.includes(pathToFileURL(builtFile(subpath)).href));
    assert.deepEqual(loaded.filter(isOfPackage('@peculiar')), []);
    assert.deepEqual(loaded.filter(isOfPackage('reflect-metadata')), []);
  });
}

test('pg-hostssl/tls loads rules, certificates and plans at the first call of a function that needs them', () => {
  const heavy = (urls: readonly string[]) => urls.filter((url) => /\/shared\/(?:access|pki|tls)\.js$/.test(url));
  const loaded = modulesLoadedBy('./tls');
  assert.deepEqual(heavy(loaded), []);
  assert.deepEqual(
    loaded.filter((url) => /\/node_modules\/|\/client-start\.js$/.test(url)),
    [],
  );
  const planning = new Set(heavy(modulesLoadedBy('./tls', 'await loaded.planRenewal({}).catch(() => {});')));
  assert.equal(planning.size, 3);
});

for (const [subpath, source] of Object.entries({ './client': client, './doctor': doctor, './tls': tls })) {
  test(`the functions of ${specifierOf(subpath)} that load code keep their names and numbers of parameters`, async () => {
    const shapes = (functions: object) =>
      Object.entries(functions).map(([key, value]) => [key, value instanceof Function && [value.name, value.length]]);
    const built = await import(pathToFileURL(builtFile(subpath)).href);
    assert.deepEqual(shapes(built).sort(), shapes({ ...source }).sort());
  });
}

for (const subpath of ['./client', './doctor']) {
  test(`${specifierOf(subpath)} loads the code of rules and certificates at the first call that needs it`, () => {
    const late = (urls: readonly string[]) => urls.filter((url) => /\/(?:access|auth-file|pki)[./]/.test(url));
    assert.deepEqual(late(modulesLoadedBy(subpath)), []);
    const call = { './client': 'testBundle({ users: [] })', './doctor': "explain('')" }[subpath]!;
    assert.notDeepEqual(late(modulesLoadedBy(subpath, `await loaded.${call};`)), []);
  });
}

for (const subpath of subpaths.filter((name) => !['./configuration', './tls'].includes(name))) {
  test(`${specifierOf(subpath)} can be bundled for a browser`, async () => {
    const options = { bundle: true, format: 'esm', platform: 'browser', metafile: true, write: false } as const;
    const { metafile } = await build({ entryPoints: [builtFile(subpath)], absWorkingDir: repositoryRoot, ...options });
    assert.deepEqual(
      Object.keys(metafile.inputs).filter((path) => path.includes('/disk')),
      [],
    );
  });
}

test('pg-hostssl/client can be bundled for a browser, and only testBundle loads other packages', async () => {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `
        export * from 'pg-hostssl/client';`,
      resolveDir: repositoryRoot,
    },
    bundle: true,
    splitting: true,
    outdir: 'out',
    format: 'esm',
    platform: 'browser',
    metafile: true,
    write: false,
  });
  const loadedAtOnce = (path: string): readonly string[] => {
    const { inputs, imports } = metafile.outputs[path]!;
    const eager = imports.filter(({ kind }) => kind === 'import-statement');
    return [...Object.keys(inputs), ...eager.flatMap((each) => loadedAtOnce(each.path))];
  };
  const loaded = loadedAtOnce('out/stdin.js');
  assert.deepEqual(
    loaded.filter((path) => path.includes('node_modules') || path.includes('dist/pki/')),
    [],
  );
  assert.ok(Object.keys(metafile.inputs).some((path) => path.includes('node_modules')));
  assert.ok(outputFiles.some(({ path, text }) => path.endsWith('out/stdin.js') && text.includes('verify-full')));
});

test('issuing and verifying load no other package', () => {
  const use = `
    const authority = await loaded.CertificateAuthority.create({ subject: '/CN=authority' });
    const { chain } = await authority.issueClientCertificate({ user: 'webadmin' });
    const options = { chain, roots: authority.certificate, purpose: 'clientAuth' };
    if (!(await loaded.verifyChain(options)).ok) throw new Error('not verified');`;
  const other = (urls: readonly string[]) => urls.filter((url) => url.includes('/node_modules/'));
  assert.deepEqual(other(modulesLoadedBy('./pki', use)), []);
  // Encrypting a key needs the default WebCrypto, so here @peculiar/webcrypto must be among the loaded modules.
  const encrypting = modulesLoadedBy('./pki', `${use} await authority.privateKey.toEncryptedPem('secret');`);
  assert.notDeepEqual(encrypting.filter(isOfPackage('@peculiar/webcrypto')), []);
  assert.deepEqual(encrypting.filter(isOfPackage('@peculiar/x509')), []);
  const foreign = `
    const { subtle } = globalThis.crypto;
    const provider = { crypto: { subtle, getRandomValues: (bytes) => globalThis.crypto.getRandomValues(bytes) } };
    await loaded.verifyChain({ ...options, provider });`;
  assert.notDeepEqual(modulesLoadedBy('./pki', use + foreign).filter(isOfPackage('@peculiar/x509')), []);
});

test('pg-hostssl/pki makes certificates from a single file that is bundled for browsers', async () => {
  const sec1 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' });
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `
        import { CertificateAuthority, PrivateKey } from 'pg-hostssl/pki';
        const authority = await CertificateAuthority.create({ subject: '/CN=authority' });
        const { certificate } = await authority.issueClientCertificate({ user: 'webadmin' });
        const refused = await PrivateKey.read(${JSON.stringify(sec1)}).catch(({ code, message }) => [code, message]);
        console.log(JSON.stringify({ certificate, refused }));`,
      resolveDir: repositoryRoot,
    },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    metafile: true,
    write: false,
  });
  assert.deepEqual(
    Object.values(metafile.outputs).flatMap((output) => output.imports),
    [],
  );
  const output = execFileSync(process.execPath, ['--input-type=module'], {
    input: outputFiles[0]!.text,
    encoding: 'utf8',
  });
  const { certificate, refused } = JSON.parse(output);
  assert.equal(new X509Certificate(certificate).subject, 'CN=webadmin');
  // In a browser, no OpenSSL can read other forms of keys than PKCS#8.
  assert.equal(refused[0], 'key-algorithm-unsupported');
  assert.match(refused[1], /browser.*openssl pkcs8/);
});

/** Returns the modules that Node loads when a program imports an export and runs `use`. */
function modulesLoadedBy(subpath: string, use = ''): readonly string[] {
  const hooks = `data:text/javascript,${encodeURIComponent(printingHooks)}`;
  const program = `
    import { register } from 'node:module';
    register(${JSON.stringify(hooks)});
    const loaded = await import(${JSON.stringify(specifierOf(subpath))});
    ${use}`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: repositoryRoot });
  return String(output).trim().split('\n');
}

/** Returns the files and Node modules that are reachable from an export by static and dynamic imports. */
async function modulesReachableFrom(subpath: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [builtFile(subpath)],
    absWorkingDir: repositoryRoot,
    bundle: true,
    format: 'esm',
    platform: 'node',
    metafile: true,
    write: false,
  });
  const inputs = Object.entries(metafile.inputs);
  return inputs.flatMap(([path, { imports }]) => [
    path,
    ...imports.filter(({ external }) => external === true).map((imported) => imported.path),
  ]);
}

function isOfPackage(name: string): (url: string) => boolean {
  return (url) => url.includes(`/node_modules/${name}/`);
}
