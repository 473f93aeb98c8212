import { PgHostsslError } from '../../errors.ts';
import { decodeName, nameValues } from '../../names/name.ts';
import { readAlternativeNames } from '../certificate/extensions.ts';
import { addressText, parseHost } from '../certificate/host.ts';
import type { ParsedRequest } from './request.ts';

/**
 * A request must not ask for another role than the one that is granted.
 *
 * @throws PgHostsslError `request-not-allowed`
 */
export function checkClientRequest(request: ParsedRequest, user: string): void {
  const other = nameValues(decodeName(request.subject), 'CN').find((name) => name !== user);
  if (other !== undefined) {
    throw notAllowed(`is for the role ${JSON.stringify(other)}, not for ${JSON.stringify(user)}`);
  }
}

/**
 * A request must not ask for other hosts than those that are granted.
 *
 * @throws PgHostsslError `request-not-allowed`
 */
export function checkServerRequest(request: ParsedRequest, hosts: readonly string[]): void {
  const granted = new Set(
    hosts
      .map(parseHost)
      .flatMap((host) => (host.kind === 'dns' ? [host.name] : [...host.texts, addressText(host.address)])),
  );
  const { dnsNames, ipAddresses } = readAlternativeNames(request.extensions);
  const other = [...dnsNames.map((name) => name.toLowerCase()), ...ipAddresses.map(addressText)].find(
    (name) => !granted.has(name),
  );
  if (other !== undefined) throw notAllowed(`asks for the host ${JSON.stringify(other)}, which is not granted`);
}

function notAllowed(what: string): PgHostsslError {
  return new PgHostsslError('request-not-allowed', `The certificate request ${what}`);
}
