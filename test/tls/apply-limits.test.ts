import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PgHostsslError } from '../../src/errors.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  type ApplyOptions,
  applyGuarantees,
  applyPlan,
  diskFiles,
  memoryFiles,
  planClientCertificates,
  readServer,
  recoverApply,
  signalReload,
  type TlsFiles,
  type TlsPlan,
  verifyServer,
} from '../../src/tls/index.ts';
import { stockFiles } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });

test('a call that is aborted while it waits for another call ends at once', async () => {
  const { files, plan } = await planned();
  let first: ReturnType<typeof applyPlan> | undefined;
  const endFirst = await new Promise<() => void>((isVerifying) => {
    const verify = () => new Promise<undefined>((resolve) => isVerifying(() => resolve(undefined)));
    first = applyPlan(plan, { files, verify });
  });
  for (const wait of [
    (signal: AbortSignal) => applyPlan(plan, { files, signal }),
    (signal: AbortSignal) => recoverApply('/data', { direction: 'rollback', files, signal }),
  ]) {
    const controller = new AbortController();
    const second = wait(controller.signal);
    const outcome = second.then(
      () => 'done',
      (error) => error.code,
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    const late = new Promise((resolve) => setTimeout(() => resolve('late'), 1_000));
    assert.equal(await Promise.race([outcome, late]), 'apply-aborted');
  }
  endFirst();
  assert.equal((await first!).written.length, 5);
  // The calls that were aborted while they waited do not block later calls.
  assert.deepEqual((await applyPlan(plan, { files })).written, []);
});

test('a verify that throws a value other than an error fails, and the message says so', async () => {
  for (const thrown of [null, undefined, 'not today']) {
    const { files, plan } = await planned();
    const verify = () => {
      throw thrown;
    };
    const reload = () => {
      throw thrown;
    };
    const failed = { code: 'verify-failed', message: new RegExp(String(thrown)) };
    await assert.rejects(applyPlan(plan, { files, verify }), failed);
    await assert.rejects(applyPlan(plan, { files, reload }), failed);
    await applyPlan(plan, { files });
    await assert.rejects(applyPlan(plan, { files, verify }), failed);
  }
});

test('a verify that returns a value of another kind fails, and no file is changed', async () => {
  for (const result of [false, true, null, 'failed', [], { kind: 'failed' }, { kind: 'toString', reasons: [] }]) {
    const { files, plan } = await planned();
    const verify = () => result as never;
    await assert.rejects(applyPlan(plan, { files, verify }), {
      code: 'verify-failed',
      message: /^.*verify must return/,
    });
    assert.deepEqual(await files.list('/data'), Object.keys(stockFiles).sort());
    await applyPlan(plan, { files });
    await assert.rejects(applyPlan(plan, { files, verify }), { code: 'verify-failed' });
  }
});

test('a reload that fails before and after the roll-back is told once, in whole sentences', async () => {
  const { files, plan } = await planned();
  const reload = () => signalReload('/there/is/no/such/directory');
  await assert.rejects(applyPlan(plan, { files, reload }), (error: PgHostsslError) => {
    assert.match(
      error.message,
      /^The change was rolled back: .*pg_reload_conf\(\)\. All files are as before the change\. /,
    );
    assert.match(error.message, /\. The server could not be told to reload, for the same reason$/);
    return true;
  });
});

test('a time limit that is not a number of milliseconds is rejected', async () => {
  const { files, plan } = await planned();
  for (const limit of [Number.NaN, -1, '5' as never, null as never, 5n as never]) {
    const refused = { code: 'argument-invalid', message: /must be a number of milliseconds/ };
    for (const name of ['lock', 'reload', 'verify'] as const) {
      const options: ApplyOptions = { files, timeout: { [name]: limit } };
      await assert.rejects(applyPlan(plan, options), refused, `${name} ${limit}`);
    }
    await assert.rejects(recoverApply('/data', { direction: 'complete', files, timeout: limit }), refused);
    const query = async () => [{ loaded: 1 }];
    const expected = { loadedAfter: new Date(0) };
    await assert.rejects(verifyServer({ query, expected, timeout: limit }), refused);
  }
  assert.deepEqual(await files.list('/data'), ['PG_VERSION', 'pg_hba.conf', 'postgresql.conf']);
});

test('the table of guarantees says what this system guarantees, and what other systems do not', async () => {
  const here = applyGuarantees(18);
  const { modes, reloadSignal } = applyGuarantees(18, 'win32');
  assert.deepEqual([modes, reloadSignal], [false, false]);
  assert.equal(here.modes, process.platform !== 'win32');
  const facts = await diskFiles.inspect(process.execPath);
  assert.equal(facts?.mode !== undefined && facts.owner !== undefined, here.modes);
  assert.deepEqual(
    [9.6, 10]
      .map((version) => applyGuarantees(version as 9.6 | 10, 'darwin'))
      .map((one) => [one.tlsAction, one.ruleView]),
    [
      ['restart', false],
      ['reload', true],
    ],
  );
  assert.throws(() => applyGuarantees(8 as never), { code: 'version-unknown' });
});

async function planned(): Promise<{ readonly files: TlsFiles; readonly plan: TlsPlan }> {
  const files = memoryFiles(
    Object.fromEntries(Object.entries(stockFiles).map(([name, text]) => [`/data/${name}`, text])),
  );
  const plan = await planClientCertificates({
    server: await readServer('/data', { files }),
    authority,
    connection: { host: 'localhost', user: 'app', database: 'app' },
  });
  return { files, plan };
}

test('a time limit that is undefined is the default limit', async () => {
  const { files, plan } = await planned();
  const verify = () => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 50));
  const timeout = { lock: undefined, reload: undefined, verify: undefined };
  const { written } = await applyPlan(plan, { files, timeout, verify, reload: () => undefined });
  assert.ok(written.length > 0);
});
