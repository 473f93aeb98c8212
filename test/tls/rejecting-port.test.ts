import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { kindOf } from '../../src/arguments.ts';
import { locateConfiguration, readConfiguration } from '../../src/configuration/index.ts';
import { PgHostsslError } from '../../src/errors.ts';
import { CertificateAuthority, Ledger } from '../../src/pki/index.ts';
import {
  applyPlan,
  checkTlsFiles,
  fileLedgerStore,
  loadOrCreateAuthority,
  memoryFiles,
  planClientCertificates,
  readClient,
  readServer,
  recoverApply,
  type TlsFiles,
  verifyServer,
} from '../../src/tls/index.ts';
import { stockConf } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
const issued = await authority.issueClientCertificate({ user: 'alice' });
const contents = {
  '/data/PG_VERSION': '18\n',
  '/data/postgresql.conf': `${stockConf}include_dir 'more'\ninclude 'one.conf'\n`,
  '/data/more/a.conf': 'work_mem = 8MB\n',
  '/data/one.conf': '# nothing\n',
  '/data/pg_hba.conf': 'include "more.hba"\nlocal all all trust\n',
  '/data/more.hba': 'host all @users all md5\n',
  '/data/users': 'alice\n',
  '/data/pg_ident.conf': 'map a b\n',
  '/client/root.crt': authority.certificate,
};
const plan = await planClientCertificates({
  server: await readServer('/data', { files: memoryFiles(contents) }),
  client: await readClient('/client', { files: memoryFiles(contents) }),
  authority,
  connection: 'postgresql://app@db.example.com/app',
});

/** For each function, a call with files of the caller. */
const calls: Readonly<Record<string, (files: TlsFiles) => Promise<unknown>>> = {
  readServer: (files) => readServer('/data', { files }),
  readClient: (files) => readClient('/client', { files }),
  readConfiguration: (files) => readConfiguration('/data', { files }),
  locateConfiguration: (files) => locateConfiguration({}, { files }),
  loadOrCreateAuthority: (files) => loadOrCreateAuthority('/client/ca', { subject: '/CN=a', files }),
  fileLedgerStore: (files) => new Ledger(fileLedgerStore('/client/ledger', files)).record(issued.certificate),
  checkTlsFiles: (files) => checkTlsFiles(files, '/client'),
  applyPlan: (files) => applyPlan(plan, { files, verify: () => undefined }),
  recoverApply: (files) => recoverApply('/data', { direction: 'complete', clientDirectory: '/client', files }),
};

/** Values that are no errors, each with the text that a message shows for it. */
const thrown: readonly (readonly [value: unknown, text: string])[] = [
  [undefined, 'undefined'],
  [null, 'null'],
  ['not today', 'not today'],
  [5, '5'],
  [Object.create(null), 'an object without a message'],
];

for (const [name, call] of Object.entries(calls)) {
  test(`${name}: if a method of the caller rejects with no error, the error has a code, or is what was thrown`, async () => {
    await call(memoryFiles(contents));
    for (const value of [undefined, Object.create(null)]) {
      let number = 0;
      for (let hasFailed = true; hasFailed; number += 1) {
        const { files, failed } = failingCall(number, () => Promise.reject(value));
        await call(files).catch((error: unknown) => {
          if (error instanceof PgHostsslError || error === value) return;
          assert.fail(`${failed()} rejected with ${kindOf(value)}: ${(error as Error).stack}`);
        });
        hasFailed = failed() !== undefined;
      }
      // The last call of the loop met no rejection.
      assert.ok(number > 1, 'no method was called');
    }
  });
}

/** For each method whose answer is used, answers of another kind. */
const wrongAnswers: Readonly<Record<string, readonly unknown[]>> = {
  read: [
    null,
    'text',
    { content: 5 },
    { content: () => 'text' },
    { content: () => new Uint16Array(2) },
    { content: () => new Uint8Array(), mode: 'rw' },
  ],
  list: [undefined, 'text', [5], ['../secret'], ['..']],
  statDirectory: [null, true, { owner: { uid: 1 } }],
  realPath: [undefined, 5],
  inspect: [null, 5, { kind: 'file' }, { id: 5, kind: 'file' }],
  create: [undefined, true],
};

