import { defaultPgMajor, type PgMajor, type PgMajorSpan, spanIncludes } from '../version.ts';

/**
 * `AbsoluteConfigLocation` (conffiles.c): the path to which a name in a file leads. An absolute name stays as it is; any
 * other name starts from the directory of the file.
 *
 * @param file path of the file that holds the name; if it is not known, the name is only made canonical
 */
export function absoluteConfigLocation(
  name: string,
  file: string | undefined,
  version: PgMajor = defaultPgMajor,
): string {
  if (isAbsolutePath(name, file)) return name;
  if (file === undefined) return canonicalizePath(name, version);
  return canonicalizePath(joinPathComponents(parentDirectory(file), name), version);
}

/**
 * `is_absolute_path` (port.h). The rules of Windows hold if the path that a relative one starts from is one of Windows.
 *
 * @param from the directory or file that a relative path starts from; if it is not known, the path itself decides
 */
export function isAbsolutePath(path: string, from: string = path): boolean {
  return path.startsWith('/') || (/^(?:[A-Za-z]:|\\)/.test(from) && /^(?:[A-Za-z]:[\\/]|\\)/.test(path));
}

/**
 * `canonicalize_path` (path.c): the path without doubled and last slashes, and with `.` and `..` resolved as the major
 * version does. test/conf/paths.server.test.ts compares it with what servers show of path settings.
 */
export function canonicalizePath(path: string, version: PgMajor): string {
  const isRooted = path.startsWith('/');
  const parts = path.split('/').filter((part) => part !== '');
  const kept = (spanIncludes(resolvesAtEndOnly, version) ? resolvedAtEnd : resolved)(parts, isRooted).join('/');
  if (isRooted) return `/${kept}`;
  return kept === '' && path !== '' ? '.' : kept;
}

/** Majors whose `canonicalize_path` resolves `.` and `..` at the end of a path only. */
const resolvesAtEndOnly: PgMajorSpan = { until: 14 };

/** `join_path_components` (path.c): a name in a directory; a `./` that the name begins with is dropped. */
export function joinPathComponents(directory: string, name: string): string {
  const tail = name.replace(/^(?:\.\/)+/, '');
  if (directory === '') return tail;
  return directory.endsWith('/') ? directory + tail : `${directory}/${tail}`;
}

/**
 * The path that a setting such as `ssl_cert_file` means: a relative one starts from the data directory, which is the
 * working directory of a server (`ChangeToDataDir` in miscinit.c).
 */
export function pathInDataDirectory(dataDirectory: string, path: string): string {
  return isAbsolutePath(path, dataDirectory) ? path : joinPathComponents(dataDirectory, path);
}

/** `get_parent_directory` (path.c): the directory that a file is in; empty for a name without a slash. */
export function parentDirectory(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === 0 ? '/' : path.slice(0, Math.max(slash, 0));
}

function resolved(parts: readonly string[], isRooted: boolean): readonly string[] {
  const kept: string[] = [];
  for (const part of parts) {
    if (part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!isRooted) kept.push(part);
  }
  return kept;
}

function resolvedAtEnd(parts: readonly string[], isRooted: boolean): readonly string[] {
  const kept = [...parts];
  let ups = 0;
  for (let last = kept.at(-1); last === '.' || last === '..' || (ups > 0 && last !== undefined); last = kept.at(-1)) {
    kept.pop();
    if (last === '..') ups += 1;
    else if (last !== '.') ups -= 1;
  }
  return isRooted ? kept : [...kept, ...Array.from({ length: ups }, () => '..')];
}
