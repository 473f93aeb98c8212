import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { childMarker } from '../../src/disk/account/child-program.ts';
import { nodeModules } from '../../src/disk/disk-reader.ts';
import { nodeFiles } from '../../src/disk/node-files.ts';
import { nodeReader } from '../../src/disk/node-reader.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  type ApplyOptions,
  applyPlan,
  planClientCertificates,
  readClient,
  readServer,
  recoverApply,
  type TlsFiles,
  type TlsPlan,
  type TlsRequest,
} from '../../src/tls/index.ts';
import { stoppableFiles } from './crash/calls.ts';
import { endHolders } from './crash/scenarios.ts';
import { watchKeys } from './crash/watch-keys.ts';
import { withFolderInMemory } from './folder.ts';
import { stockFiles } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
const account = { uid: 65534, gid: 65534 };
const withoutRoot = process.getuid?.() !== 0 && 'needs root';

/** The results of the checks that are made while files are changed. */
class Watch {
  /** The number of checks of the folders. */
  looks = 0;
  /** The names of the files that contained a private key in one of the checks. */
  readonly keys = new Set<string>();
  /** The files that contained a private key and had a mode that gives rights to group or others. */
  readonly readable: string[] = [];

  /** Records a report of a check. */
  take(kind: string, text: string): void {
    if (kind === 'look') this.looks += 1;
    if (kind === 'key') this.keys.add(text);
    if (kind === 'readable') this.readable.push(text);
  }

  /**
   * Fails if group or others could read a key. Also fails if no check saw a key in a staged file, because the checks
   * were then too rare.
   */
  judge(): void {
    assert.deepEqual(this.readable, []);
    assert.ok(this.looks > 300, `${this.looks} looks`);
    const names = [...this.keys].map((path) => basename(path));
    const seen = [
      /^server\.key$/,
      /^server-[0-9a-f]{8}\.key$/,
      /^postgresql\.key$/,
      /^pgsql_tmp.*\.new$/,
      /^pgsql_tmp.*\.old$/,
    ];
    for (const pattern of seen)
      assert.ok(
        names.some((name) => pattern.test(name)),
        `${pattern}: ${names.join(' ')}`,
      );
  }
}

test('no private key is readable by others at any call of a change', () =>
  withUmask(0, () =>
    withFolderInMemory(async (folder) => {
      const watch = new Watch();
      await changeAll(folder, watchedFiles(folder, watch));
      watch.judge();
    }),
  ));

test('no private key is readable by others while a recovery completes a change or rolls it back', () =>
  withUmask(0, () =>
    withFolderInMemory(async (folder) => {
      const watch = new Watch();
      const files = watchedFiles(folder, watch);
      await changeAll(folder, files);
      const data = join(folder, 'data');
      for (const direction of ['complete', 'rollback'] as const) {
        for (let index = 9; index < 100; index += 15) {
          const plan = await planFor(folder, { newKey: true }, files);
          await new Promise<void>((resolve) => {
            const stopped = stoppableFiles(files, (call) => (call.index === index ? 'stop' : 'go'), resolve);
            applyPlan(plan, { files: stopped }).then(
              () => resolve(),
              () => resolve(),
            );
          });
          if (fs.existsSync(join(data, 'pgsql_tmp.pg-hostssl.lock'))) endHolders(data);
          await recoverApply(data, { direction, files });
        }
      }
      watch.judge();
    }),
  ));

test('no private key is readable by others while the process of another account works', { skip: withoutRoot }, () =>
  withFolderInMemory(async (folder) => {
    fs.chmodSync(folder, 0o755);
    const [home, logs] = [join(folder, 'home'), join(folder, 'logs')];
    for (const path of [home, logs]) {
      fs.mkdirSync(path, { mode: 0o755 });
      fs.chownSync(path, account.uid, account.gid);
    }
    const log = join(logs, 'calls');
    await withWatchedChild(
      `
      const watched = { fs: require('node:fs'), childProcess: require('node:child_process') };
      const { appendFileSync } = watched.fs;
      (${watchKeys})(watched, [${JSON.stringify(home)}], (kind, text) => {
        appendFileSync(${JSON.stringify(log)}, kind + ' ' + text + '\\n');
      });
    `,
      () => changeAll(home),
    );
    const watch = new Watch();
    for (const line of fs.readFileSync(log, 'utf8').split('\n')) {
      watch.take(line.split(' ', 1)[0]!, line.slice(line.indexOf(' ') + 1));
    }
    watch.judge();
  }),
);

