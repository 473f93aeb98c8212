import { firstPosition } from '../../first-position.ts';
import { addToGroup } from '../../group-by.ts';
import type { HbaDatabase, HbaUser } from '../../hba/rule.ts';
import { fileTextOfToken } from '../../text/bytes.ts';
import { type Regex, regexOf } from '../regex/regex.ts';
import type { OpenAtom, OpenToken, UserAtom } from './atom.ts';
import type { Budget } from './budget.ts';
import { keyOf, type Special } from './column-key.ts';
import type { Maybe } from './covers.ts';

/** Special elements of a column, which a search takes or leaves together. */
export interface SpecialGroup<E> {
  readonly specials: readonly Special<E>[];
}

/** The parameters of a search for the special elements that match a set of names. */
export interface SpecialQuestion<E> {
  readonly mode: 'sure' | 'possible';
  /** The remaining computing steps. */
  readonly budget: Budget;
  /** A name that no line mentions. */
  readonly fresh: string;
  /** `true` if the facts tell about the members of roles, so that each role has an answer of its own. */
  readonly hasRoleFacts: boolean;
  /** Returns whether an element matches all names of the set. */
  readonly covers: (element: E) => Maybe;
}

type Pattern<E> = Special<E> & { readonly regex: Regex };

/** The special elements of a column by kind, and the regular expressions by the literal texts at their ends. */
interface Sorted<E> {
  readonly byKey: ReadonlyMap<string, Special<E>>;
  readonly keywords: SpecialGroup<E>;
  readonly files: SpecialGroup<E>;
  readonly roles: SpecialGroup<E>;
  /** All regular expressions. */
  readonly patterns: SpecialGroup<E>;
  /** The regular expressions that match every name. */
  readonly everything: SpecialGroup<E>;
  /** The regular expressions that only a server can evaluate. */
  readonly unreadable: SpecialGroup<E>;
  /** The other regular expressions, by the literal text at the start of all names that match. */
  readonly byPrefix: ReadonlyMap<string, readonly Pattern<E>[]>;
  /** The texts of `byPrefix` except the empty text, sorted. */
  readonly prefixes: readonly string[];
  /** The regular expressions without such a text. */
  readonly loose: SpecialGroup<E>;
  /** The expressions of `loose`, by the literal text at the end of all names that match. */
  readonly bySuffix: ReadonlyMap<string, readonly Special<E>[]>;
  /** The expressions of `loose` without such a text. */
  readonly inside: SpecialGroup<E>;
}

/**
 * The special elements of a column. A file can have thousands of them, and each rule asks which of them match its
 * names. So a regular expression is looked up by the literal text at its start or end, and elements that differ only in
 * unknown facts form a group.
 */
export class Specials<E extends HbaDatabase | HbaUser> {
  readonly list: Special<E>[] = [];
  #sorted: Sorted<E> | undefined = undefined;
  /** For each invented name, the regular expressions that may match all names which no line mentions. */
  readonly #ofFresh = new Map<string, SpecialGroup<E>>();

  /** Adds an element, which must differ from the elements before. */
  add(special: Special<E>): void {
    this.list.push(special);
    this.#sorted = undefined;
  }

  /**
   * Yields the elements that match all names of a set: those that certainly match, and with the mode `possible` also
   * those that missing facts could make match.
   *
   * @param atom the names; `undefined` if only a keyword or a file can match
   */
  *matching(
    atom: UserAtom | undefined,
    question: SpecialQuestion<E>,
  ): Generator<Special<E> | SpecialGroup<E>, undefined, undefined> {
    if (this.list.length === 0) return;
    this.#sorted ??= sortedOf(this.list);
    const { keywords, files, roles, everything, unreadable, inside } = this.#sorted;
    const isPossible = question.mode === 'possible';
    yield* counting(keywords.specials, question);
    if (isPossible) yield files;
    if (atom === undefined) return;
    yield everything;
    // A member of a role or the content of a file is known by its own element only.
    if (!isPossible) yield* counting(this.#own(atom), question);
    if (question.hasRoleFacts) yield* counting(roles.specials, question);
    else if (isPossible && (atom.kind === 'name' || atom.tokens.some(({ kind }) => kind !== 'regex'))) yield roles;
    if (atom.kind === 'name') {
      if (isPossible) yield unreadable;
      yield* counting(this.#atEnds(atom.name), question);
      yield* counting(inside.specials, question);
    } else if (!isPossible) yield* counting(this.#holding(atom), question);
    else if (atom.tokens.length === 0) yield this.#possibleForFresh(question);
    else yield* this.#notApart(atom, question);
  }

  /**
   * Yields all elements that can match a name, and perhaps further elements.
   *
   * @param name the name; `undefined` if only a keyword or a file can match
   * @param roles the roles of which the user is a member, if they are known
   */
  *near(
    name: string | undefined,
    roles: readonly string[] | undefined,
  ): Generator<Special<E> | SpecialGroup<E>, undefined, undefined> {
    if (this.list.length === 0) return;
    this.#sorted ??= sortedOf(this.list);
    yield this.#sorted.keywords;
    yield this.#sorted.files;
    if (name === undefined) return;
    if (roles === undefined) yield this.#sorted.roles;
    else yield* this.#withKeys(roles.map((role) => ({ memberOf: role })));
    yield this.#sorted.everything;
    yield this.#sorted.unreadable;
    yield* this.#atEnds(name);
    yield this.#sorted.inside;
  }

  *#withKeys(elements: readonly HbaUser[]): Generator<Special<E>> {
    for (const element of elements) {
      const special = this.#sorted!.byKey.get(keyOf(element));
      if (special !== undefined) yield special;
    }
  }

  /** Yields the elements with which a set of names was described, and the role with the name. */
  *#own(atom: UserAtom): Generator<Special<E>> {
    if (atom.kind === 'name') yield* this.#withKeys([{ memberOf: atom.name }]);
    else yield* this.#withKeys(atom.tokens.flatMap(elementOf));
  }

  /** Yields the regular expressions whose literal text at the start or end is in the name. */
  *#atEnds(name: string): Generator<Special<E>> {
    const { byPrefix, bySuffix } = this.#sorted!;
    const text = fileTextOfToken(name);
    for (let i = 1; i <= text.length; i++) {
      yield* byPrefix.get(text.slice(0, i)) ?? [];
      yield* bySuffix.get(text.slice(-i)) ?? [];
    }
  }

