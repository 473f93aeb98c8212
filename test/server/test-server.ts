import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { PgMajor } from '../../src/version.ts';
import { serverSpawnOptions } from './account.ts';
import { serverBinary } from './binaries.ts';
import { superuser } from './data-directory.ts';
import { type ServerFiles, writeServerFiles } from './files.ts';
import { freePort } from './free-port.ts';
import { ping } from './ping.ts';

const startTimeoutMs = 30_000;
const portAttempts = 5;

/**
 * A real PostgreSQL server on a data directory of its own. Its configuration files are the stock ones: port, sockets and
 * `fsync = off` come from the command line.
 */
export class TestServer {
  /** Its major version. */
  readonly major: PgMajor;
  /** Its data directory; the server's account owns it. */
  readonly dataDirectory: string;
  /** The folder of its Unix socket. */
  readonly socketDirectory: string;
  /** The address that it listens on. */
  readonly host = '127.0.0.1';
  /** The name of its superuser. */
  readonly superuser: string = superuser;
  readonly #programs: string | undefined;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #clients = new Set<pg.Client>();
  #port: number;
  #process: ChildProcess | undefined;
  #session: Promise<pg.Client> | undefined;

  /** The server of a data directory, not started yet. */
  constructor(
    major: PgMajor,
    dataDirectory: string,
    settings: Readonly<Record<string, string>> = {},
    programs?: string,
  ) {
    this.major = major;
    this.#programs = programs;
    this.dataDirectory = dataDirectory;
    this.socketDirectory = dirname(dataDirectory);
    this.#settings = settings;
    this.#port = Number(settings.port ?? 0);
  }

  /** The TCP port that it listens on; if the settings name none, one is chosen at the first start. */
  get port(): number {
    return this.#port;
  }

  /** The process id of its postmaster, while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Starts it and waits until it takes connections.
   *
   * @param settings further settings for the command line
   * @throws Error with the server's log where it does not start.
   */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const keepPort = this.#port !== 0;
    for (let attempt = 1; ; attempt++) {
      if (!keepPort) this.#port = await freePort();
      const logStart = this.log().length;
      const ready = await this.#launch(settings);
      const log = this.log().slice(logStart);
      // A server with several addresses starts happily on those that it can bind: ours has to be among them.
      const portTaken = /could not bind IPv4 (?:address|socket).*in use/.test(log);
      if (ready && !portTaken) return;
      await this.#end('SIGQUIT');
      if (!portTaken || keepPort || attempt === portAttempts) {
        throw new Error(`PostgreSQL ${this.major} did not start:\n${log}`);
      }
    }
  }

  /** Has it read its configuration files again, and waits until it has. What it said is in the log. */
  async reload(): Promise<void> {
    this.#process?.kill('SIGHUP');
    await ping(join(this.socketDirectory, `.s.PGSQL.${this.port}`));
  }

  /** Stops it and starts it on the same port. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Ends all its sessions and shuts it down in order. Its files stay; it can be started again. */
  async stop(): Promise<void> {
    await this.#end('SIGINT');
  }

  /** Ends it at once and removes its files. */
  async remove(): Promise<void> {
    await this.#end('SIGQUIT');
    rmSync(this.socketDirectory, { recursive: true, force: true });
  }

  /**
   * Runs one statement as the superuser, over the Unix socket. All statements until the next stop share one session, which
   * is opened by the first: where rules that keep the superuser out are to be loaded, run one before.
   */
  async query<Row extends pg.QueryResultRow>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    this.#session ??= this.connect({ host: this.socketDirectory });
    const session = await this.#session.catch((error) => {
      this.#session = undefined;
      throw error;
    });
    return (await session.query<Row>(sql, [...parameters])).rows;
  }

  /**
   * Logs in, as the superuser and over 127.0.0.1 without TLS where the options do not say otherwise. The session ends with
   * the server, if the caller does not end it before.
   *
   * @throws pg's error, with the server's own message, where the server refuses.
   */
  async connect(options: pg.ClientConfig = {}): Promise<pg.Client> {
    const defaults = { host: this.host, port: this.port, user: superuser, database: 'postgres', ssl: false };
    const client = new pg.Client({ ...defaults, ...options });
    // A session that the server ends while nobody asks it anything is an event, and without a listener a crash.
    client.on('error', () => this.#clients.delete(client));
    await client.connect().catch((error) => {
      // After a refused handshake Node's TLS socket may stay open, and would keep the process of the test alive.
      client.connection.stream.destroy();
      throw error;
    });
    this.#clients.add(client);
    client.once('end', () => this.#clients.delete(client));
    return client;
  }

  /** Writes files below its data directory, as its own account, with mode 0600 where none is given. */
  writeFiles(files: ServerFiles): void {
    writeServerFiles(this.dataDirectory, files);
  }

  /** What it has logged since it was made. */
  log(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8') : '';
  }

  /**
   * Waits until the log holds something: a client may learn of its refusal before the reason is logged.
   *
   * @throws Error with the log where it does not come within five seconds.
   */
  async waitForLog(pattern: RegExp): Promise<RegExpExecArray> {
    for (const end = Date.now() + 5_000; Date.now() < end; await sleep(10)) {
      const match = pattern.exec(this.log());
      if (match !== null) return match;
    }
    throw new Error(`${pattern} did not come up in the log:\n${this.log()}`);
  }

  get #logFile(): string {
    return join(this.socketDirectory, 'log');
  }

  /** Starts the process; whether it came to take connections. */
  async #launch(given: Readonly<Record<string, string>>): Promise<boolean> {
    const settings = {
      listen_addresses: this.host,
      port: String(this.#port),
      unix_socket_directories: this.socketDirectory,
      fsync: 'off',
      ...this.#settings,
      ...given,
    };
    const parameters = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const log = openSync(this.#logFile, 'a');
    const child = spawn(
      serverBinary(this.major, 'postgres', this.#programs),
      ['-D', this.dataDirectory, ...parameters],
      {
        ...serverSpawnOptions(),
        stdio: ['ignore', log, log],
      },
    );
    closeSync(log);
    this.#process = child;
    for (const end = Date.now() + startTimeoutMs; Date.now() < end; await sleep(5)) {
      if (child.exitCode !== null || child.signalCode !== null) return false;
      if (this.#isReady(child)) return true;
    }
    return false;
  }

  /** Since PostgreSQL 10 the last line of postmaster.pid tells the state. */
  #isReady(child: ChildProcess): boolean {
    const file = join(this.dataDirectory, 'postmaster.pid');
    if (!existsSync(file)) return false;
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines[0] === String(child.pid) && lines[7]?.trim() === 'ready';
  }

  async #end(signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    this.#session = undefined;
    await Promise.all([...this.#clients].map((client) => client.end()));
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await new Promise((resolve) => child.once('exit', resolve));
  }
}
