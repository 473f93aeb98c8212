import { assertProperties } from '../../arguments.ts';
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
      /** The content of a file that was not read. */
      readonly kind: 'file';
      /** Its path as the line has it. */
      readonly path: string;
    };

/** Checks the facts that a JavaScript caller passes. @throws PgHostsslError `argument-invalid` */
export function assertFacts(facts: AccessFacts): void {
  assertProperties(facts, { memberOf: true, roles: true, interfaces: true, hostNames: true }, 'facts');
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
