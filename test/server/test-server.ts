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
 * A real PostgreSQL server with its own data directory and the stock configuration files. Port, socket directory and
 * `fsync = off` are set on its command line.
 */
export class TestServer {
  /** The major version. */
  readonly major: PgMajor;
  /** The data directory. The account of the test servers owns it. */
  readonly dataDirectory: string;
  /** The folder of the Unix socket. */
  readonly socketDirectory: string;
  /** The IP address on which the server listens. */
  readonly host = '127.0.0.1';
  /** The name of the superuser. */
  readonly superuser: string = superuser;
  readonly #programs: string | undefined;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #clients = new Set<pg.Client>();
  #port: number;
  #process: ChildProcess | undefined;
  #session: Promise<pg.Client> | undefined;

  /** Makes the object for a data directory. The server is not started. */
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

  /** The TCP port of the server. If the settings name none, a port is chosen at the first start. */
  get port(): number {
    return this.#port;
  }

  /** The process id of the postmaster while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Starts the server and waits until it accepts connections.
   *
   * @param settings further settings for the command line
   * @throws Error with the server's log if the server does not start.
   */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const keepPort = this.#port !== 0;
    for (let attempt = 1; ; attempt++) {
      if (!keepPort) this.#port = await freePort();
      const logStart = this.log().length;
      const ready = await this.#launch(settings);
      const log = this.log().slice(logStart);
      // A server with several addresses starts if it can bind one of them, so the log is searched for an address that
      // it could not bind.
      const portTaken = /could not bind IPv4 (?:address|socket).*in use/.test(log);
      if (ready && !portTaken) return;
      await this.#end('SIGQUIT');
      if (!portTaken || keepPort || attempt === portAttempts) {
        throw new Error(`PostgreSQL ${this.major} did not start:\n${log}`);
      }
    }
  }

  /**
   * Makes the server reload its configuration files, and waits until the reload is done and its messages are in the
   * log.
   */
  async reload(): Promise<void> {
    this.#process?.kill('SIGHUP');
    await ping(join(this.socketDirectory, `.s.PGSQL.${this.port}`));
  }

  /** Stops the server and starts it on the same port. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Ends all sessions and shuts down the server. The files stay, and the server can be started again. */
  async stop(): Promise<void> {
    await this.#end('SIGINT');
  }

  /** Stops the server at once and removes its files. */
  async remove(): Promise<void> {
    await this.#end('SIGQUIT');
    rmSync(this.socketDirectory, { recursive: true, force: true });
  }

  /**
   * Runs one statement as the superuser, over the Unix socket. All statements until the next stop share one session,
   * which the first statement opens. If a test loads rules that refuse the superuser, it must run a statement before.
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
   * Logs in, by default as the superuser over 127.0.0.1 without TLS. If the caller does not end the session, it ends
   * with the server.
   *
   * @throws pg's error, with the server's own message, if the server refuses.
   */
  async connect(options: pg.ClientConfig = {}): Promise<pg.Client> {
    const defaults = { host: this.host, port: this.port, user: superuser, database: 'postgres', ssl: false };
    const client = new pg.Client({ ...defaults, ...options });
    // If the server ends an idle session, pg emits an error event, which would crash the process without a listener.
    client.on('error', () => this.#clients.delete(client));
    await client.connect().catch((error) => {
      // After a refused handshake, Node's TLS socket may stay open and keep the test process alive, so it is destroyed.
      client.connection.stream.destroy();
      throw error;
    });
    this.#clients.add(client);
    client.once('end', () => this.#clients.delete(client));
    return client;
  }

  /** Writes files below the data directory, with mode 0600 by default. The account of the test servers owns them. */
  writeFiles(files: ServerFiles): void {
    writeServerFiles(this.dataDirectory, files);
  }

  /** Returns the server's log since this object was made. */
  log(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8') : '';
  }

  /**
   * Waits until the log contains a text, because a client may get its error before the server logs the reason.
   *
   * @throws Error with the log if the text does not appear within five seconds.
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

  /** Starts the server process, and returns true if it accepts connections. */
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

  /** Whether the server accepts connections. From PostgreSQL 10 on, the last line of postmaster.pid tells. */
  #isReady(child: ChildProcess): boolean {
    let text: string;
    try {
      text = readFileSync(join(this.dataDirectory, 'postmaster.pid'), 'utf8');
    } catch {
      // A server that has not started yet has no such file, and a server that stops removes it at any moment.
      return false;
    }
    const lines = text.split('\n');
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
