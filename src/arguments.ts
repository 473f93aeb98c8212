import { capitalized } from './c/ascii.ts';
import type { ErrorCode } from './codes.ts';
import { PgHostsslError } from './errors.ts';
import { type PgMajor, pgMajors } from './version.ts';

/**
 * A table of the names of all properties of a type. For a union, the table has the properties of every member. The
 * compiler checks that the table is complete.
 */
export type PropertyNames<T> = Readonly<Record<T extends unknown ? keyof T : never, true>>;

/**
 * Checks, for callers without type checks, that a value is an object and has only the known properties. A property with
 * the value `undefined` counts as missing.
 *
 * @param what the name of the object for error messages, such as "options of HbaFile.parse"
 * @throws PgHostsslError with the given code, `argument-invalid` by default; the message names the property
 */
export function assertProperties<T extends object>(
  value: T,
  known: PropertyNames<T>,
  what: string,
  code: ErrorCode = 'argument-invalid',
): void {
  assertRecord(value, what, code);
  for (const [name, content] of Object.entries(value)) {
    if (content === undefined || Object.hasOwn(known, name)) continue;
    throw new PgHostsslError(code, `${capitalized(what)} has no property ${JSON.stringify(name)}`, {
      hint: `Its properties are ${Object.keys(known).sort().join(', ')}.`,
    });
  }
}

/** An object in which each property that could be `undefined` may be missing, but is not `undefined`. */
type Given<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * Returns a copy of an object without the properties whose value is `undefined`, which count as missing. Spread over
 * defaults, the copy keeps the default of each missing property.
 */
export function given<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, content]) => content !== undefined)) as never;
}

/**
 * Checks the content of a file for callers without type checks.
 *
 * @throws PgHostsslError `argument-invalid` for anything but a string or a Uint8Array; for a promise, the message says
 * to await it
 */
export function assertSource(source: unknown, what: string): asserts source is string | Uint8Array {
  if (typeof source === 'string' || source instanceof Uint8Array) return;
  throw new PgHostsslError('argument-invalid', `${what} takes a string or a Uint8Array; got ${kindOf(source)}`, {
    hint: isPromise(source)
      ? 'Await it first.'
      : 'Give the content of the file, not its path or an object made from it.',
  });
}

/**
 * Checks a major version for callers without type checks.
 *
 * @param what the name of the argument for error messages, such as "from of checkUpgrade"
 * @throws PgHostsslError `version-unknown` for an unsupported major version
 */
export function assertVersion(version: unknown, what = 'version'): asserts version is PgMajor {
  if (pgMajors.some((known) => known === version)) return;
  throw new PgHostsslError('version-unknown', `${what} must be a PostgreSQL major version; got ${shown(version)}`, {
    hint: `Known are ${pgMajors.join(', ')}. Use \`parsePgVersion\` for a text such as '17.2' or a server_version_num.`,
  });
}

/**
 * Checks an object with arbitrary property names, such as settings, for callers without type checks.
 *
 * @param what the name of the argument for error messages, such as "values of ConfFile.setAll"
 * @throws PgHostsslError `argument-invalid` if the value is not such an object
 */
export function assertRecord(
  value: unknown,
  what: string,
  code: ErrorCode = 'argument-invalid',
): asserts value is object {
  // Promises and `Map`s are refused. They have no properties of their own, so their content would be ignored without an
  // error.
  if (typeof value === 'object' && value !== null && !(Symbol.iterator in value) && !isPromise(value)) return;
  const message = `${capitalized(what)} must be an object; got ${kindOf(value)}`;
  throw new PgHostsslError(code, message, isPromise(value) ? { hint: 'Await it first.' } : {});
}

/**
 * Checks a list for callers without type checks.
 *
 * @param what the name of the argument for error messages, such as "diagnostics of toSarif"
 * @throws PgHostsslError `argument-invalid` if the value is not an array, or if it has a hole, which `map` and `every`
 * would skip
 */
