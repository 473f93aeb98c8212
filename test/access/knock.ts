import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { bytesOfName } from '../../src/c/names.ts';
import type { Point } from './universe.ts';

/** A client certificate and its key. */
export interface ClientKeys {
  readonly cert: string;
  readonly key: string;
}

/** The port and the socket directory of a server. */
export interface Door {
  readonly port: number;
  readonly socketDirectory: string;
}

/** The connection request of a client. */
export interface Knock extends Omit<Point, 'replication'> {
  readonly replication?: 'physical' | 'logical';
  readonly keys?: ClientKeys;
}

/** The answer of a server to a client that sends a wrong password if the server asks for a password. */
export interface Answer {
  /**
   * The first message of the server: the kind of authentication request, `ok` if the server lets the client in, or
   * `error`.
   */
  readonly first: 'ok' | 'cleartext' | 'md5' | 'sasl' | 'other' | 'error';
  /** The message of the error that ended the connection, if there was one. */
  readonly message: string | undefined;
  /** The local port of the client. */
  readonly localPort: number | undefined;
}

const requests: Readonly<Record<number, Answer['first']>> = { 0: 'ok', 3: 'cleartext', 5: 'md5', 10: 'sasl' };

/** The password that a client sends. Most tests give no role this password. */
export const passwordOfKnock = 'wrong password';

/**
 * Sends a startup packet to a server and returns the server's answer. With `password`, the function sends
 * {@link passwordOfKnock} if the server asks for a password in clear text.
 *
 * @param onConnected receives the local port of the client before the client sends anything
 */
export async function knock(
  door: Door,
  { transport, address, keys, ...asked }: Knock,
  sends: 'password' | 'nothing' = 'password',
  onConnected: (localPort: number) => void = () => {},
): Promise<Answer> {
  const host = address?.includes(':') ? '::1' : '127.0.0.1';
  const path = join(door.socketDirectory, `.s.PGSQL.${door.port}`);
  const plain =
    transport === 'local'
      ? connect({ path })
      : connect({ host: address === undefined ? host : serverFor(address), port: door.port, localAddress: address });
  let socket: Socket = plain;
  try {
    await once(plain, 'connect');
    const { localPort } = plain;
    onConnected(localPort ?? 0);
    if (transport === 'ssl') socket = await startTls(plain, keys);
    const reader = new Reader(socket);
    socket.write(startupPacket(asked));
    const first = await reader.message();
    let type: Answer['first'] = 'error';
    let message = first.type === 'E' ? errorText(first.body) : undefined;
    if (first.type === 'R') {
      type = requests[first.body.readInt32BE(0)] ?? 'other';
      if (sends === 'nothing') return { first: type, message, localPort };
      if (type === 'cleartext') {
        socket.write(packet('p', Buffer.from(`${passwordOfKnock}\0`)));
        let next = await reader.message();
        if (next.type === 'R') next = await reader.message();
        message = next.type === 'E' ? errorText(next.body) : undefined;
      } else if (type === 'ok') {
        const next = await reader.message();
        message = next.type === 'E' ? errorText(next.body) : undefined;
      }
    }
    return { first: type, message, localPort };
  } finally {
    socket.destroy();
    plain.destroy();
  }
}

/** Returns a server address to which a client can connect from the given address. */
function serverFor(address: string): string {
  if (address.includes(':')) return address === '::1' ? '::1' : address;
  return address.startsWith('127.') ? '127.0.0.1' : address;
}

async function startTls(plain: Socket, keys: ClientKeys | undefined): Promise<Socket> {
  plain.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  const [answer] = (await once(plain, 'data')) as [Buffer];
  if (answer.toString() !== 'S') throw new Error('The server offers no TLS');
  const socket = connectTls({ socket: plain, rejectUnauthorized: false, ...keys });
  await once(socket, 'secureConnect');
  return socket;
}

function startupPacket({ database, user, replication }: Omit<Knock, 'transport' | 'address' | 'keys'>): Buffer {
  const mode = replication === undefined ? {} : { replication: replication === 'physical' ? 'true' : 'database' };
  const values = { user, ...(database === '' ? {} : { database }), ...mode };
  const body = Buffer.from(bytesOfName(`${Object.entries(values).flat().join('\0')}\0\0`));
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(196608, 4);
  return Buffer.concat([head, body]);
}

function packet(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function errorText(body: Buffer): string {
  const field = body
    .toString('utf8')
    .split('\0')
    .find((part) => part.startsWith('M'));
  return field?.slice(1) ?? '';
}

/** Reads the messages of the PostgreSQL protocol from a socket, one by one. */
class Reader {
  #buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #ended: Error | undefined;

  constructor(socket: Socket) {
    const wake = (): void => this.#wake?.();
    socket.on('data', (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      wake();
    });
    socket.on('error', (error) => {
      this.#ended = error;
      wake();
    });
    socket.on('close', () => {
      this.#ended ??= new Error('The server closed the connection');
      wake();
    });
  }

  async message(): Promise<{ readonly type: string; readonly body: Buffer }> {
    for (;;) {
      if (this.#buffer.length >= 5) {
        const length = this.#buffer.readInt32BE(1) + 1;
        if (this.#buffer.length >= length) {
          const whole = this.#buffer.subarray(0, length);
          this.#buffer = this.#buffer.subarray(length);
          return { type: String.fromCharCode(whole[0]!), body: whole.subarray(5) };
        }
      }
      if (this.#ended !== undefined) throw this.#ended;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function once(socket: Socket, event: string): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once(event, (...values) => {
      socket.off('error', reject);
      resolve(values);
    });
  });
}
