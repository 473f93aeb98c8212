/**
 * Returns a function that makes a value at its first call and returns the same value at every later call. It is used
 * for large tables that few calls need, so that an import of the package or a call does not spend time on them.
 */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
