import type { IpFamily } from '../../net/ip.ts';
import type { TransportSet } from '../rules/transport.ts';
import type { AddressAtom } from './address-atom.ts';
import type { Cube } from './cubes.ts';
import { NetworkForest } from './network-forest.ts';

/** The addresses of a rule that are no plain network. */
export interface OddEntry<A> {
  /** The addresses. */
  readonly atom: A;
  /** The transports of the rule, `local` as bit 0. */
  readonly transports: TransportSet;
  /** The index of the rule. */
  readonly index: number;
}

/** What the rules with one database key and one user key have as addresses. Most hold one network alone. */
export class Bucket {
  /** The key of its databases. */
  readonly database: string;
  /** The key of its users. */
  readonly user: string;
  /** The index of the first `local` rule. */
  local: number = Number.POSITIVE_INFINITY;
  /** The IPv4 networks. */
  ipv4: NetworkForest | undefined = undefined;
  /** The IPv6 networks. */
  ipv6: NetworkForest | undefined = undefined;
  /** Masks with holes. */
  masked: (OddEntry<Cube> & { readonly family: IpFamily })[] = none;
  /** Host names, and the machine's own addresses if they are not known. */
  open: OddEntry<AddressAtom>[] = none;
  /** The indexes of its rules. */
  readonly rules: number[] = [];

  /** A bucket without rules. */
  constructor(database: string, user: string) {
    this.database = database;
    this.user = user;
  }

  /** Adds an atom of a rule. */
  add(atom: AddressAtom, transports: TransportSet, index: number): void {
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
        const cube = { address: BigInt(atom.address), mask: BigInt(atom.mask) };
        this.masked = [...this.masked, { family: atom.family, atom: cube, transports, index }];
        return;
      }
      default:
        this.open = [...this.open, { atom, transports, index }];
    }
  }
}

/** The list of buckets without such entries; it is replaced, and never filled. */
const none: never[] = [];
