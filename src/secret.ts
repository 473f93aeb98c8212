/**
 * The object with one more property that printing passes over: `util.inspect`, `console.log`, `JSON.stringify` and
 * `{...spread}` do not see it, reading it by its name does. Keys are held so, since data like plans gets logged whole.
 */
export function withSecret<T extends object, K extends string, V>(
  object: T,
  name: K,
  value: V,
): T & { readonly [name in K]: V } {
  return Object.defineProperty(object, name, { value, enumerable: false }) as T & { readonly [name in K]: V };
}
