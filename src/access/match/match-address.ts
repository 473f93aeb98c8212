import { pgAsciiToLower } from '../../c/ascii.ts';
import { type AccessFacts, isOfInterfaces } from '../rules/facts.ts';
import type { RuleAddress } from '../rules/rule-address.ts';
import type { MatchedConnection } from './connection.ts';
import type { Verdict } from './verdict.ts';

/** Returns whether the address column matches a client (`check_ip`, `check_same_host_or_net`, `check_hostname`). */
export function matchAddress(rule: RuleAddress, connection: MatchedConnection, facts: AccessFacts): Verdict {
  const address = connection.address!;
  const number = connection.number!;
  switch (rule.kind) {
    case 'all':
      return true;
    case 'network': {
      const { family, start, next } = rule.range;
      return family === address.family && number >= start && number < next;
    }
    case 'masked':
      return rule.family === address.family && (BigInt(number) & BigInt(rule.mask)) === BigInt(rule.address);
    case 'host-name':
      return matchHostName(rule.hostName, facts);
    default:
      if (facts.interfaces === undefined) return [{ kind: 'interfaces' }];
      return isOfInterfaces(address, facts.interfaces, rule.kind);
  }
}

/**
 * Returns whether the host name of a rule matches a host name of the client. A rule's host name with a leading dot
 * matches every name that ends with it (`hostname_match`).
 */
export function matchHostName(hostName: string, { hostNames }: AccessFacts): Verdict {
  if (hostNames === undefined) return [{ kind: 'host-name', hostName }];
  return hostNames.some((name) => {
    const lower = pgAsciiToLower(name);
    return hostName.startsWith('.') ? lower.endsWith(hostName) : lower === hostName;
  });
}
