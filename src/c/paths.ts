import { defaultPgMajor, type PgMajor, type PgMajorSpan, spanIncludes } from '../version.ts';

/**
 * `AbsoluteConfigLocation` (conffiles.c): resolves a file name that is written in a file. An absolute name stays as it
 * is. A relative name starts from the directory of the file that contains the name.
 *
 * @param file the path of the file that contains the name; if this path is `undefined`, the name is only made canonical
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
 * `is_absolute_path` (port.h). The rules of Windows apply if a relative path would start from a Windows path.
 *
 * @param from the directory or file from which a relative path starts; by default, `path` itself decides whether the
 * rules of Windows apply
 */
export function isAbsolutePath(path: string, from: string = path): boolean {
  return path.startsWith('/') || (/^(?:[A-Za-z]:|\\)/.test(from) && /^(?:[A-Za-z]:[\\/]|\\)/.test(path));
}

/**
 * `canonicalize_path` (path.c): removes doubled and trailing slashes, and resolves `.` and `..` as the major version
 * does. The test test/conf/paths.server.test.ts compares the results with the paths that servers show in their
 * settings.
 */
export function canonicalizePath(path: string, version: PgMajor): string {
  const isRooted = path.startsWith('/');
  const parts = path.split('/').filter((part) => part !== '');
  const kept = (spanIncludes(resolvesAtEndOnly, version) ? resolvedAtEnd : resolved)({ parts, isRooted }).join('/');
  if (isRooted) return `/${kept}`;
  return kept === '' && path !== '' ? '.' : kept;
}

/** The major versions whose `canonicalize_path` resolves `.` and `..` only at the end of a path. */
const resolvesAtEndOnly: PgMajorSpan = { until: 14 };

/** `join_path_components` (path.c): joins a directory and a name. A leading `./` of the name is dropped. */
export function joinPathComponents(directory: string, name: string): string {
  const tail = name.replace(/^(?:\.\/)+/, '');
  if (directory === '') return tail;
  return directory.endsWith('/') ? directory + tail : `${directory}/${tail}`;
}

/**
 * Returns the path that a setting such as `ssl_cert_file` means. A relative path starts from the data directory, which
 * is the working directory of a server (`ChangeToDataDir` in miscinit.c).
 */
export function pathInDataDirectory(dataDirectory: string, path: string): string {
  return isAbsolutePath(path, dataDirectory) ? path : joinPathComponents(dataDirectory, path);
}

/** `get_parent_directory` (path.c): returns the directory of a file; empty for a name without a slash. */
export function parentDirectory(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === 0 ? '/' : path.slice(0, Math.max(slash, 0));
}

/** The parts of a path between its slashes, and whether the path begins with a slash. */
interface PathParts {
  readonly parts: readonly string[];
  readonly isRooted: boolean;
}

function resolved({ parts, isRooted }: PathParts): readonly string[] {
  const kept: string[] = [];
  for (const part of parts) {
    if (part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!isRooted) kept.push(part);
  }
  return kept;
}

function resolvedAtEnd({ parts, isRooted }: PathParts): readonly string[] {
  const kept = [...parts];
  let ups = 0;
  for (let last = kept.at(-1); last === '.' || last === '..' || (ups > 0 && last !== undefined); last = kept.at(-1)) {
    kept.pop();
    if (last === '..') ups += 1;
    else if (last !== '.') ups -= 1;
  }
  return isRooted ? kept : [...kept, ...Array.from({ length: ups }, () => '..')];
}
