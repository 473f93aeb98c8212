/**
 * Copies an argument of an asynchronous function. The caller may then change its objects before the promise settles,
 * and the result is still that of the values at the call.
 *
 * Arrays, plain objects, dates and bytes are copied, at every depth. The function keeps objects of classes, such as a
 * file object. It also keeps plain objects with methods below the argument, such as `files` or `provider`, because the
 * caller may keep a state in them.
 */
export function copyArgument<T>(argument: T): T {
  const copies = new Map<unknown, unknown>();
  function copy(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (copies.has(value)) return copies.get(value);
    if (value instanceof Date) return new Date(value);
    if (value instanceof Uint8Array) return new Uint8Array(value);
    if (!Array.isArray(value) && !(isPlain(value) && (value === argument || !hasMethods(value)))) return value;
    const target: Record<string, unknown> = (Array.isArray(value) ? new Array(value.length) : {}) as never;
    // The copy is noted before its parts, because an object may contain itself.
    copies.set(value, target);
    for (const [name, part] of Object.entries(value)) {
      // An assignment to `__proto__` would set the prototype instead.
      if (name === '__proto__') Object.defineProperty(target, name, { value: copy(part), enumerable: true });
      else target[name] = copy(part);
    }
    return target;
  }
  return copy(argument) as T;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function hasMethods(value: object): boolean {
  return Object.values(value).some((part) => typeof part === 'function');
}
