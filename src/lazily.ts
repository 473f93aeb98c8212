/**
 * A value that is made at the first call and kept. A table that few calls need costs nothing at import, for which every
 * process waits.
 */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
