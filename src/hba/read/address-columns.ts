import type { LineDiagnostic } from '../../auth-file/read/line-diagnostic.ts';
import { refuse } from '../../auth-file/read/refusal.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import { type IpAddress, type IpFamily, parseIpAddress } from '../../net/ip.ts';
import { addressBits, prefixOfMask } from '../../net/network.ts';
import type { ServerFacts } from '../../parse-options.ts';
import { isAddressKeyword } from '../tables/keywords.ts';
import { type AddressReading, readAddress, type ServerAddress } from './address.ts';
import type { Columns } from './columns.ts';

/**
 * Reads the address column, and the netmask column if the address needs one.
 *
 * @param warnings receives a warning about the address
 */
export function readAddressColumns(columns: Columns, server: ServerFacts, warnings: LineDiagnostic[]): ServerAddress {
  const token = columns.takeWord('host address', 'an address', 'end-of-line before IP address specification');
  const reading = readAddress(token, server.interfaces);
  const zone = uncheckedZone(reading, server);
  if (zone !== undefined) {
    const isHostName = isHostNameElsewhere(reading, columns);
    warnings.push(zoneWarning(token, zone, isHostName ? 'host-name' : 'address'));
    if (isHostName) return { kind: 'host-name', hostName: token.value };
  }
  switch (reading.kind) {
    case 'host-name-with-mask':
      return refuse({
        code: 'hba-host-name-with-mask',
        span: token,
        serverText: `specifying both host name and CIDR mask is invalid: "${token.value}"`,
        message: `"${token.value}" has a prefix length after a text that is not an IP address. ${insteadOfMask(token.value)}`,
      });
    case 'bad-prefix':
      return refuse({
        code: 'hba-prefix-invalid',
        span: token,
        serverText: `invalid CIDR mask in address "${token.value}"`,
        message: `"${token.value}" has no valid prefix length. ${maskBehindSlash(token.value) ?? 'Give 0 to 32 for IPv4, 0 to 128 for IPv6'}`,
      });
    case 'needs-mask':
      return {
        kind: 'network',
        address: reading.address,
        mask: readMask(columns, reading.address.family, token, server),
      };
    default:
      return reading;
  }
}

/** Returns the advice for a prefix length after a text that is not an IP address. */
function insteadOfMask(text: string): string {
  const host = text.slice(0, text.indexOf('/'));
  if (isAddressKeyword(host)) return `Write the keyword ${host} without a prefix length`;
  return /^\[.*\]$/.test(host) ? 'Remove the brackets' : 'Give an IP address, or a host name without the slash';
}

/** Returns the advice for a netmask behind the slash: `10.0.0.0/255.0.0.0`. */
function maskBehindSlash(text: string): string | undefined {
  const [address, mask, ...others] = text.split('/');
  const ip = mask?.includes('.') || mask?.includes(':') ? parseIpAddress(mask) : undefined;
  const prefix = ip && prefixOfMask(ip);
  const isSameFamily = ip !== undefined && ip.family === parseIpAddress(address!)?.family;
  if (prefix === undefined || !isSameFamily || others.length > 0) return undefined;
  return `A netmask has a column of its own. Write ${address}/${prefix}`;
}

/** Returns the zone of an address if it is not known whether the server's machine has this network interface. */
function uncheckedZone(reading: AddressReading, { interfaces }: ServerFacts): string | undefined {
  const zone = 'address' in reading ? reading.address.zone : undefined;
  return zone === undefined || /^\d+$/.test(zone) || interfaces !== undefined ? undefined : zone;
}

/**
 * Returns whether a server may accept the line because it reads the address with a zone as a host name: no prefix
 * length and no netmask follow the address.
 */
function isHostNameElsewhere({ kind }: AddressReading, columns: Columns): boolean {
  if (kind !== 'needs-mask' || columns.isAtEnd) return false;
  const [next] = columns.tokensBetween(columns.next, columns.next + 1);
  return parseIpAddress(next!.value) === undefined;
}

