import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parsePgVersion, pgMajors } from '../../src/version.ts';
import {
  availableMajors,
  forEachMajor,
  queryWithFiles,
  readSample,
  runPostgresC,
  serverAccount,
  startServer,
  withServer,
} from './index.ts';

const oldest = availableMajors[0]!;
const newest = availableMajors.at(-1)!;

test('this platform has at least the major versions that npm has for every platform', () => {
  assert.deepEqual(availableMajors.slice(-4), [15, 16, 17, 18]);
});

forEachMajor(
  pgMajors.filter((major) => major >= 10 && major <= 18),
  (major) => {
    test('a server starts, answers over socket and TCP, restarts, stops, and leaves nothing', async () => {
      const server = await startServer({ major });
      const pids = [server.pid!];
      try {
        const [row] = await server.query<{ version: string }>('select version()');
        assert.equal(parsePgVersion(row!.version), major);
        const client = await server.connect();
        const { rows } = await client.query('select inet_server_addr() as host, inet_server_port() as port');
        assert.deepEqual(rows, [{ host: server.host, port: server.port }]);
        await server.restart();
        pids.push(server.pid!);
        assert.deepEqual(await server.query('select $1::int + 1 as sum', [2]), [{ sum: 3 }]);
        await server.stop();
        assert.match(server.log(), /database system is shut down\s*$/);
      } finally {
        await server.remove();
      }
      assert.ok(!existsSync(server.dataDirectory));
      assert.deepEqual(pids.filter(isAlive), []);
    });
  },
);

test('the configuration files stay unchanged', () =>
  withServer({ major: newest }, async (server) => {
    const file = (name: string) => readFileSync(join(server.dataDirectory, name), 'utf8');
    assert.doesNotMatch(file('postgresql.conf'), /^(?:port|listen_addresses|unix_socket_directories|fsync)/m);
    assert.match(file('pg_hba.conf'), /^local {3}all {13}all {37}trust$/m);
    // initdb changes only a few lines of the sample file.
    const stock = file('postgresql.conf').split('\n');
    const sample = new TextDecoder().decode(readSample(newest, 'postgresql.conf.sample')).split('\n');
    assert.equal(stock.length, sample.length);
    assert.ok(stock.filter((line, index) => line !== sample[index]).length < 20);
  }));

test('files given at the start are in place, owned by the server and with their modes', () =>
  withServer(
    {
      major: oldest,
      hba: 'local all all trust\nhost all all 127.0.0.1/32 trust\n',
      ident: 'm root postgres\n',
      conf: '\nwork_mem = 5MB\n',
      files: { 'extra/deep/a.txt': 'a', 'b.txt': { content: Uint8Array.of(0xff), mode: 0o644 } },
    },
    async (server) => {
      assert.deepEqual(await server.query('show work_mem'), [{ work_mem: '5MB' }]);
      assert.equal((await server.query('select * from pg_hba_file_rules')).length, 2);
      assert.equal(readFileSync(join(server.dataDirectory, 'pg_ident.conf'), 'utf8'), 'm root postgres\n');
      const deep = statSync(join(server.dataDirectory, 'extra/deep/a.txt'));
      const plain = statSync(join(server.dataDirectory, 'b.txt'));
      assert.deepEqual([deep.mode & 0o777, plain.mode & 0o777], [0o600, 0o644]);
      const uid = serverAccount?.uid ?? process.getuid?.();
      assert.deepEqual([deep.uid, plain.uid], [uid, uid]);
    },
  ));

forEachMajor([10, 15, 16, 18], (major) => {
  test('a reload has taken effect when the call returns', () =>
    withServer({ major }, async (server) => {
      for (let i = 0; i < 20; i++) {
        server.writeFiles({
          'pg_hba.conf': `local all all trust\nhost all all all ${i % 2 === 0 ? 'reject' : 'trust'}\n`,
        });
        await server.reload();
        if (i % 2 === 1) await (await server.connect()).end();
        else await assert.rejects(server.connect(), /pg_hba\.conf rejects connection for host "127\.0\.0\.1"/);
      }
      await server.waitForLog(/received SIGHUP, reloading configuration files/);
    }));
});

test('a server that does not start says why, and leaves nothing', async () => {
  await assert.rejects(
    startServer({ major: newest, hba: 'nonsense\n' }),
    /PostgreSQL 18 did not start:.*invalid connection type "nonsense"/s,
  );
});

test('a port that is in use is not chosen', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  try {
    // The second address is free, so the server itself would start and only report the first one.
    const settings = { port: String(port), listen_addresses: '127.0.0.1,127.0.0.2' };
    await assert.rejects(startServer({ major: newest, settings }), /could not bind IPv4 address "127\.0\.0\.1"/);
  } finally {
    taken.close();
  }
});

test('files for one query are removed after it', () =>
  withServer({ major: newest }, async (server) => {
    const before = snapshot(server.dataDirectory);
    const rows = await queryWithFiles(
      server,
      { 'pg_hba.conf': 'include_dir rules/d\n', 'rules/d/1.conf': 'local all all peer\nlocl\n' },
      'select line_number, auth_method, error from pg_hba_file_rules',
    );
    assert.deepEqual(rows, [
      { line_number: 1, auth_method: 'peer', error: null },
      { line_number: 2, auth_method: null, error: 'invalid connection type "locl"' },
    ]);
    assert.deepEqual(snapshot(server.dataDirectory), before);
  }));

describe('postgres -C', () => {
  forEachMajor([10, 14, 18], (major) => {
    test('returns the value of a setting, or the reason why not', () => {
      const ask = (conf: string) => runPostgresC(major, { 'postgresql.conf': conf }, 'work_mem');
      assert.deepEqual(ask('work_mem = 2MB'), { accepted: true, value: '2048', messages: [] });
      const refused = ask('work_mem = 2 MB MB');
      assert.ok(!refused.accepted && refused.value === '');
      assert.match(refused.messages[0]!, /^LOG: {2}syntax error in file .* line 1, near token "MB"$/);
    });

    test('reads an existing data directory', async () => {
      const server = await startServer({ major, start: false, conf: 'work_mem = 3MB\n' });
      assert.equal(runPostgresC(major, server.dataDirectory, 'work_mem').value, '3072');
      await server.remove();
    });
  });
});

test('a killed test process leaves no server and no files', async () => {
  const program = `
    import { startServer } from ${JSON.stringify(new URL('./index.js', import.meta.url).href)};
    const server = await startServer({ major: ${newest} });
    console.log(JSON.stringify({ pid: server.pid, folder: server.socketDirectory }));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
  const { pid, folder } = JSON.parse(line) as { pid: number; folder: string };
  assert.ok(isAlive(pid) && existsSync(folder));
  child.kill('SIGKILL');
  for (let i = 0; i < 500 && (isAlive(pid) || existsSync(folder)); i++) await sleep(20);
  assert.deepEqual([isAlive(pid), existsSync(folder)], [false, false]);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !isUnburied(pid);
}

/**
 * Returns true if the process has ended but still exists as a zombie, because its parent has not read its exit status.
 */
function isUnburied(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && /\) Z /.test(readFileSync(file, 'utf8'));
}

function snapshot(folder: string): readonly unknown[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.conf') || name === 'rules')
    .map((name) => [name, statSync(join(folder, name)).mode, readFileSync(join(folder, name), 'utf8')]);
}
