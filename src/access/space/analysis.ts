import type { HbaDatabase, HbaUser } from '../../hba/index.ts';
import { regexOf } from '../regex/regex.ts';
import type { RuleList } from '../rules/read-rules.ts';
import type { NameFacts } from './covers.ts';
import { RulesByName } from './rules-by-name.ts';

/** The rules of an input and an index of them. */
export interface Analysis {
  readonly list: RuleList;
  readonly index: RulesByName;
}

const analyses = new WeakMap<RuleList, Analysis>();

/** Returns the rules with their index. The index of each list is built once. */
export function analysisOf(list: RuleList): Analysis {
  let analysis = analyses.get(list);
  if (analysis === undefined) {
    analysis = { list, index: new RulesByName(list) };
    analyses.set(list, analysis);
  }
  return analysis;
}

/** Returns names that no line of some files mentions and that as few regular expressions as possible match. */
export function namesOf(lists: readonly RuleList[], mentioned: ReadonlySet<string> = new Set()): NameFacts {
  return new FreshNames(lists, mentioned);
}

/** The names are computed when a regular expression or an example first needs a name. */
class FreshNames implements NameFacts {
  readonly facts: NameFacts['facts'];
  readonly #lists: readonly RuleList[];
  readonly #mentioned: ReadonlySet<string>;
  #found: Pick<NameFacts, 'freshUser' | 'freshDatabase'> | undefined = undefined;

  constructor(lists: readonly RuleList[], mentioned: ReadonlySet<string>) {
    this.facts = lists[0]?.facts ?? {};
    this.#lists = lists;
    this.#mentioned = mentioned;
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

/** Names with different beginnings, lengths and characters, so that few regular expressions match all of them. */
const candidates = ['anyone', 'somebody', 'x', 'Zoe', '0', '_', 'q7', '~', 'vwxyz.vwxyz', 'h-h', 'J'];

/** The first characters of the candidates. The first character alone excludes most names quickly. */
const firstCharacters: ReadonlySet<string | undefined> = new Set(candidates.map((name) => name[0]));

/** Matches the names that can be made from a candidate. */
const likeCandidate = /^(?:anyone|somebody|x|Zoe|0|_|q7|~|vwxyz\.vwxyz|h-h|J)\d*$/;

/** Returns names that are in neither column. A user with the name of a database would match `sameuser`. */
function freshNames(
  lists: readonly RuleList[],
  mentioned: ReadonlySet<string>,
): Pick<NameFacts, 'freshUser' | 'freshDatabase'> {
  const taken = new Set(mentioned);
  const patterns = { databases: new Set<string>(), users: new Set<string>() };
  const note = (element: HbaDatabase | HbaUser, column: 'databases' | 'users'): void => {
    if (typeof element === 'object' && 'regex' in element) patterns[column].add(element.regex);
    const name = typeof element === 'string' ? element : 'memberOf' in element ? element.memberOf : undefined;
    if (name !== undefined && firstCharacters.has(name[0]) && likeCandidate.test(name)) taken.add(name);
  };
  for (const { rules } of lists) {
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