/**
 * Makes the warning that a line with a zone depends on the network interfaces of the server.
 *
 * @param otherwise what the server reads if it has no interface for the zone: a `host-name`, or an `address` that it
 * refuses
 */
function zoneWarning(span: Token, zone: string, otherwise: 'host-name' | 'address'): LineDiagnostic {
  const message =
    otherwise === 'host-name'
      ? `The server refuses the line if its machine has a network interface ${zone}, because the netmask is missing. Otherwise it reads "${span.value}" as a host name. Write ${span.value}/128`
      : `The server refuses the line if its machine has no network interface ${zone}. Give server.interfaces to check this`;
  return { code: 'address-zone-unchecked', severity: 'warning', span, message };
}

function readMask(columns: Columns, family: IpFamily, address: Token, server: ServerFacts): IpAddress {
  const token = columns.isAtEnd ? undefined : columns.takeWord('netmask', 'a netmask');
  const mask = token && parseIpAddress(token.value, server.interfaces);
  return mask?.family === family ? mask : refuseMask(family, address, token, mask);
}

/** Refuses the token in the place of a netmask, or the end of the line if there is no token. */
function refuseMask(family: IpFamily, address: Token, token: Token | undefined, mask: IpAddress | undefined): never {
  const { value, end } = address;
  // No client has the address 0.0.0.0 or ::, so the author probably meant every address.
  const isUnspecified = parseIpAddress(value)?.bytes.every((byte) => byte === 0) === true;
  const length = isUnspecified ? 0 : addressBits(family);
  const remedy = `Write ${value}/${length} for ${isUnspecified ? 'every' : 'this one'} address, or give a netmask as the next column`;
  const fix = { title: `write ${value}/${length}`, start: end, end, text: `/${length}` };
  if (token === undefined) {
    return refuse({
      code: 'hba-column-missing',
      serverText: 'end-of-line before netmask specification',
      message: `The line ends before the netmask of ${value}. ${remedy}`,
      fix,
    });
  }
  if (mask !== undefined) {
    return refuse({
      code: 'hba-mask-family',
      span: token,
      serverText: 'IP address and mask do not match',
      message: `The address ${value} and the netmask ${token.value} are not both IPv4 or both IPv6. ${remedy}`,
    });
  }
  if (/^\/\d+$/.test(token.value)) return refuseSeparatePrefix(family, address, token);
  return refuse({
    code: 'hba-mask-invalid',
    span: token,
    serverText: invalidMask(token),
    message: `"${token.value}" is not the netmask that must follow ${value}. ${remedy}`,
    // A word such as `scram-sha-256` can be the method. If the word is a mistyped netmask, as in `10.0.0.0 / 8` or
    // `10.0.0.0 mask 255.0.0.0`, appending a prefix length to the address would not correct the line.
    ...(/^(?!(?:net)?mask$)[a-z][a-z0-9_-]*$/i.test(token.value) && { fix }),
  });
}

/** Refuses a prefix length that a blank separates from its address: `10.0.0.0 /8`. */
function refuseSeparatePrefix(family: IpFamily, { value, end }: Token, token: Token): never {
  const why = `A blank separates the prefix length "${token.value}" from ${value}, so it is a column of its own`;
  const isPossible = Number(token.value.slice(1)) <= addressBits(family);
  return refuse({
    code: 'hba-mask-invalid',
    span: token,
    serverText: invalidMask(token),
    message: `${why}. ${isPossible ? 'Remove the blank' : `Remove the blank, and give a prefix length of 0 to ${addressBits(family)}`}`,
    ...(isPossible && { fix: { title: 'remove the blank', start: end, end: token.start, text: '' } }),
  });
}

function invalidMask({ value }: Token): string {
  return `invalid IP mask "${value}": Name or service not known`;
}
