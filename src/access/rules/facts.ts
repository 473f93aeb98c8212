import { assertFunction, assertList, assertProperties, isTextList, kindOf } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import { type IpAddress, parseIpAddress } from '../../net/ip.ts';
import { networkContains } from '../../net/network.ts';

/**
 * Facts about a server and its clients that are not in the files. If a fact is missing and an answer depends on it, the
 * answer is `unknown` or `maybe` and names the fact.
 */
export interface AccessFacts {
  /**
   * Returns whether a role is a direct or indirect member of another role (`pg_has_role` with `MEMBER`; for a
   * superuser, only explicit membership counts). A role is a member of itself. A role that does not exist is a member
   * of nothing.
   */
  readonly memberOf?: ((user: string, role: string) => boolean) | undefined;
  /**
   * The names of all roles of the server. Together with `memberOf`, the list makes answers about `+role` exact. A login
   * of another role fails, so `authenticate` refuses it. Functions that search, such as `searchAccess` and
   * `accessTable`, judge the rules for every name, because somebody may create a role later: an example may name a role
   * that is not in the list.
   */
  readonly roles?: readonly string[] | undefined;
  /**
   * The addresses of the server's network interfaces, for `samehost` and `samenet`. The server also counts interfaces
   * that are down, which `networkInterfaces` of `node:os` omits.
   */
  readonly interfaces?: readonly InterfaceAddress[] | undefined;
  /**
   * The host names that the server finds for the client's address, if they resolve to this address; an empty list if
   * the address has no such name. The server asks for one name (`getnameinfo`) and compares no aliases. Functions that
   * search use the names only if the scope consists of one client address.
   */
  readonly hostNames?: readonly string[] | undefined;
}

/** An address of a network interface. */
export interface InterfaceAddress {
  /** The IP address of the interface. */
  readonly address: string;
  /** The netmask. Without a netmask, the network contains only the address. */
  readonly netmask?: string | undefined;
}

/** A missing fact on which an answer depends. */
export type NeededFact =
  | {
      /** The missing fact: whether a user is a member of a role; see `memberOf` of the facts. */
      readonly kind: 'member';
      /** The name of the user. */
      readonly user: string;
      /** The name of the role. */
      readonly role: string;
    }
  | {
      /** The missing fact: whether the client has a host name; see `hostNames` of the facts. */
      readonly kind: 'host-name';
      /** The host name. A name with a leading dot means any name that ends with it. */
      readonly hostName: string;
    }
  | {
      /** The missing fact: the addresses of the server's network interfaces. */
      readonly kind: 'interfaces';
    }
  | {
      /** The missing fact: whether a name matches a regular expression that uses PostgreSQL's own syntax. */
      readonly kind: 'regex';
      /** The regular expression without its leading slash. */
      readonly regex: string;
      /** The name to match against the regular expression. */
      readonly name: string;
    }
  | {
      /**
       * The missing fact: the identity that the authentication method finds, such as an operating-system user, a
       * Kerberos principal or a token subject.
       */
      readonly kind: 'system-user';
      /** The authentication method. */
      readonly method: string;
    }
  | {
      /**
       * The missing fact: the value of a setting, because the input has no `conf`, or because a file of `conf` was not
       * read.
       */
      readonly kind: 'setting';
      /** The name of the setting. */
      readonly name: 'krb_caseins_users';
    }
  | {
      /** The missing fact: the content of a file that was not read. */
      readonly kind: 'file';
      /** The path, as the line writes it. */
      readonly path: string;
    };

/**
 * Checks the facts for callers without type checks.
 *
 * @throws PgHostsslError `argument-invalid` for invalid facts
 */
export function assertFacts(facts: AccessFacts): void {
  assertProperties(facts, { memberOf: true, roles: true, interfaces: true, hostNames: true }, 'facts');
  const { memberOf, roles, interfaces, hostNames } = facts;
  if (memberOf !== undefined) assertFunction(memberOf, 'memberOf of the facts');
  for (const [name, list] of Object.entries({ roles, hostNames })) {
    if (list !== undefined && !isTextList(list)) throw invalid(`${name} must be a list of names`);
  }
  if (interfaces === undefined) return;
  assertList(interfaces, 'interfaces of the facts');
  for (const each of interfaces) {
    assertProperties(each, { address: true, netmask: true }, 'an element of interfaces');
    for (const text of [each.address, each.netmask ?? each.address]) {
      if (typeof text !== 'string' || parseIpAddress(text) === undefined)
        throw invalid('address and netmask of interfaces must be IP addresses, without a prefix length');
    }
  }
}

function invalid(why: string): PgHostsslError {
  return new PgHostsslError('argument-invalid', `The facts are not valid: ${why}`);
}

/**
 * Returns whether a user is a member of a role; `undefined` if the facts have no `memberOf`.
 *
 * @throws PgHostsslError `argument-invalid` if `memberOf` does not return a boolean; a promise would count as true
 */
export function askMember({ memberOf }: AccessFacts, user: string, role: string): boolean | undefined {
  const answer: unknown = memberOf?.(user, role);
  if (answer !== undefined && typeof answer !== 'boolean')
    throw invalid(`memberOf must return a boolean; it returned ${kindOf(answer)}`);
  return answer;
}

/**
 * Returns whether a user is a member of a role (`is_member`); `undefined` if a fact is missing. A role that does not
 * exist is not a member and has no members.
 */
export function isMember(facts: AccessFacts, user: string, role: string): boolean | undefined {
  const { roles } = facts;
  if (role === '' || roles?.includes(user) === false || roles?.includes(role) === false) return false;
  return isMemberIfBothExist(facts, user, role);
}

/** Returns all members of a role, including the role; `undefined` if a fact is missing. */
export function membersOf(role: string, facts: AccessFacts): readonly string[] | undefined {
  const { memberOf, roles } = facts;
  if (memberOf === undefined || roles === undefined) return undefined;
  if (role === '' || !roles.includes(role)) return [];
  return roles.filter((each) => isMemberIfBothExist(facts, each, role) === true);
}

/** Returns the answer of {@link isMember} for two existing roles. Each existing role is a member of itself. */
function isMemberIfBothExist(facts: AccessFacts, user: string, role: string): boolean | undefined {
  if (user === role && (facts.roles !== undefined || facts.memberOf === undefined)) return true;
  return askMember(facts, user, role);
}

/**
 * Returns whether an address belongs to a network interface of the server. For `samenet`, returns whether the address
 * is in the network of an interface (`check_same_host_or_net`).
 */
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

/**
 * Returns the netmask of a network interface. If the netmask is missing, zero or of the other address family, returns a
 * mask of 1 bits.
 */
export function interfaceMask(own: IpAddress, netmask: string | undefined, kind: 'samehost' | 'samenet'): IpAddress {
  const full: IpAddress = { family: own.family, bytes: own.bytes.map(() => 0xff) };
  if (kind === 'samehost' || netmask === undefined) return full;
  const mask = parseIpAddress(netmask);
  return mask === undefined || mask.family !== own.family || mask.bytes.every((byte) => byte === 0) ? full : mask;
}
