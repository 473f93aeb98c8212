import { firstPosition } from '../../first-position.ts';
import type { AddressNumber, AddressRange } from '../../net/number.ts';
import { tcpTransports } from '../rules/transport.ts';
import type { Budget } from './budget.ts';
import { CubeList, cubeOfNetwork } from './cubes.ts';

/** A network and, for each TCP transport, the first rule with this network. */
export interface Block {
  /** The first address of the network, as a number. */
  readonly start: AddressNumber;
  /** The number that follows the number of the last address. */
  readonly next: AddressNumber;
  /** The smallest other network that contains this network. */
  readonly parent: Block | undefined;
  /** The index of the first rule with this network, by TCP transport. */
  readonly first: readonly number[];
}

/** The first rules of a network without a rule, by TCP transport. */
const noRules: readonly number[] = Array.from({ length: tcpTransports }, () => Number.POSITIVE_INFINITY);

/**
 * The distinct networks of one address family. One network contains another network or is disjoint from it, so the
 * networks form a forest (a set of trees). Repeated networks are merged, because otherwise each search step would take
 * time in proportion to the repetitions.
 */
export class NetworkForest {
  readonly #added: { readonly range: AddressRange; readonly transports: number; readonly index: number }[] = [];
  #blocks: Block[] | undefined;
  /**
   * The first addresses of the networks. A search in an array of numbers is several times faster than in an array of
   * objects.
   */
  #starts: AddressNumber[] = [];
  #cubes: CubeList | undefined;

  /**
   * Adds the network of a rule.
   *
   * @param transports the TCP transports of the rule; see {@link tcpBits}
   */
  add(range: AddressRange, transports: number, index: number): void {
    this.#added.push({ range, transports, index });
    this.#blocks = undefined;
    this.#cubes = undefined;
  }

  /** The networks, sorted by their first address. A network comes after the networks that contain it. */
  get blocks(): readonly Block[] {
    this.#blocks ??= this.#build();
    return this.#blocks;
  }

  /** The networks as `Cube`s. */
  get cubes(): CubeList {
    if (this.#cubes === undefined) {
      this.#cubes = new CubeList();
      for (const block of this.blocks) this.#cubes.add(cubeOfNetwork(block));
    }
    return this.#cubes;
  }

  /**
   * Returns the widest network that contains an address and that belongs to a rule with an index below `limit`.
   *
   * @param transport the bit of a TCP transport; see {@link firstTcp}
   */
  widestAt(position: AddressNumber, transport: number, limit: number, budget?: Budget): Block | undefined {
    let widest: Block | undefined;
    let block = this.innermostAt(position);
    for (; block !== undefined; block = block.parent) {
      budget?.take();
      if (block.first[transport]! < limit) widest = block;
    }
    return widest;
  }

  /** Returns the smallest network that contains an address. */
  innermostAt(position: AddressNumber): Block | undefined {
    const { blocks } = this;
    const starts = this.#starts;
    let block = blocks[firstPosition(starts.length, (i) => starts[i]! > position) - 1];
    while (block !== undefined && block.next <= position) block = block.parent;
    return block;
  }

  /** Returns the position of the first network whose first address is at or after an address. */
  positionOf(address: AddressNumber): number {
    const { length } = this.blocks;
    const starts = this.#starts;
    return firstPosition(length, (i) => starts[i]! >= address);
  }

  #build(): Block[] {
    const added = this.#added;
    if (added.length > 1) {
      added.sort(({ range: a }, { range: b }) => compare(a.start, b.start) || compare(b.next, a.next));
    }
    const blocks: (Block & { first: number[] })[] = [];
    let last: (Block & { first: number[] }) | undefined;
    for (const { range, transports, index } of added) {
      if (last === undefined || last.start !== range.start || last.next !== range.next) {
        let parent: Block | undefined = last;
        while (parent !== undefined && parent.next <= range.start) parent = parent.parent;
        last = { start: range.start, next: range.next, parent, first: noRules.slice() };
        blocks.push(last);
      }
      for (let i = 0; i < tcpTransports; i++) {
        if ((transports & (1 << i)) !== 0 && index < last.first[i]!) last.first[i] = index;
      }
    }
    this.#starts = blocks.map(({ start }) => start);
    return blocks;
  }
}

function compare(a: AddressNumber, b: AddressNumber): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
