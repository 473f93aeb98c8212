import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { encodePem } from '../../src/asn1/pem.ts';
import {
  type ClientBundle,
  clientFilePaths,
  liveFiles,
  liveRenewal,
  pgConfig,
  postgresJsOptions,
} from '../../src/client/index.ts';
import { bundleWith, encryptedBundle, passphrase, serverOnlyBundle } from './pem.ts';

/** Returns a bundle whose certificate and key contain `number`. */
function generation(number: number): ClientBundle {
  const [certificate, privateKey] = (['CERTIFICATE', 'PRIVATE KEY'] as const).map((label) =>
    encodePem(label, Uint8Array.of(0x30, number)),
  );
  return bundleWith({ certificate: certificate!, privateKey: privateKey! });
}

test('certificate and key are from one bundle within a turn of the event loop, in any order, and from the next bundle in the next turn', async () => {
  let count = 0;
  const live = () => {
    count += 1;
    return generation(count);
  };
  for (const { ssl } of [pgConfig(bundleWith(), { live }), postgresJsOptions(bundleWith(), { live })]) {
    const { key, cert } = ssl;
    const copy = { ...ssl };
    assert.deepEqual([cert, key], [generation(count).certificate, generation(count).privateKey()]);
    assert.deepEqual([copy.cert, copy.key], [cert, key]);
    await Promise.resolve();
    assert.equal(ssl.cert, generation(count).certificate);
    assert.notEqual(ssl.cert, cert);
  }
});

test('the live object has own, enumerable, configurable getters, and is not frozen', () => {
  const { ssl } = pgConfig(bundleWith({ target: { host: '10.0.0.1', user: 'u' } }), { live: encryptedBundle });
  for (const name of ['ca', 'cert', 'key', 'passphrase']) {
    const { enumerable, configurable, get } = Object.getOwnPropertyDescriptor(ssl, name)!;
    assert.ok(enumerable && configurable && get !== undefined, name);
  }
  assert.ok(Object.isExtensible(ssl));
  assert.deepEqual([ssl.passphrase, ssl.host], [passphrase, '10.0.0.1']);
  // This is what `pg` does to the `ssl` object that it gets.
  Object.defineProperty(ssl, 'key', { enumerable: false });
  assert.equal(ssl.key, encryptedBundle().privateKey());
});

test('liveFiles reads the files again exactly after a change', () => {
  const disk = fakeDisk(generation(1));
  const live = liveFiles(generation(9), disk.options);
  assert.equal(live().privateKey(), generation(1).privateKey());
  live();
  assert.equal(disk.reads(), 3);
  disk.put(generation(2));
  assert.equal(live().privateKey(), generation(2).privateKey());
  assert.equal(live().certificate, generation(2).certificate);
  assert.equal(disk.reads(), 6);
});

test('liveFiles never mixes two bundles that are exchanged while it reads', () => {
  const disk = fakeDisk(generation(1));
  const live = liveFiles(generation(9), disk.options);
  live();
  disk.put(generation(2));
  // After two files have been read, all files are replaced.
  disk.afterRead(2, () => disk.put(generation(3)));
  const { certificate, privateKey } = { certificate: live().certificate, privateKey: live().privateKey() };
  assert.deepEqual([certificate, privateKey], [generation(3).certificate, generation(3).privateKey()]);
});

test('liveFiles keeps the last good bundle if files are missing, damaged or not accepted, and says why', () => {
  const disk = fakeDisk(generation(1));
  const errors: unknown[] = [];
  const accept = ({ certificate }: ClientBundle) => certificate !== generation(4).certificate;
  const live = liveFiles(generation(9), { ...disk.options, accept, onError: (error) => errors.push(error) });
  disk.putText('nothing');
  assert.equal(live().privateKey(), generation(9).privateKey());
  disk.put(generation(1));
  assert.equal(live().privateKey(), generation(1).privateKey());
  disk.putText(undefined);
  assert.equal(live().privateKey(), generation(1).privateKey());
  assert.equal(errors.length, 2);
  disk.put(generation(4));
  assert.equal(live().privateKey(), generation(1).privateKey());
  assert.equal((errors[2] as { code?: string }).code, 'client-files-unusable');
  assert.match(String(errors[2]), /`accept` refused the files/);
  disk.put(generation(5));
  assert.equal(live().privateKey(), generation(5).privateKey());
  assert.equal(errors.length, 3);
});

