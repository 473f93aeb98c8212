import assert from 'node:assert/strict';
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withLock } from '../../src/tls/files/lock.ts';
import { diskFiles, fileLedgerStore, memoryFiles, type TlsFiles } from '../../src/tls/index.ts';
import { failingReads, stoppableFiles } from './crash/calls.ts';
import { withFolder } from './folder.ts';

test('a lock whose entry could not be removed is free for later calls of the process', async () => {
  const files = memoryFiles({ '/data/PG_VERSION': '18\n' });
  let failures = 2;
  const failing = {
    ...files,
    remove: async (path: string) => {
      if (failures-- > 0) throw Object.assign(new Error('EIO: injected'), { code: 'EIO' });
      await files.remove(path);
    },
  };
  const lock = { path: '/data/lock', queue: files, patience: 200, code: 'apply-busy' } as const;
  await withLock({ ...lock, files: failing }, async () => undefined);
  assert.equal((await files.list('/data/lock')).length, 1);
  assert.equal(await withLock({ ...lock, files }, async () => 'held'), 'held');
  assert.deepEqual(await files.list('/data'), ['PG_VERSION']);
});

test('a lock is free again after any of its calls has failed', async () => {
  const disk = memoryFiles({ '/data/PG_VERSION': '18\n' });
  const lock = { path: '/data/lock', queue: disk, patience: 200, code: 'apply-busy' } as const;
  const failures = [...Array(4).keys()].flatMap((index) => [
    stoppableFiles(disk, (call) => (call.index === index ? { code: 'EIO', made: false } : 'go')),
    stoppableFiles(disk, (call) => (call.index === index ? { code: 'EIO', made: true } : 'go')),
    failingReads(disk, index, 'EIO').files,
  ]);
  let failed = 0;
  for (const files of failures) {
    await withLock({ ...lock, files }, async () => undefined).catch(({ code }) => {
      assert.equal(code, 'EIO');
      failed += 1;
    });
    assert.equal(await withLock({ ...lock, files: disk }, async () => 'held'), 'held');
    assert.deepEqual(await disk.list('/data'), ['PG_VERSION']);
  }
  assert.ok(failed > 2, String(failed));
});

test('the calls of one process take turns, so that each takes the lock at its first attempt', async () => {
  const files = memoryFiles({ '/data/PG_VERSION': '18\n' });
  const [order, entries]: [number[], string[]] = [[], []];
  const counting: TlsFiles = {
    ...files,
    create: async (file) => {
      entries.push(file.path);
      return await files.create(file);
    },
  };
  const lock = { path: '/data/lock', files: counting, queue: files, patience: 5_000, code: 'apply-busy' } as const;
  const calls = Array.from({ length: 20 }, (_, i) => withLock(lock, async () => order.push(i)));
  await calls[0];
  // A call that comes while others wait comes after them.
  calls.push(withLock(lock, async () => order.push(calls.length - 1)));
  await Promise.all(calls);
  assert.deepEqual(order, [...calls.keys()]);
  await withLock(lock, async () => {
    // A call that has waited for too long does not try to take the lock.
    const message = new RegExp(`Process ${process.pid} holds the lock`);
    await assert.rejects(
      withLock({ ...lock, patience: 20 }, async () => order.push(99)),
      {
        code: 'apply-busy',
        message,
      },
    );
  });
  assert.equal(entries.length, calls.length + 1);
});

test('a lock whose directory disappears is tried again, until the time limit ends', async () => {
  const files = memoryFiles({ '/data/PG_VERSION': '18\n' });
  const missing = Object.assign(new Error('ENOENT: another process removed it'), { code: 'ENOENT' });
  for (const name of ['create', 'makeDirectory'] as const) {
    for (const failures of [3, Number.POSITIVE_INFINITY]) {
      let calls = 0;
      const method = async (...values: never[]) => {
        if (calls++ < failures) throw missing;
        return await (files[name] as (...all: never[]) => Promise<unknown>)(...values);
      };
      const lock = {
        path: '/data/lock',
        files: { ...files, [name]: method },
        queue: files,
        code: 'apply-busy',
      } as const;
      const outcome = withLock({ ...lock, patience: failures === 3 ? 5_000 : 50 }, async () => 'held');
      if (failures === 3) assert.equal(await outcome, 'held');
      else await assert.rejects(outcome, { code: 'apply-busy', message: /disappear at once/ });
      await files.removeDirectory('/data/lock').catch(() => undefined);
    }
  }
  const lock = { path: '/none/lock', files, queue: files, patience: 5_000, code: 'apply-busy' } as const;
  await assert.rejects(
    withLock(lock, async () => 'held'),
    { code: 'ENOENT' },
  );
});

test('a call stops waiting for a lock although the time of day is set back', async (context) => {
  const files = memoryFiles({ '/data/PG_VERSION': '18\n' });
  const lock = { path: '/data/lock', files, patience: 100, code: 'apply-busy' } as const;
  let now = Date.now();
  context.mock.method(Date, 'now', () => {
    now -= 3_600_000;
    return now;
  });
  await withLock({ ...lock, queue: files }, async () => {
    // The second call has another queue, and so does not wait for the first call in this process, like a call in another
    // process.
    const second = withLock({ ...lock, queue: { ...files } }, async () => undefined);
    const late = new Promise((resolve) => setTimeout(resolve, 5_000, 'waits').unref());
    await assert.rejects(
      Promise.race([second, late]).then((end) => assert.notEqual(end, 'waits')),
      { code: 'apply-busy' },
    );
  });
});

test('many entries of ended processes do not keep a call longer than its time limit', async () => {
  const entries = Array.from({ length: 2500 }, (_, i) => `/data/lock/1-0-otherboot-0-${String(i).padStart(16, '0')}`);
  const files = memoryFiles(Object.fromEntries(['/data/PG_VERSION', ...entries].map((path) => [path, ''])));
  const lock = { path: '/data/lock', files, queue: files, patience: 0, code: 'apply-busy' } as const;
  const run = async (): Promise<string> => 'held';
  await assert.rejects(withLock(lock, run), { code: 'apply-busy' });
  const left = (await files.list('/data/lock')).length;
  assert.ok(left === 1500 || left === 1501, String(left));
  assert.equal(await withLock({ ...lock, patience: 60_000 }, run), 'held');
  assert.deepEqual(await files.list('/data'), ['PG_VERSION']);
});

test('two links to one ledger have one lock', () =>
  withFolder(async (folder) => {
    const [path, link] = [join(folder, 'ledger.json'), join(folder, 'link.json')];
    symlinkSync('ledger.json', link);
    const locks = new Set<string>();
    const files = {
      ...diskFiles,
      makeDirectory: async (name: string, options: { readonly mode: number }) => {
        locks.add(name);
        await diskFiles.makeDirectory(name, options);
      },
    };
    assert.equal(await fileLedgerStore(path, files).write('{}', undefined), true);
    assert.equal(await fileLedgerStore(link, files).write('{} ', '{}'), true);
    assert.deepEqual([...locks], [`${path}.lock`]);
    assert.deepEqual(readdirSync(folder).sort(), ['ledger.json', 'link.json']);
  }));
