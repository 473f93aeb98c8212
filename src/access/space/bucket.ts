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

/** What the rules with one database key and one user key have as addresses. */
export class Bucket {
  /** The index of the first `local` rule. */
  local: number = Number.POSITIVE_INFINITY;
  /** The networks, by family. */
  readonly networks: Partial<Record<IpFamily, NetworkForest>> = {};
  /** Masks with holes, by family. */
  readonly masked: Partial<Record<IpFamily, OddEntry<Cube>[]>> = {};
  /** Host names, and the machine's own addresses if they are not known. */
  readonly open: OddEntry<AddressAtom>[] = [];

  /** The indexes of its rules. */
  readonly rules: number[] = [];

  /** Adds an atom of a rule. */
  add(atom: AddressAtom, transports: TransportSet, index: number): void {
    switch (atom.kind) {
      case 'local':
        this.local = Math.min(this.local, index);
        return;
      case 'range': {
        const { family } = atom.range;
        this.networks[family] ??= new NetworkForest();
        this.networks[family].add(atom.range, transports >> 1, index);
        return;
      }
      case 'masked': {
        this.masked[atom.family] ??= [];
        const cube = { address: BigInt(atom.address), mask: BigInt(atom.mask) };
        this.masked[atom.family]!.push({ atom: cube, transports, index });
        return;
      }
      default:
        this.open.push({ atom, transports, index });
    }
  }
}
