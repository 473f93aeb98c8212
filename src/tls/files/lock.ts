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

/** The argument of {@link withLock}. */
export interface LockRequest {
  /** The directory that is the lock. It is made and removed again. */
  readonly path: string;
  /** Where the lock is. */
  readonly files: TlsFiles;
  /** The object whose calls queue, if not the port: a port may be made for each call. */
  readonly queue?: object;
  /** The process that does the work, if not this one. The lock is stale when it has ended. */
  readonly pid?: number | undefined;
  /** How long the call waits for other holders, in milliseconds. */
  readonly patience: number;
  /** The owner of the lock's files; the account of the process if not given. */
  readonly owner?: Owner | undefined;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /** The code of the error for a lock that does not become free. */
  readonly code: ErrorCode;
}

/** Another live entry that keeps a contender from the lock. */
interface Blocker {
  readonly path: string;
  readonly process: { readonly pid: number };
}

/** A contender for a lock, which has made an entry there. */
interface Contender {
  readonly path: string;
  readonly process: ProcessName;
  readonly hasEnded: boolean;
}

/**
 * Runs something while no other process, and no other call in this process, holds the same lock.
 *
 * Each contender makes an entry under a name of its own, then lists the directory. If it finds no other entry of a living
 * process, it holds the lock. If it finds one, it removes its own entry and tries again later. A name is never used twice.
 * So everybody may remove the entry of a process that has ended, and no lock is ever taken over.
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

/** Entries that this process could not remove. It no longer holds their locks. */
const abandoned = new Set<string>();

/** The last call in the queue of each lock of a port. A process has one contender at a time. */
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
  // The time of day may be set back while the call waits.
  const end = performance.now() + request.patience;
  for (let pause = 5; ; pause = Math.min(2 * pause, 200)) {
    signal?.throwIfAborted();
    const name = `${self.pid}-${self.start}-${self.boot}-${self.space}-${randomBytes(8).toString('hex')}`;
    const entry = join(path, name);
    if (!(await enter(request, entry))) {
      // The last holder has removed the directory. If that is so until the end, a link to nothing is in its place.
      if (performance.now() > end) throw unusable(request);
      await sleep(Math.random() * pause);
      continue;
    }
    const others = await othersIn(request, entry);
    if (others.length === 0) return entry;
    await letGo(request, entry);
    if (performance.now() > end) throw busy(request, others[0]!);
    // A random time, so that two contenders do not meet again and again.
    await sleep(Math.random() * pause);
  }
}

/** Makes the entry; false if another contender removed the lock's directory before the entry was there. */
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

/** The other contenders that are alive. Removes the entry and throws if they cannot be read. */
async function othersIn(request: LockRequest, entry: string): Promise<readonly Contender[]> {
  try {
    return (await livingContenders(request)).filter((other) => other.path !== entry);
  } catch (error) {
    await letGo(request, entry);
    throw error;
  }
}

/** Removes the entry, or remembers that it no longer counts. What the caller is doing counts more than an error here. */
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
    // Another contender's entry is in it, or another contender has removed it.
  }
}

/** The contenders that may be alive, after the entries of those that have ended have been removed. */
async function livingContenders({ path, files }: LockRequest): Promise<Contender[]> {
  const all = await contenders(path, files);
  for (const { path: entry, hasEnded } of all) if (hasEnded) await files.remove(entry).catch(() => undefined);
  return all.filter(({ hasEnded }) => !hasEnded);
}

/** The entries in a lock; none if there is no such directory. */
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

/** The process in an entry's name; undefined for a name that no contender has made. */
function parseName(name: string): ProcessName | undefined {
  const match = /^([1-9][0-9]{0,9})-(\w{1,64})-(\w{1,64})-(\w{1,64})-[0-9a-f]{16}$/.exec(basename(name));
  const [, pid, start, boot, space] = match ?? [];
  if (pid === undefined || start === undefined || boot === undefined || space === undefined) return undefined;
  return { pid: Number(pid), start, boot, space };
}

function unusable({ path, code }: LockRequest): PgHostsslError {
  return new PgHostsslError(code, 'This lock cannot be taken: what is made in it is gone at once', {
    file: path,
    hint: 'Nothing was written. If it is a symbolic link, remove it.',
  });
}

function busy({ path, code }: LockRequest, { path: entry, process }: Blocker): PgHostsslError {
  return new PgHostsslError(code, `Process ${process.pid} holds this lock`, {
    file: path,
    hint: `Nothing was written. Try again later; if no such process runs, in a container neither, remove ${entry}.`,
  });
}
