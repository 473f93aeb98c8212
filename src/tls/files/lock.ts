import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorCode } from '../../codes.ts';
import { withContent } from '../../disk/content.ts';
import type { Owner } from '../../disk/file-state.ts';
import type { ReadingPort } from '../../disk/reading-port.ts';
import { hasCode } from '../../disk/system-error.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import { PgHostsslError } from '../../errors.ts';
import { timerLimit } from '../limits.ts';
import { hasProcessEnded, type ProcessName, processName } from './process-name.ts';

/** The request for a lock. */
export interface LockRequest {
  /** The path of the directory that serves as the lock. It is made, and removed afterwards. */
  readonly path: string;
  /** The port for the lock. */
  readonly files: TlsFiles;
  /**
   * The object by which calls of this process form a queue. If not given, the port. It is needed if each call makes its
   * own port.
   */
  readonly queue?: object;
  /** The process that does the work; this process if not given. When it has ended, the lock no longer counts. */
  readonly pid?: number | undefined;
  /** Milliseconds to wait for other holders. */
  readonly patience: number;
  /** The owner of the lock's files; the account of the process if not given. */
  readonly owner?: Owner | undefined;
  /** A signal that stops the wait for the lock. */
  readonly signal?: AbortSignal | undefined;
  /** The code of the error if the lock does not become free in time. */
  readonly code: ErrorCode;
}

/** An entry of another living process, which prevents a contender from holding the lock. */
interface Blocker {
  readonly path: string;
  readonly process: { readonly pid: number };
}

/** A process or call that wants a lock and has made an entry in it. */
interface Contender {
  readonly path: string;
  readonly process: ProcessName;
  readonly hasEnded: boolean;
}

/**
 * Runs a function while no other process, and no other call in this process, holds the same lock.
 *
 * Each contender makes an entry with a unique name, then lists the directory. If there is no other entry of a living
 * process, the contender holds the lock. Otherwise it removes its own entry and tries again later. A name is never used
 * twice. Any contender may therefore remove the entry of an ended process, and no lock is ever taken over.
 *
 * @throws PgHostsslError with the code of the request if others hold the lock for too long
 */
export async function withLock<T>(request: LockRequest, use: () => Promise<T>): Promise<T> {
  return await inTurn(request, async () => {
    const entry = await take(request);
    try {
      return await use();
    } finally {
      await letGo(request, entry);
    }
  });
}

/** Entries that this process could not remove. They no longer count as holding a lock. */
const abandoned = new Set<string>();

/**
 * The last waiting call for each lock of a port. The calls of one process take turns, so a process has one contender at
 * a time.
 */
const queuesOfPorts = new WeakMap<object, Map<string, Promise<unknown>>>();

async function inTurn<T>(request: LockRequest, use: () => Promise<T>): Promise<T> {
  const { path, files, queue = files, patience, signal } = request;
  const queues = queuesOfPorts.get(queue) ?? new Map<string, Promise<unknown>>();
  queuesOfPorts.set(queue, queues);
  let isOver = false;
  let stopWaiting: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    const leave = (reason: unknown): void => {
      isOver = true;
      stopWaiting();
      reject(reason);
    };
    const abort = (): void => leave(signal?.reason);
    const timer = setTimeout(() => leave(busy(request, { path, process: { pid: process.pid } })), timerLimit(patience));
    signal?.addEventListener('abort', abort, { once: true });
    stopWaiting = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    if (signal?.aborted) abort();
  });
  late.catch(() => undefined);
  const turn = (queues.get(path) ?? Promise.resolve()).then(async () => {
    stopWaiting();
    return isOver ? await late : await use();
  });
  const settled = turn.catch(() => undefined);
  queues.set(path, settled);
  try {
    return await Promise.race([turn, late]);
  } finally {
    stopWaiting();
    if (queues.get(path) === settled) void settled.then(() => queues.get(path) === settled && queues.delete(path));
  }
}