  /** Yields the regular expressions that match every name with the start that all names of the set have. */
  *#holding({ tokens }: OpenAtom): Generator<Special<E>> {
    for (const { prefix } of patternsOf(tokens)) {
      for (let i = 1; i <= prefix.length; i++) {
        const found = this.#sorted!.byPrefix.get(prefix.slice(0, i)) ?? [];
        yield* found.filter(({ regex }) => regex.isPrefixOnly);
      }
    }
  }

  /** Returns the regular expressions that may match all names which no line mentions. */
  #possibleForFresh(question: SpecialQuestion<E>): SpecialGroup<E> {
    let group = this.#ofFresh.get(question.fresh);
    if (group === undefined) {
      group = { specials: [...counting(this.#sorted!.patterns.specials, question)] };
      this.#ofFresh.set(question.fresh, group);
    }
    return group;
  }

  /** Yields the regular expressions that can match a name of a set that is described by elements. */
  *#notApart(
    atom: OpenAtom,
    question: SpecialQuestion<E>,
  ): Generator<Special<E> | SpecialGroup<E>, undefined, undefined> {
    const { patterns, unreadable, byPrefix, prefixes, loose } = this.#sorted!;
    const longest = patternsOf(atom.tokens).reduce(
      (best, { prefix }) => (prefix.length > best.length ? prefix : best),
      '',
    );
    if (longest === '') {
      yield patterns;
      return;
    }
    yield unreadable;
    yield loose;
    yield* counting(this.#own(atom), question);
    for (let i = 1; i < longest.length; i++) yield* counting(byPrefix.get(longest.slice(0, i)) ?? [], question);
    const first = firstPosition(prefixes.length, (at) => prefixes[at]! >= longest);
    for (let at = first; prefixes[at]?.startsWith(longest) === true; at++)
      yield* counting(byPrefix.get(prefixes[at]!)!, question);
  }
}

/** Yields the elements that count as a match in the mode of the question. */
function* counting<E>(
  specials: Iterable<Special<E>>,
  { mode, budget, covers }: SpecialQuestion<E>,
): Generator<Special<E>, undefined, undefined> {
  for (const special of specials) {
    budget.take();
    const verdict = covers(special.element);
    if (verdict === true || (verdict === undefined && mode === 'possible')) yield special;
  }
}

function sortedOf<E extends HbaDatabase | HbaUser>(list: readonly Special<E>[]): Sorted<E> {
  const empty = (): { readonly specials: Special<E>[] } => ({ specials: [] });
  const [keywords, files, roles] = [empty(), empty(), empty()];
  const [patterns, everything, unreadable, loose, inside] = [empty(), empty(), empty(), empty(), empty()];
  const byPrefix = new Map<string, Pattern<E>[]>();
  const bySuffix = new Map<string, Special<E>[]>();
  for (const special of list) {
    const element: HbaDatabase | HbaUser = special.element;
    if (typeof element === 'string' || 'keyword' in element) keywords.specials.push(special);
    else if ('file' in element) files.specials.push(special);
    else if ('memberOf' in element) roles.specials.push(special);
    else {
      patterns.specials.push(special);
      const regex = regexOf(element.regex);
      if (regex === undefined) unreadable.specials.push(special);
      else if (regex.isEverything) everything.specials.push(special);
      else if (regex.prefix !== '') addToGroup(byPrefix, regex.prefix, { ...special, regex });
      else {
        loose.specials.push(special);
        if (regex.suffix === '') inside.specials.push(special);
        else addToGroup(bySuffix, regex.suffix, special);
      }
    }
  }
  const byKey = new Map(list.map((special) => [special.key, special]));
  const prefixes = [...byPrefix.keys()].sort();
  const groups = { keywords, files, roles, patterns, everything, unreadable, loose, inside };
  return { ...groups, byKey, byPrefix, bySuffix, prefixes };
}

function elementOf(token: OpenToken): HbaUser[] {
  switch (token.kind) {
    case 'role':
      return [{ memberOf: token.role }];
    case 'regex':
      return [{ regex: token.regex }];
    case 'file':
      return [{ file: token.path }];
    case 'samerole':
      return [];
  }
}

function patternsOf(tokens: readonly OpenToken[]): readonly Regex[] {
  return tokens.flatMap((token) => (token.kind === 'regex' ? (regexOf(token.regex) ?? []) : []));
}