test('the check of these tests notices a key that others can read between two calls', () =>
  withFolderInMemory(async (folder) => {
    const watch = new Watch();
    const watched = watchedModules(folder, watch);
    const path = join(folder, 'a.key');
    const handle = await watched.fs.promises.open(path, 'wx', 0o640);
    await handle.writeFile('-----BEGIN PRIVATE KEY-----');
    await handle.chmod(0o600);
    await handle.close();
    assert.deepEqual(watch.readable, [
      `after writeFile: ${path} has the mode 640`,
      `before chmod: ${path} has the mode 640`,
    ]);
  }));

/** Applies several plans: a first set-up, a second user, renewals with new keys, and a renewal that is rolled back. */
async function changeAll(folder: string, files?: TlsFiles): Promise<void> {
  const data = join(folder, 'data');
  fs.mkdirSync(data, { mode: 0o700 });
  for (const [name, content] of Object.entries(stockFiles))
    fs.writeFileSync(join(data, name), content, { mode: 0o600 });
  const { uid, gid } = fs.statSync(folder);
  for (const path of [data, ...Object.keys(stockFiles).map((name) => join(data, name))]) fs.chownSync(path, uid, gid);
  const options: ApplyOptions = { ...(files && { files }) };
  const requests = [{}, { user: 'two' }, { newKey: true }, { newKey: 'server' as const }];
  for (const request of requests) await applyPlan(await planFor(folder, request, files), options);
  const verify = (): never => {
    throw new Error('not as it has to be');
  };
  const failing = applyPlan(await planFor(folder, { newKey: true }, files), { ...options, verify });
  await assert.rejects(failing, { code: 'verify-failed' });
}

async function planFor(
  folder: string,
  { user = 'one', ...request }: Partial<TlsRequest> & { readonly user?: string },
  files?: TlsFiles,
): Promise<TlsPlan> {
  const options = { ...(files && { files }) };
  return planClientCertificates({
    server: await readServer(join(folder, 'data'), options),
    client: await readClient(join(folder, `client-${user}`), options),
    authority,
    connection: { host: 'localhost', user, database: 'app' },
    withoutCertificate: 'reject',
    ...request,
  });
}

function watchedFiles(folder: string, watch: Watch): TlsFiles {
  const modules = { ...nodeModules, ...watchedModules(folder, watch) };
  return nodeFiles(modules, nodeReader(modules));
}

/** Returns copies of Node's modules whose calls are watched. The rest of this process calls the original modules. */
function watchedModules(folder: string, watch: Watch) {
  const modules = { fs: { ...fs, promises: { ...fs.promises } }, childProcess: { ...childProcess } };
  watchKeys(modules, [folder], (kind, text) => watch.take(kind, text));
  return modules;
}

/**
 * Runs a function. Each child process that the function starts with the rights of another account runs the code in
 * `first` before its own work.
 */
async function withWatchedChild(first: string, use: () => Promise<void>): Promise<void> {
  const { spawn } = childProcess;
  const watched = (command: string, parameters: readonly string[], options: childProcess.SpawnOptions) =>
    spawn(
      command,
      parameters.map((text) => (text.includes(childMarker) ? first + text : text)),
      options,
    );
  Object.assign(childProcess, { spawn: watched });
  syncBuiltinESMExports();
  try {
    await use();
  } finally {
    Object.assign(childProcess, { spawn });
    syncBuiltinESMExports();
  }
}

async function withUmask<T>(mask: number, use: () => Promise<T>): Promise<T> {
  const former = process.umask(mask);
  try {
    return await use();
  } finally {
    process.umask(former);
  }
}
