import { pgAsciiToLower } from '../../c/ascii.ts';
import { atoi, strtol } from '../../c/numbers.ts';
import { decodeText, encodeText, fromFileText } from '../../text/bytes.ts';

/** An LDAP URL (RFC 4516) as OpenLDAP reads it. */
export interface LdapUrl {
  /** The scheme of the URL, in lower case. */
  readonly scheme: LdapScheme;
  /** The host of the LDAP server, if the URL has one. */
  readonly host: string | undefined;
  /** The port. The default is the standard port of the scheme, and 0 for `ldapi`. */
  readonly port: number;
  /**
   * The base DN of the search. It is empty if no text follows the slash after the host, and `undefined` if the URL has
   * no slash there.
   */
  readonly baseDn: string | undefined;
  /** The attributes, if the URL has this part. The list can be empty. */
  readonly attributes: readonly string[] | undefined;
  /** The scope as its number in the LDAP protocol. */
  readonly scope: number;
  /** The search filter, if the URL has one. */
  readonly filter: string | undefined;
}

/**
 * A scheme of an LDAP URL that OpenLDAP knows. OpenLDAP 2.5 also knows `pldap` and `pldaps`; PostgreSQL refuses these
 * two with another error text.
 */
export type LdapScheme = keyof typeof defaultPorts;

/** The reason why OpenLDAP refuses a URL. */
export interface LdapUrlProblem {
  readonly problem: string;
  /**
   * The text that `ldap_err2string` returns for the number of the URL error. The text is misleading, because it
   * describes an LDAP result code with the same number.
   */
  readonly openLdapText: string;
}

const defaultPorts = { ldap: 389, ldaps: 636, ldapi: 0 } as const;

const scopes: ReadonlyMap<string, number> = new Map([
  ['base', 0],
  ['one', 1],
  ['onelevel', 1],
  ['sub', 2],
  ['subtree', 2],
  ['subord', 3],
  ['subordinate', 3],
  ['children', 3],
]);

const problems = {
  scheme: { problem: 'the URL does not begin with ldap://', openLdapText: 'Time limit exceeded' },
  enclosure: { problem: 'the URL begins with < and does not end with >', openLdapText: 'Size limit exceeded' },
  port: { problem: 'the port of the URL is not a number', openLdapText: 'Compare False' },
  bracket: {
    problem: 'the bracket around the IPv6 address is not closed before the port',
    openLdapText: 'Compare False',
  },
  parts: { problem: 'the URL has more than four question marks', openLdapText: 'Compare False' },
  scope: {
    problem: 'the scope of the URL is neither base, one nor sub',
    openLdapText: 'Strong(er) authentication required',
  },
  filter: { problem: 'the filter of the URL is malformed', openLdapText: 'Partial results and referral received' },
  extensions: { problem: 'no extension follows the fourth question mark of the URL', openLdapText: 'Referral' },
} as const satisfies Record<string, LdapUrlProblem>;

/** Reads an LDAP URL (`ldap_url_parse` of OpenLDAP). */
export function parseLdapUrl(text: string): LdapUrl | LdapUrlProblem {
  const match = /^(<?)(?:url:)?(ldap[si]?):\/\/(.*)$/is.exec(text);
  if (match === null) return problems.scheme;
  const scheme = pgAsciiToLower(match[2]!) as LdapScheme;
  let url = match[3]!;
  if (match[1] === '<') {
    if (!url.endsWith('>')) return problems.enclosure;
    url = url.slice(0, -1);
  }
  // If no slash follows the host, OpenLDAP ignores everything after a question mark.
  const slash = url.indexOf('/');
  const server = parseServer(slash === -1 ? url.split('?', 1)[0]! : url.slice(0, slash), scheme);
  if ('problem' in server) return server;
  const search = parseSearch(slash === -1 ? undefined : url.slice(slash + 1));
  return 'problem' in search ? search : { scheme, ...server, ...search };
}

function parseServer(text: string, scheme: LdapScheme): Pick<LdapUrl, 'host' | 'port'> | LdapUrlProblem {
  const defaultPort = defaultPorts[scheme];
  if (scheme === 'ldapi') return { host: unescapeHex(text) || undefined, port: defaultPort };
  const bracket = text.startsWith('[') ? text.indexOf(']') : 0;
  const colon = text.indexOf(':', bracket);
  // OpenLDAP ignores text after the closing bracket, but a port must follow the bracket directly.
  if (bracket === -1 || (bracket > 0 && colon > bracket + 1)) return problems.bracket;
  const name = colon === -1 ? text : text.slice(0, colon);
  // An empty host counts as no host.
  const host = (bracket > 0 ? unescapeInBrackets(text.slice(1, bracket)) : unescapeHex(name)) || undefined;
  if (colon === -1) return { host, port: defaultPort };
  const port = unescapeHex(text.slice(colon + 1));
  const isNumber = port !== '' && strtol(port, 10).end === port.length;
  return isNumber ? { host, port: atoi(port) || defaultPort } : problems.port;
}

function parseSearch(text: string | undefined): Omit<LdapUrl, 'scheme' | 'host' | 'port'> | LdapUrlProblem {
  if (text === undefined) return { baseDn: undefined, attributes: undefined, scope: 0, filter: undefined };
  const [dn, list, scopeWord, condition, extensions, ...others] = text.split('?');
  const scope = scopeWord ? scopes.get(pgAsciiToLower(unescapeHex(scopeWord))) : 0;
  if (scope === undefined) return problems.scope;
  const filter = condition ? unescapeHex(condition) : undefined;
  if (filter === '') return problems.filter;
  if (others.length > 0) return problems.parts;
  if (extensions !== undefined && elementsOf(extensions).length === 0) return problems.extensions;
  return { baseDn: unescapeHex(dn!), attributes: list ? elementsOf(unescapeHex(list)) : undefined, scope, filter };
}

function elementsOf(list: string): string[] {
  return list.split(',').filter((element) => element !== '');
}

/**
 * Unescapes the host name in brackets as OpenLDAP does. OpenLDAP unescapes the text in its own buffer and stops at an
 * invalid escape. The result is then the unescaped beginning, followed by the original bytes that come after it in the
 * buffer.
 */
function unescapeInBrackets(text: string): string {
  const bad = text.search(badEscape);
  const good = bad === -1 ? text : text.slice(0, bad);
  if (good === text || good.includes('%00')) return unescapeHex(good);
  const bytes = encodeText(text, 'utf-8');
  bytes.set(encodeText(unescapeHex(good), 'utf-8'));
  return decodeText(bytes).text;
}

const badEscape = /%(?![0-9a-f]{2})/i;

/**
 * Replaces each escape such as `%41` by its byte. A NUL ends the text. A `%` without two digits makes the whole text
 * empty.
 */
function unescapeHex(text: string): string {
  if (badEscape.test(text)) return '';
  return text.split('%00', 1)[0]!.replace(/(?:%..)+/g, (escapes) => {
    const codes = escapes.slice(1).split('%');
    const bytes = codes.map((code) => String.fromCharCode(Number.parseInt(code, 16)));
    return fromFileText(bytes.join(''), 'bytes');
  });
}
