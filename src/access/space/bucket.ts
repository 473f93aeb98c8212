import type { IpFamily } from '../../net/ip.ts';
import { wholeFamily } from '../../net/number.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { AccessFacts } from '../rules/facts.ts';
import { firstTcp, type TransportSet } from '../rules/transport.ts';
import { type AddressAtom, addressAtoms } from './address-atom.ts';
import { type Cube, CubeList, cubeOf } from './cubes.ts';
import { NetworkForest } from './network-forest.ts';

/** Addresses of a rule that are no network. */
interface OddEntry {
  /** The transports of the rule, `local` as bit 0. */
  readonly transports: TransportSet;
  /** The index of the rule. */
  readonly rule: number;
}

/**
 * The rules with one database key and one user key. Most buckets hold one rule, and no question asks for its addresses:
 * they are sorted when a question first needs them.
 */
export class Bucket {
  /** The key of its users. */
  readonly user: string;
  /** Its rules, in their order. */
  readonly rules: AccessRule[];
  #addresses: BucketAddresses | undefined = undefined;

  /** A bucket with its first rule. */
  constructor(user: string, first: AccessRule) {
    this.user = user;
    this.rules = [first];
  }

  /** The addresses of its rules. */
  addresses(facts: AccessFacts): BucketAddresses {
    if (this.#addresses === undefined) {
      this.#addresses = new BucketAddresses();
      for (const rule of this.rules) this.#addresses.add(rule, facts);
    }
    return this.#addresses;
  }
}

/** The addresses of some rules. */
export class BucketAddresses {
  /** The index of the first `local` rule. */
  local: number = Number.POSITIVE_INFINITY;
  /** The IPv4 networks. */
  ipv4: NetworkForest | undefined = undefined;
  /** The IPv6 networks. */
  ipv6: NetworkForest | undefined = undefined;
  /** Masks with holes. */
  readonly masked: Readonly<Record<IpFamily, (OddEntry & Cube)[]>> = { ipv4: [], ipv6: [] };
  /** The cubes of `masked`, at the same positions. */
  readonly maskedCubes: Readonly<Record<IpFamily, CubeList>> = { ipv4: new CubeList(), ipv6: new CubeList() };
  /** Host names, and the machine's own addresses if they are not known. */
  readonly open: (OddEntry & { readonly atom: AddressAtom })[] = [];

  /** The transports that every rule with addresses has. */
  common: TransportSet = ~0;

  /** Adds the addresses of a rule. */
  add({ address, transports, index }: AccessRule, facts: AccessFacts): void {
    if (address !== undefined) this.common &= transports;
    for (const atom of addressAtoms(address, facts)) this.#addAtom(atom, transports, index);
  }

  /**
   * Whether a rule before a rule may match the first address of it over its first transport.
   *
   * @param rule its address is a network, `all`, or none
   */
  mayHoldFirst({ address, transports, index }: AccessRule): boolean {
    if (address === undefined) return this.local < index;
    const { family, start } = address.kind === 'network' ? address.range : wholeFamily.ipv4;
    if (this.open.length > 0 || this.masked[family].length > 0) return true;
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
        forest.add(atom.range, transports >> 1, index);
        return;
      }
      case 'masked': {
        const { address, mask } = cubeOf(atom.address, atom.mask);
        this.masked[atom.family].push({ address, mask, transports, rule: index });
        this.maskedCubes[atom.family].add({ address, mask });
        return;
      }
      default:
        this.open.push({ atom, transports, rule: index });
    }
  }
}
