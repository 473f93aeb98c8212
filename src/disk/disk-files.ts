import childProcess from 'node:child_process';
import { diskReader, nodeModules } from './disk-reader.ts';
import { nodeFiles } from './node-files.ts';
import type { TlsFiles } from './tls-files.ts';

/**
 * The files of this machine, with the rights of this process. Root must not use this port in a directory of another
 * account. If the caller gives no `files`, a process with that account's rights does the work instead.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { diskFiles } from 'pg-hostssl/tls';
 *
 * assert.equal(await diskFiles.read('/there/is/no/such/file'), undefined);
 * ```
 */
export const diskFiles: TlsFiles = nodeFiles({ ...nodeModules, childProcess }, diskReader);
