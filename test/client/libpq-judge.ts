import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../server/index.ts';

/** The result of libpq for a connection string. */
export type Verdict =
  | { readonly kind: 'refused'; readonly message: string }
  | {
      readonly kind: 'read';
      /** The port that libpq reports, if it tried to connect. */
      readonly port?: number;
      /** The user that the server received, if libpq reached it. */
      readonly user?: string;
      readonly database?: string;
      /** The host for which libpq took a password from its file; unknown for a host that is not in the file. */
      readonly host?: string;
      readonly message: string;
    };

/** Judges connection strings with libpq: `psql` connects to a server that reads the startup packet and closes the connection. */
export interface LibpqJudge {
  readonly port: number;
  judge(connection: string): Promise<Verdict>;
  close(): Promise<void>;
}

/** Returns the folder of a libpq from npm that `psql` can load, if it is installed. */
export function libpqFolder(major: number): string {
  return join(repositoryRoot, `test/server/npm/node_modules/pg${major}-${process.platform}-${process.arch}/native/lib`);
}

/** Words with which libpq refuses a string before it connects. */
const syntaxErrors =
  /invalid URI query parameter|invalid connection option|missing "="|unterminated quoted|invalid percent-encoded|forbidden value|unexpected spaces|matching "\]"|may not be empty in URI|unexpected character|key\/value separator/;

/**
 * Starts a judge.
 *
 * @param hosts - Hosts that the judge recognizes, each by its own password.
 * @param libraries - The folder of another libpq, instead of psql's own.
 */
export async function startJudge(hosts: readonly string[], libraries?: string): Promise<LibpqJudge> {
  const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-judge-'));
  const passwords = [
    ...hosts.map((host, index) => `${host.replace(/[\\:]/g, '\\$&')}:*:*:*:host-${index}`),
    '*:*:*:*:none',
  ];
  writeFileSync(join(folder, 'pgpass'), `${passwords.join('\n')}\n`, { mode: 0o600 });
  const packets = new Map<number, Readonly<Record<string, string>>>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      // Length and protocol version, then names and values.
      const texts = data.subarray(8).toString('utf8').split('\0');
      const pairs = texts.flatMap((text, index) => (index % 2 === 0 && text !== '' ? [[text, texts[index + 1]]] : []));
      const number = socket.remotePort!;
      packets.set(number, Object.fromEntries(pairs));
      // AuthenticationCleartextPassword
      socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
      socket.once('data', (message) => {
        packets.set(number, { ...packets.get(number), password: message.subarray(5, -1).toString('utf8') });
        refuse(socket);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const environment = {
    PATH: process.env.PATH,
    LC_ALL: 'C.UTF-8',
    // Every host of a string leads to this machine, and nothing is looked up.
    PGHOSTADDR: '127.0.0.1',
    PGSSLMODE: 'disable',
    PGGSSENCMODE: 'disable',
    PGCONNECT_TIMEOUT: '5',
    PGSERVICEFILE: '/dev/null',
    PGPASSFILE: join(folder, 'pgpass'),
    ...(libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries }),
  };
  const judge = async (connection: string): Promise<Verdict> => {
    const message = await stderrOf(['-wXAt', '-d', connection, '-c', ''], environment);
    if (syntaxErrors.test(message)) return { kind: 'refused', message };
    const at = /connection to server at .*, port ([-+ \d]+) failed/s.exec(message);
    const packet = packets.get(Number(/judge (\d+)/.exec(message)?.[1]));
    const host = hosts[Number(/^host-(\d+)$/.exec(packet?.password ?? '')?.[1])];
    return {
      kind: 'read',
      message,
      ...(at === null ? {} : { port: Number(at[1]) }),
      ...(packet === undefined ? {} : { user: packet.user!, database: packet.database! }),
      ...(host === undefined ? {} : { host }),
    };
  };
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  };
  return { port, judge, close };
}

function refuse(socket: Socket): void {
  const fields = Buffer.from(`SFATAL\0C28000\0Mjudge ${socket.remotePort}\0\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeUInt32BE(fields.length + 4, 1);
  socket.end(Buffer.concat([head, fields]));
}

function stderrOf(options: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('psql', options, { env, stdio: ['ignore', 'ignore', 'pipe'], timeout: 20_000 });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (piece) => {
      text += piece;
    });
    child.on('error', reject);
    child.on('close', () => resolve(text));
  });
}
