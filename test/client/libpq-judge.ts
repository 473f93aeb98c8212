import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../repository.ts';

/** The result of giving a connection string to libpq: an error, or the parameters that libpq read. */
export type Verdict =
  | { readonly kind: 'refused'; readonly message: string }
  | {
      readonly kind: 'read';
      /** The value of `host`; `undefined` if the string does not give a host. */
      readonly host: string | undefined;
      /** The port, or a comma-separated list of ports. */
      readonly port: string;
      /**
       * The names and values in the startup packet; `undefined` if libpq connected to a port on which the test does not
       * listen.
       */
      readonly packet: Readonly<Record<string, string>> | undefined;
      readonly message: string;
    };

/**
 * Finds out how libpq reads connection strings: `psql` connects to a server of the test, which reads the startup packet
 * and closes the connection.
 */
export interface LibpqJudge {
  /** The IP address to which libpq connects, whatever host the string names. */
  readonly address: string;
  judge(connection: string): Promise<Verdict>;
  close(): Promise<void>;
}

/** The folders of `psql`, `pg_isready` and the libpq with which connection strings are tested. */
export interface LibpqPlace {
  /** The folder of `psql` and `pg_isready`; if not given, they are found by PATH. */
  readonly programs?: string | undefined;
  /** The folder of the libpq with which the programs run; if not given, they run with their own libpq. */
  readonly libraries?: string | undefined;
}

/** The folder in which npm installs the libpq of a major version. */
export function libpqFolder(major: number): string {
  return join(repositoryRoot, `test/server/npm/node_modules/pg${major}-${process.platform}-${process.arch}/native/lib`);
}

/** The ports on which the test listens for libpq. */
export const judgedPorts: readonly number[] = [5432, 54321];

/** The user that libpq takes from its environment if the string gives no user. */
export const defaultUser = 'user-of-the-environment';

/** The only service in the service file of the test, and the startup options that the service sets. */
export const knownService = { name: 'app', options: '-c of.service=1' } as const;

const noHost = 'host-of-the-environment';

/**
 * A pattern of the messages with which libpq refuses a string. libpq prints some of them only when it begins to
 * connect.
 */
const refusals = new RegExp(
  [
    'invalid URI query parameter',
    'invalid connection option',
    'missing "="',
    'unterminated quoted',
    'invalid percent-encoded',
    'forbidden value',
    'unexpected spaces',
    'matching "\\]"',
    'may not be empty in URI',
    'unexpected character',
    'key/value separator',
    'invalid port number',
    'invalid \\w+ value',
    'could not parse network address',
    'could not match \\d+',
    'definition of service',
  ].join('|'),
);

/**
 * Starts servers that find out how libpq reads connection strings. They listen on a loopback address that only this
 * process uses. Only on Linux, all loopback addresses work without set-up.
 */
export async function startJudge(place: LibpqPlace = {}): Promise<LibpqJudge> {
  started += 1;
  const { pid } = process;
  const address = `127.${64 + (started % 64)}.${(pid >> 8) & 255}.${pid & 255}`;
  const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-judge-'));
  const serviceFile = join(folder, 'services');
  writeFileSync(serviceFile, `[${knownService.name}]\noptions=${knownService.options}\n`);
  const packets = new Map<number, Readonly<Record<string, string>>>();
  const sockets = new Set<Socket>();
  const servers = await Promise.all(
    judgedPorts.map((port) => {
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
        socket.on('error', () => undefined);
        socket.once('data', (data) => {
          packets.set(socket.remotePort!, pairsIn(data));
          refuse(socket);
        });
      });
      return new Promise<Server>((resolve, reject) => {
        server.once('error', reject).listen(port, address, () => resolve(server));
      });
    }),
  );
  const environment = {
    PATH: process.env.PATH,
    LC_ALL: 'C.UTF-8',
    PGSSLMODE: 'disable',
    PGGSSENCMODE: 'disable',
    PGSERVICEFILE: serviceFile,
    ...(place.libraries === undefined ? {} : { LD_LIBRARY_PATH: place.libraries }),
  };
  const program = (name: string): string => (place.programs === undefined ? name : join(place.programs, name));
  const judge = async (connection: string): Promise<Verdict> => {
    // PGHOSTADDR makes libpq connect to this address without a DNS query, whatever host the string names.
    const psqlAt = (addresses: string) =>
      run(program('psql'), ['-wXAt', '-d', connection, '-c', ''], {
        ...environment,
        PGHOSTADDR: addresses,
        PGUSER: defaultUser,
        PGPASSWORD: 'none',
        PGCONNECT_TIMEOUT: '5',
      });
    const alone = await psqlAt(address);
    // If the connection string names several hosts, libpq wants as many addresses in PGHOSTADDR. `psql` tells the
    // number.
    const hosts = Number(/could not match (\d+) host names to 1 hostaddr/.exec(alone.stderr)?.[1] ?? 1);
    const psql = hosts === 1 ? alone : await psqlAt(Array.from({ length: hosts }, () => address).join());
    const message = psql.stderr;
    const packet = packets.get(Number(/judge (\d+)/.exec(message)?.[1]));
    if (packet === undefined && refusals.test(message)) return { kind: 'refused', message };
    // pg_isready prints the host and port that libpq reads. It does not connect, because libpq refuses this value of
    // PGTARGETSESSIONATTRS.
    const isReady = await run(program('pg_isready'), ['-d', connection], {
      ...environment,
      PGHOST: noHost,
      PGTARGETSESSIONATTRS: 'none',
    });
    const [, host, port] = /^(.*):([^:]*) - no attempt$/s.exec(isReady.stdout.trimEnd()) ?? [];
    if (port === undefined)
      throw new Error(`No verdict on ${connection}: ${message}${isReady.stdout}${isReady.stderr}`);
    return { kind: 'read', message, packet, port, host: host === noHost ? undefined : host };
  };
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    rmSync(folder, { recursive: true });
  };
  return { address, judge, close };
}

let started = 0;

/** Returns the names and values in a startup packet. They follow the length and the protocol version. */
function pairsIn(packet: Buffer): Readonly<Record<string, string>> {
  const texts = packet.subarray(8).toString('utf8').split('\0');
  return Object.fromEntries(
    texts.flatMap((text, index) => (index % 2 === 0 && text !== '' ? [[text, texts[index + 1]!]] : [])),
  );
}

function refuse(socket: Socket): void {
  const fields = Buffer.from(`SFATAL\0C28000\0Mjudge ${socket.remotePort}\0\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeUInt32BE(fields.length + 4, 1);
  socket.end(Buffer.concat([head, fields]));
}

function run(
  program: string,
  options: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (piece) => {
        texts[name] += piece;
      });
    }
    child.on('error', reject);
    child.on('close', () => resolve(texts));
  });
}
