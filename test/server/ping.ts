import { connect } from 'node:net';

// SSLRequest of the frontend/backend protocol: its length, and its code 1234.5679. The server answers before it reads
// any rule of pg_hba.conf, and logs nothing if the client disconnects after the answer.
const sslRequest = Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);

/**
 * Waits until a server has acted on earlier signals: the postmaster handles a signal before it accepts the
 * next connection.
 */
export function ping(socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath, () => socket.write(sslRequest));
    socket.once('data', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`The server at ${socketPath} does not answer`)));
  });
}
