import type { HbaDatabase, HbaUser } from '../../hba/index.ts';
import { regexOf } from '../regex/regex.ts';
import type { RuleList } from '../rules/read-rules.ts';
import type { NameFacts } from './covers.ts';
import { RulesByName } from './rules-by-name.ts';

/** The rules of an input with their index, made once. */
export interface Analysis {
  /** The rules. */
  readonly list: RuleList;
  /** Their index. */
  readonly index: RulesByName;
}

const analyses = new WeakMap<RuleList, Analysis>();

/** The rules with their index. */
export function analysisOf(list: RuleList): Analysis {
  let analysis = analyses.get(list);
  if (analysis === undefined) {
    analysis = { list, index: new RulesByName(list) };
    analyses.set(list, analysis);
  }
  return analysis;
}

/** Names that no line of some files mentions, and that as few regular expressions as possible match. */
export function namesOf(lists: readonly RuleList[], mentioned: ReadonlySet<string> = new Set()): NameFacts {
  const freshUser = freshName(lists, mentioned, ({ users }) => users);
  const freshDatabase = freshName(lists, new Set([...mentioned, freshUser]), ({ databases }) => databases);
  return { freshUser, freshDatabase, facts: lists[0]?.facts ?? {} };
}

/** Names of different beginnings, lengths and characters, so that few regular expressions match all of them. */
const candidates = ['anyone', 'somebody', 'x', 'Zoe', '0', '_', 'q7', '~', 'vwxyz.vwxyz', 'h-h', 'J'];

/** The names that may be made of a candidate. */
const likeCandidate = /^(?:anyone|somebody|x|Zoe|0|_|q7|~|vwxyz\.vwxyz|h-h|J)\d*$/;

type Columns = Pick<RuleList['rules'][number], 'databases' | 'users'>;

/** A name that is in neither column: a user that is named like a database is one of `sameuser`. */
function freshName(
  lists: readonly RuleList[],
  mentioned: ReadonlySet<string>,
  columnOf: (rule: Columns) => readonly (HbaDatabase | HbaUser)[],
): string {
  const taken = new Set(mentioned);
  const patterns = new Set<string>();
  const note = (name: string): void => {
    if (likeCandidate.test(name)) taken.add(name);
  };
  for (const { rules } of lists) {
    for (const rule of rules) {
      for (const element of rule.databases) if (typeof element === 'string') note(element);
      for (const element of rule.users) {
        if (typeof element === 'string') note(element);
        else if ('memberOf' in element) note(element.memberOf);
      }
      for (const element of columnOf(rule)) {
        if (typeof element === 'object' && 'regex' in element) patterns.add(element.regex);
      }
    }
  }
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
