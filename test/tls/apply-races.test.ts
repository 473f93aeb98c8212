import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { applyPlan, diskFiles, type TlsFiles } from '../../src/tls/index.ts';
import { withFolderInMemory } from './folder.ts';
import { type Command, keyText, planFor } from './races/worker.ts';
import { stockFiles } from './state.ts';

const isWhole = process.env.PG_HOSTSSL_CRASH === 'all';
const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
const workers: ChildProcess[] = [];
after(() => {
  for (const worker of workers) worker.kill('SIGKILL');
});

test('two concurrent applies, in one process or in two, lose no rule and mismatch no pair', () =>
  withFolderInMemory(async (folder) => {
    const [one, two] = [await startWorker(), await startWorker()];
    const outcomes = { ok: 0, refused: 0 };
    for (let round = 0; round < (isWhole ? 500 : 24); round++) {
      const data = newData(join(folder, String(round)));
      const users = ['alice', 'bob'] as const;
      const results = await (round % 2 === 0 ? promises(data, users) : processes([one, two], data, users));
      judgePair(data, users, results);
      for (const result of results) outcomes[result === 'ok' ? 'ok' : 'refused'] += 1;
    }
    console.log(JSON.stringify(outcomes));
    assert.ok(outcomes.ok > 0 && outcomes.refused > 0);
  }));

for (const inPlace of [false, true]) {
  test(`an editor that saves ${inPlace ? 'in place' : 'by rename'} while a plan is applied: nothing is lost in silence`, () =>
    withFolderInMemory(async (folder) => {
      const editor = await startWorker();
      const lasts = await applyTime(join(folder, 'measured'));
      const counts = { both: 0, told: 0, 'after the last look': 0 };
      const rounds = isWhole ? 500 : 30;
      // If no save of the editor has fallen into an apply after these rounds, the loop runs more rounds.
      for (let round = 0; round < rounds || (counts.told === 0 && round < 300); round++)
        counts[await editRound(folder, editor, inPlace, lasts)] += 1;
      console.log(JSON.stringify(counts));
      assert.ok(counts.told > 0);
    }));
}

async function promises(data: string, users: readonly string[]): Promise<readonly string[]> {
  const plans = await Promise.all(users.map((user) => planFor(authority, data, user)));
  return await Promise.all(
    plans.map((plan) =>
      applyPlan(plan, { files: diskFiles }).then(
        () => 'ok',
        (error) => error.code ?? String(error),
      ),
    ),
  );
}

async function processes(
  pair: readonly ((command: Command) => Promise<unknown>)[],
  data: string,
  users: readonly string[],
): Promise<readonly string[]> {
  await Promise.all(pair.map((tell, i) => tell({ do: 'plan', data, user: users[i]! })));
  return (await Promise.all(pair.map((tell) => tell({ do: 'apply' })))) as string[];
}

function judgePair(data: string, users: readonly string[], results: readonly string[]): void {
  const hba = readFileSync(join(data, 'pg_hba.conf'), 'utf8');
  for (const [i, user] of users.entries()) {
    assert.match(results[i]!, /^(?:ok|target-changed)$/);
    assert.equal(hba.includes(` ${user} `), results[i] === 'ok', `${results[i]}: ${hba}`);
  }
  const pem = (name: string): string => readFileSync(join(data, name), 'utf8');
  assert.ok(new X509Certificate(pem('server.crt')).checkPrivateKey(createPrivateKey(pem('server.key'))));
  assert.deepEqual(
    readdirSync(data).filter((name) => name.startsWith('pgsql_tmp')),
    [],
  );
}

/**
 * Applies a plan while an editor saves pg_hba.conf once. Returns whether both changes are in the file, or how the
 * conflict was noticed.
 */
async function editRound(
  folder: string,
  tell: (command: Command) => Promise<unknown>,
  inPlace: boolean,
  lasts: number,
): Promise<'both' | 'told' | 'after the last look'> {
  const data = newData(join(folder, 'data'));
  const path = join(data, 'pg_hba.conf');
  const plan = await planFor(authority, data, 'alice');
  const line = '# an edit';
  const timing = { delay: Math.random() * lasts * 2, hold: Math.random() * lasts * 0.5 };
  let lastLook = 0;
  const files: TlsFiles = {
    ...diskFiles,
    read: (name) => {
      // The time of the last check is the time of the last reading of the target or of the former file.
      if (name === path || name.endsWith('.old')) lastLook = Number(process.hrtime.bigint());
      return diskFiles.read(name);
    },
  };
  const save = tell({ do: 'edit', path, line, inPlace, ...timing });
  const result = await applyPlan(plan, { files, verify: () => undefined }).then(
    () => 'ok',
    (error) => error.code as string,
  );
  const savedAt = (await save) as number;
  const content = readFileSync(path, 'utf8');
  const [hasEdit, hasRule] = [content.includes(line), content.includes(' alice ')];
  rmSync(data, { recursive: true });
  if (hasEdit && hasRule && result === 'ok') return 'both';
  // `applyPlan` cannot notice a save after its last check, or a save into a file that has been replaced already.
  if (savedAt > lastLook) return 'after the last look';
  assert.equal(result, 'target-changed', `edit ${hasEdit}, rule ${hasRule}: ${JSON.stringify(timing)}`);
  assert.ok(hasEdit, content);
  return 'told';
}

/** Returns how long `applyPlan` takes on this machine, in milliseconds. */
async function applyTime(folder: string): Promise<number> {
  const data = newData(folder);
  await applyPlan(await planFor(authority, data, 'alice'), { files: diskFiles });
  rmSync(data, { recursive: true });
  const again = newData(folder);
  const plan = await planFor(authority, again, 'alice');
  const start = performance.now();
  await applyPlan(plan, { files: diskFiles });
  return performance.now() - start;
}

function newData(data: string): string {
  mkdirSync(data, { mode: 0o700 });
  for (const [path, content] of Object.entries(stockFiles)) writeFileSync(join(data, path), content, { mode: 0o600 });
  return data;
}

/**
 * Starts a process that executes commands one after the other. Returns a function that sends a command and waits for
 * the answer.
 */
async function startWorker(): Promise<(command: Command) => Promise<unknown>> {
  const program = fileURLToPath(new URL('races/worker.js', import.meta.url));
  const worker = spawn(process.execPath, [program, 'work'], { stdio: ['pipe', 'pipe', 'inherit'] });
  workers.push(worker);
  const answers = createInterface({ input: worker.stdout! })[Symbol.asyncIterator]();
  const tell = async (command: Command): Promise<unknown> => {
    worker.stdin!.write(`${JSON.stringify(command)}\n`);
    const { value } = await answers.next();
    return (JSON.parse(value as string) as { answer?: unknown }).answer;
  };
  await tell({ do: 'load', certificate: authority.certificate, privateKey: keyText(authority.privateKey) });
  return tell;
}
