import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfiguration } from '../../src/configuration/index.ts';
import { limitedRead } from '../../src/disk/limited-read.ts';
import { hasCode } from '../../src/disk/system-error.ts';
import { fileState, memoryFiles, type ReadingPort, readServer } from '../../src/tls/index.ts';

const megabyte = 1024 * 1024;
const large = new Uint8Array(70 * megabyte);
const isTooLarge = (error: unknown): boolean => hasCode(error, 'EFBIG');

/** The files of a server, and further files that have one content. */
function serverWith(conf: string, paths: readonly string[], content: Uint8Array): ReadingPort {
  const files = memoryFiles({
    '/data/PG_VERSION': '18\n',
    '/data/postgresql.conf': conf,
    '/data/pg_hba.conf': 'local all all peer\n',
    '/data/pg_ident.conf': '',
    ...Object.fromEntries(paths.map((path) => [path, ''])),
  });
  const read = async (path: string) => (paths.includes(path) ? fileState(path, content) : await files.read(path));
  return { ...files, read };
}

test('files are read one after the other until they are too large together', async () => {
  let [now, most, all] = [0, 0, 0];
  const read = limitedRead({
    ...memoryFiles({}),
    read: async (path) => {
      all += 1;
      now += 1;
      most = Math.max(most, now);
      await new Promise(setImmediate);
      now -= 1;
      return path === '/missing' ? undefined : fileState(path, large);
    },
  });
  const results = await Promise.allSettled(['/a', '/missing', '/b', '/c', '/d', '/e', '/missing'].map(read));
  assert.deepEqual(
    results.map(({ status }) => status),
    [...Array(4).fill('fulfilled'), ...Array(3).fill('rejected')],
  );
  assert.ok(results.every((result) => result.status === 'fulfilled' || isTooLarge(result.reason)));
  assert.deepEqual([most, all], [1, 5]);
});

test('a small file counts as a block, and lines and words as the memory of the parsed file', async () => {
  const countOf = async (content: Uint8Array): Promise<number> => {
    const read = limitedRead({ ...memoryFiles({}), read: async (path) => fileState(path, content) });
    for (let count = 0; ; count++) if ((await read('/a').catch((error) => error)) instanceof Error) return count;
  };
  assert.equal(await countOf(new Uint8Array(1)), (256 * megabyte) / 4096);
  const lines = await countOf(new Uint8Array(megabyte).fill(0x0a));
  assert.equal(lines, 1);
  const words = await countOf(new TextEncoder().encode('a,'.repeat(100_000)));
  assert.equal(words, 10);
  // A missing file counts as 64 KiB.
  const missing = limitedRead(memoryFiles({}));
  for (let count = 0; count < 256 * 16; count++) await missing('/a');
  await assert.rejects(missing('/a'), { code: 'EFBIG' });
  // An error of the files does not end the reading.
  const failing = limitedRead({
    ...memoryFiles({ '/a': 'x' }),
    read: async (path) => (path === '/a' ? fileState(path, 'x') : Promise.reject(new Error('EIO'))),
  });
  await assert.rejects(failing('/b'), /EIO/);
  assert.ok(await failing('/a'));
});

test('the owner of a directory cannot fill the memory of a reader', async () => {
  const own = [...Array(9).keys()].map((i) => `/data/server-0000000${i}.crt`);
  await assert.rejects(readServer('/data', { files: serverWith('', own, large) }), {
    code: 'file-not-readable',
    message: /server-0000000\d\.crt: .*too large together\. Replace or remove the file/,
  });

  const tlsFiles = ['server.crt', 'server.key', 'root.crt', 'root.crl'].map((name) => `/data/${name}`);
  const conf = "ssl = on\nssl_ca_file = 'root.crt'\nssl_crl_file = 'root.crl'\n";
  const read = await readConfiguration('/data', { files: serverWith(conf, tlsFiles, large) });
  assert.deepEqual(
    read.tlsFiles.map(({ state }) => state),
    ['read', 'read', 'read', 'unread'],
  );

  const more = [...Array(4).keys()].map((i) => `/data/more/${i}.conf`);
  const lines = new Uint8Array(0.7 * megabyte).fill(0x0a);
  const included = await readConfiguration('/data', { files: serverWith("include_dir 'more'\n", more, lines) });
  assert.deepEqual(
    included.diagnostics.map(({ code, message }) => [code, message.split(': ').at(-1)]),
    [1, 2, 3].map(() => ['include-not-followed', 'the included files are too large together']),
  );
});
