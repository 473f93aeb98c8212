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
      for (let hasFailed = true, number = 0; hasFailed; number += 1) {
        const { files, failed } = failingCall(number, value);
        await call(files).catch((error: unknown) => {
          if (error instanceof PgHostsslError || error === value) return;
          assert.fail(`${failed()} rejected with ${kindOf(value)}: ${(error as Error).stack}`);
        });
        hasFailed = failed() !== undefined;
      }
    }
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
 * Returns files whose call of this number rejects with a value, and the name of the called method, once it is called.
 */
function failingCall(number: number, value: unknown): { files: TlsFiles; failed: () => string | undefined } {
  let count = 0;
  let failed: string | undefined;
  const files = wrapped((result, name) => {
    if (count++ !== number) return result;
    failed = name;
    return result.then(() => Promise.reject(value));
  });
  return { files, failed: () => failed };
}

/** Returns files that change the result of each call. */
function wrapped(change: (result: Promise<unknown>, name: string) => Promise<unknown>): TlsFiles {
  const changed = Object.entries(memoryFiles(contents)).map(([name, method]) => {
    return [name, async (...values: unknown[]) => await change(method(...values), name)] as const;
  });
  return Object.fromEntries(changed) as never;
}
