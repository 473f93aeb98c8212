import { defaultPgMajor, type PgMajor, type PgMajorSpan, spanIncludes } from '../version.ts';

/** The path that a name in a file stands for: absolute as it is, else from the file's directory (`AbsoluteConfigLocation`). */
export function resolvePath(name: string, from: string | undefined, version: PgMajor = defaultPgMajor): string {
  if (isAbsolute(name)) return name;
  if (from === undefined) return canonicalPath(name, version);
  return canonicalPath(joinPath(directoryOf(from), name), version);
}

/** A path as a major's `canonicalize_path` leaves it: without doubled and last slashes, and the `.` and `..` that it resolves. */
export function canonicalPath(path: string, version: PgMajor): string {
  const isAbsolutePath = path.startsWith('/');
  const parts = path.split('/').filter((part) => part !== '');
  const kept = (spanIncludes(resolvesAtEndOnly, version) ? resolvedAtEnd : resolved)(parts, isAbsolutePath).join('/');
  if (isAbsolutePath) return `/${kept}`;
  return kept === '' && path !== '' ? '.' : kept;
}

/** Majors that take `.` and `..` out of the end of a path only. */
const resolvesAtEndOnly: PgMajorSpan = { until: 14 };

/** A name in a directory, without any `./` that it begins with (`join_path_components`). */
export function joinPath(directory: string, name: string): string {
  const tail = name.replace(/^(?:\.\/)+/, '');
  if (directory === '') return tail;
  return directory.endsWith('/') ? directory + tail : `${directory}/${tail}`;
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
}

function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === 0 ? '/' : path.slice(0, Math.max(slash, 0));
}

function resolved(parts: readonly string[], isAbsolutePath: boolean): readonly string[] {
  const kept: string[] = [];
  for (const part of parts) {
    if (part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!isAbsolutePath) kept.push(part);
  }
  return kept;
}

function resolvedAtEnd(parts: readonly string[], isAbsolutePath: boolean): readonly string[] {
  const kept = [...parts];
  let ups = 0;
  for (let last = kept.at(-1); last === '.' || last === '..' || (ups > 0 && last !== undefined); last = kept.at(-1)) {
    kept.pop();
    if (last === '..') ups += 1;
    else if (last !== '.') ups -= 1;
  }
  return isAbsolutePath ? kept : [...kept, ...Array.from({ length: ups }, () => '..')];
}
