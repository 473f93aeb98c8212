import type { AddressNumber, AddressRange } from '../../net/number.ts';
import type { Budget } from './budget.ts';
import { CubeList, cubeOfNetwork } from './cubes.ts';

/** A network and, for each transport, the first rule with this network. */
export interface Block {
  /** The first address. */
  readonly start: AddressNumber;
  /** The number after the last address. */
  readonly next: AddressNumber;
  /** The smallest block that contains this block. */
  readonly parent: Block | undefined;
  /** The index of the first rule with this network, by transport. */
  readonly first: readonly number[];
}

/** The number of transports with addresses: all except `local`. */
const tcpTransports = 3;

/**
 * The distinct networks of one address family. Two networks nest or are disjoint, so the networks form a forest.
 * Repeated networks are merged, because otherwise each step would take time in proportion to the repetitions.
 */
export class NetworkForest {
  readonly #added: { readonly range: AddressRange; readonly transports: number; readonly index: number }[] = [];
  #blocks: Block[] | undefined;
  /** The starts of the blocks. An array of numbers is searched several times faster than objects. */
  #starts: AddressNumber[] = [];
  #cubes: CubeList | undefined;

  /** Adds the network of a rule. @param transports transport bits without `local` */
  add(range: AddressRange, transports: number, index: number): void {
    this.#added.push({ range, transports, index });
    this.#blocks = undefined;
    this.#cubes = undefined;
  }

  /** The blocks. Each block comes after the blocks that contain it. */
  get blocks(): readonly Block[] {
    this.#blocks ??= this.#build();
    return this.#blocks;
  }

  /** The blocks as cubes. */
  get cubes(): CubeList {
    if (this.#cubes === undefined) {
      this.#cubes = new CubeList();
      for (const block of this.blocks) this.#cubes.add(cubeOfNetwork(block));
    }
    return this.#cubes;
  }

  /**
   * Returns the widest block that contains an address and belongs to a rule before a limit.
   *
   * @param transport 0 for plain, 1 for TLS, 2 for GSS
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

  /** The smallest block that holds an address. */
  innermostAt(position: AddressNumber): Block | undefined {
    const { blocks } = this;
    const starts = this.#starts;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! <= position) low = middle + 1;
      else high = middle;
    }
    let block = blocks[low - 1];
    while (block !== undefined && block.next <= position) block = block.parent;
    return block;
  }

  /** The position of the first block that begins at or behind an address. */
  positionOf(address: AddressNumber): number {
    const starts = this.#starts;
    let low = 0;
    let high = this.blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! < address) low = middle + 1;
      else high = middle;
    }
    return low;
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
        const first = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
        last = { start: range.start, next: range.next, parent, first };
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
