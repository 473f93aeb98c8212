import type { TLSSocket } from 'node:tls';
import { codeOf, messageOf } from '../../errors.ts';
import { hasAskedForCertificate, startTls } from './handshake.ts';
import type { LoginProbe, ServerAddress } from './probe.ts';

/** The result of trying a login. */
export interface LoginOutcome {
  /**
   * - `admitted`: the server has accepted the certificate, and lets the role in or asks for a password or the like
   * - `undecided`: the server lets the role in or asks for a password or the like, and has not looked at a certificate as
   *   far as is known
   * - `unasked`: the same, but the server certainly did not ask for the certificate
   * - `refused`: the server refuses the certificate during the handshake
   * - `rejected`: the server has accepted the certificate or not asked for it, and refuses the login
   * - `failed`: an error that does not concern the certificate
   */
  readonly kind: 'admitted' | 'undecided' | 'unasked' | 'refused' | 'rejected' | 'failed';
  /** The message of the server or of the system. */
  readonly message: string;
}

/** Tries to log in, waits for the first answer of the server, and closes the connection. */
export async function tryLogin(address: ServerAddress, probe: LoginProbe, signal: AbortSignal): Promise<LoginOutcome> {
  let socket: TLSSocket;
  try {
    socket = await startTls(address, probe.client, signal);
  } catch (error) {
    return refusalOf(error);
  }
  const stop = (): void => {
    socket.destroy(signal.reason);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    // In TLS 1.3, a server that refuses the client certificate sends an alert after the handshake.
    const answer = await answerTo(socket, startupMessage(probe));
    if (answer.type !== 'R') return errorOutcome(answer);
    return admission(answer.body, probe.client === undefined ? undefined : hasAskedForCertificate(socket));
  } catch (error) {
    return refusalOf(error);
  } finally {
    signal.removeEventListener('abort', stop);
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

/**
 * The codes of the TLS alerts with which a server refuses a client certificate. OpenSSL maps the reasons to alerts in
 * `ssl_x509err2alert`: a certificate with the signature of another key gets "decrypt error". Other errors of TLS, such
 * as no common version or an answer of another program, do not concern the certificate.
 */
const certificateAlert =
  /_ALERT_(?:(?:BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_(?:REVOKED|EXPIRED|UNKNOWN|REQUIRED)|UNKNOWN_CA|DECRYPT_ERROR|ACCESS_DENIED)$/;

/** The outcome of a login that ended with an error. */
function refusalOf(error: unknown): LoginOutcome {
  return { kind: certificateAlert.test(codeOf(error)) ? 'refused' : 'failed', message: textOf(error) };
}

/** The text of an error. An error of OpenSSL has a short `reason`; its message has several lines. */
function textOf(error: unknown): string {
  const { reason } = Object(error) as { readonly reason?: unknown };
  return typeof reason === 'string' ? `TLS failed: ${reason}` : messageOf(error);
}

/** The StartupMessage of protocol 3.0. */
function startupMessage({ user, database = user }: LoginProbe): Uint8Array {
  const body = Buffer.from(`\0\x03\0\0user\0${user}\0database\0${database}\0\0`, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

/** The limit for the length of an answer in bytes. libpq accepts 30,000 bytes at this point of a connection. */
const longestAnswer = 100_000;

/** Sends a message, and returns the type and the body of the server's first answer. */
function answerTo(socket: TLSSocket, message: Uint8Array): Promise<{ type: string; body: Buffer }> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      const end = received.length < 5 ? undefined : 1 + received.readUInt32BE(1);
      if (end !== undefined && (end < 5 || end > longestAnswer)) reject(new Error('This is not a PostgreSQL server'));
      if (end === undefined || received.length < end) return;
      resolve({ type: String.fromCharCode(received[0]!), body: received.subarray(5, end) });
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('The server closed the connection')));
    socket.write(message);
  });
}

/**
 * The SQLSTATEs with which `ClientAuthentication` refuses a login: invalid_authorization_specification and
 * invalid_password. The server does so after the handshake, so never because of the issuer, the end or a revocation of
 * the certificate.
 */
const rejections: readonly unknown[] = ['28000', '28P01'];

/** What the authentication requests of the protocol ask for. Other requests follow one of these. */
const requests: ReadonlyMap<number, string> = new Map([
  [2, 'Kerberos authentication'],
  [3, 'a password'],
  [5, 'a password'],
  [7, 'GSSAPI authentication'],
  [9, 'SSPI authentication'],
  [10, 'a password or a token (SASL)'],
]);

/**
 * The outcome of a login that the server does not refuse. Without `ssl_ca_file`, a server does not ask for a
 * certificate, so its answer says nothing about the certificate.
 *
 * @param certificateAsked whether the server has asked for the certificate; `undefined` if the client has no
 * certificate, or if this is not known
 */
function admission(body: Buffer, certificateAsked: boolean | undefined): LoginOutcome {
  const request = body.readUInt32BE(0);
  const answer = request === 0 ? 'lets the role in' : `asks for ${requests.get(request) ?? 'authentication'}`;
  if (certificateAsked === undefined) return { kind: 'undecided', message: `the server ${answer}` };
  if (certificateAsked) return { kind: 'admitted', message: `the server accepts the certificate and ${answer}` };
  const wayOut = 'it has loaded no CA file, so set ssl_ca_file and reload';
  return { kind: 'unasked', message: `the server ${answer} without asking for the certificate: ${wayOut}` };
}

/** The outcome of a login that the server answers with an error or with another message. */
function errorOutcome({ type, body }: { type: string; body: Buffer }): LoginOutcome {
  const fields = new Map(
    body
      .toString('utf8')
      .split('\0')
      .map((field) => [field.slice(0, 1), field.slice(1)] as const),
  );
  const message = fields.get('M') ?? 'The server gave no reason';
  return { kind: type === 'E' && rejections.includes(fields.get('C')) ? 'rejected' : 'failed', message };
}
