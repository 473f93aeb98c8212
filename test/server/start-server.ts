import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PgMajor } from '../../src/version.ts';
import { createDataDirectory } from './data-directory.ts';
import type { ServerFile, ServerFiles } from './files.ts';
import { temporaryFolder } from './temporary.ts';
import { TestServer } from './test-server.ts';

/** What server to start. */
export interface TestServerOptions {
  /** Its major version. */
  readonly major: PgMajor;
  /** The folder of its programs; those that npm has of its major if not given. */
  readonly programs?: string | undefined;
  /** Its pg_hba.conf, instead of the stock one, which trusts every local connection. */
  readonly hba?: ServerFile;
  /** Its pg_ident.conf, instead of the stock one. */
  readonly ident?: ServerFile;
  /** What is added at the end of the stock postgresql.conf. */
  readonly conf?: string | Uint8Array;
  /** Further files by their paths below the data directory; a `postgresql.conf` here replaces the stock one. */
  readonly files?: ServerFiles;
  /** Settings for the command line, which win over those in files. */
  readonly settings?: Readonly<Record<string, string>>;
  /** False to leave it to the caller to start it. */
  readonly start?: boolean;
}

/**
 * A new server, running unless told otherwise. Whoever makes one removes it; what is left when the process ends is
 * stopped and removed then.
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

/** Runs something with a new server, which is removed afterwards, whatever happens. */
export async function withServer<T>(options: TestServerOptions, use: (server: TestServer) => Promise<T>): Promise<T> {
  const server = await startServer(options);
  try {
    return await use(server);
  } finally {
    await server.remove();
  }
}