test('liveFiles reports files that change during each attempt to read them', () => {
  const errors: unknown[] = [];
  let mtimeMs = 0;
  const live = liveFiles(serverOnlyBundle(), {
    directory: '/d',
    readFile: () => new TextEncoder().encode(generation(1).certificate),
    statFile: () => ({ mtimeMs: mtimeMs++, ino: 1, size: 1 }),
    onError: (error) => errors.push(error),
  });
  assert.equal(live().ca, serverOnlyBundle().ca);
  assert.match(String(errors), /The files changed during each of 5 attempts to read them/);
});

test('liveFiles of a client without a certificate reads only root.crt', () => {
  const files = new Map([[clientFilePaths('/d').ca, generation(1).certificate]]);
  const read: string[] = [];
  const options = {
    directory: '/d',
    readFile: (path: string) => {
      read.push(path);
      return new TextEncoder().encode(files.get(path));
    },
    statFile: (path: string) => ({ mtimeMs: 0, ino: 1, size: files.get(path)!.length }),
  };
  const live = liveFiles(serverOnlyBundle(), options);
  const { ssl } = pgConfig(serverOnlyBundle(), { live });
  assert.equal(ssl.ca, generation(1).certificate);
  files.set(clientFilePaths('/d').ca, generation(1).certificate + generation(2).certificate);
  assert.equal(live().ca, generation(1).certificate + generation(2).certificate);
  assert.deepEqual([...new Set(read)], ['/d/root.crt']);
  assert.deepEqual([ssl.cert, ssl.key], [undefined, undefined]);
  assert.throws(() => liveFiles({} as never, options), { code: 'argument-invalid' });
});

test('liveRenewal renews when due, earlier by the jitter, and waits after failures', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  try {
    let count = 1;
    let fails = 0;
    const errors: unknown[] = [];
    const renewal = liveRenewal(generation(1), {
      renew: async () => {
        if (fails > 0) {
          fails -= 1;
          throw new Error('no');
        }
        count += 1;
        return generation(count);
      },
      dueAt: () => new Date(Date.now() + 40 * 86_400_000),
      jitter: 86_400_000,
      random: () => 0.5,
      retryAfter: 1000,
      onError: (error) => errors.push(error),
    });
    const number = () => [1, 2, 3].find((n) => generation(n).certificate === renewal.current().certificate);
    const pass = async (milliseconds: number) => {
      mock.timers.tick(milliseconds);
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    };
    // The test lets the time pass one day at a time, because a wait of 40 days is split into several timers.
    for (let day = 0; day < 39; day += 1) await pass(86_400_000);
    assert.equal(number(), 1);
    await pass(43_200_000);
    assert.equal(number(), 2);
    fails = 2;
    for (let day = 0; day < 39; day += 1) await pass(86_400_000);
    await pass(43_200_000);
    assert.deepEqual([number(), errors.length], [2, 1]);
    await pass(1000);
    assert.deepEqual([number(), errors.length], [2, 2]);
    await pass(1999);
    assert.equal(number(), 2);
    await pass(1);
    assert.equal(number(), 3);
    renewal.stop();
    for (let day = 0; day < 50; day += 1) await pass(86_400_000);
    assert.equal(number(), 3);
  } finally {
    mock.timers.reset();
  }
});

test('the wait after a failure is never shorter than retryAfter, and otherwise at most an hour', async () => {
  const hour = 3_600_000;
  for (const [retryAfter, waits] of [
    [6 * hour, [6, 6, 6]],
    [hour / 2, [0.5, 1, 1]],
  ] as const) {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    try {
      let tries = 0;
      const renew = async () => {
        tries += 1;
        throw new Error('no');
      };
      const renewal = liveRenewal(bundleWith(), { renew, dueAt: () => new Date(0), retryAfter });
      const pass = async (milliseconds: number) => {
        mock.timers.tick(milliseconds);
        for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      };
      await pass(0);
      for (const [index, wait] of waits.entries()) {
        await pass(wait * hour - 1);
        assert.equal(tries, index + 1);
        await pass(1);
        assert.equal(tries, index + 2);
      }
      renewal.stop();
    } finally {
      mock.timers.reset();
    }
  }
});

