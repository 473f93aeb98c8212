import { parseIpAddress } from '../../net/ip.ts';
import { trimEndOf } from '../../text/trim-end.ts';
import { invalid, type Parameters, storeParameter } from './parameters.ts';

/** Whether libpq reads a connection string as a URI (`uri_prefix_length`). */
export function isUri(text: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(text);
}

/**
 * Reads a URI by the rules of libpq 18 (`conninfo_uri_parse_options`).
 *
 * @throws PgHostsslError `connection-url-invalid`, `connection-parameter-unknown`
 */
export function readUri(uri: string): Parameters {
  const parameters: Parameters = new Map();
  const store = (name: string, text: string): void => {
    if (text !== '') storeParameter(parameters, name, decodeUriPart(text, name));
  };
  let rest = uri.slice(uri.indexOf('://') + 3);
  const credentials = /^([^@/]*)@/.exec(rest);
  if (credentials !== null) {
    // The user name ends at the first colon or "@". Unlike URL parsers, libpq does not look for the last "@".
    const [, user, password = ''] = /^([^:]*)(?::(.*))?$/s.exec(credentials[1]!)!;
    store('user', user!);
    store('password', password);
    rest = rest.slice(credentials[0].length);
  }
  const { host, port, end } = readServers(rest);
  store('host', host);
  store('port', port);
  const [, path, query] = /^(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest.slice(end))!;
  store('dbname', path ?? '');
  readQuery(query ?? '', parameters);
  return parameters;
}

/** The hosts and the ports in a URI, as two comma-separated lists, and the index at which this part of the URI ends. */
function readServers(text: string): { readonly host: string; readonly port: string; readonly end: number } {
  const hosts: string[] = [];
  const ports: string[] = [];
  let end = 0;
  for (;;) {
    const match = /^(?:\[([^\]]*)(\]?)|([^:/?,]*))/.exec(text.slice(end))!;
    const [all, address, bracket, name] = match;
    if (address !== undefined && (bracket === '' || address === '')) throw invalid('its IPv6 address is not complete');
    end += all.length;
    if (address !== undefined && !/^(?:$|[:/?,])/.test(text.slice(end, end + 1))) {
      throw invalid('only a port may follow its IPv6 address');
    }
    const port = /^:[^/?,]*/.exec(text.slice(end))?.[0] ?? '';
    if (name !== undefined && parseIpAddress(`${name}${port}`)?.family === 'ipv6') {
      throw invalid('its IPv6 address has no brackets', 'Write an IPv6 address of a URL in brackets, such as [::1].');
    }
    end += port.length;
    hosts.push(address ?? name!);
    ports.push(port.slice(1));
    if (text[end] !== ',') return { host: hosts.join(), port: ports.join(), end };
    end += 1;
  }
}

/** Reads the query of a URI as `conninfo_uri_parse_params` of libpq does. */
function readQuery(query: string, parameters: Parameters): void {
  // As in libpq, an "&" at the end of the query is ignored.
  for (const parameter of query === '' ? [] : query.replace(/&$/, '').split('&')) {
    const [keyword, value, ...others] = parameter.split('=');
    if (value === undefined)
      throw invalid('a parameter of its query has no "="', 'Write each parameter after the "?" as name=value.');
    if (others.length > 0) throw invalid('a parameter of its query has a second "="', 'Write "=" in a value as %3D.');
    const name = decodeUriPart(keyword!, 'parameter name');
    const decoded = decodeUriPart(value, name);
    if (name === 'ssl' && decoded === 'true') parameters.set('sslmode', 'require');
    else storeParameter(parameters, name, decoded);
  }
}

/**
 * Decodes a part of a URI as `conninfo_uri_decode` of libpq 18 does: spaces around the text are dropped, spaces inside
 * are refused, and tabs are kept.
 */
function decodeUriPart(text: string, what: string): string {
  const trimmed = trimEndOf(text.replace(/^ +/, ''), ' ');
  if (trimmed.includes(' ')) throw invalid('it holds a space', 'Write a space as %20.');
  if (/%(?![0-9a-f]{2})/i.test(trimmed)) throw invalid('it holds a broken escape', 'Write a "%" as %25.');
  if (trimmed.includes('%00')) throw invalid('it holds %00', 'Remove %00: it ends the value for libpq.');
  try {
    return decodeURIComponent(trimmed);
  } catch {
    // The message shows no name of an unknown parameter, because a malformed string may have a password in this place.
    throw invalid(`its ${/^(?:user|host|port|dbname|hostaddr)$/.test(what) ? what : 'text'} is not UTF-8`);
  }
}
