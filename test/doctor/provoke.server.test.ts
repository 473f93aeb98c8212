import assert from 'node:assert/strict';
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfiguration } from '../../src/configuration/index.ts';
import { type CauseCode, type ExplainOptions, explain } from '../../src/doctor/index.ts';
import { textOf } from '../../src/doctor/texts.ts';
import { repositoryRoot } from '../repository.ts';
import { forEachMajor, startServer, type TestServer, withoutPsql } from '../server/index.ts';
import { type LineClient, type LineClientName, lineClients } from './line-client.ts';
import { goodState, type Scene, type Stage, scenes } from './scenes.ts';
import { type RecordedText, textsFile } from './texts.ts';

const require = createRequire(join(repositoryRoot, 'test/client/npm/package.json'));
const hasPostgresJs = existsSync(join(repositoryRoot, 'test/client/npm/node_modules/postgres'));
const isRecording = process.env.PG_HOSTSSL_RECORD === '1';
const recorded: RecordedText[] = [];
/** The causes that the files of a server can confirm. */
const confirmedByFiles: readonly CauseCode[] = [
  'server-without-tls',
  'setting-hidden',
  'ca-file-unset',
  'server-key-file-mode',
  'server-key-file-owner',
  'server-file-missing',
  'server-key-mismatch',
  'server-key-encrypted',
  'server-file-damaged',
  'hba-refused',
  'hosts-refused',
  'conf-refused',
  'server-certificate-expired',
  'server-certificate-not-yet-valid',
  'server-certificate-purpose',
  'server-certificate-weak',
];

