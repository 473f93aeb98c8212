/** The path that a name in a file stands for: absolute as it is, else from the file's directory (`AbsoluteConfigLocation`). */
export function resolvePath(name: string, from: string | undefined): string {
  if (isAbsolute(name)) return name;
  if (from === undefined) return canonicalPath(name);
  return canonicalPath(joinPath(directoryOf(from), name));
}

/** A name in a directory. */
export function joinPath(directory: string, name: string): string {
  if (directory === '') return name;
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
}

function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === 0 ? '/' : path.slice(0, Math.max(slash, 0));
}

/** The path without `.`, doubled slashes and the `..` that can be resolved, as `canonicalize_path` leaves it. */
function canonicalPath(path: string): string {
  const parts: string[] = [];
  const absolute = path.startsWith('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!absolute) parts.push(part);
  }
  return absolute ? `/${parts.join('/')}` : parts.join('/') || '.';
}
