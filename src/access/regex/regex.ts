import { fileTextOfToken, tokenOfFileText } from '../../text/bytes.ts';
import { parseRegex, type RegexNode } from './parse-regex.ts';
import { RegexMachine } from './regex-machine.ts';

/** Properties of a regular expression whose syntax PostgreSQL and this package read alike. */
export interface Regex {
  /** Returns whether the expression matches some part of a name, as in the server. */
  test(name: string): boolean;
  /** `true` if the expression matches every name. */
  readonly isEverything: boolean;
  /** The only names that the expression matches, if the expression is a choice of a few names. */
  readonly names: readonly string[] | undefined;
  /** The beginning that all matched names share, one character for each byte; empty if it is unknown. */
  readonly prefix: string;
  /** The end that all matched names share, one character for each byte; empty if it is unknown. */
  readonly suffix: string;
  /** `true` if the expression matches each name that begins with `prefix`. */
  readonly isPrefixOnly: boolean;
  /** A name that the expression matches; `undefined` if there is no such name. */
  readonly example: string | undefined;
  /** The number of bytes of the shortest name that the expression matches; infinite if there is no such name. */
  readonly minBytes: number;
}

const known = new Map<string, Regex | undefined>();

/** The largest number of regular expressions in the cache. A full cache is emptied. */
const keptLimit = 10_000;

/**
 * Returns the parsed regular expression of a pattern. The leading slash of the file is not part of the pattern.
 *
 * @returns `undefined` if only a server can evaluate the expression
 */
export function regexOf(pattern: string): Regex | undefined {
  if (known.has(pattern)) return known.get(pattern);
  if (known.size >= keptLimit) known.clear();
  const regex = makeRegex(pattern);
  known.set(pattern, regex);
  return regex;
}

function makeRegex(pattern: string): Regex | undefined {
  const node = parseRegex(pattern);
  if (node === undefined) return undefined;
  let machine: RegexMachine;
  try {
    machine = new RegexMachine(node);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  const { prefix, isPrefixOnly } = prefixOf(node);
  const example = machine.example();
  return {
    test: (name) => machine.test(fileTextOfToken(name)),
    // A regular expression such as `.+` matches every name, because a name has at least one character.
    isEverything: machine.matchesEverything || (/^\^?\.[*+]?\$?$/.test(pattern) && !/^\^\.\$$/.test(pattern)),
    names: namesOf(node),
    prefix,
    suffix: suffixOf(node),
    isPrefixOnly,
    example: example === undefined ? undefined : tokenOfFileText(example, 'bytes'),
    minBytes: example?.length ?? Number.POSITIVE_INFINITY,
  };
}

/** Returns the literal characters after a leading `^`. */
function prefixOf(node: RegexNode): { readonly prefix: string; readonly isPrefixOnly: boolean } {
  const nodes = node.kind === 'sequence' ? node.nodes : [];
  if (nodes[0]?.kind !== 'start') return { prefix: '', isPrefixOnly: false };
  let bytes = '';
  for (const piece of nodes.slice(1)) {
    if (piece.kind !== 'set' || piece.byte === undefined) break;
    bytes += String.fromCharCode(piece.byte);
  }
  return { prefix: bytes, isPrefixOnly: bytes.length === nodes.length - 1 };
}

/** Returns the literal characters before a final `$`. */
function suffixOf(node: RegexNode): string {
  const nodes = node.kind === 'sequence' ? node.nodes : [];
  if (nodes.at(-1)?.kind !== 'end') return '';
  let bytes = '';
  for (const piece of nodes.slice(0, -1).reverse()) {
    if (piece.kind !== 'set' || piece.byte === undefined) break;
    bytes = String.fromCharCode(piece.byte) + bytes;
  }
  return bytes;
}

const namesLimit = 64;

/** Returns the names that an expression matches if it is anchored at both ends and has only a few choices. */
function namesOf(node: RegexNode): readonly string[] | undefined {
  const choices = node.kind === 'choice' ? node.nodes : [node];
  const names = new Set<string>();
  for (const choice of choices) {
    if (choice.kind !== 'sequence') return undefined;
    const { nodes } = choice;
    if (nodes.length < 2 || nodes[0]!.kind !== 'start' || nodes.at(-1)!.kind !== 'end') return undefined;
    const texts = textsOf({ kind: 'sequence', nodes: nodes.slice(1, -1) });
    if (texts === undefined) return undefined;
    for (const text of texts) names.add(tokenOfFileText(text, 'bytes'));
  }
  return names.size > namesLimit ? undefined : [...names];
}

/** Returns all texts that a node without anchors matches, if the texts are few. */
function textsOf(node: RegexNode): readonly string[] | undefined {
  switch (node.kind) {
    case 'set':
      return node.byte === undefined ? bytesIn(node.has) : [String.fromCharCode(node.byte)];
    case 'choice': {
      const lists = node.nodes.map(textsOf);
      return lists.includes(undefined) ? undefined : lists.flatMap((list) => list!);
    }
    case 'sequence':
      return product(node.nodes.map(textsOf));
    case 'repeat': {
      if (node.max > 8) return undefined;
      const texts = textsOf(node.node);
      const lists = Array.from({ length: node.max - node.min + 1 }, (_, i) =>
        product(Array.from({ length: node.min + i }, () => texts)),
      );
      return lists.includes(undefined) ? undefined : lists.flatMap((list) => list!);
    }
    default:
      return undefined;
  }
}

function bytesIn(has: (byte: number) => boolean): readonly string[] | undefined {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte).filter(has);
  return bytes.length > 8 ? undefined : bytes.map((byte) => String.fromCharCode(byte));
}

function product(lists: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  let texts: readonly string[] = [''];
  for (const list of lists) {
    if (list === undefined || texts.length * list.length > namesLimit) return undefined;
    texts = texts.flatMap((text) => list.map((piece) => text + piece));
  }
  return texts;
}
