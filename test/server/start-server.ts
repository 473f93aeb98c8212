import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PgMajor } from '../../src/version.ts';
import { createDataDirectory } from './data-directory.ts';
import type { ServerFile, ServerFiles } from './files.ts';
import { temporaryFolder } from './temporary.ts';
import { TestServer } from './test-server.ts';

/** Options of a test server. */
export interface TestServerOptions {
  /** The major version. */
  readonly major: PgMajor;
  /** The folder of the server's programs; the programs from npm if not given. */
  readonly programs?: string | undefined;
  /** The pg_hba.conf, instead of the stock file, which trusts every local connection. */
  readonly hba?: ServerFile;
  /** The pg_ident.conf, instead of the stock file. */
  readonly ident?: ServerFile;
  /** Lines that are appended to the stock postgresql.conf. */
  readonly conf?: string | Uint8Array;
  /** Further files by their paths below the data directory. A `postgresql.conf` here replaces the stock file. */
  readonly files?: ServerFiles;
  /** Settings for the command line, which override settings in files. */
  readonly settings?: Readonly<Record<string, string>>;
  /** False if the server must not be started, because the caller starts it later. */
  readonly start?: boolean;
}

/**
 * Makes a new server, and starts it unless `start` is false. The caller must remove the server. A server that is left
 * when this process ends is stopped and removed.
 */
export async function startServer(options: TestServerOptions): Promise<TestServer> {
  const { major, programs, hba, ident, conf = '', files = {}, settings = {}, start = true } = options;
  const dataDirectory = join(temporaryFolder(), 'data');
  await createDataDirectory(major, dataDirectory, programs);
  const server = new TestServer(major, dataDirectory, settings, programs);
  server.writeFiles({
    ...files,
    ...(hba === undefined ? {} : { 'pg_hba.conf': hba }),
    ...(ident === undefined ? {} : { 'pg_ident.conf': ident }),
  });
  appendFileSync(join(dataDirectory, 'postgresql.conf'), conf);
  if (start) {
    await server.start().catch(async (error) => {
      await server.remove();
      throw error;
    });
  }
  return server;
}

/** Runs a function with a new server, and removes the server afterwards, even if the function throws. */
export async function withServer<T>(options: TestServerOptions, use: (server: TestServer) => Promise<T>): Promise<T> {
  const server = await startServer(options);
  try {
    return await use(server);
  } finally {
    await server.remove();
  }
}