for (const [name, call] of Object.entries(calls)) {
  if (name === 'checkTlsFiles') continue;
  test(`${name}: a method that answers with a value of another kind is an error with a code`, async () => {
    let wrong = 0;
    for (const round of [0, 1]) {
      for (let hasFailed = true, number = 0; hasFailed; number += 1) {
        let isWrong = false;
        const { files, failed } = failingCall(number, async (method, result) => {
          const answers = wrongAnswers[method];
          isWrong = answers !== undefined;
          return answers === undefined ? await result : answers[(number + round) % answers.length];
        });
        const error = await call(files).then(() => undefined, Object);
        hasFailed = failed() !== undefined;
        if (!isWrong) continue;
        wrong += 1;
        // A configuration is read as far as possible, so `readConfiguration` and `locateConfiguration` go on.
        if (error === undefined && name.endsWith('Configuration')) continue;
        assert.ok(error instanceof PgHostsslError, `${failed()}, call ${number}: ${error?.stack}`);
      }
    }
    assert.ok(wrong > 0, 'no method was called whose answer is used');
  });

  test(`${name}: a method that throws before it returns a promise is like a method that rejects`, async () => {
    const outcome = (files: TlsFiles) => call(files).then(() => 'done', String);
    let number = 0;
    for (let hasFailed = true; hasFailed; number += 1) {
      const error = Object.assign(new Error('EIO: injected'), { code: 'EIO' });
      const rejecting = failingCall(number, () => Promise.reject(error));
      const throwing = failingCall(number, () => {
        throw error;
      });
      assert.equal(await outcome(throwing.files), await outcome(rejecting.files), rejecting.failed());
      hasFailed = throwing.failed() !== undefined;
    }
    assert.ok(number > 1, 'no method was called');
  });

  test(`${name}: the files may be an instance of a class, whose methods need their object`, async () => {
    await assert.doesNotReject(call(new InstanceFiles(memoryFiles(contents)) as unknown as TlsFiles));
  });
}

test('verifyServer takes a query that rejects with no error as a reason', async () => {
  for (const [value, text] of thrown) {
    const query = () => Promise.reject(value);
    const { kind, reasons } = await verifyServer({ query, expected: { loadedAfter: new Date(0) }, timeout: 20 });
    assert.deepEqual([kind, reasons], ['failed', [text]]);
  }
});

test('errors of another realm, as the errors of node:fs are under Jest, are errors', async () => {
  const toForeign = runInNewContext(
    '({ message, code }) => Promise.reject(Object.assign(new Error(message), { code }))',
  );
  const isForeign = await toForeign({ message: 'a', code: 'b' }).catch((error: unknown) => !(error instanceof Error));
  assert.ok(isForeign);
  for (const [name, call] of Object.entries(calls)) {
    await assert.doesNotReject(call(wrapped((result) => result.catch(toForeign))), name);
  }
});

/**
 * Returns files whose call of this number has another result, and the name of the called method, once it is called.
 */
function failingCall(
  number: number,
  fail: (name: string, result: Promise<unknown>) => Promise<unknown>,
): { files: TlsFiles; failed: () => string | undefined } {
  let count = 0;
  let failed: string | undefined;
  const files = wrapped((result, name) => {
    if (count++ !== number) return result;
    failed = name;
    result.catch(() => undefined);
    return fail(name, result);
  });
  return { files, failed: () => failed };
}

/** Returns files that change the result of each call. */
function wrapped(change: (result: Promise<unknown>, name: string) => Promise<unknown>): TlsFiles {
  const changed = Object.entries(memoryFiles(contents)).map(([name, method]) => {
    return [name, (...values: unknown[]) => change(method(...values), name)] as const;
  });
  return Object.fromEntries(changed) as never;
}

/** Files whose methods are inherited, and use a private property of their object. */
class InstanceFiles {
  readonly #inner: TlsFiles;

  constructor(inner: TlsFiles) {
    this.#inner = inner;
  }

  static {
    for (const name of Object.keys(memoryFiles({})) as (keyof TlsFiles)[]) {
      Object.defineProperty(InstanceFiles.prototype, name, {
        value(this: InstanceFiles, ...values: unknown[]) {
          return (this.#inner[name] as (...all: unknown[]) => unknown)(...values);
        },
      });
    }
  }
}
