import { assertProperties, type PropertyNames, shownValue } from '../../arguments.ts';
import { cutStartupName, isStartupName } from '../../c/names.ts';
import { PgHostsslError } from '../../errors.ts';
import type { HbaUser } from '../../hba/rule.ts';
import { type AuthMethod, authMethods } from '../../hba/tables/tables.ts';
import {
  ipv4OfMapped,
  isIpv4Mapped,
  loopbackNetworks,
  mappedPrefix,
  parseNetwork,
  prefixOfMask,
} from '../../net/network.ts';
import { numberOfAddress, rangeOfPrefix } from '../../net/number.ts';
import { type CertificateLevel, certificateLevels } from '../rules/outcome.ts';
import { type Transport, transports } from '../rules/transport.ts';
import type { AddressAtom } from '../space/address-atom.ts';

/**
 * A set of connections. Each field narrows the set, and a missing field does not. The elements of a field are
 * alternatives, and a list must not be empty. A scope is plain data and survives JSON.
 */
export interface ConnectionScope {
  /** The transports of the connections. */
  readonly transport?: readonly Transport[] | undefined;
  /**
   * Networks such as `10.0.0.0/8`, addresses, or `loopback`. A scope with networks contains no Unix-socket connections.
   */
  readonly from?: readonly string[] | undefined;
  /** The names of the databases. */
  readonly databases?: readonly string[] | undefined;
  /** Names of users, or `+role` for the members of a role. */
  readonly users?: readonly string[] | undefined;
  /** `physical` for connections of standbys, which name no database; `none` for all other connections. */
  readonly replication?: 'physical' | 'none' | undefined;
  /** The methods that the deciding rule can have. */
  readonly method?: readonly AuthMethod[] | undefined;
  /** The certificate levels that the deciding rule can demand. */
  readonly certificate?: readonly CertificateLevel[] | undefined;
  /**
   * `refused` if the deciding rule refuses the connection; `way-in` if this rule authenticates the connection with a
   * method.
   */
  readonly outcome?: 'refused' | 'way-in' | undefined;
}

/** A role by its exact name. The name can begin with `+`. */
export interface ExactRole {
  /** The name of the role. */
  readonly role: string;
}

/** A scope whose users can be exact names. */
export type SearchScope = Omit<Scope, 'users'> & { readonly users?: readonly (string | ExactRole)[] | undefined };

/** A set of connections, with exceptions. */
export interface Scope extends ConnectionScope {
  /** The connections to leave out: those that match all fields of `not`. */
  readonly not?: ConnectionScope | undefined;
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
 * Checks a scope from a caller or a policy file.
 *
 * @throws PgHostsslError `argument-invalid` for an unknown field or an invalid network
 */
export function assertScope(scope: Scope, what: string): void {
  assertProperties(scope, { ...fields, not: true }, what);
  if (scope.not !== undefined) assertProperties(scope.not, fields, `not of ${what}`);
  for (const each of [scope, scope.not ?? {}]) {
    for (const transport of listIn(each, 'transport', what)) assertWord(transport, transports, 'transport', what);
    for (const network of listIn(each, 'from', what)) readNetwork(network, what);
    for (const name of [...listIn(each, 'databases', what), ...listIn(each, 'users', what)]) {
      if (typeof name !== 'string' || name === '' || !isStartupName(name))
        throw invalid(what, `${shownValue(name)} is not a name`);
    }
    for (const method of listIn(each, 'method', what)) assertWord(method, methods, 'method', what);
    for (const level of listIn(each, 'certificate', what)) {
      assertWord(level, certificateLevels, 'certificate level', what);
    }
    if (each.replication !== undefined) assertWord(each.replication, ['physical', 'none'], 'replication', what);
    if (each.outcome !== undefined) assertWord(each.outcome, ['refused', 'way-in'], 'outcome', what);
  }
}

const methods: readonly string[] = Object.keys(authMethods);

/**
 * Refuses an unknown word. An unknown word would make the scope empty, and the empty result would look like a proof.
 */
function assertWord(word: unknown, known: readonly unknown[], kind: string, what: string): void {
  if (!known.includes(word)) throw invalid(what, `${shownValue(word)} is not a ${kind}: ${known.join(', ')}`);
}

/** Returns the list in a field of a scope; an empty list if the scope does not have the field. */
function listIn<K extends Exclude<keyof ConnectionScope, 'replication' | 'outcome'>>(
  scope: ConnectionScope,
  field: K,
  what: string,
): NonNullable<ConnectionScope[K]> | readonly [] {
  const list = scope[field];
  if (list === undefined) return [];
  if (!Array.isArray(list) || list.length === 0) throw invalid(what, `${field} must be a list that is not empty`);
  return list;
}

function invalid(what: string, why: string): PgHostsslError {
  return new PgHostsslError('argument-invalid', `In ${what}, ${why}`);
}

/** Words that a scope can contain instead of networks. */
const networkWords: Readonly<Record<string, readonly string[]>> = { loopback: loopbackNetworks };

/**
 * Returns the addresses of a network in a scope.
 *
 * @throws PgHostsslError `argument-invalid` for an invalid network
 */
export function readNetwork(text: string, what = 'the scope'): readonly AddressAtom[] {
  const words = typeof text === 'string' && Object.hasOwn(networkWords, text) ? networkWords[text]! : undefined;
  if (words !== undefined) return words.flatMap((word) => readNetwork(word, what));
  const network = typeof text === 'string' ? parseNetwork(text) : undefined;
  if (network === undefined) throw invalid(what, `${shownValue(text)} is not a network such as 10.0.0.0/8`);
  const { address: ip, mask } = network;
  const prefix = prefixOfMask(mask);
  // An IPv4-mapped address of a client is read as the IPv4 address, as in `Connection`.
  if (isIpv4Mapped(ip) && prefix !== undefined && prefix >= mappedPrefix) {
    const ipv4 = numberOfAddress(ipv4OfMapped(ip));
    return [{ kind: 'range', range: rangeOfPrefix('ipv4', ipv4, prefix - mappedPrefix) }];
  }
  // A mask with holes is refused, because neither its addresses nor these addresses without a network can be written as
  // one range or one mask.
  if (prefix === undefined)
    throw invalid(what, `${JSON.stringify(text)} has a mask with holes, which a scope cannot contain`);
  return [{ kind: 'range', range: rangeOfPrefix(ip.family, numberOfAddress(ip), prefix) }];
}

/**
 * Reads a user in a scope. A name longer than 63 bytes is cut, as the server cuts the names in a connection request.
 */
export function readUser(text: string | ExactRole): HbaUser {
  if (typeof text === 'object') return text.role;
  return text.startsWith('+') ? { memberOf: text.slice(1) } : cutStartupName(text);
}