test('liveFiles keeps the passphrase, notices a change of each file, and reads again if files change four times', () => {
  const disk = fakeDisk(encryptedBundle());
  const live = liveFiles(encryptedBundle(), disk.options);
  assert.equal(live().passphrase(), passphrase);
  for (const changed of Object.values(clientFilePaths('/d'))) {
    let ino = 1;
    const inner = fakeDisk(generation(1));
    const statFile = (path: string) => ({ mtimeMs: 0, size: 1, ino: path === changed ? ino : 0 });
    const one = liveFiles(generation(9), { ...inner.options, statFile });
    one();
    ino = 2;
    one();
    assert.equal(inner.reads(), 6, changed);
  }
  const busy = fakeDisk(generation(1));
  const follows = liveFiles(generation(9), busy.options);
  const change = (left: number) => () => {
    busy.put(generation(left));
    if (left > 1) busy.afterRead(3, change(left - 1));
  };
  busy.afterRead(2, change(4));
  assert.equal(follows().privateKey(), generation(1).privateKey());
  assert.equal(busy.reads(), 15);
});

test('a bundle that is always due is renewed no more often than retryAfter', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  try {
    let count = 0;
    const renew = async () => {
      count += 1;
      return generation(count);
    };
    const renewal = liveRenewal(generation(0), { renew, dueAt: () => new Date(0), retryAfter: 1000 });
    for (let step = 0; step < 100; step += 1) {
      mock.timers.tick(100);
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    }
    renewal.stop();
    assert.ok(count >= 9 && count <= 11, String(count));
  } finally {
    mock.timers.reset();
  }
});

test('an onError that throws or rejects ends neither the process nor the renewals', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() });
  const refused: unknown[] = [];
  const note = (error: unknown): void => void refused.push(error);
  process.on('unhandledRejection', note);
  try {
    for (const onError of [() => assert.fail('from onError'), () => Promise.reject(new Error('from onError'))]) {
      let renewals = 0;
      const renewal = liveRenewal(generation(1), {
        renew: () => Promise.reject(new Error(`renewal ${++renewals}`)),
        dueAt: () => new Date(0),
        onError,
        retryAfter: 1000,
      });
      for (let i = 0; i < 4; i++) {
        mock.timers.tick(10_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.ok(renewals > 2);
      renewal.stop();
      const used = generation(1);
      const never = (): never => assert.fail('no file');
      const live = liveFiles(used, { directory: '/x', readFile: never, statFile: never, onError });
      assert.equal(live(), used);
    }
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(refused, []);
  } finally {
    process.off('unhandledRejection', note);
    mock.timers.reset();
  }
});

test('a random that returns no number from 0 to 1 is refused, and causes no renewals without a pause', async () => {
  const options = { renew: async () => generation(1), dueAt: () => new Date(Date.now() + 1e9) };
  for (const value of [undefined, Number.NaN, -1, 2]) {
    assert.throws(() => liveRenewal(generation(1), { ...options, random: () => value as number }), {
      code: 'argument-invalid',
    });
  }
});

test('of several renewals at once, the bundle of the one that began last stays in use', async () => {
  const ends: ((bundle: ClientBundle) => void)[] = [];
  const newer = generation(2);
  const renewal = liveRenewal(generation(1), {
    renew: () => new Promise<ClientBundle>((resolve) => ends.push(resolve)),
    dueAt: () => new Date(Date.now() + 1e9),
  });
  const [slow, fast] = [renewal.renewNow(), renewal.renewNow()];
  ends[1]!(newer);
  await fast;
  assert.equal(renewal.current(), newer);
  ends[0]!(generation(1));
  await slow;
  assert.equal(renewal.current(), newer);
  renewal.stop();
});

