import type { IpFamily } from '../../net/ip.ts';
import { wholeFamily } from '../../net/number.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { AccessFacts } from '../rules/facts.ts';
import { firstTcp, type TransportSet, tcpBits } from '../rules/transport.ts';
import { type AddressAtom, addressAtoms } from './address-atom.ts';
import { type Cube, CubeList, cubeOf } from './cubes.ts';
import { NetworkForest } from './network-forest.ts';
import { OpenRules } from './open-rules.ts';
import { RulesByAddress } from './rules-by-address.ts';

/** A rule whose addresses are not a network but an address with a mask that has holes. */
interface OddEntry {
  /** The transports of the rule; bit 0 is `local`. */
  readonly transports: TransportSet;
  /** The index of the rule in the list of all rules. */
  readonly rule: number;
}

/**
 * The rules with the same database key and the same user key. The addresses of these rules are indexed only when a
 * search needs them, because most buckets have one rule and are never searched.
 */
export class Bucket {
  /** The rules of the bucket, in file order. */
  readonly rules: AccessRule[];
  #addresses: BucketAddresses | undefined = undefined;
  #byAddress: RulesByAddress | undefined = undefined;

  /** Creates a bucket with its first rules, in file order. */
  constructor(rules: readonly AccessRule[]) {
    this.rules = [...rules];
  }

  /** Returns an index of the addresses of the bucket's rules. */
  addresses(facts: AccessFacts): BucketAddresses {
    if (this.#addresses === undefined) {
      this.#addresses = new BucketAddresses();
      for (const rule of this.rules) this.#addresses.add(rule, facts);
    }
    return this.#addresses;
  }

  /** Returns an index of the bucket's rules by address. */
  byAddress(facts: AccessFacts): RulesByAddress {
    this.#byAddress ??= new RulesByAddress(this.rules, facts);
    return this.#byAddress;
  }
}

/** Returns the rules of several buckets, in file order and without duplicates. */
export function rulesOfBuckets(buckets: readonly Bucket[]): readonly AccessRule[] {
  return [...new Set(buckets.flatMap(({ rules }) => rules))].sort((a, b) => a.index - b.index);
}

/** The addresses of some rules, sorted by kind. */
export class BucketAddresses {
  /** The index of the first `local` rule. */
  local: number = Number.POSITIVE_INFINITY;
  /** The IPv4 networks of the rules. */
  ipv4: NetworkForest | undefined = undefined;
  /** The IPv6 networks of the rules. */
  ipv6: NetworkForest | undefined = undefined;
  /** The rules whose address column has a mask with holes. */
  readonly masked: Readonly<Record<IpFamily, (OddEntry & Cube)[]>> = { ipv4: [], ipv6: [] };
  /** The addresses and masks of `masked`, at the same positions. */
  readonly maskedCubes: Readonly<Record<IpFamily, CubeList>> = { ipv4: new CubeList(), ipv6: new CubeList() };
  /** The rules for host names, and the rules for `samehost` and `samenet` if the interfaces are unknown. */
  open: OpenRules | undefined = undefined;
  /** The transports that all rules with addresses share. */
  common: TransportSet = ~0;

  add({ address, transports, index }: AccessRule, facts: AccessFacts): void {
    if (address !== undefined) this.common &= transports;
    for (const atom of addressAtoms(address, facts)) this.#addAtom(atom, transports, index);
  }

  /**
   * Returns whether an earlier rule in this index can match a connection from the first address of the given rule over
   * the given rule's first transport.
   *
   * @param rule a rule whose address is a network, `all`, or missing
   */
  mayHoldFirst({ address, transports, index }: AccessRule): boolean {
    if (address === undefined) return this.local < index;
    const { family, start } = address.kind === 'network' ? address.range : wholeFamily.ipv4;
    if (this.open !== undefined || this.masked[family].length > 0) return true;
    return this[family]?.widestAt(start, firstTcp(transports), index) !== undefined;
  }

  #addAtom(atom: AddressAtom, transports: TransportSet, index: number): void {
    switch (atom.kind) {
      case 'local':
        this.local = Math.min(this.local, index);
        return;
      case 'range': {
        const { family } = atom.range;
        let forest = this[family];
        if (forest === undefined) {
          forest = new NetworkForest();
          this[family] = forest;
        }
        forest.add(atom.range, tcpBits(transports), index);
        return;
      }
      case 'masked': {
        const { address, mask } = cubeOf(atom.address, atom.mask);
        this.masked[atom.family].push({ address, mask, transports, rule: index });
        this.maskedCubes[atom.family].add({ address, mask });
        return;
      }
      default:
        this.open ??= new OpenRules();
        this.open.add({ atom, transports, rule: index });
    }
  }
}
