import type { FileState } from '../file-state.ts';
import type { TlsFiles } from '../tls-files.ts';

/** What a child process does for its parent: files, and the one signal. */
export interface AccountFiles extends TlsFiles {
  /** Sends SIGHUP to the server of a data directory, as `hangUp` does, and gives its number. */
  hangUp(dataDirectory: string): Promise<number>;
}

/** A call, as one line of JSON. */
export interface FileCall {
  /** Its number, which the answer bears. */
  readonly id: number;
  /** The method of {@link AccountFiles}. */
  readonly method: string;
  /** The parameters. */
  readonly parameters: readonly unknown[];
  /** The content in base64, of a file that is created or appended to. */
  readonly content?: string;
}

/**
 * Answers calls that come as lines of JSON, each for itself: with `value`, and `content` in base64 for a file, or `error`.
 *
 * The function refers to nothing outside itself, because a child process that runs as another account is given its text.
 *
 * @param files the port that does the work
 * @param send takes a line of the answer
 * @returns a function that takes the parent's lines, in chunks that may end within a line
 */
export function serveFiles(files: AccountFiles, send: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) void answer(JSON.parse(line));
  };

  async function answer({ id, method, parameters, content }: FileCall): Promise<void> {
    try {
      const given = content === undefined ? parameters : [withBytes(parameters[0] as object, content)];
      const call = files[method as keyof AccountFiles] as (...given: readonly unknown[]) => Promise<unknown>;
      const value = await call(...given);
      const bytes = (value as Partial<FileState> | undefined)?.content?.();
      send(JSON.stringify({ id, value, ...(bytes && { content: Buffer.from(bytes).toString('base64') }) }));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      send(JSON.stringify({ id, error: { code, message } }));
    }
  }

  function withBytes(file: object, content: string): object {
    return { ...file, content: () => new Uint8Array(Buffer.from(content, 'base64')) };
  }
}