export function assertList(value: unknown, what: string): asserts value is readonly unknown[] {
  if (Array.isArray(value)) {
    const hole = value.findIndex((_, index) => !(index in value));
    if (hole === -1) return;
    throw new PgHostsslError('argument-invalid', `${capitalized(what)} has no element ${hole}`);
  }
  throw new PgHostsslError('argument-invalid', `${capitalized(what)} must be an array; got ${kindOf(value)}`);
}

/**
 * Checks a text, such as a path or a name, for callers without type checks.
 *
 * @param what the name of the argument for error messages, such as "path of fileState"
 * @throws PgHostsslError `argument-invalid` if the value is not a string
 */
export function assertText(value: unknown, what: string): asserts value is string {
  if (typeof value === 'string') return;
  throw new PgHostsslError('argument-invalid', `${capitalized(what)} must be a string; got ${kindOf(value)}`);
}

/**
 * Checks a path of a file or directory for callers without type checks.
 *
 * @param what the name of the path at the start of the error message, such as "The directory of readClient"
 * @throws PgHostsslError `argument-invalid` if the value is not a string, is empty or holds a NUL
 */
export function assertPath(path: unknown, what: string): asserts path is string {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return;
  throw new PgHostsslError('argument-invalid', `${what} must be a path`, {
    hint: 'Give a string that is not empty and has no NUL.',
  });
}

/**
 * Checks a list of paths for callers without type checks. `undefined` is valid.
 *
 * @param what the name of the list for error messages, such as "paths of applyPlan"
 * @throws PgHostsslError `argument-invalid`
 */
export function assertPaths(paths: unknown, what: string): void {
  if (paths === undefined) return;
  assertList(paths, what);
  for (const path of paths) assertPath(path, `Each element of ${what}`);
}

/** Returns whether a value is an array of strings. A hole in an array is not a string. */
export function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && Array.from(value).every((element) => typeof element === 'string');
}

/**
 * Checks an object such as `{ keyword: 'all' }`, whose properties are all texts, for callers without type checks.
 *
 * @param what the name of the object for error messages, such as "user of a rule"
 * @throws PgHostsslError `argument-invalid` if the object has an unknown property, no property, or a property that is
 * not a string. The value `undefined` counts as present, because the code distinguishes such objects by their
 * properties.
 */
export function assertTexts<T extends object>(value: T, known: PropertyNames<T>, what: string): void {
  assertProperties(value, known, what);
  const texts = Object.entries(value);
  for (const [name, text] of texts) assertText(text, `${name} of the ${what}`);
  if (texts.length > 0) return;
  throw new PgHostsslError(
    'argument-invalid',
    `${capitalized(what)} must have one of the properties ${Object.keys(known).join(', ')}`,
  );
}

/**
 * Checks that an object has exactly one of some properties. A property with the value `undefined` counts as missing.
 *
 * @param what the name of the object for error messages, such as "revocation"
 * @throws PgHostsslError `argument-invalid` if the object has none or several of the properties
 */
export function assertOneProperty<T extends object>(
  value: T,
  names: readonly (keyof PropertyNames<T>)[],
  what: string,
): void {
  const found = names.filter((name) => (value as Partial<Record<PropertyKey, unknown>>)[name] !== undefined);
  if (found.length === 1) return;
  const message = `${capitalized(what)} must have exactly one of the properties ${names.map(String).join(', ')}`;
  throw new PgHostsslError('argument-invalid', message);
}

/**
 * Checks a value of which only a few are allowed, such as a mode.
 *
 * @param what the name of the argument for error messages, such as "level of requireTls"
 * @throws PgHostsslError `argument-invalid` if the value is not one of the known values
 */
export function assertKnownValue(value: unknown, known: readonly unknown[], what: string): void {
  if (known.includes(value)) return;
  const list = known.map(shownValue).join(', ');
  throw new PgHostsslError('argument-invalid', `${capitalized(what)} must be one of ${list}; got ${shownValue(value)}`);
}