test('a renewal that ends after stop begins no further renewal', async () => {
  for (const end of ['resolve', 'reject'] as const) {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    try {
      const ends: { resolve(bundle: ClientBundle): void; reject(error: Error): void }[] = [];
      const renew = () => new Promise<ClientBundle>((resolve, reject) => ends.push({ resolve, reject }));
      const renewal = liveRenewal(generation(1), { renew, dueAt: () => new Date(0), retryAfter: 1000 });
      mock.timers.tick(0);
      assert.equal(ends.length, 1);
      renewal.stop();
      if (end === 'resolve') ends[0]!.resolve(generation(2));
      else ends[0]!.reject(new Error('not today'));
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      mock.timers.tick(86_400_000);
      assert.equal(ends.length, 1);
    } finally {
      mock.timers.reset();
    }
  }
});

test('a value that is no bundle is refused, and the last bundle stays in use', async () => {
  const bundle = bundleWith();
  const copy = structuredClone(bundle); // It has no private key.
  for (const wrong of [undefined, copy] as never[]) {
    const renewal = liveRenewal(bundle, { renew: async () => wrong, dueAt: () => new Date(Date.now() + 1e9) });
    await assert.rejects(renewal.renewNow(), { code: 'argument-invalid' });
    assert.equal(renewal.current(), bundle);
    renewal.stop();
  }
  for (const wrong of [undefined, copy, Promise.resolve(bundle)] as never[]) {
    const { ssl } = pgConfig(bundle, { live: () => wrong });
    assert.throws(() => ssl.ca, { code: 'argument-invalid' });
  }
});

test('wrong options are rejected by name', () => {
  const bundle = bundleWith();
  const refused: readonly (() => unknown)[] = [
    () => pgConfig(bundle, { live: bundle as never }),
    () => pgConfig(bundle, { life: () => bundle } as never),
    () => liveFiles(bundle, { ...fakeDisk(bundle).options, readFile: 'x' as never }),
    ...['accept', 'onError', 'statFile'].map((name) => () => {
      return liveFiles(bundle, { ...fakeDisk(bundle).options, [name]: 5 });
    }),
    ...['renew', 'dueAt', 'onError', 'random'].map((name) => () => {
      return liveRenewal(bundle, { renew: async () => bundle, dueAt: () => new Date(), [name]: 5 });
    }),
    () => liveRenewal(bundle, { renew: async () => bundle, dueAt: () => new Date(), retryAfter: 0 }),
    () => liveRenewal(bundle, { renew: async () => bundle } as never),
    () => liveRenewal(bundle, { renew: async () => bundle, dueAt: () => new Date(Number.NaN) }),
    () => liveRenewal(bundle, { renew: async () => bundle, dueAt: () => new Date(), jitter: -1 }),
  ];
  for (const act of refused) assert.throws(act, { code: 'argument-invalid' });
});

function fakeDisk(first: ClientBundle) {
  const { ca, certificate, privateKey } = clientFilePaths('/d');
  let contents = new Map<string, string>();
  let version = 0;
  let reads = 0;
  let hook: { readonly at: number; readonly act: () => void } | undefined;
  const putText = (text: string | undefined) => {
    version += 1;
    contents = new Map(text === undefined ? [] : [ca, certificate, privateKey].map((path) => [path, text]));
  };
  const put = (bundle: ClientBundle) => {
    version += 1;
    contents = new Map([
      [ca, bundle.ca],
      [certificate, bundle.certificate],
      [privateKey, bundle.privateKey()],
    ]);
  };
  const readFile = (path: string): Uint8Array => {
    const text = contents.get(path);
    if (text === undefined) throw new Error(`ENOENT ${path}`);
    reads += 1;
    if (hook !== undefined && reads >= hook.at) {
      const { act } = hook;
      hook = undefined;
      act();
    }
    return new TextEncoder().encode(text);
  };
  const statFile = (path: string) => {
    if (!contents.has(path)) throw new Error(`ENOENT ${path}`);
    return { mtimeMs: 0, ino: version, size: 1 };
  };
  put(first);
  return {
    options: { directory: '/d', readFile, statFile },
    reads: () => reads,
    put,
    putText,
    afterRead: (count: number, act: () => void) => {
      hook = { at: reads + count, act };
    },
  };
}
