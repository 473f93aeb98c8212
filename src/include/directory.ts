/** The names that `include_dir` takes: ending in `.conf`, not hidden, in byte order (`GetConfFilesInDir`). */
export function configurationFiles(names: readonly string[]): string[] {
  const encoder = new TextEncoder();
  return names
    .map((name) => ({ name, bytes: encoder.encode(name) }))
    .filter(({ name, bytes }) => bytes.length >= 6 && name.endsWith('.conf') && !name.startsWith('.'))
    .sort((a, b) => compareBytes(a.bytes, b.bytes))
    .map(({ name }) => name);
}

/** Whether the name of a directory is empty to `GetConfFilesInDir`. */
export function isBlankName(name: string): boolean {
  return /^[ \t\r\n]*$/.test(name);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at === -1 ? a.length - b.length : a[at]! - (b[at] ?? -1);
}
