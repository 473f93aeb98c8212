import { assertProperties, assertSource, assertText, given } from '../arguments.ts';
import { type WithContent, withContent } from '../with-content.ts';

/** The owner of a file on Unix. */
export interface Owner {
  /** The user id. */
  readonly uid: number;
  /** The group id. */
  readonly gid: number;
}

/** A file in the state in which it was read. */
export interface FileState extends WithContent {
  /** The path of the file. */
  readonly path: string;
  /** The path with symbolic links resolved, if it is known and differs from `path`. */
  readonly realPath?: string;
  /** The permission bits, if they are known. */
  readonly mode?: number;
  /** The owner, if it is known. */
  readonly owner?: Owner;
}

/** The path of a file that does not exist (yet). */
export interface AbsentFile {
  /** The path at which there is no file. */
  readonly path: string;
  /** The path with symbolic links resolved, if it is known and differs from `path`. */
  readonly realPath?: string;
  /** Always missing, because the file does not exist. */
  readonly content?: undefined;
}

/** A path that a plan may write to, with the existing file if there is one. */
export type TargetFile = FileState | AbsentFile;

/**
 * Makes a {@link FileState} from the content of a file, for tests or for your own {@link ReadingPort}. No disk is read.
 *
 * @param content a string is taken as UTF-8
 * @param facts further known facts about the file
 * @returns the file; printing it shows no content
 * @throws PgHostsslError `argument-invalid` if the content is neither a string nor bytes
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { fileState } from 'pg-hostssl/tls';
 *
 * const file = fileState('/data/server.key', 'secret', { mode: 0o600 });
 * assert.deepEqual({ ...file }, { path: '/data/server.key', mode: 0o600 });
 * assert.equal(new TextDecoder().decode(file.content()), 'secret');
 * ```
 */
export function fileState(
  path: string,
  content: string | Uint8Array,
  facts: Pick<FileState, 'realPath' | 'mode' | 'owner'> = {},
): FileState {
  assertText(path, 'the path of fileState');
  assertSource(content, 'The content of a file');
  assertProperties(facts, { realPath: true, mode: true, owner: true }, 'facts of fileState');
  return withContent(
    { path, ...given(facts) },
    typeof content === 'string' ? new TextEncoder().encode(content) : content,
  );
}
