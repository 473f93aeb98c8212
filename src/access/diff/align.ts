import { trimSpaces } from '../../c/ascii.ts';
import { firstPosition } from '../../first-position.ts';
import { groupBy } from '../../group-by.ts';
import type { HbaDatabase, HbaUser } from '../../hba/rule.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { RuleAddress } from '../rules/rule-address.ts';

/** The rules that only one of two files has, and the rules that were moved. */
export interface ChangedRules {
  /** The rules that only the first file has, or that the second file has at another place. */
  readonly removed: readonly AccessRule[];
  /** The rules that only the second file has, or that the first file has at another place. */
  readonly added: readonly AccessRule[];
}

/**
 * Aligns the equal rules of two files, and returns the other rules. If two files decide a connection differently, then
 * a removed rule decides the connection in the first file, or an added rule decides the connection in the second file.
 * If both deciding rules were aligned, the earlier of these two rules would decide in both files.
 */
export function changedRules(before: readonly AccessRule[], after: readonly AccessRule[]): ChangedRules {
  const removed: AccessRule[] = [];
  const added: AccessRule[] = [];
  let [i, j] = [0, 0];
  while (i < before.length && j < after.length) {
    if (isSame(before[i], after[j])) {
      i += 1;
      j += 1;
    } else if (isSame(before[i + 1], after[j])) removed.push(before[i++]!);
    else if (isSame(before[i], after[j + 1])) added.push(after[j++]!);
    else if (isSame(before[i + 1], after[j + 1])) {
      removed.push(before[i++]!);
      added.push(after[j++]!);
    } else break;
  }
  const rest = changedFar(before.slice(i), after.slice(j));
  return { removed: [...removed, ...rest.removed], added: [...added, ...rest.added] };
}

/**
 * Aligns two lists of rules that differ in many places. Each rule is converted to a text, and equal texts are aligned.
 */
function changedFar(before: readonly AccessRule[], after: readonly AccessRule[]): ChangedRules {
  if (before.length === 0 || after.length === 0) return { removed: before, added: after };
  let end = 0;
  while (end < before.length && end < after.length && isSame(before.at(-1 - end), after.at(-1 - end))) end += 1;
  const from = before.slice(0, before.length - end);
  const to = after.slice(0, after.length - end);
  const kept = longestIncreasing(positionsOf(from.map(equivalenceKey), to.map(equivalenceKey)));
  const keptTo = new Set(kept.map(([, j]) => j));
  const keptFrom = new Set(kept.map(([i]) => i));
  return { removed: from.filter((_, i) => !keptFrom.has(i)), added: to.filter((_, j) => !keptTo.has(j)) };
}

/**
 * Returns whether two rules decide the same connections in the same way. The result is the same as a comparison of the
 * texts of {@link equivalenceKey}, but faster.
 */
function isSame(a: AccessRule | undefined, b: AccessRule | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (a.rule === undefined || b.rule === undefined) return equivalenceKey(a) === equivalenceKey(b);
  return (
    a.transports === b.transports &&
    a.outcomeKey === b.outcomeKey &&
    areSame(a.databases, b.databases) &&
    areSame(a.users, b.users) &&
    isSameAddress(a.address, b.address)
  );
}

function areSame(a: readonly (HbaDatabase | HbaUser)[], b: readonly (HbaDatabase | HbaUser)[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((element, i) => element === b[i]) || names(a) === names(b);
}

function isSameAddress(a: RuleAddress | undefined, b: RuleAddress | undefined): boolean {
  if (a?.kind === 'network' && b?.kind === 'network') {
    return a.range.family === b.range.family && a.range.start === b.range.start && a.range.next === b.range.next;
  }
  return shownAddress(a) === shownAddress(b);
}

/**
 * Returns the positions of equal rules in two files, as pairs. If a file contains a rule several times, the n-th copy
 * in the first file is paired with the n-th copy in the second file.
 */
function positionsOf(from: readonly string[], to: readonly string[]): (readonly [number, number])[] {
  const places = groupBy([...to.keys()].reverse(), (j) => to[j]!);
  return from.flatMap((key, i) => {
    const j = places.get(key)?.pop();
    return j === undefined ? [] : [[i, j] as const];
  });
}

/**
 * Returns the longest sublist of pairs whose second numbers increase. The first numbers of the given list increase
 * already.
 */
function longestIncreasing(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const tails: number[] = [];
  const previous: number[] = [];
  for (const [at, [, value]] of pairs.entries()) {
    const position = firstPosition(tails.length, (tail) => pairs[tails[tail]!]![1] >= value);
    previous.push(position === 0 ? -1 : tails[position - 1]!);
    tails[position] = at;
  }
  const list: (readonly [number, number])[] = [];
  for (let at = tails.at(-1) ?? -1; at !== -1; at = previous[at]!) list.push(pairs[at]!);
  return list.reverse();
}

/** Returns a text that is equal for rules that decide the same connections in the same way. */
function equivalenceKey({ rule, transports, databases, users, address, outcomeKey, entry, text }: AccessRule): string {
  if (rule === undefined) return `unread ${trimSpaces(entry.text)}\0${trimSpaces(text)}`;
  return `${transports}\0${names(databases)}\0${names(users)}\0${shownAddress(address)}\0${outcomeKey}`;
}

function names(elements: readonly (HbaDatabase | HbaUser)[]): string {
  if (elements.length === 1) return name(elements[0]!);
  return elements.map(name).sort().join('\x01');
}

function name(element: HbaDatabase | HbaUser): string {
  if (typeof element === 'string') return `"${element}`;
  return 'keyword' in element ? element.keyword : JSON.stringify(element);
}

function shownAddress(address: RuleAddress | undefined): string {
  if (address === undefined) return '';
  switch (address.kind) {
    case 'network':
      return `${address.range.family}${address.range.start}-${address.range.next}`;
    case 'masked':
      return `${address.family}${address.address}&${address.mask}`;
    case 'host-name':
      return `host ${address.hostName}`;
    default:
      return address.kind;
  }
}