async function take(request: LockRequest): Promise<string> {
  const { path, signal } = request;
  const self = await processName(request.pid ?? process.pid);
  // A monotonic clock, because the time of day may be set back while the call waits.
  const end = performance.now() + request.patience;
  for (let pause = 5; ; pause = Math.min(2 * pause, 200)) {
    signal?.throwIfAborted();
    const name = `${self.pid}-${self.start}-${self.boot}-${self.space}-${randomBytes(8).toString('hex')}`;
    const entry = join(path, name);
    if (!(await enter(request, entry))) {
      // The last holder has removed the directory, so the next try makes it again. If every try fails, the path is a
      // symbolic link to nothing.
      if (performance.now() > end) throw unusable(request);
      await sleep(Math.random() * pause);
      continue;
    }
    const others = await othersIn(request, entry);
    if (others.length === 0) return entry;
    await letGo(request, entry);
    if (performance.now() > end) throw busy(request, others[0]!);
    // The pause is random, so that two contenders do not collide again and again.
    await sleep(Math.random() * pause);
  }
}

/**
 * Makes the entry. The result is false if another contender removed the directory of the lock before the entry existed.
 */
async function enter(request: LockRequest, entry: string): Promise<boolean> {
  const { path, files, owner } = request;
  try {
    await files.makeDirectory(path, { mode: 0o700, ...(owner && { owner }) });
  } catch (error) {
    if (hasCode(error, 'ENOENT') && (await files.statDirectory(dirname(path))) !== undefined) return false;
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const facts = { path: entry, mode: 0o600, isTemporary: true, ...(owner && { owner }) };
  try {
    await files.create(withContent(facts, new Uint8Array()));
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    await letGo(request, entry);
    throw error;
  }
}

/** The other living contenders. If they cannot be read, the entry is removed and the function throws. */
async function othersIn(request: LockRequest, entry: string): Promise<readonly Contender[]> {
  try {
    return (await livingContenders(request)).filter((other) => other.path !== entry);
  } catch (error) {
    await letGo(request, entry);
    throw error;
  }
}

/**
 * Removes the entry, or remembers that it no longer counts. Errors are ignored, because the result of the caller's work
 * matters more.
 */
async function letGo(request: LockRequest, entry: string): Promise<void> {
  await release(request, entry).catch(() => release(request, entry).catch(() => abandoned.add(entry)));
}

async function release({ path, files }: LockRequest, entry: string): Promise<void> {
  try {
    await files.remove(entry);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  await removeIfEmpty(path, files);
}

async function removeIfEmpty(path: string, files: TlsFiles): Promise<void> {
  try {
    await files.removeDirectory(path);
  } catch {
    // The directory stays if it has the entry of another contender, or is gone if another contender removed it.
  }
}

/** The contenders that may be alive. The entries of ended processes are removed first. */
async function livingContenders({ path, files }: LockRequest): Promise<Contender[]> {
  const all = await contenders(path, files);
  for (const { path: entry, hasEnded } of all) if (hasEnded) await files.remove(entry).catch(() => undefined);
  return all.filter(({ hasEnded }) => !hasEnded);
}

/** The entries in a lock; empty if the directory does not exist. */
export async function contenders(path: string, files: ReadingPort): Promise<Contender[]> {
  const all: Contender[] = [];
  for (const name of await namesIn(path, files)) {
    const process = parseName(name);
    if (process === undefined) continue;
    all.push({
      path: join(path, name),
      process,
      hasEnded: abandoned.has(join(path, name)) || (await hasProcessEnded(process)),
    });
  }
  return all;
}

async function namesIn(path: string, files: ReadingPort): Promise<readonly string[]> {
  try {
    return await files.list(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The process in the name of an entry; `undefined` for a name that no contender made. */
function parseName(name: string): ProcessName | undefined {
  const match = /^([1-9][0-9]{0,9})-(\w{1,64})-(\w{1,64})-(\w{1,64})-[0-9a-f]{16}$/.exec(basename(name));
  const [, pid, start, boot, space] = match ?? [];
  if (pid === undefined || start === undefined || boot === undefined || space === undefined) return undefined;
  return { pid: Number(pid), start, boot, space };
}

function unusable({ path, code }: LockRequest): PgHostsslError {
  return new PgHostsslError(code, 'The lock cannot be taken: entries in it disappear at once', {
    file: path,
    hint: 'Nothing was written. If the path of the lock is a symbolic link, remove the link.',
  });
}

function busy({ path, code }: LockRequest, { path: entry, process }: Blocker): PgHostsslError {
  return new PgHostsslError(code, `Process ${process.pid} holds the lock`, {
    file: path,
    hint: `Nothing was written. Try again later. If no such process runs, not even in a container, remove ${entry}.`,
  });
}
