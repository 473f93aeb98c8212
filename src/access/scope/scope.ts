import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { cutStartupName, isStartupName } from '../../c/names.ts';
import { PgHostsslError } from '../../errors.ts';
import type { AuthMethod, HbaUser } from '../../hba/index.ts';
import { authMethods } from '../../hba/tables/tables.ts';
import { formatIpAddress } from '../../net/ip.ts';
import { isIpv4Mapped, loopbackNetworks, parseNetwork, prefixOfMask } from '../../net/network.ts';
import { addressOfNumber, networksOfRange, numberOfAddress, prefixOfNetwork, rangeOfPrefix } from '../../net/number.ts';
import { type CertificateLevel, certificateLevels } from '../rules/outcome.ts';
import { type Transport, transports } from '../rules/transport.ts';
import type { AddressAtom } from '../space/address-atom.ts';

/**
 * A set of connections: each field narrows it, and a field that is not given leaves it as it is. The elements of one
 * field are joined. Plain data, which survives JSON.
 */
export interface ConnectionScope {
  /** The transports. */
  readonly transport?: readonly Transport[];
  /** Networks as `10.0.0.0/8`, addresses, or `loopback`. A scope with networks leaves out Unix sockets. */
  readonly from?: readonly string[];
  /** Databases by name. */
  readonly databases?: readonly string[];
  /** Users by name, or members of a role as `+role`. */
  readonly users?: readonly string[];
  /** `physical` for connections of standbys, which ask for no database; `none` for all others. */
  readonly replication?: 'physical' | 'none';
  /** The methods of the deciding rule. */
  readonly method?: readonly AuthMethod[];
  /** The certificates that the deciding rule demands. */
  readonly certificate?: readonly CertificateLevel[];
  /** Whether the deciding rule refuses the connection, or lets it in by its method. */
  readonly outcome?: 'refused' | 'way-in';
}

/** A role by its exact name, which may begin with `+`. */
export interface ExactRole {
  /** The name. */
  readonly role: string;
}

/** A scope whose users may be exact names. */
export type SearchScope = Omit<Scope, 'users'> & { readonly users?: readonly (string | ExactRole)[] };

/** A set of connections, without those of another one. */
export interface Scope extends ConnectionScope {
  /** Leaves out each connection that matches all of these fields. */
  readonly not?: ConnectionScope;
}

const fields: PropertyNames<ConnectionScope> = {
  transport: true,
  from: true,
  databases: true,
  users: true,
  replication: true,
  method: true,
  certificate: true,
  outcome: true,
};

/**
 * Checks a scope that a caller, or a policy file, gives.
 *
 * @throws PgHostsslError `argument-invalid` for an unknown field or an invalid network
 */
export function assertScope(scope: Scope, what: string): void {
  assertProperties(scope, { ...fields, not: true }, what);
  if (scope.not !== undefined) assertProperties(scope.not, fields, `not of ${what}`);
  for (const each of [scope, scope.not ?? {}]) {
    for (const transport of listOf(each.transport, what)) assertWord(transport, transports, 'transport', what);
    for (const network of listOf(each.from, what)) readNetwork(network, what);
    for (const name of [...listOf(each.databases, what), ...listOf(each.users, what)]) {
      if (typeof name !== 'string' || name === '' || !isStartupName(name))
        throw invalid(what, `${JSON.stringify(name)} is not a name`);
    }
    for (const method of listOf(each.method, what)) assertWord(method, methods, 'method', what);
    for (const level of listOf(each.certificate, what)) assertWord(level, certificateLevels, 'certificate level', what);
    if (each.replication !== undefined) assertWord(each.replication, ['physical', 'none'], 'replication', what);
    if (each.outcome !== undefined) assertWord(each.outcome, ['refused', 'way-in'], 'outcome', what);
  }
}

const methods: readonly string[] = Object.keys(authMethods);

/** Refuses an unknown word, which would make an empty scope, and so a proof that there is no such connection. */
function assertWord(word: unknown, known: readonly unknown[], kind: string, what: string): void {
  if (!known.includes(word)) throw invalid(what, `${JSON.stringify(word)} is not a ${kind}: ${known.join(', ')}`);
}

function listOf<T>(list: readonly T[] | undefined, what: string): readonly T[] {
  if (list === undefined) return [];
  if (!Array.isArray(list) || list.length === 0) throw invalid(what, 'a field must be a list that is not empty');
  return list;
}

function invalid(what: string, why: string): PgHostsslError {
  return new PgHostsslError('argument-invalid', `In ${what}, ${why}`);
}

/** The prefix length of all IPv4-mapped addresses. */
const mappedPrefix = 96;

/** Words for networks. */
const networkWords: Readonly<Record<string, readonly string[]>> = { loopback: loopbackNetworks };

/** The addresses of a scope's network. @throws PgHostsslError `argument-invalid` */
export function readNetwork(text: string, what = 'the scope'): readonly AddressAtom[] {
  const words = typeof text === 'string' && Object.hasOwn(networkWords, text) ? networkWords[text]! : undefined;
  if (words !== undefined) return words.flatMap((word) => readNetwork(word, what));
  const network = typeof text === 'string' ? parseNetwork(text) : undefined;
  if (network === undefined) throw invalid(what, `${JSON.stringify(text)} is not a network such as 10.0.0.0/8`);
  const { address: ip, mask } = network;
  const prefix = prefixOfMask(mask);
  // The client of a connection with such an address is the IPv4 one, as in `Connection`.
  if (isIpv4Mapped(ip) && prefix !== undefined && prefix >= mappedPrefix) {
    const ipv4 = numberOfAddress({ family: 'ipv4', bytes: ip.bytes.slice(12) });
    return [{ kind: 'range', range: rangeOfPrefix('ipv4', ipv4, prefix - mappedPrefix) }];
  }
  // Addresses under a mask with holes are no range, and what is left of them without a network would be no mask.
  if (prefix === undefined) throw invalid(what, `${JSON.stringify(text)} has a mask with holes, which no scope takes`);
  return [{ kind: 'range', range: rangeOfPrefix(ip.family, numberOfAddress(ip), prefix) }];
}

/** The user of a scope's text; a name is cut as the server cuts that of a connection. */
export function readUser(text: string | ExactRole): HbaUser {
  if (typeof text === 'object') return text.role;
  return text.startsWith('+') ? { memberOf: text.slice(1) } : cutStartupName(text);
}

/** The texts of addresses: networks, addresses with a mask, host names, keywords; none for `local`. */
export function shownAddresses(atom: AddressAtom): readonly string[] {
  switch (atom.kind) {
    case 'local':
      return [];
    case 'range':
      return networksOfRange(atom.range).map((network) => {
        const ip = formatIpAddress(addressOfNumber(network.family, network.start));
        return `${ip}/${prefixOfNetwork(network)}`;
      });
    case 'masked': {
      const text = (number: number | bigint): string => formatIpAddress(addressOfNumber(atom.family, number));
      return [`${text(atom.address)} ${text(atom.mask)}`];
    }
    case 'host-name':
      return [atom.hostName];
    default:
      return [atom.kind];
  }
}
