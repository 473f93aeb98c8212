import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Returns a TCP port of 127.0.0.1 on which nobody listens now. The port is below the ranges from which Linux and macOS
 * take local ports for outgoing connections, so that no outgoing connection takes the port while a server restarts.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
