import { parse } from 'pg-connection-string';
import { PgHostsslError } from '../../errors.ts';
import { type ConnectionTarget, connectionTarget } from '../bundle/target.ts';

/**
 * Host, port, user and database of a `postgresql://` URL. What both libpq and `pg` read is read the way libpq does:
 * the database's escapes are all decoded, `+` is a plus sign, `dbname=`, `host=`, `hostaddr=`, `port=` and `user=` of
 * the query win. A password is passed over, and so are `ssl…` parameters: no file that they name is read.
 *
 * @throws PgHostsslError `connection-url-invalid` for what is no such URL (a host list included); and as
 * {@link connectionTarget} does. The URL itself is never part of the message, since it may hold a password.
 */
export function parseConnectionUrl(url: string): ConnectionTarget {
  const { authority, path, query } = splitUrl(url.trim());
  const parameters = new URLSearchParams(query.replaceAll('+', '%2B'));
  for (const name of parameters.keys()) {
    if (name === 'database') {
      throw invalid('it has a query parameter "database", which nobody reads', 'The name of that one is "dbname".');
    }
  }
  const server = parseServerPart(authority, parameters);
  return connectionTarget({
    host: server.host,
    hostaddr: last(parameters, 'hostaddr'),
    port: server.port === '' ? undefined : portNumber(server.port),
    user: server.user,
    // pg-connection-string leaves %2F, %3F, %23, … in a database's name, where libpq decodes them.
    database: last(parameters, 'dbname') ?? decode(path),
  });
}

interface UrlParts {
  readonly authority: string;
  readonly path: string;
  readonly query: string;
}

function splitUrl(url: string): UrlParts {
  const match = /^postgres(?:ql)?:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?(#)?/i.exec(url);
  if (match === null) throw invalid('it does not begin with postgresql://');
  const [, authority = '', path = '', query = '', fragment] = match;
  if (fragment !== undefined) throw invalid('it holds a bare "#"', 'Write it as %23.');
  if (/%(?![0-9a-f]{2})/i.test(url)) throw invalid('it holds a broken escape', 'Write a "%" as %25.');
  if (authority.slice(authority.lastIndexOf('@') + 1).includes(',')) {
    throw invalid('it names several hosts', 'Give one URL for each host.');
  }
  return { authority: escapeBlanks(authority), path, query };
}

interface ServerPart {
  readonly host: string;
  readonly port: string;
  readonly user: string;
}

/** Only what names the server and the user is handed on: `parse` reads files that `ssl…` parameters name. */
function parseServerPart(authority: string, parameters: URLSearchParams): ServerPart {
  const kept = new URLSearchParams();
  for (const name of ['host', 'port', 'user']) {
    const value = last(parameters, name);
    if (value !== undefined) kept.set(name, value);
  }
  // An escaped blank is %20 here, too: "+" would make parse re-encode the whole string.
  const query = kept.toString().replaceAll('+', '%20');
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(`postgresql://${authority}/?${query}`);
  } catch {
    // Not given as the cause: an error of the URL parser carries its input.
    throw invalid('its user, host or port cannot be read', 'Percent-encode what is special in them.');
  }
  if (!parsed.host) {
    throw new PgHostsslError('connection-host-invalid', 'The connection URL names no host', {
      hint: 'Without one a client takes a Unix socket, which has no TLS.',
    });
  }
  return { host: parsed.host, port: parsed.port ?? '', user: parsed.user ?? '' };
}

function last(parameters: URLSearchParams, name: string): string | undefined {
  const value = parameters.getAll(name).at(-1);
  return value === '' ? undefined : value;
}

function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new PgHostsslError('connection-value-invalid', `${text} is not a TCP port`);
  return Number(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('its database is not UTF-8');
  }
}

function escapeBlanks(text: string): string {
  return text.replaceAll(' ', '%20');
}

function invalid(why: string, hint?: string): PgHostsslError {
  return new PgHostsslError('connection-url-invalid', `The connection URL is not usable: ${why}`, {
    ...(hint === undefined ? {} : { hint }),
  });
}