forEachMajor([10, 18, 19], (major) => {
  let server: TestServer;
  const started = new Map<string, LineClient>();
  before(async () => {
    server = await startServer({ major, files: goodState.files });
    await server.query("set password_encryption = 'scram-sha-256'");
    await server.query('create role alice login');
    await server.query('create role staff');
    await server.query('create database closed');
    await server.query('revoke connect on database closed from public');
    await server.query('create database shut allow_connections false');
    await server.query('create role "full" login connection limit 0');
    await server.query("create role dora login password 'open sesame' valid until '2001-01-01'");
    await server.query("create role carol login password 'open sesame'");
  });
  after(async () => {
    for (const client of started.values()) client.close();
    await server.remove();
    if (!isRecording) return;
    const others = existsSync(textsFile) ? (JSON.parse(readFileSync(textsFile, 'utf8')) as RecordedText[]) : [];
    const kept = others.filter((text) => text.server !== major);
    mkdirSync(join(textsFile, '..'), { recursive: true });
    writeFileSync(
      textsFile,
      `${JSON.stringify([...kept, ...recorded.filter((text) => text.server === major)], null, 2)}\n`,
    );
  });

  const stage: Stage = {
    get port() {
      return server.port;
    },
    get socketDirectory() {
      return server.socketDirectory;
    },
    pg: async (config) => {
      try {
        return (await server.connect(config)).end();
      } catch (error) {
        return error;
      }
    },
    postgresJs: async (...parameters) => {
      const sql = require('postgres')(...parameters, { max: 1, onnotice: () => undefined });
      return sql.unsafe('select 1').then(
        () => sql.end(),
        (error: unknown) => sql.end({ timeout: 1 }).then(() => error),
      );
    },
    by: async (name, connection) => {
      const client = started.get(name) ?? lineClients[name].start();
      started.set(name, client);
      return client.ask(connection);
    },
    whileShuttingDown: async (connect) => {
      // The server waits for the end of this session.
      await server.query('select 1');
      const mark = server.log().length;
      process.kill(server.pid!, 'SIGTERM');
      while (!server.log().slice(mark).includes('received smart shutdown request')) await sleep(10);
      const error = await connect();
      await server.restart();
      return error;
    },
    failToStart: async (settings) => {
      await server.stop();
      const error = await server.start(settings).catch((refusal: unknown) => refusal);
      await server.start();
      return error;
    },
  };

  /** Returns the server's log from a position on, as soon as there is a line. */
  async function logSince(mark: number): Promise<string> {
    for (const end = Date.now() + 1_000; Date.now() < end; await sleep(20)) {
      if (server.log().length > mark) break;
    }
    await sleep(150);
    return server.log().slice(mark);
  }

  async function setUp(scene: Scene): Promise<void> {
    write(scene);
    await server.reload();
  }

  function write({ server: state = {} }: Scene): void {
    const stock = readFileSync(join(server.dataDirectory, 'postgresql.conf'), 'utf8').split('# scene\n')[0];
    server.writeFiles({
      ...goodState.files,
      ...state.files,
      'postgresql.conf': `${stock}# scene\n${state.conf ?? goodState.conf}`,
    });
    if (state.keyOwner !== undefined) chownSync(join(server.dataDirectory, 'server.key'), state.keyOwner, 0);
  }

  for (const scene of scenes) {
    const { cause, clients, since = 10, needsLog = false, logAlone = false, needsConfiguration = false } = scene;
    const title = `${cause}${needsLog || logAlone ? ' by the log' : ''}${needsConfiguration ? ' by the files' : ''}`;
    if (major < since) continue;
    const skip =
      scene.server?.keyOwner !== undefined && process.getuid?.() !== 0 ? 'only root gives files away' : false;
    test(title, { skip }, async (t) => {
      await setUp({ cause, server: {} });
      const mark = server.log().length;
      await setUp(scene);
      const configuration = await readConfiguration(server.dataDirectory);
      if (clients === undefined) {
        const text = await logSince(mark);
        record({ cause, from: 'server', side: 'server', text });
        await expectFirst(cause, text, { side: 'server' });
        await expectFirst(cause, text, {});
        await expectNotRuledOut(cause, text, { side: 'server', configuration });
        return;
      }
      for (const [from, act] of Object.entries(clients)) {
        const name = from.split(',')[0]! as LineClientName;
        if (name in lineClients && !lineClients[name].isThere) t.diagnostic(`${name} is not installed`);
        else if (from === 'psql' && withoutPsql !== false) t.diagnostic('psql is not installed');
        else if (from === 'postgres.js' && !hasPostgresJs)
          t.diagnostic('postgres.js is not installed: npm run clients');
        else {
          const before = server.log().length;
          const error = cause === 'connection-closed' ? await act(stage) : await untilTold(() => act(stage));
          const text = textOf(error);
          assert.notEqual(text, '', `${from} connected`);
          if (logAlone) {
            const log = await logSince(before);
            record({ cause, from: 'server', side: 'server', text: log });
            await expectFirst(cause, log, { side: 'server' }, from);
            continue;
          }
          if (needsConfiguration) {
            record({ cause, from, side: 'client', text, needsConfiguration });
            await expectNotRuledOut(cause, error, { side: 'client', configuration });
            continue;
          }
          const serverLog = needsLog ? await logSince(before) : undefined;
          record({ cause, from, side: 'client', text, ...(serverLog === undefined ? {} : { serverLog }) });
          const known = { side: 'client', ...(serverLog === undefined ? {} : { serverLog }) } as const;
          await expectFirst(cause, error, known, from);
          await expectNotRuledOut(cause, error, { ...known, configuration });
        }
      }
    });
  }

  test('corrected files that the server has not loaded do not rule the cause out', async () => {
    const scene = scenes.find(({ cause }) => cause === 'ca-file-unset')!;
    await setUp(scene);
    write({ cause: scene.cause, server: {} });
    const error = await untilTold(() => scene.clients!.pg!(stage));
    const configuration = await readConfiguration(server.dataDirectory);
    const { causes: found } = await explain(error, { configuration, side: 'client' });
    const cause = found.find(({ code }) => code === scene.cause);
    assert.equal(cause?.certainty, 'possible');
    assert.match(cause.details[0] ?? '', /reload or restart the server/);
  });

  /** Checks that the configuration does not rule the cause out, and that the cause stays the first one. */
  async function expectNotRuledOut(cause: CauseCode, error: unknown, options: ExplainOptions): Promise<void> {
    const [first] = (await explain(error, options)).causes;
    const expected = confirmedByFiles.includes(cause) ? ['confirmed'] : ['confirmed', 'likely', 'possible'];
    assert.equal(first?.code, cause, JSON.stringify(first));
    assert.ok(expected.includes(first.certainty), JSON.stringify(first));
  }

  function record(text: Omit<RecordedText, 'server'>): void {
    const clean = (each: string): string =>
      each
        .replaceAll(String(server.port), '5432')
        .replaceAll(`${tmpdir()}/`, '/tmp/')
        .replace(/\/tmp\/[^/\s"]+\/\d+/g, '/tmp/client')
        .replace(/^\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] /gm, '');
    recorded.push({
      ...text,
      server: major,
      text: clean(text.text),
      ...(text.serverLog === undefined ? {} : { serverLog: clean(text.serverLog) }),
    });
  }
});

/**
 * Repeats a connection until its error tells the reason, and returns the error. A server that refuses a certificate
 * sends an alert and closes the connection. If a packet of the client arrives after that, the operating system resets
 * the connection, and the alert may be lost.
 */
async function untilTold(act: () => Promise<unknown>): Promise<unknown> {
  const end = performance.now() + 20_000;
  while (true) {
    const error = await act();
    const isLost =
      /connection reset|(?:read|write) ECONNRESET|EPIPE|broken pipe|closed the connection unexpectedly/i.test(
        textOf(error),
      );
    if (!isLost || performance.now() > end) return error;
  }
}

async function expectFirst(cause: string, error: unknown, options: object, from = 'server'): Promise<void> {
  const { causes } = await explain(error, options);
  const codes = causes.map(({ code }) => code);
  assert.equal(codes[0], cause, `${from}: ${textOf(error)}\n${JSON.stringify(options)}\n${codes.join(', ')}`);
}
