import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorCode } from '../../codes.ts';
import type { Owner } from '../../disk/file-state.ts';
import { namesIn } from '../../disk/included-files.ts';
import type { ReadingPort } from '../../disk/reading-port.ts';
import { hasCode } from '../../disk/system-error.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import { PgHostsslError } from '../../errors.ts';
import { withContent } from '../../with-content.ts';
import { withinLimit } from '../limits.ts';
import { hasProcessEnded, type ProcessName, processName } from './process-name.ts';
import { removeIfThere } from './remove-if-there.ts';

/** The usual time limit in milliseconds for waiting for a lock. */
const usualPatience = 10_000;

/** The parameters of {@link withLock}. */
export interface LockRequest {
  /**
   * The path of the directory that serves as the lock. The directory is created, and removed when nobody holds the
   * lock.
   */
  readonly path: string;
  /** The {@link TlsFiles} that create and remove the files of the lock. */
  readonly files: TlsFiles;
  /**
   * The files that the caller of the library gave, or else `diskFiles`. Calls of this process with the same `queue`
   * wait for each other. `files` cannot serve for this, because each call may create its own {@link TlsFiles} object.
   */
  readonly queue: ReadingPort;
  /**
   * The id of the process that does the work; this process if not given. When that process has ended, the lock is
   * ignored.
   */
  readonly pid?: number | undefined;
  /** The time limit in milliseconds for waiting until other processes have released the lock; 10,000 if not given. */
  readonly patience?: number | undefined;
  /** The owner of the lock's files; the account of the process if not given. */
  readonly owner?: Owner | undefined;
  /** A signal that stops the wait for the lock. */
  readonly signal?: AbortSignal | undefined;
  /** The code of the error if the lock does not become free in time. */
  readonly code: ErrorCode;
}

/** A process or call that wants a lock, and has created a file (its entry) in the lock's directory. */
interface Contender {
  readonly path: string;
  readonly process: ProcessName;
  readonly hasEnded: boolean;
}

/**
 * Takes a lock, calls a function, and releases the lock. Meanwhile no other process, and no other call in this process,
 * can hold the same lock.
 *
 * The lock is a directory. Whoever wants the lock creates a file with a unique name in it (an entry), then lists the
 * directory. If there is no other entry of a running process, the lock is taken. Otherwise the own entry is removed,
 * and the attempt is repeated later. A name is never used twice. Anybody may therefore remove the entry of an ended
 * process, without removing the lock of a running process.
 *
 * @throws PgHostsslError with `request.code` if others hold the lock for too long
 */
export async function withLock<T>(request: LockRequest, use: () => Promise<T>): Promise<T> {
  return await inTurn(request, async () => {
    const entry = await take(request);
    try {
      return await use();
    } finally {
      await release(request, entry);
    }
  });
}

/** The paths of lock entries that this process could not remove. They are treated as entries of an ended process. */
const abandoned = new Set<string>();

/**
 * For each `queue` and each path of a lock, a promise that settles when the calls that wait or work now have ended. The
 * calls of one process wait for each other, so each process has at most one entry in a lock.
 */
const queuesOfPorts = new WeakMap<ReadingPort, Map<string, Promise<unknown>>>();

/** Calls a function when all earlier calls with the same lock in this process have ended. */
async function inTurn<T>(request: LockRequest, use: () => Promise<T>): Promise<T> {
  const { path, queue } = request;
  const queues = queuesOfPorts.get(queue) ?? new Map<string, Promise<unknown>>();
  queuesOfPorts.set(queue, queues);
  const previous = queues.get(path) ?? Promise.resolve();
  const turn = waitFor(previous, request).then(use);
  // A call that stops waiting ends before the calls that it waited for, so later calls wait for those, too.
  const ended = Promise.allSettled([previous, turn]).then(() => {
    if (queues.get(path) === ended) queues.delete(path);
  });
  queues.set(path, ended);
  return await turn;
}

/** Waits for the earlier calls in this process, at most as long as the request allows. */
async function waitFor(previous: Promise<unknown>, request: LockRequest): Promise<void> {
  const { path, patience = usualPatience, signal } = request;
  try {
    await withinLimit({ name: 'lock', limit: patience, signal }, () => previous);
  } catch (error) {
    throw signal?.aborted ? error : busy(request, process.pid, path);
  }
}

