import { assertProperties, kindOf } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import { type IpAddress, parseIpAddress } from '../../net/ip.ts';
import { networkContains } from '../../net/network.ts';

/**
 * What the files do not tell about a server and its clients. For each fact that is not given, an answer that depends on
 * it is `unknown` or `maybe` and names the fact.
 */
export interface AccessFacts {
  /**
   * Whether a role is a direct or indirect member of another one (`pg_has_role` with `MEMBER`, superusers by explicit
   * membership alone). A role is a member of itself, and a role that does not exist is a member of nothing.
   */
  readonly memberOf?: (user: string, role: string) => boolean;
  /** The names of all roles of the server. Together with `memberOf` the list makes `+role` exact. */
  readonly roles?: readonly string[];
  /** The addresses of the server's network interfaces, for `samehost` and `samenet`. */
  readonly interfaces?: readonly InterfaceAddress[];
  /** The host names that the server finds for the client's address, if their own addresses hold it; empty for none. */
  readonly hostNames?: readonly string[];
}

/** An address of a network interface. */
export interface InterfaceAddress {
  /** The address. */
  readonly address: string;
  /** The netmask; without one only the address itself is in its network. */
  readonly netmask?: string;
}

/** A fact that an answer depends on and that was not given. */
export type NeededFact =
  | {
      /** Whether a user is a member of a role. */
      readonly kind: 'member';
      /** The user. */
      readonly user: string;
      /** The role. */
      readonly role: string;
    }
  | {
      /** Whether the client has a host name. */
      readonly kind: 'host-name';
      /** The name, or with a leading dot any name below it. */
      readonly hostName: string;
    }
  | {
      /** The addresses of the server's interfaces. */
      readonly kind: 'interfaces';
    }
  | {
      /** Whether a regular expression with syntax of PostgreSQL's own matches a name. */
      readonly kind: 'regex';
      /** The expression without its leading slash. */
      readonly regex: string;
      /** The name. */
      readonly name: string;
    }
  | {
      /** The operating-system user, principal or token subject that the client is authenticated as. */
      readonly kind: 'system-user';
      /** The method that finds the user out. */
      readonly method: string;
    }
  | {
      /** The value of a setting: the input has no `conf`, or not the whole of it. */
      readonly kind: 'setting';
      /** The setting. */
      readonly name: 'krb_caseins_users';
    }
  | {
      /** The content of a file that was not read. */
      readonly kind: 'file';
      /** Its path as the line has it. */
      readonly path: string;
    };

/** Checks the facts that a JavaScript caller passes. @throws PgHostsslError `argument-invalid` */
export function assertFacts(facts: AccessFacts): void {
  assertProperties(facts, { memberOf: true, roles: true, interfaces: true, hostNames: true }, 'facts');
  const { memberOf, roles, interfaces, hostNames } = facts;
  if (memberOf !== undefined && typeof memberOf !== 'function') throw invalid('memberOf must be a function');
  for (const [name, list] of Object.entries({ roles, hostNames })) {
    if (list !== undefined && !(Array.isArray(list) && list.every((each) => typeof each === 'string')))
      throw invalid(`${name} must be a list of names`);
  }
  if (interfaces === undefined) return;
  if (!Array.isArray(interfaces)) throw invalid('interfaces must be a list');
  for (const each of interfaces as readonly InterfaceAddress[]) {
    assertProperties(each, { address: true, netmask: true }, 'an element of interfaces');
    for (const text of [each.address, each.netmask ?? each.address]) {
      if (typeof text !== 'string' || parseIpAddress(text) === undefined)
        throw invalid('address and netmask of interfaces must be IP addresses, without a prefix length');
    }
  }
}

function invalid(why: string): PgHostsslError {
  return new PgHostsslError('argument-invalid', `Not facts: ${why}`);
}

/**
 * Whether the facts say that a user is a member of a role; `undefined` if no fact tells.
 *
 * @throws PgHostsslError `argument-invalid` for an answer of another kind, such as a promise, which is truthy
 */
export function askMember({ memberOf }: AccessFacts, user: string, role: string): boolean | undefined {
  const answer: unknown = memberOf?.(user, role);
  if (answer !== undefined && typeof answer !== 'boolean')
    throw invalid(`memberOf must return a boolean; it returned ${kindOf(answer)}`);
  return answer;
}

/** All members of a role, the role among them; `undefined` unless the facts tell them. */
export function membersOf(role: string, facts: AccessFacts): readonly string[] | undefined {
  const { memberOf, roles } = facts;
  if (memberOf === undefined || roles === undefined) return undefined;
  // A role that does not exist has no members (`is_member`).
  if (!roles.includes(role)) return [];
  return roles.filter((each) => each === role || askMember(facts, each, role) === true);
}

/** Whether an address is one of the interfaces', or with `network` in one of their networks (`check_same_host_or_net`). */
export function isOfInterfaces(
  address: IpAddress,
  interfaces: readonly InterfaceAddress[],
  kind: 'samehost' | 'samenet',
): boolean {
  return interfaces.some((each) => {
    const own = parseIpAddress(each.address);
    if (own === undefined) return false;
    return networkContains(own, interfaceMask(own, each.netmask, kind), address);
  });
}

/** The mask of an interface's addresses; a mask that is missing, zero or of the other family counts as all ones. */
export function interfaceMask(own: IpAddress, netmask: string | undefined, kind: 'samehost' | 'samenet'): IpAddress {
  const full: IpAddress = { family: own.family, bytes: own.bytes.map(() => 0xff) };
  if (kind === 'samehost' || netmask === undefined) return full;
  const mask = parseIpAddress(netmask);
  return mask === undefined || mask.family !== own.family || mask.bytes.every((byte) => byte === 0) ? full : mask;
}
