import { kindOf } from '../arguments.ts';
import { PgHostsslError } from '../errors.ts';
import type { FileState } from './file-state.ts';
import { assertReadingPort, type ReadingPort } from './reading-port.ts';
import { assertTlsFiles, type EntryFacts, type TlsFiles } from './tls-files.ts';

const isAny = (): boolean => true;

/** For each method, a function that says whether an answer is of the right kind. */
const isAnswer: Readonly<Record<keyof TlsFiles, (answer: unknown) => boolean>> = {
  read: isOptional(isFile),
  list: isNames,
  statDirectory: isOptional(isFacts),
  realPath: isText,
  inspect: isOptional(isEntry),
  create: (answer) => typeof Object(answer).carriedOver === 'boolean',
  append: (answer) => typeof answer === 'boolean',
  makeDirectory: isAny,
  removeDirectory: isAny,
  link: isAny,
  rename: isAny,
  replace: isAny,
  remove: isAny,
  sync: isAny,
};

/**
 * Checks that the caller's files have the methods of {@link TlsFiles}, and returns files that check each answer.
 * `undefined` is valid.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function checkedTlsFiles(files: TlsFiles | undefined, what: string): TlsFiles | undefined {
  assertTlsFiles(files, what);
  return files && checkedFiles(files);
}

/** Does the same as {@link checkedTlsFiles}, for the methods that read. */
export function checkedReadingPort(files: ReadingPort | undefined, what: string): ReadingPort | undefined {
  assertReadingPort(files, what);
  return files && checkedFiles(files);
}

/**
 * Returns the methods of the caller's files as asynchronous functions that check each answer. A method that throws
 * before it returns a promise, or that returns no promise, therefore works like an asynchronous one.
 */
function checkedFiles<T extends ReadingPort>(files: T): T {
  const methods = files as unknown as Record<string, ((...parameters: readonly unknown[]) => unknown) | undefined>;
  const checked = Object.entries(isAnswer).map(([name, isRight]) => {
    const call = async (...parameters: readonly unknown[]): Promise<unknown> => {
      const answer = await methods[name]?.(...parameters);
      if (isRight(answer)) return answer;
      throw new PgHostsslError('argument-invalid', `The method ${name}() of the files resolved with a wrong value`, {
        hint: `The value is ${kindOf(answer)}.${methods.create ? ' checkTlsFiles tests the methods.' : ''}`,
      });
    };
    return [name, methods[name] && call] as const;
  });
  return Object.fromEntries(checked) as unknown as T;
}

/** Whether a value is a text. */
export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Whether a value is a list of names in a directory. No name is a path to another directory. */
export function isNames(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.every((name) => isText(name) && !name.includes('/') && !['.', '..'].includes(name))
  );
}

/** Whether a value is an integer that a number holds exactly. */
export function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

/** Whether a value has the mode and owner of a file or directory, as far as it has such properties. */
export function isFacts(value: unknown): value is Pick<EntryFacts, 'mode' | 'owner'> {
  if (typeof value !== 'object' || value === null) return false;
  const { mode, owner } = value as Pick<EntryFacts, 'mode' | 'owner'>;
  return (
    (mode === undefined || isNumber(mode)) && (owner === undefined || (isNumber(owner?.uid) && isNumber(owner?.gid)))
  );
}

function isFile(value: unknown): value is FileState {
  const { content } = Object(value) as Partial<FileState>;
  if (!isFacts(value) || typeof content !== 'function') return false;
  // A `DataView` or an array of another type would be read as other bytes. The name also holds in another realm.
  return Object.prototype.toString.call((value as FileState).content()) === '[object Uint8Array]';
}

/** Whether a value has the facts that `inspect` returns about what is at a path. */
export function isEntry(value: unknown): value is EntryFacts {
  return isFacts(value) && isText((value as EntryFacts).id) && isText((value as EntryFacts).kind);
}

/** Returns a function that accepts the values that the given function accepts, and `undefined`. */
export function isOptional<T>(isValue: (value: unknown) => value is T): (value: unknown) => value is T | undefined {
  return (value): value is T | undefined => value === undefined || isValue(value);
}
