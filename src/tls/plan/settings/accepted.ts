import type { ErrorCode } from '../../../codes.ts';
import type { Owner, TargetFile } from '../../../disk/file-state.ts';
import { PgHostsslError } from '../../../errors.ts';
import { type Diagnostic, isError } from '../../../text/diagnostic.ts';

/**
 * Throws if the server refuses the present configuration files. A server that runs ignores such files at a reload, and
 * a server that is stopped does not start with them.
 *
 * @param files the main file, then all other files that the error message may quote
 * @param owner the owner of the data directory
 * @throws PgHostsslError with the given code, and the position of the first refused line
 */
export function assertAccepted(
  code: Extract<ErrorCode, 'conf-refused' | 'hba-refused'>,
  files: readonly [TargetFile, ...TargetFile[]],
  owner: Owner | undefined,
  diagnostics: readonly Diagnostic[],
): void {
  const errors = diagnostics.filter(isError);
  const [first] = errors;
  if (first === undefined) return;
  const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`;
  const isShown = files.every((file) => mayQuote(file, owner));
  const what = isShown ? first.message : first.code;
  const why = isShown ? '' : ' A file behind a link or of another account is not quoted.';
  throw new PgHostsslError(code, `The server refuses the file: ${what}${more}`, {
    file: first.file ?? files[0].path,
    line: first.range.start.line,
    column: first.range.start.column,
    hint: `Nothing was planned. Correct the line first.${why}`,
  });
}

/**
 * Whether a message may quote a file. The owner of the data directory decides where the links in it lead. Without this
 * check, the owner could make a process with more rights quote a file that the owner cannot read.
 */
export function mayQuote(file: TargetFile, owner: Owner | undefined): boolean {
  if (file.content === undefined) return true;
  const isOwn = file.owner === undefined || owner === undefined || file.owner.uid === owner.uid;
  return file.realPath === undefined && isOwn;
}
