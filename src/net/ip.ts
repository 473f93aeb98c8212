import { digitOf, strtoul } from '../c/numbers.ts';

const dot = 0x2e;
const colon = 0x3a;

/** The address family of an IP address. */
export type IpFamily = 'ipv4' | 'ipv6';

/** An IPv4 or IPv6 address. */
export interface IpAddress {
  /** The family of the address. */
  readonly family: IpFamily;
  /** The bytes in network order: 4 for IPv4, 16 for IPv6. */
  readonly bytes: readonly number[];
  /** The zone of an IPv6 address: `lo` in `fe80::1%lo`. */
  readonly zone?: string;
}

/**
 * Parses an IP address like `getaddrinfo` with `AI_NUMERICHOST`, which the server calls in `parse_hba_line`. IPv4 has
 * all forms of `inet_aton` (`10` is 0.0.0.10, `010.0.0.1` is 8.0.0.1, `0x7f.1` is 127.0.0.1). IPv6 has the forms of
 * `inet_pton`, with or without a zone.
 *
 * @param interfaces the names of the machine's network interfaces. The zone of a link-local address must be one of
 * them. By default, every name is valid
 * @returns `undefined` for a text that is not a numeric address, such as a host name
 */
export function parseIpAddress(text: string, interfaces?: readonly string[]): IpAddress | undefined {
  const ipv4 = parseDottedIpv4(text) ?? parseInetAton(text);
  if (ipv4 !== undefined) return { family: 'ipv4', bytes: ipv4 };
  const percent = text.indexOf('%');
  const bytes = parseIpv6(percent === -1 ? text : text.slice(0, percent));
  if (bytes === undefined) return undefined;
  if (percent === -1) return { family: 'ipv6', bytes };
  const zone = text.slice(percent + 1);
  return isZone(zone, bytes, interfaces) ? { family: 'ipv6', bytes, zone } : undefined;
}

/**
 * Returns the canonical text of an address, as `inet_ntop` writes it. The zone is omitted, as in PostgreSQL's views.
 */
export function formatIpAddress(address: IpAddress): string {
  return address.family === 'ipv4' ? address.bytes.join('.') : formatIpv6(address.bytes);
}

/**
 * glibc's `__inet_aton_exact`: reads one to four numbers like `strtoul` with base 0. The last number fills all
 * remaining bytes.
 */
function parseInetAton(text: string): number[] | undefined {
  const bytes: number[] = [];
  for (let start = 0; ; ) {
    const first = text.charCodeAt(start);
    // The first character must be a digit. `strtoul` alone would also accept blanks and a sign.
    if (!(first >= 0x30 && first <= 0x39)) return undefined;
    const { value, end } = strtoul(text, start);
    if (end === text.length) {
      const width = 4 - bytes.length;
      if (value >= 256 ** width) return undefined;
      for (let shift = width - 1; shift >= 0; shift--) bytes.push(Math.floor(value / 256 ** shift) % 256);
      return bytes;
    }
    if (text.charCodeAt(end) !== dot || value > 255 || bytes.length === 3) return undefined;
    bytes.push(value);
    start = end + 1;
  }
}

/** `inet_pton(AF_INET6)`: RFC 4291 section 2.2, including a dotted IPv4 address in the last 32 bits. */
function parseIpv6(text: string): number[] | undefined {
  const bytes: number[] = [];
  let gap = -1;
  let groupStart = 0;
  if (text.startsWith(':')) {
    if (!text.startsWith('::')) return undefined;
    groupStart = 1;
  }
  for (let at = groupStart; at <= text.length; at++) {
    const code = text.charCodeAt(at);
    if (digitOf(code) < 16) {
      if (at - groupStart === 4) return undefined;
    } else if (code === dot) {
      const ipv4 = parseDottedIpv4(text, groupStart);
      if (ipv4 === undefined) return undefined;
      bytes.push(...ipv4);
      break;
    } else if (code === colon || at === text.length) {
      if (at > groupStart) {
        if (bytes.length === 16) return undefined;
        const group = Number.parseInt(text.slice(groupStart, at), 16);
        bytes.push(group >> 8, group & 0xff);
        // If the address ends in a single colon, the last group is missing.
        if (at === text.length - 1) return undefined;
      } else if (code === colon) {
        if (gap !== -1) return undefined;
        gap = bytes.length;
      }
      groupStart = at + 1;
    } else return undefined;
  }
  if (gap === -1) return bytes.length === 16 ? bytes : undefined;
  if (bytes.length > 14) return undefined;
  const address = new Array<number>(16).fill(0);
  for (let i = 0; i < bytes.length; i++) address[i < gap ? i : i + 16 - bytes.length] = bytes[i]!;
  return address;
}

/**
 * `inet_pton(AF_INET)`: four decimal numbers without leading zeros. `inet_aton` reads the same address from such a
 * text, but is slower.
 *
 * @param from the offset at which the address begins
 */
export function parseDottedIpv4(text: string, from = 0): number[] | undefined {
  const address = dottedIpv4Number(text, from);
  return address === undefined
    ? undefined
    : [address >>> 24, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff];
}

/** Returns the address of {@link parseDottedIpv4} as an unsigned number of 32 bits. */
export function dottedIpv4Number(text: string, from = 0): number | undefined {
  let address = 0;
  let byte = -1;
  let dots = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === dot && byte !== -1 && dots < 3) {
      address = address * 256 + byte;
      byte = -1;
      dots += 1;
    } else {
      if (!(code >= 0x30 && code <= 0x39) || byte === 0) return undefined;
      byte = Math.max(byte, 0) * 10 + code - 0x30;
      if (byte > 255) return undefined;
    }
  }
  return dots === 3 && byte !== -1 ? address * 256 + byte : undefined;
}

/** The length of the longest name of a network interface (`IFNAMSIZ` without its NUL). */
const longestInterfaceName = 15;

/**
 * glibc's `__inet6_scopeid_pton`: the zone is the name of an interface for link-local and node-local addresses, or a
 * 32-bit number for all addresses. The kernel ignores a colon in a name and everything after it.
 */
function isZone(zone: string, bytes: readonly number[], interfaces: readonly string[] | undefined): boolean {
  if (/^\d+$/.test(zone)) return Number(zone) <= 0xffffffff;
  const scope = bytes[1]! & 0x0f;
  const hasInterface =
    (bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80) || (bytes[0] === 0xff && (scope === 0x01 || scope === 0x02));
  const [name] = zone.split(':', 1);
  return hasInterface && zone.length <= longestInterfaceName && (interfaces?.includes(name!) ?? name !== '');
}

/**
 * `inet_ntop`: the longest run of two or more zero groups becomes `::`. IPv4-compatible and IPv4-mapped addresses end
 * in the dotted form.
 */
function formatIpv6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
  const zeros = longestZeroRun(groups);
  const dotted = zeros.start === 0 && (zeros.length === 6 || (zeros.length === 5 && groups[5] === 0xffff));
  const texts = groups.map((group) => group.toString(16));
  if (dotted) texts.splice(6, 2, bytes.slice(12).join('.'));
  if (zeros.length < 2) return texts.join(':');
  return `${texts.slice(0, zeros.start).join(':')}::${texts.slice(zeros.start + zeros.length).join(':')}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  return best;
}
