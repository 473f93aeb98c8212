import type { HbaDatabase, HbaUser } from '../../hba/rule.ts';
import { regexOf } from '../regex/regex.ts';
import type { RuleList } from '../rules/read-rules.ts';
import type { NameFacts } from './covers.ts';

/**
 * The names in a scope. An invented name, which represents all names that no line mentions, differs from all of them.
 */
export interface ScopeNames {
  readonly databases: ReadonlySet<string>;
  readonly users: ReadonlySet<string>;
}

const noNames: ScopeNames = { databases: new Set(), users: new Set() };

/**
 * Returns a user name and a database name that no line of the given files mentions, and that match as few regular
 * expressions of these files as possible.
 */
export function freshNamesOf(lists: readonly RuleList[], mentioned: ScopeNames = noNames): NameFacts {
  return new FreshNames(lists, mentioned);
}

/** Names that no line mentions. The names are computed when a search first needs them. */
class FreshNames implements NameFacts {
  readonly facts: NameFacts['facts'];
  readonly scopeDatabases: ReadonlySet<string>;
  readonly #lists: readonly RuleList[];
  readonly #mentioned: ReadonlySet<string>;
  #found: Pick<NameFacts, 'freshUser' | 'freshDatabase'> | undefined = undefined;

  constructor(lists: readonly RuleList[], { databases, users }: ScopeNames) {
    this.facts = lists[0]?.facts ?? {};
    this.scopeDatabases = databases;
    this.#lists = lists;
    this.#mentioned = new Set([...databases, ...users]);
  }

  get freshUser(): string {
    return this.#names().freshUser;
  }

  get freshDatabase(): string {
    return this.#names().freshDatabase;
  }

  #names(): Pick<NameFacts, 'freshUser' | 'freshDatabase'> {
    this.#found ??= freshNames(this.#lists, this.#mentioned);
    return this.#found;
  }
}

/**
 * Candidates for a name that no line mentions. They differ in their beginnings, lengths and characters, so that few
 * regular expressions match all candidates.
 */
const candidates = ['anyone', 'somebody', 'x', 'Zoe', '0', '_', 'q7', '~', 'vwxyz.vwxyz', 'h-h', 'J'];

/**
 * The first characters of the candidates. Comparing the first character of a name is a quick check that excludes most
 * names.
 */
const firstCharacters: ReadonlySet<string | undefined> = new Set(candidates.map((name) => name[0]));

/**
 * Returns whether a name is a candidate, or a candidate with digits at its end. Digits are appended if a line mentions
 * the candidate itself.
 */
function isLikeCandidate(name: string): boolean {
  if (!firstCharacters.has(name[0])) return false;
  return candidates.some((candidate) => name.startsWith(candidate) && /^\d*$/.test(name.slice(candidate.length)));
}

/**
 * Returns a user name and a database name that no line mentions and that no known role has: a scope can mean the
 * members of a role. The two names differ, because equal names would match `sameuser`.
 */
function freshNames(
  lists: readonly RuleList[],
  mentioned: ReadonlySet<string>,
): Pick<NameFacts, 'freshUser' | 'freshDatabase'> {
  const taken = new Set(mentioned);
  const patterns = { databases: new Set<string>(), users: new Set<string>() };
  const note = (element: HbaDatabase | HbaUser, column: 'databases' | 'users'): void => {
    if (typeof element === 'object' && 'regex' in element) patterns[column].add(element.regex);
    const name = typeof element === 'string' ? element : 'memberOf' in element ? element.memberOf : undefined;
    if (name !== undefined && isLikeCandidate(name)) taken.add(name);
  };
  for (const { rules, facts } of lists) {
    for (const role of facts.roles ?? []) note(role, 'users');
    for (const { databases, users } of rules) {
      for (const element of databases) note(element, 'databases');
      for (const element of users) note(element, 'users');
    }
  }
  const freshUser = freshName(taken, patterns.users);
  return { freshUser, freshDatabase: freshName(taken.add(freshUser), patterns.databases) };
}

function freshName(taken: ReadonlySet<string>, patterns: ReadonlySet<string>): string {
  const regexes = [...patterns].map(regexOf).filter((regex) => regex !== undefined && !regex.isEverything);
  let best: { readonly name: string; readonly count: number } | undefined;
  for (const candidate of candidates) {
    let name = candidate;
    for (let i = 2; taken.has(name); i++) name = `${candidate}${i}`;
    const count = regexes.filter((regex) => regex!.test(name)).length;
    if (best === undefined || count < best.count) best = { name, count };
    if (count === 0) break;
  }
  return best!.name;
}
