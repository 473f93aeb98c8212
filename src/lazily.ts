/**
 * Returns a function that makes a value at its first call and returns the same value from then on. Large tables use it,
 * so that an import does not spend time on tables that few calls need.
 */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
