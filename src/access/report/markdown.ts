import { isLoopback, parseNetwork } from '../../net/network.ts';
import { withoutControls } from '../../text/control-characters.ts';
import { mapOf, type PlacedRule } from '../rules/access-rule.ts';
import { methodRows } from '../rules/methods.ts';
import type { AccessRow } from './access-row.ts';

/**
 * Formats the rows as a Markdown table, with a sentence about all other connections. If there are included files, line
 * numbers do not tell which row decides, so a further column has the position of each row's first rule.
 *
 * @param positions the position of each rule in the order in which the server reads the rules, from 1; `undefined` if
 * there are no included files
 */
export function markdownOf(rows: readonly AccessRow[], positions: ReadonlyMap<PlacedRule, number> | undefined): string {
  const areFilesNamed = positions !== undefined;
  const head = ['from', 'encryption', 'databases', 'users', 'way in', 'lines', ...(areFilesNamed ? ['order'] : [])];
  const body = rows.map((row) => [
    shownFrom(row),
    encryptionOf(row),
    names(row.databases),
    names(row.users),
    wayIn(row),
    shownLines(row.rules, areFilesNamed),
    ...(areFilesNamed ? [`${positions.get(row.rules[0]!)}`] : []),
  ]);
  const lines = [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`);
  const first = areFilesNamed ? 'the lowest number in the last column' : 'the first line';
  return `${lines.join('\n')}\n\nIf several rows match a connection, the row with ${first} decides. All other connections are refused.\n`;
}

function shownFrom({ from, transport, folded, outcome }: AccessRow): string {
  if (outcome.kind === 'unknown') return 'unknown';
  if (transport.includes('local')) return 'this machine, socket';
  if (from.includes('all') || (from.includes('0.0.0.0/0') && from.includes('::/0'))) return 'anywhere';
  const machine = from.every(isLoopbackText) ? 'this machine, ' : '';
  if (folded !== undefined && from.length > 3) {
    const isOfNetworks = from.every((each) => each.includes('/'));
    if (isOfNetworks) return `${folded} rules, ${from.length} networks: ${sizesOf(from)}`;
    return `${folded} rules: ${from.slice(0, 3).map(escaped).join(', ')} and ${from.length - 3} more`;
  }
  return machine + from.map((each) => escaped(withoutFullPrefix(each))).join(' and ');
}

/** Returns a network as text. A single address is shown without its prefix length, `/32` or, in IPv6, `/128`. */
function withoutFullPrefix(network: string): string {
  return network.replace(network.includes(':') ? /\/128$/ : /\/32$/, '');
}

/**
 * Returns whether a network of a row, such as `127.0.0.0/8` or an address with a mask, contains only loopback
 * addresses.
 */
function isLoopbackText(text: string): boolean {
  const network = parseNetwork(text);
  return network !== undefined && isLoopback(network.address, network.mask);
}

/** Returns the prefix lengths of networks in words, such as `/24 to /28 and /64 each` for IPv4 and IPv6 networks. */
function sizesOf(from: readonly string[]): string {
  const families = [from.filter((each) => !each.includes(':')), from.filter((each) => each.includes(':'))];
  const sizes = families.flatMap((networks): readonly string[] => {
    const lengths = networks.map((each) => Number(each.split('/')[1])).sort((a, b) => a - b);
    const [first, last] = [lengths[0], lengths.at(-1)];
    if (first === undefined) return [];
    return [first === last ? `/${first} each` : `/${first} to /${last}`];
  });
  return sizes.join(' and ');
}

function encryptionOf({ transport, outcome }: AccessRow): string {
  if (transport.includes('local') || outcome.kind === 'unknown') return '–';
  const has = (each: 'plain' | 'ssl' | 'gss'): boolean => transport.includes(each);
  if (has('plain')) return has('ssl') ? 'with or without TLS' : 'without TLS';
  return has('ssl') ? 'TLS' : 'GSS encryption';
}

function names(list: readonly string[]): string {
  const shown = list.length > 6 ? [...list.slice(0, 5), `${list.length - 5} more`] : list;
  return shown.map(escaped).join(', ');
}

function wayIn({ outcome, rules }: AccessRow): string {
  if (outcome.kind === 'refused') return 'refused';
  if (outcome.kind === 'unknown') return 'unknown: the rules of a file that was not read';
  const { method, certificate } = outcome;
  const map = shownMaps(rules);
  const { words = method, wordsOfMap } = methodRows[method];
  const way = map === undefined || wordsOfMap === undefined ? words : `${wordsOfMap} ${map} (${method})`;
  if (certificate === 'none' || method === 'cert') return way;
  return `${way}, with a certificate${certificate === 'verify-full' ? ` ${map ?? 'of the user'}` : ''}`;
}

/**
 * Returns the maps of some rules in words, such as `that map m lets in`; `undefined` without a map. With a map, a rule
 * lets in another user than the certificate or the account names.
 */
function shownMaps(rules: readonly PlacedRule[]): string | undefined {
  const maps = [...new Set(rules.flatMap(({ rule }) => (rule === undefined ? [] : [mapOf(rule)])))];
  return maps.every((map) => map === '') ? undefined : `that map ${maps.map(escaped).join(' or ')} lets in`;
}

/** Returns the line numbers of some rules, such as `1–2, 7`, with the paths of their files if the table names files. */
function shownLines(rules: readonly PlacedRule[], areFilesNamed: boolean): string {
  const files = [...new Set(rules.map(({ file }) => file))];
  return files
    .map((file) => {
      const spans: [number, number][] = [];
      for (const { line } of rules.filter((rule) => rule.file === file)) {
        const last = spans.at(-1);
        if (last !== undefined && line === last[1] + 1) last[1] = line;
        else spans.push([line, line]);
      }
      const text = spans.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
      return !areFilesNamed || file === undefined ? text : `${escaped(file)}: ${text}`;
    })
    .join('; ');
}

/**
 * Escapes a text so that no character of it starts a new cell, a new line or other Markdown. A browser shows several
 * blanks as one blank, so all but the first are no-break spaces.
 */
function escaped(text: string): string {
  return withoutControls(text)
    .replace(/[\\`*_<>|[\]&~]/g, '\\$&')
    .replace(/(?<= ) /g, '&nbsp;');
}
