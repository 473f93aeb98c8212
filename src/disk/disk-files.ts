import childProcess from 'node:child_process';
import { diskReader, nodeModules } from './disk-reader.ts';
import { nodeFiles } from './node-files.ts';
import type { TlsFiles } from './tls-files.ts';

/**
 * The files of this machine, accessed with the rights of this process. As root, do not pass this value as `files` for a
 * directory of another account: links of that account would be followed with the rights of root. Without `files`,
 * `readServer`, `applyPlan` and the other functions start a process with the rights of that account instead.
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
Object.freeze(diskFiles);
