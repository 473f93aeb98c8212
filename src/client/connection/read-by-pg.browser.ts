/**
 * Replaces, in a browser, the function that reads a URL as `pg` does. This function always returns `undefined`, because
 * a browser has no `pg`, and `pg-connection-string` needs `fs`.
 */
export function readByPg(_url: string): undefined {
  return undefined;
}
