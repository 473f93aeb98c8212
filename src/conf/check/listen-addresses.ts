import { formatIpAddress, parseIpAddress } from '../../net/ip.ts';

/**
 * Judges `listen_addresses`. The server looks up each element with `getaddrinfo`. If the lookup fails, the server logs
 * a warning and goes on with the next element. If it listens at no element, it does not start (`PostmasterMain`).
 */
export function judgeListenAddresses(
  elements: readonly string[],
): { readonly refused: string } | { readonly doubtful: string } | undefined {
  const wrong = elements.filter((element) => !isPossible(element));
  const words = elements.filter((element) => wordsOfSwitches.test(element));
  const [first = words[0]] = wrong;
  if (first === undefined) return undefined;
  if (wrong.length === elements.length)
    return { refused: `the server does not start, because ${whyImpossible(first)}` };
  return {
    doubtful:
      wrong.length > 0
        ? `the server does not listen at one of the addresses, because ${whyImpossible(first)}`
        : asName(first),
  };
}

/** Words that mean every address or no address in other programs, but are host names in `listen_addresses`. */
const wordsOfSwitches = /^(?:all|any|on|off|true|false|yes|no|none)$/i;

function asName(word: string): string {
  return `the server looks up ${JSON.stringify(word)} as a host name, and does not start if it listens at no address. Write '*' for all addresses, '' for none`;
}

/** Returns whether the element can be an address or a host name. */
function isPossible(element: string): boolean {
  if (element === '*' || parseIpAddress(element) !== undefined) return true;
  return !/[\0-,/:-@[-^`{-\x7f]/.test(element) && !/^[\d.]+$/.test(element);
}

function whyImpossible(element: string): string {
  const shown = JSON.stringify(element);
  const [, network] = /^(.*)\/\d{1,3}$/.exec(element) ?? [];
  const ip = network === undefined ? undefined : parseIpAddress(network);
  if (ip !== undefined) {
    const isAll = ip.bytes.every((byte) => byte === 0);
    return `${shown} has a prefix length, which belongs in pg_hba.conf. Write ${isAll ? `${formatIpAddress(ip)} or *` : 'an address of the server'}`;
  }
  if (element.includes('://')) return `${shown} is a URL. Write the address or the host name alone`;
  if (element.startsWith('/')) return `${shown} is a path. Name directories of Unix sockets in unix_socket_directories`;
  const [, host, port] = /^(.*):(\d+)$/.exec(element) ?? [];
  if (port !== undefined)
    return `${shown} has a port. Write ${host === '' ? '*' : withoutBrackets(host!)}, and set port = ${port}`;
  if (/^\[.*\]$/.test(element)) return `${shown} has brackets. Write ${withoutBrackets(element)}`;
  if (element.includes(';')) return `${shown} has a semicolon. Write a comma between two addresses`;
  if (element.includes('*'))
    return `${shown} is a pattern, but the setting takes no patterns. Write * alone for all addresses`;
  return `${shown} is neither an IP address nor a host name. Write an address of the server, or * for all addresses`;
}

function withoutBrackets(text: string): string {
  return text.replace(/^\[(.*)\]$/, '$1');
}
