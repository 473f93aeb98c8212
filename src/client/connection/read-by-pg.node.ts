import { parse } from 'pg-connection-string';

/** The host and user that `pg` reads from a URL; `undefined` if `pg` cannot read the URL. */
export function readByPg(
  url: string,
): { readonly host: string | null; readonly user?: string | undefined } | undefined {
  try {
    // The other properties are not passed on, because one of them holds the password.
    const { host, user } = parse(url);
    return { host, user };
  } catch {
    // The error of the URL parser is not passed on, because it holds the URL.
    return undefined;
  }
}
