import { parse } from 'pg-connection-string';

/** Host and user that `pg` reads from a URL; `undefined` if it cannot read the URL. */
export function readByPg(url: string): { readonly host: string; readonly user: string } | undefined {
  try {
    const { host, user } = parse(url);
    return { host: host ?? '', user: user ?? '' };
  } catch {
    // The error of the URL parser carries its input, so it is not given on.
    return undefined;
  }
}
