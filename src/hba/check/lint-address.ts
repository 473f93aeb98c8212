import { lintLookAlike } from '../../auth-file/check/look-alike.ts';
import type { LineDiagnostic } from '../../auth-file/read/line-diagnostic.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import {
  dottedIpv4Number,
  formatIpAddress,
  type IpAddress,
  type IpFamily,
  parseDottedIpv4,
  parseIpAddress,
} from '../../net/ip.ts';
import {
  hasBitsOutside,
  ipv4OfMapped,
  isIpv4Mapped,
  mappedPrefix,
  maskOfPrefix,
  networkOf,
  prefixOfMask,
} from '../../net/network.ts';
import { namedLookAlike } from '../../text/look-alikes.ts';
import { isPossibleHostName } from '../read/address.ts';
import type { HbaRecord } from '../read/record.ts';
import type { HbaAddress } from '../rule.ts';
import { addressKeywords } from '../tables/keywords.ts';
import { lintKeyword, ordinaryName } from './lint-name.ts';

const ordinaryHostName = ordinaryName(addressKeywords);

/** Returns whether {@link lintAddress} certainly has no warning about an address. */
export function isOrdinaryAddress(address: HbaAddress): boolean {
  if ('keyword' in address) return true;
  if ('hostName' in address) return ordinaryHostName.test(address.hostName) && isPossibleHostName(address.hostName);
  if ('prefix' in address) {
    const ipv4 = dottedIpv4Number(address.ip);
    // Most addresses are dotted IPv4 addresses. They are checked as numbers, which is faster than lists of bytes.
    if (ipv4 !== undefined) return ipv4 % 2 ** (32 - address.prefix) === 0 && !(ipv4 === 0 && address.prefix === 32);
  }
  const ip = parsePlainIp(address.ip);
  if (ip === undefined) return false;
  const mask = 'prefix' in address ? maskOfPrefix(ip.family, address.prefix) : parsePlainIp(address.mask);
  return mask !== undefined && prefixOfMask(mask) !== undefined && isOrdinaryNetwork(ip, mask);
}

/** Returns the IP address of a text. An IPv4 address must consist of four plain decimal numbers. */
function parsePlainIp(text: string): IpAddress | undefined {
  const bytes = parseDottedIpv4(text);
  if (bytes !== undefined) return { family: 'ipv4', bytes };
  const ip = parseIpAddress(text);
  return ip?.family === 'ipv4' ? undefined : ip;
}

/** Returns the warnings about the address column and the netmask column of a rule. */
export function lintAddress({ address, addressTokens }: HbaRecord): readonly LineDiagnostic[] {
  const [token, maskToken] = addressTokens;
  if (address === undefined || token === undefined || address.kind === 'keyword') return [];
  if (address.kind === 'host-name') {
    const found = lintKeyword(token, addressKeywords);
    return found.length > 0 ? found : lintHostName(token);
  }
  const { address: ip, mask } = address;
  const isPlainNetwork =
    isPlainIp(token.value, ip.family) && (maskToken === undefined || isPlainIp(maskToken.value, ip.family));
  const isOrdinary = isPlainNetwork && prefixOfMask(mask) !== undefined && isOrdinaryNetwork(ip, mask);
  return isOrdinary ? [] : lintNetwork(ip, mask, token, maskToken);
}

/** Returns whether a network matches the addresses that its text suggests. The mask must have no holes. */
function isOrdinaryNetwork(ip: IpAddress, mask: IpAddress): boolean {
  return !isIpv4Mapped(ip) && !hasBitsOutside(ip, mask) && !isUnspecified(ip, mask);
}

/** Returns whether a network is exactly 0.0.0.0/32 or ::/128. No client has this address. */
function isUnspecified(ip: IpAddress, mask: IpAddress): boolean {
  return ip.bytes.every((byte) => byte === 0) && mask.bytes.every((byte) => byte === 0xff);
}

/** Returns the warnings about an unusual network, and about a network in a misleading notation. */
function lintNetwork(
  ip: IpAddress,
  mask: IpAddress,
  token: Token,
  maskToken: Token | undefined,
): readonly LineDiagnostic[] {
  const prefix = prefixOfMask(mask);
  const odd = [token, maskToken].find((each) => each !== undefined && !isPlainIp(each.value, ip.family));
  const span = { start: token.start, end: maskToken?.end ?? token.end };
  const rewrite = (network: IpAddress, length: number): LineDiagnostic['fix'] => {
    const text = `${formatIpAddress(network)}/${length}`;
    return { title: `write ${text}`, ...span, text };
  };
  const diagnostics: LineDiagnostic[] = [];
  const put = (code: LineDiagnostic['code'], message: string, fix?: LineDiagnostic['fix']): void => {
    diagnostics.push({ code, severity: 'warning', message, span, fix });
  };
  if (odd !== undefined) {
    const shown = formatIpAddress(odd === token ? ip : mask);
    const message = `The server reads "${odd.value}" as the address ${shown}. Write that address`;
    put('address-numeric', message, prefix === undefined ? undefined : rewrite(ip, prefix));
  }
  if (prefix === undefined) {
    put(
      'mask-with-holes',
      `The netmask ${maskToken!.value} has 0 bits before 1 bits, and the server applies it bit by bit. Write a netmask whose 1 bits come first`,
    );
  } else if (isIpv4Mapped(ip)) {
    const message =
      'An IPv4-mapped IPv6 address matches no client, because PostgreSQL sees IPv4 clients as IPv4. Write the IPv4 address';
    // There is no automatic fix for ::ffff:0:0/96, because the corrected rule would match every IPv4 client, whereas
    // the rule matches nobody now.
    put(
      'address-ipv4-mapped',
      message,
      prefix > mappedPrefix ? rewrite(ipv4OfMapped(ip), prefix - mappedPrefix) : undefined,
    );
  } else if (isUnspecified(ip, mask)) {
    const message = `No client has the address ${formatIpAddress(ip)}, so the rule matches nothing. Write ${formatIpAddress(ip)}/0 for every address`;
    // There is no automatic fix, because the corrected rule would match everybody, whereas the rule matches nobody now.
    put('address-unspecified', message);
  } else if (odd === undefined && hasBitsOutside(ip, mask)) {
    const network = networkOf(ip, mask);
    const message = `The address has bits outside its mask, which the server ignores: the rule matches ${formatIpAddress(network)}/${prefix}. Write that network`;
    put('address-host-bits', message, rewrite(network, prefix));
  }
  return diagnostics;
}

/**
 * Returns whether an IPv4 address, with or without its prefix length, consists of four plain decimal numbers. Any IPv6
 * address is plain.
 */
function isPlainIp(text: string, family: IpFamily): boolean {
  return family === 'ipv6' || parseDottedIpv4(text.split('/', 1)[0]!) !== undefined;
}

function lintHostName(token: Token): readonly LineDiagnostic[] {
  if (isPossibleHostName(token.value)) return lintLookAlike(token);
  const named = namedLookAlike(token.value);
  if (named !== undefined) {
    const message = `"${token.value}" contains ${named}, so the server reads it as a host name that no client can have. Write the ASCII character`;
    return [{ code: 'address-host-name', severity: 'warning', message, span: token }];
  }
  const message = `"${token.value}" is not an IP address, so the server reads it as a host name that no client can have. Correct the address`;
  return [{ code: 'address-host-name', severity: 'warning', message, span: token }];
}
