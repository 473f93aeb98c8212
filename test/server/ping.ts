import { connect } from 'node:net';

// SSLRequest of the frontend/backend protocol: its length, and its code 1234.5679. It is answered before any rule is
// looked at, and leaving after the answer leaves nothing in the server's log.
const sslRequest = Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);

/**
 * Waits until a server has acted on the signals sent to it before: the postmaster handles a signal before it takes the
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
