import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { given } from '../../arguments.ts';
import { messageOf, PgHostsslError } from '../../errors.ts';
import { withContent } from '../../with-content.ts';
import { isEntry, isFacts, isNames, isNumber, isOptional, isText } from '../checked-files.ts';
import type { Owner } from '../file-state.ts';
import { systemError } from '../system-error.ts';
import type { CreatedFile, NewFile } from '../tls-files.ts';
import { childMarker, childProgram } from './child-program.ts';
import type { AccountFiles } from './served-files.ts';

/** Access to files with the rights of another account. A child process with these rights makes all calls. */
export interface ChildFiles {
  /** The file operations that the child process makes. */
  readonly files: AccountFiles;
  /** The id of the child process. */
  readonly pid: number;
  /** Ends the child process. */
  end(): void;
}

/**
 * The time limit for an answer of the child process, in milliseconds. If the other account has stopped the process, no
 * answer comes.
 */
const answerMs = 30_000;
const greetingMs = 15_000;
/**
 * The limit for the length of an answer, in characters. The other account may send any answer, and no configuration
 * file is as large as the limit.
 */
const longestLine = 64 * 1024 * 1024;

/**
 * Starts a process that has only the rights of an account: its user id and group id, no further groups, no environment,
 * and no inherited file descriptor. The process lives until `end` is called or this process ends.
 *
 * @throws PgHostsslError `account-unavailable` if this machine cannot start such a process
 */
export async function startChildFiles(account: Owner): Promise<ChildFiles> {
  const nonce = randomBytes(16).toString('hex');
  const child = spawn(process.execPath, runtimeParameters(childProgram()), {
    cwd: '/',
    env: { [childMarker]: `${nonce} ${account.uid} ${account.gid}`, BUN_BE_BUN: '1' },
    stdio: ['pipe', 'pipe', 'ignore'],
    // The child process gets its own session, so that it cannot reach the terminal of root.
    detached: true,
  });
  const lines = new LineConversation(child);
  const greeting = { nonce, uid: account.uid, euid: account.uid, gid: account.gid };
  try {
    if (!isGreeting(await lines.next(greetingMs), greeting)) throw new Error('it is not the expected program');
  } catch (cause) {
    lines.end();
    throw unavailable(account, `The process with the rights of that account failed: ${messageOf(cause)}`, cause);
  }
  return { files: accountFiles(lines), pid: child.pid!, end: () => lines.end() };
}

/**
 * The command-line parameters with which Node, Bun or Deno runs a source text. The function throws if this process is a
 * compiled program, because such a program would start itself again.
 */
function runtimeParameters(program: string): readonly string[] {
  const { Deno } = globalThis as { readonly Deno?: { readonly build?: { readonly standalone?: boolean } } };
  const sea = (
    process as { getBuiltinModule?: (name: string) => { isSea?: () => boolean } | undefined }
  ).getBuiltinModule?.('node:sea');
  const isRuntime = process.versions.electron === undefined && Deno?.build?.standalone !== true && !sea?.isSea?.();
  if (!isRuntime || process.env[childMarker] !== undefined) {
    throw unavailable(undefined, 'This program cannot start a second process of its JavaScript runtime');
  }
  // The child gives up its groups first.
  if (process.setgroups === undefined)
    throw unavailable(undefined, 'This JavaScript runtime has no process.setgroups()');
  return Deno === undefined ? ['-e', program] : ['eval', program];
}

function unavailable(account: Owner | undefined, what: string, cause?: unknown): PgHostsslError {
  const { uid = 'UID', gid = 'GID' } = account ?? {};
  return new PgHostsslError('account-unavailable', `The files of another account cannot be used. ${what}`, {
    hint: `Run the program as that account: setpriv --reuid=${uid} --regid=${gid} --clear-groups, or su; or pass \`files\`.`,
    cause,
  });
}

function isGreeting(line: string, expected: Readonly<Record<string, unknown>>): boolean {
  const { groups, ...rest } = JSON.parse(line) as Record<string, unknown>;
  // The result of getgroups(2) may include the effective group on some systems.
  const hasNoGroup = Array.isArray(groups) && groups.every((group) => group === expected.gid);
  return hasNoGroup && Object.keys(expected).every((name) => rest[name] === expected[name]);
}

