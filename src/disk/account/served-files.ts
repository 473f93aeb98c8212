import type { FileState } from '../file-state.ts';
import type { TlsFiles } from '../tls-files.ts';

/** The functions that a child process calls for its parent: file operations, and one that sends a signal. */
export interface AccountFiles extends TlsFiles {
  /** Sends SIGHUP to the server of a data directory, as `hangUp` does. The result is the process id of the server. */
  hangUp(dataDirectory: string): Promise<number>;
}

/** A function call that the parent process sends to the child process as one line of JSON. */
export interface FileCall {
  /** The number of the call. The answer has the same number. */
  readonly id: number;
  /** The name of the method of {@link AccountFiles}. */
  readonly method: string;
  /** The parameters of the method. */
  readonly parameters: readonly unknown[];
  /** The content in base64, if the call creates a file or appends to one. */
  readonly content?: string;
}

/**
 * Answers the calls of the parent process, which are lines of JSON. Each answer is a line of JSON with either `value`
 * (and `content` in base64, if the value is a file) or `error`.
 *
 * The function uses no variables from outside, because its source text is sent to a child process of another account.
 *
 * @param files the functions that are called
 * @param send sends a line to the parent process
 * @returns a function that takes the parent's output in chunks, which may end in the middle of a line
 */
export function serveFiles(files: AccountFiles, send: (line: string) => void): (chunk: string) => void {
  let pieces: string[] = [];
  return (chunk) => {
    // The pieces of a long line are joined once, because joining each chunk would take quadratic time.
    const [first = '', ...others] = chunk.split('\n');
    pieces.push(first);
    for (const next of others) {
      void answer(JSON.parse(pieces.join('')));
      pieces = [next];
    }
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
