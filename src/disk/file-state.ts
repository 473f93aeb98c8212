import { assertProperties, assertSource, assertText } from '../arguments.ts';
import { type WithContent, withContent } from './content.ts';

/** An owner of files, as Unix knows it. */
export interface Owner {
  /** User id. */
  readonly uid: number;
  /** Group id. */
  readonly gid: number;
}

/** A file as it was found. */
export interface FileState extends WithContent {
  /** Its path. */
  readonly path: string;
  /** The path that symbolic links lead to, where it is known and differs from `path`. */
  readonly realPath?: string;
  /** Its permission bits, where they are known. */
  readonly mode?: number;
  /** Its owner, where it is known. */
  readonly owner?: Owner;
}

/** The path of a file that is not there (yet). */
export interface AbsentFile {
  /** The path at which it is missing. */
  readonly path: string;
  /** The path that symbolic links lead to, where it is known and differs from `path`. */
  readonly realPath?: string;
  /** An absent file has no content. */
  readonly content?: undefined;
}

/** A path that a plan may write to, with the file that is there, if there is one. */
export type TargetFile = FileState | AbsentFile;

/**
 * A file made from its content: for a state without a disk, or for a reading port of one's own.
 *
 * @param content a string is taken as UTF-8
 * @param facts what else is known about the file
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
  return withContent({ path, ...facts }, typeof content === 'string' ? new TextEncoder().encode(content) : content);
}