async function take(request: LockRequest): Promise<string> {
  const { path, signal } = request;
  const self = await processName(request.pid ?? process.pid);
  // The clock is monotonic, because the time of day may be set back while the call waits.
  const end = performance.now() + (request.patience ?? usualPatience);
  for (let pause = 5; ; pause = Math.min(2 * pause, 200)) {
    signal?.throwIfAborted();
    const name = `${self.pid}-${self.start}-${self.boot}-${self.space}-${randomBytes(8).toString('hex')}`;
    const entry = join(path, name);
    if (!(await enter(request, entry))) {
      // Another process has just removed the directory, so the next attempt creates the directory again. If every
      // attempt fails, the path is a symbolic link whose target does not exist.
      if (performance.now() > end) throw unusable(request);
      await sleep(Math.random() * pause);
      continue;
    }
    const [other] = await othersIn(request, entry);
    if (other === undefined) return entry;
    await release(request, entry);
    if (performance.now() > end) throw busy(request, other.process.pid, other.path);
    // The pause is random, so that two processes that want the lock do not collide again and again.
    await sleep(Math.random() * pause);
  }
}

/**
 * Creates an entry in the lock's directory. The result is false if another process removed the directory before the
 * entry existed.
 */
async function enter(request: LockRequest, entry: string): Promise<boolean> {
  const { path, files, owner } = request;
  try {
    await files.makeDirectory(path, { mode: 0o700, owner });
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
    await release(request, entry);
    throw error;
  }
}

/**
 * The entries of other running processes in the lock. If the directory cannot be read, the own entry is removed, and
 * the function throws.
 */
async function othersIn(request: LockRequest, entry: string): Promise<readonly Contender[]> {
  try {
    return (await livingContenders(request)).filter((other) => other.path !== entry);
  } catch (error) {
    await release(request, entry);
    throw error;
  }
}

/**
 * Removes the own entry from a lock. If this fails twice, the entry is remembered as abandoned. The error is not
 * thrown, because it would hide the result of the caller's work.
 */
async function release(request: LockRequest, entry: string): Promise<void> {
  await removeEntry(request, entry).catch(() => removeEntry(request, entry).catch(() => abandoned.add(entry)));
}

async function removeEntry({ path, files }: LockRequest, entry: string): Promise<void> {
  await removeIfThere(entry, files);
  // The call fails if the directory holds the entry of another process, or if another process has removed the
  // directory.
  await files.removeDirectory(path).catch(() => undefined);
}

/** The entries in a lock whose processes may be running. The entries of ended processes are removed. */
async function livingContenders({ path, files }: LockRequest): Promise<Contender[]> {
  const all = await contenders(path, files);
  for (const { path: entry, hasEnded } of all) if (hasEnded) await files.remove(entry).catch(() => undefined);
  return all.filter(({ hasEnded }) => !hasEnded);
}

/**
 * The number of entries whose processes are looked up in one attempt. Each look-up takes about a millisecond. A lock
 * has more entries only if the owner of the directory makes entries to keep other processes waiting.
 */
const mostLookedUp = 1000;

/**
 * All entries in a lock; an empty list if the directory of the lock does not exist. If there are very many entries, the
 * last of them count as entries of running processes.
 */
export async function contenders(path: string, files: ReadingPort): Promise<Contender[]> {
  const all: Contender[] = [];
  for (const name of (await namesIn(path, files)) ?? []) {
    const process = parseName(name);
    if (process === undefined) continue;
    const entry = join(path, name);
    const hasEnded = abandoned.has(entry) || (all.length < mostLookedUp && (await hasProcessEnded(process)));
    all.push({ path: entry, process, hasEnded });
  }
  return all;
}

/** The process that the name of a lock entry names; `undefined` for the name of any other file. */
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

/** The error for a lock that another process, or another call of this process, holds for too long. */
function busy({ path, code }: LockRequest, pid: number, entry: string): PgHostsslError {
  return new PgHostsslError(code, `Process ${pid} holds the lock`, {
    file: path,
    hint: `Nothing was written. Try again later. If no such process runs, not even in a container, remove ${entry}.`,
  });
}
