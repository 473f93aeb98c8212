/** The names of the properties in which errors of drivers and object mappers hold the error that they wrap. */
const innerNames = ['cause', 'original', 'parent', 'driverError', 'driverAdapterError', 'meta', 'errors'] as const;
/** The names of the properties that hold a text or a code. The adapters of Prisma 7 use the last two. */
const textNames = ['code', 'name', 'message', 'reason', 'originalCode', 'originalMessage'] as const;
const deepest = 6;

/** The message, code and reason of an error and of the errors that it wraps. A text is returned unchanged. */
export function textOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const seen = new Set<unknown>();
  const lines: string[] = [];
  const collect = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || seen.has(value) || depth > deepest) return;
    seen.add(value);
    for (const name of textNames) {
      const text = (value as Readonly<Record<string, unknown>>)[name];
      if (typeof text === 'string') lines.push(text);
    }
    for (const name of innerNames) {
      const inner = (value as Readonly<Record<string, unknown>>)[name];
      for (const each of Array.isArray(inner) ? inner : [inner]) collect(each, depth + 1);
    }
  };
  collect(error, 0);
  return lines.join('\n');
}
