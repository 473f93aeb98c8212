import { judgeRegex } from '../../auth-file/read/regex.ts';
import { fileTextOfToken } from '../../text/bytes.ts';

/** A node of the syntax tree of a regular expression. The expression matches bytes, not characters. */
export type RegexNode =
  | {
      /** The node matches one byte of a set. */
      readonly kind: 'set';
      /** Returns whether a byte is in the set. */
      readonly has: (byte: number) => boolean;
      /** The only byte of the set, if the expression has a single literal character at this place. */
      readonly byte?: number;
    }
  | {
      /** The node matches only at the start or at the end of the name. */
      readonly kind: 'start' | 'end';
    }
  | {
      /** `sequence`: all nodes, one after another. `choice`: one of the nodes. */
      readonly kind: 'sequence' | 'choice';
      /** The parts of the sequence or the alternatives of the choice. */
      readonly nodes: readonly RegexNode[];
    }
  | {
      /** A part of the expression that can repeat, because a quantifier follows it. */
      readonly kind: 'repeat';
      /** The part of the expression that can repeat. */
      readonly node: RegexNode;
      /** The smallest number of repetitions. */
      readonly min: number;
      /** The largest number of repetitions. */
      readonly max: number;
    };

/**
 * Parses a PostgreSQL regular expression whose syntax {@link judgeRegex} judges as valid. The server compiles the
 * expressions of its authentication files byte by byte in the C locale (`regcomp_auth_token`).
 *
 * @returns `undefined` for an expression that is invalid or uses PostgreSQL's own syntax
 */
export function parseRegex(pattern: string): RegexNode | undefined {
  if (judgeRegex(pattern) !== 'valid') return undefined;
  return new Parser(fileTextOfToken(pattern)).choice();
}

/** The character classes of the escapes `\d`, `\s` and `\w` in the C locale. */
const classes: Readonly<Record<string, RegExp>> = { d: /[0-9]/, s: /[ \t\n\v\f\r]/, w: /[A-Za-z0-9_]/ };

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  choice(): RegexNode {
    const nodes = [this.#sequence()];
    while (this.#text[this.#at] === '|') {
      this.#at += 1;
      nodes.push(this.#sequence());
    }
    return nodes.length === 1 ? nodes[0]! : { kind: 'choice', nodes };
  }

  #sequence(): RegexNode {
    const nodes: RegexNode[] = [];
    for (let c = this.#text[this.#at]; c !== undefined && c !== '|' && c !== ')'; c = this.#text[this.#at]) {
      nodes.push(this.#repeated(this.#atom(c)));
    }
    return { kind: 'sequence', nodes };
  }

  #atom(c: string): RegexNode {
    this.#at += 1;
    if (c === '^' || c === '$') return { kind: c === '^' ? 'start' : 'end' };
    if (c === '.') return { kind: 'set', has: () => true };
    if (c === '(') {
      const node = this.choice();
      this.#at += 1;
      return node;
    }
    if (c === '[') return this.#bracket();
    if (c === '\\') {
      const escaped = this.#text[this.#at]!;
      this.#at += 1;
      const set = classes[escaped];
      return set === undefined ? literal(escaped) : { kind: 'set', has: (byte) => set.test(String.fromCharCode(byte)) };
    }
    return literal(c);
  }

  #bracket(): RegexNode {
    const negated = this.#text[this.#at] === '^';
    if (negated) this.#at += 1;
    const end = this.#text.indexOf(']', this.#at);
    const content = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    const members = new Set<number>();
    for (let i = 0; i < content.length; i++) {
      const isRange = content[i + 1] === '-' && content[i + 2] !== undefined;
      const last = content.charCodeAt(isRange ? i + 2 : i);
      for (let byte = content.charCodeAt(i); byte <= last; byte++) members.add(byte);
      if (isRange) i += 2;
    }
    return { kind: 'set', has: (byte) => members.has(byte) !== negated };
  }

  #repeated(node: RegexNode): RegexNode {
    const rest = this.#text.slice(this.#at);
    const match = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})/.exec(rest);
    if (match === null) return node;
    const [whole, min, comma, max] = match;
    this.#at += whole.length;
    // A question mark after a quantifier prefers the shortest match. Whether the expression matches does not depend on
    // the mark.
    if (this.#text[this.#at] === '?') this.#at += 1;
    if (min === undefined) {
      return { kind: 'repeat', node, min: whole === '+' ? 1 : 0, max: whole === '?' ? 1 : Number.POSITIVE_INFINITY };
    }
    const most = comma === '' ? Number(min) : max === '' ? Number.POSITIVE_INFINITY : Number(max);
    return { kind: 'repeat', node, min: Number(min), max: most };
  }
}

function literal(character: string): RegexNode {
  const byte = character.charCodeAt(0);
  return { kind: 'set', has: (other) => other === byte, byte };
}
