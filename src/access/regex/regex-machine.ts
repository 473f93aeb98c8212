import type { RegexNode } from './parse-regex.ts';

/** A state of the automaton, with the byte that it consumes or the position that it demands, and the next states. */
type State =
  | { readonly kind: 'set'; readonly has: (byte: number) => boolean; next: number }
  | { readonly kind: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'split'; readonly next: number[] }
  | { readonly kind: 'accept' };

interface TextPosition {
  readonly isStart: boolean;
  readonly isEnd: boolean;
}

/**
 * The largest number of states of an automaton. A regular expression with large nested repetition counts would need
 * more states and is not evaluated.
 */
const stateLimit = 5_000;

/**
 * A nondeterministic finite automaton for a regular expression. It follows all paths through the expression at the same
 * time, so that a match takes at most the length of the expression times the length of the name.
 */
export class RegexMachine {
  readonly #states: State[] = [{ kind: 'accept' }];
  readonly #first: number;

  /**
   * Builds the automaton of an expression.
   *
   * @throws RangeError if the automaton has too many states
   */
  constructor(node: RegexNode) {
    this.#first = this.#build(node, 0);
  }

  /** Returns whether the expression matches some part of the text. */
  test(text: string): boolean {
    let current = new Set<number>();
    for (let i = 0; i <= text.length; i++) {
      // A match can begin at each character.
      if (this.#follow(this.#first, { isStart: i === 0, isEnd: i === text.length }, current)) return true;
      if (i === text.length) return false;
      const byte = text.charCodeAt(i);
      const after = { isStart: false, isEnd: i + 1 === text.length };
      const next = new Set<number>();
      for (const index of current) {
        const state = this.#states[index]!;
        if (state.kind !== 'set' || !state.has(byte)) continue;
        if (this.#follow(state.next, after, next)) return true;
      }
      current = next;
    }
    return false;
  }

  /**
   * Returns the shortest text that matches from start to end; `undefined` if no text matches. The empty text does not
   * count, because no name is empty. If the expression matches the empty text inside a name, the result is `a`.
   */
  example(): string | undefined {
    const seen = new Set<string>();
    type Step = { readonly index: number; readonly text: string; readonly ended: boolean };
    // The search examines all texts of one length before the longer texts, so that the first result is the shortest
    // text.
    let longer: Step[] = [{ index: this.#first, text: '', ended: false }];
    while (longer.length > 0) {
      const queue = longer;
      longer = [];
      for (const { index, text, ended } of queue) {
        const key = `${index} ${text === ''} ${ended}`;
        if (seen.has(key)) continue;
        seen.add(key);
        const state = this.#states[index]!;
        if (state.kind === 'accept') {
          if (text !== '') return text;
          if (this.test('a')) return 'a';
        } else if (state.kind === 'split') {
          for (const next of state.next) queue.push({ index: next, text, ended });
        } else if (state.kind !== 'set') {
          const isEnd = state.kind === 'end';
          if (isEnd || text === '') queue.push({ index: state.next, text, ended: ended || isEnd });
        } else if (!ended) {
          const byte = exampleBytes.find(state.has);
          if (byte !== undefined) longer.push({ index: state.next, text: text + String.fromCharCode(byte), ended });
        }
      }
    }
    return undefined;
  }

  /** `true` if the expression matches every text, because it matches the empty text at the start of every text. */
  get matchesEverything(): boolean {
    return this.#follow(this.#first, { isStart: true, isEnd: false }, new Set());
  }

  /**
   * Adds to `into` the state and all states that the automaton reaches from it without consuming a byte. Returns
   * whether the accepting state is among them.
   */
  #follow(index: number, at: TextPosition, into: Set<number>): boolean {
    if (into.has(index)) return false;
    into.add(index);
    const state = this.#states[index]!;
    switch (state.kind) {
      case 'accept':
        return true;
      case 'set':
        return false;
      case 'split':
        return state.next.some((next) => this.#follow(next, at, into));
      default:
        return (state.kind === 'start' ? at.isStart : at.isEnd) && this.#follow(state.next, at, into);
    }
  }

  /**
   * Adds the states for a node of the expression. After the node, the automaton continues with the state `next`.
   * Returns the first state of the node.
   */
  #build(node: RegexNode, next: number): number {
    switch (node.kind) {
      case 'set':
        return this.#add({ kind: 'set', has: node.has, next });
      case 'start':
      case 'end':
        return this.#add({ kind: node.kind, next });
      case 'sequence':
        return node.nodes.reduceRight((after, piece) => this.#build(piece, after), next);
      case 'choice':
        return this.#add({ kind: 'split', next: node.nodes.map((piece) => this.#build(piece, next)) });
      case 'repeat':
        return this.#buildRepeat(node, next);
    }
  }

  #buildRepeat({ node, min, max }: RegexNode & { readonly kind: 'repeat' }, next: number): number {
    let first = next;
    if (max === Number.POSITIVE_INFINITY) {
      const loop = { kind: 'split' as const, next: [next] };
      first = this.#add(loop);
      loop.next.unshift(this.#build(node, first));
    }
    for (let count = min; count < max && max !== Number.POSITIVE_INFINITY; count++) {
      first = this.#add({ kind: 'split', next: [this.#build(node, first), next] });
    }
    for (let count = 0; count < min; count++) first = this.#build(node, first);
    return first;
  }

  #add(state: State): number {
    if (this.#states.length >= stateLimit) throw new RangeError('The regular expression has too many states');
    return this.#states.push(state) - 1;
  }
}

/** The bytes from which example names are built, in the order of preference: letters first. */
const exampleBytes = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. '].map((c) =>
  c.charCodeAt(0),
);
for (let byte = 1; byte < 256; byte++) if (!exampleBytes.includes(byte)) exampleBytes.push(byte);
