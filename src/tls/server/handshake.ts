import { X509Certificate } from 'node:crypto';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { ServerAddress, ShownCertificate } from './probe.ts';

// The SSLRequest message of the protocol: its length, and its code 1234.5679.
const sslRequest = Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);

/**
 * Connects to a server and makes the TLS handshake, but does not log in. A server answers an SSLRequest before it
 * applies the rules of pg_hba.conf. The certificate of the server is not verified.
 *
 * @throws Error if there is no server, if the server has no TLS, or if the handshake fails
 */
export async function startTls(
  address: ServerAddress,
  client: ShownCertificate | undefined,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const socket = address.path === undefined ? connect(address.port ?? 5432, address.host) : connect(address.path);
  const stop = (): void => {
    socket.destroy(signal.reason);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    const answer = await askForTls(socket);
    if (answer !== 'S')
      throw new Error(answer === 'N' ? 'The server does not support TLS' : 'This is not a PostgreSQL server');
    const name = address.host !== undefined && isIP(address.host) === 0 ? { servername: address.host } : {};
    const key = client && { cert: client.certificate, key: client.privateKey };
    return await handshake(connectTls({ socket, ...name, ...key, rejectUnauthorized: false }));
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function askForTls(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => socket.write(sslRequest));
    socket.once('data', (data) => resolve(String.fromCharCode(data[0] ?? 0)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('The server closed the connection')));
  });
}

function handshake(socket: TLSSocket): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('The server closed the connection')));
  });
}

/**
 * Whether the server has asked for a certificate of the client. OpenSSL knows signature algorithms of a server only
 * from its CertificateRequest message, in TLS 1.2 and 1.3. Bun, Deno and Electron have no OpenSSL, and do not tell
 * them: the result is then `undefined`.
 */
export function hasAskedForCertificate(socket: TLSSocket): boolean | undefined {
  if (['bun', 'deno', 'electron'].some((name) => name in process.versions)) return undefined;
  return socket.getSharedSigalgs().length > 0;
}

/**
 * The certificate that a server sends, in DER.
 *
 * @throws Error in the cases of {@link startTls}
 */
export async function shownCertificate(address: ServerAddress, signal: AbortSignal): Promise<Uint8Array> {
  const socket = await startTls(address, undefined, signal);
  // A server that demands a client certificate may close the connection now. The error is ignored, because the
  // certificate of the server has arrived.
  socket.on('error', () => undefined);
  const der = socket.getPeerX509Certificate()?.raw;
  socket.destroy();
  if (der === undefined) throw new Error('The server shows no certificate');
  return new Uint8Array(der);
}

/** The first certificate in a PEM text, as DER. */
export function certificateDer(pem: string): Uint8Array {
  return new Uint8Array(new X509Certificate(pem).raw);
}