/** Exchanges lines with a child process. */
class LineConversation {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (line: string | Error) => void>();
  #first: ((line: string | Error) => void) | undefined;
  #failure: Error | undefined;
  /** The pieces of an answer whose end has not come yet. */
  #pieces: string[] = [];
  #length = 0;
  #calls = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.once('error', (error) => this.#fail(error));
    const ended = (): void => this.#fail(systemError('ECONNRESET', 'the process that accesses the files has ended'));
    child.once('exit', ended);
    // If the process has ended, writing to it fails with EPIPE, perhaps before the event `exit`.
    child.stdin?.on('error', ended);
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.#take(chunk));
  }

  /** Waits for the first line that the child process writes. */
  next(limitMs: number): Promise<string> {
    return this.#limited(limitMs, (settle) => {
      this.#first = settle;
    });
  }

  /** Sends a function call to the child process, and returns its answer. */
  async call(method: string, parameters: readonly unknown[], content?: string): Promise<Record<string, unknown>> {
    const id = ++this.#calls;
    const line = await this.#limited(answerMs, (settle) => {
      this.#waiting.set(id, settle);
      this.#child.stdin?.write(`${JSON.stringify({ id, method, parameters, content })}\n`);
    });
    const answer = JSON.parse(line) as Record<string, unknown>;
    const error = answer.error as { code?: unknown; message?: unknown } | undefined;
    if (error === undefined) return answer;
    throw Object.assign(new Error(String(error.message)), typeof error.code === 'string' && { code: error.code });
  }

  /** Ends the child process at once. Callers must not call this while a call waits for its answer. */
  end(): void {
    this.#fail(new Error('the process was ended'));
    this.#child.stdin?.destroy();
    this.#child.kill('SIGKILL');
  }

  #limited(limitMs: number, start: (settle: (line: string | Error) => void) => void): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      const timer = setTimeout(
        () => this.#fail(systemError('ETIMEDOUT', 'the process that accesses the files does not answer')),
        limitMs,
      );
      start((line) => {
        clearTimeout(timer);
        if (typeof line === 'string') resolve(line);
        else reject(line);
      });
    });
  }

  #take(chunk: string): void {
    // A long answer comes in thousands of chunks. They are joined once, because joining each would take quadratic time.
    const [first = '', ...others] = chunk.split('\n');
    this.#pieces.push(first);
    this.#length += first.length;
    if (this.#length > longestLine) this.#fail(systemError('EFBIG', 'the file is too large'));
    for (const next of others) {
      this.#give(this.#pieces.join(''));
      this.#pieces = [next];
      this.#length = next.length;
    }
  }

  #give(line: string): void {
    if (this.#first !== undefined) {
      this.#first(line);
      this.#first = undefined;
      return;
    }
    const id = Number(/"id":([0-9]{1,15})[,}]/.exec(line.slice(0, 40))?.[1]);
    const settle = this.#waiting.get(id);
    this.#waiting.delete(id);
    settle?.(line);
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    // The process may be writing a long answer, which nobody reads any more.
    this.#child.stdout?.destroy();
    this.#first?.(error);
    for (const settle of this.#waiting.values()) settle(error);
    this.#waiting.clear();
  }
}

/**
 * Creates {@link AccountFiles} that send each call to the child process as one line. Each answer is checked, because
 * the other account can change the answers.
 */
function accountFiles(lines: LineConversation): AccountFiles {
  // Relative paths are resolved here, because the child process has another working directory.
  const call = async (method: string, ...parameters: unknown[]): Promise<void> => {
    await lines.call(
      method,
      parameters.map((parameter) => (typeof parameter === 'string' ? resolve(parameter) : parameter)),
    );
  };
  const ask = async <T>(isValue: (value: unknown) => value is T, method: string, parameter: string): Promise<T> => {
    const answer = await lines.call(method, [resolve(parameter)]);
    if (!isValue(answer.value)) throw new Error(`the process gave an invalid answer to ${method}`);
    return answer.value;
  };
  return {
    read: async (path) => {
      const { value: facts, content } = await lines.call('read', [resolve(path)]);
      if (facts === undefined) return undefined;
      if (!isFacts(facts) || typeof content !== 'string') throw new Error('the process gave an invalid answer to read');
      const { mode, owner } = facts;
      return withContent(given({ path, mode, owner }), new Uint8Array(Buffer.from(content, 'base64')));
    },
    list: (path) => ask(isNames, 'list', path),
    statDirectory: (path) => ask(isOptional(isFacts), 'statDirectory', path),
    realPath: (path) => ask(isText, 'realPath', path),
    inspect: (path) => ask(isOptional(isEntry), 'inspect', path),
    makeDirectory: (path, { mode, owner }) => call('makeDirectory', path, { mode, owner }),
    removeDirectory: (path) => call('removeDirectory', path),
    create: async (file: NewFile): Promise<CreatedFile> => {
      const { path, mode, owner, like, isTemporary } = file;
      const content = Buffer.from(file.content()).toString('base64');
      const { value: created } = await lines.call(
        'create',
        [{ path: resolve(path), mode, owner, like: like && resolve(like), isTemporary }],
        content,
      );
      return { carriedOver: (created as CreatedFile | undefined)?.carriedOver === true };
    },
    link: (path, name) => call('link', path, name),
    rename: (from, to) => call('rename', from, to),
    replace: ({ target, by, keep }) =>
      call('replace', { target: resolve(target), by: resolve(by), keep: resolve(keep) }),
    remove: (path) => call('remove', path),
    sync: (directory) => call('sync', directory),
    append: async (text) => {
      const content = Buffer.from(text.content()).toString('base64');
      return (await lines.call('append', [{ path: resolve(text.path) }], content)).value === true;
    },
    hangUp: (directory) => ask(isNumber, 'hangUp', directory),
  };
}
