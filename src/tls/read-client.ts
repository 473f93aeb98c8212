import { assertPath, assertProperties } from '../arguments.ts';
import { clientFilePaths } from '../client/bundle/files.ts';
import { withOwnerFiles } from '../disk/account/owner-files.ts';
import { checkedReadingPort } from '../disk/checked-files.ts';
import type { Owner } from '../disk/file-state.ts';
import type { ReadingPort } from '../disk/reading-port.ts';
import { absolutePath } from './absolute-path.ts';
import type { ClientState } from './state.ts';
import { StateReader } from './state-reader.ts';

/** Options of {@link readClient}. */
export interface ReadClientOptions {
  /**
   * The owner for new files. If not given, the owner of the directory; if the directory does not exist, the account
   * that applies the plan.
   */
  readonly owner?: Owner | undefined;
  /** The {@link ReadingPort} that reads the files; the file system of this machine if not given. */
  readonly files?: ReadingPort | undefined;
}

/**
 * Reads everything that a plan needs to know about a client's directory: its `postgresql.crt`, `postgresql.key` and
 * `root.crt`. The directory need not exist yet.
 *
 * @param path the path of the directory
 * @throws PgHostsslError `argument-invalid`, `client-directory-invalid`, `file-not-readable`; `path-not-trusted` or
 * `account-unavailable` if root cannot read with the owner's rights
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { readClient, type ReadingPort } from 'pg-hostssl/tls';
 *
 * // An empty disk; `await readClient('/home/app/.postgresql')` reads this machine's.
 * const files: ReadingPort = {
 *   read: async () => undefined,
 *   list: async () => [],
 *   statDirectory: async () => undefined,
 *   realPath: async (path) => path,
 * };
 * const client = await readClient('/home/app/.postgresql', { files });
 * assert.deepEqual([client.exists, client.ca], [false, { path: '/home/app/.postgresql/root.crt' }]);
 * ```
 */
export async function readClient(path: string, options: ReadClientOptions = {}): Promise<ClientState> {
  assertPath(path, 'The directory of readClient');
  assertProperties(options, { owner: true, files: true }, 'the options of readClient');
  const { owner } = options;
  const files = checkedReadingPort(options.files, 'the files of readClient');
  // Both paths are checked: the absolute path does not begin with "~", and may have a colon.
  clientFilePaths(path);
  const directory = absolutePath(path, 'The directory of readClient', files);
  const paths = clientFilePaths(directory);
  if (files !== undefined) return await readClientFiles(directory, paths, owner, files);
  const client = { directory, uid: owner?.uid };
  return await withOwnerFiles({ client, isReadOnly: true }, (port) =>
    readClientFiles(directory, paths, owner, port.files),
  );
}

async function readClientFiles(
  directory: string,
  paths: ReturnType<typeof clientFilePaths>,
  owner: Owner | undefined,
  files: ReadingPort,
): Promise<ClientState> {
  const reader = await StateReader.in(directory, files);
  const found = await reader.directory();
  return {
    directory,
    exists: found !== undefined,
    ...found,
    ...(owner && { owner }),
    certificate: await reader.target(paths.certificate),
    privateKey: await reader.target(paths.privateKey),
    ca: await reader.target(paths.ca),
  };
}