/**
 * Checks the number of a TCP port for callers without type checks.
 *
 * @param what the name of the port for error messages, such as "port of locateConfiguration"
 * @throws PgHostsslError with the given code, `argument-invalid` by default
 */
export function assertPort(value: unknown, what: string, code: ErrorCode = 'argument-invalid'): void {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535) return;
  throw new PgHostsslError(code, `${capitalized(what)} is no TCP port: ${shownValue(value)}`, {
    hint: 'Give a whole number from 1 to 65535.',
  });
}

/**
 * Checks a function, such as a callback, for callers without type checks.
 *
 * @param what the name of the function for error messages, such as "query of verifyServer"
 * @throws PgHostsslError `argument-invalid` if the value is not a function
 */
export function assertFunction(value: unknown, what: string): void {
  if (typeof value === 'function') return;
  throw new PgHostsslError('argument-invalid', `${capitalized(what)} must be a function; got ${kindOf(value)}`);
}

/**
 * Checks a moment for callers without type checks.
 *
 * @param what the name of the moment for error messages, such as "at of checkCertificates"
 * @throws PgHostsslError `argument-invalid` if the value is not a valid Date
 */
export function assertDate(value: unknown, what: string): asserts value is Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return;
  throw new PgHostsslError('argument-invalid', `${capitalized(what)} must be a valid Date`);
}

/**
 * Checks a text that a program written in C reads: such a program ends a text at a NUL, and a lone surrogate has no
 * bytes.
 *
 * @param what the name of the text for error messages, such as "the passphrase"
 * @throws PgHostsslError `text-invalid`
 */
export function assertCText(value: string, what: string): void {
  if (!value.includes('\0') && value.isWellFormed()) return;
  throw new PgHostsslError('text-invalid', `${capitalized(what)} holds a NUL or a lone surrogate`);
}

/**
 * Checks an instance of one of the package's classes for callers without type checks.
 *
 * @param what the name of the argument for error messages, such as "main of ConfTree.read"
 * @throws PgHostsslError `argument-invalid` if the value is not such an instance
 */
export function assertInstance<T>(
  value: unknown,
  classOfValue: { readonly name: string; readonly prototype: T },
  what: string,
): asserts value is T {
  if (value instanceof (classOfValue as unknown as abstract new () => T)) return;
  const maker = ['parse', 'read'].find((name) => name in classOfValue);
  throw new PgHostsslError(
    'argument-invalid',
    `${capitalized(what)} must be an instance of ${classOfValue.name}; got ${kindOf(value)}`,
    { hint: maker && `Use ${classOfValue.name}.${maker} first` },
  );
}

/**
 * Checks an object whose methods the package calls, such as `files` of `readServer`, for callers without type checks.
 *
 * @param what the name of the argument for error messages, such as "files of readServer"
 * @throws PgHostsslError `argument-invalid` if a method is missing; the message names the method
 */
export function assertMethods(value: unknown, names: readonly string[], what: string): void {
  assertRecord(value, what);
  const missing = names.find((name) => typeof (value as Record<string, unknown>)[name] !== 'function');
  if (missing === undefined) return;
  throw new PgHostsslError('argument-invalid', `${capitalized(what)} has no method ${missing}()`, {
    hint: `It needs ${names.join(', ')}.`,
  });
}

/** Describes the type of a value for a message. The value itself is not shown, because it may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (isPromise(value)) return 'a promise';
  if (Array.isArray(value)) return 'an array';
  return `an object (${value.constructor?.name ?? 'without a class'})`;
}

/**
 * Shows a value in a message that says which values are allowed: a text in quotes, a number as it is, and any other
 * value by its type.
 */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return ['number', 'bigint', 'boolean'].includes(typeof value) ? String(value) : kindOf(value);
}

function isPromise(value: unknown): boolean {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

function shown(version: unknown): string {
  return typeof version === 'number' ? String(version) : kindOf(version);
}
