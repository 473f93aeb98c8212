/** Reads nothing: a browser has no `pg`, and `pg-connection-string` needs `fs`. */
export function readByPg(_url: string): undefined {
  return undefined;
}
