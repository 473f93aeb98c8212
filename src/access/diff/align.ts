import { trimSpaces } from '../../c/ascii.ts';
import type { HbaDatabase, HbaUser } from '../../hba/index.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { RuleAddress } from '../rules/rule-address.ts';

/** The rules of two files that have no equal rule at the same place among the others. */
export interface ChangedRules {
  /** The rules of the first file that the second one does not have, or has elsewhere. */
  readonly removed: readonly AccessRule[];
  /** The rules of the second file, likewise. */
  readonly added: readonly AccessRule[];
}

/**
 * Aligns two files by what their rules mean. A connection that is decided in another way is decided by a removed rule
 * before or by an added rule after: if both deciding rules are aligned, they are the same one, for the earlier of the two
 * would have decided in the other file as well.
 */
export function changedRules(before: readonly AccessRule[], after: readonly AccessRule[]): ChangedRules {
  const from = before.map(meaningOf);
  const to = after.map(meaningOf);
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start += 1;
  let end = 0;
  while (end < from.length - start && end < to.length - start && from.at(-1 - end) === to.at(-1 - end)) end += 1;
  const kept = longestIncreasing(positionsOf(from.slice(start, from.length - end), to.slice(start, to.length - end)));
  const keptTo = new Set(kept.map(([, j]) => j));
  const keptFrom = new Set(kept.map(([i]) => i));
  return {
    removed: before.slice(start, before.length - end).filter((_, i) => !keptFrom.has(i)),
    added: after.slice(start, after.length - end).filter((_, j) => !keptTo.has(j)),
  };
}

/** Pairs of equal rules: the n-th of its kind in one file with the n-th in the other. */
function positionsOf(from: readonly string[], to: readonly string[]): (readonly [number, number])[] {
  const places = new Map<string, number[]>();
  for (let j = to.length - 1; j >= 0; j--) {
    const list = places.get(to[j]!);
    if (list === undefined) places.set(to[j]!, [j]);
    else list.push(j);
  }
  return from.flatMap((key, i) => {
    const j = places.get(key)?.pop();
    return j === undefined ? [] : [[i, j] as const];
  });
}

/** The longest list of pairs whose second numbers increase; the first ones do already. */
function longestIncreasing(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const tails: number[] = [];
  const previous: number[] = [];
  for (const [at, [, value]] of pairs.entries()) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (pairs[tails[middle]!]![1] < value) low = middle + 1;
      else high = middle;
    }
    previous.push(low === 0 ? -1 : tails[low - 1]!);
    tails[low] = at;
  }
  const list: (readonly [number, number])[] = [];
  for (let at = tails.at(-1) ?? -1; at !== -1; at = previous[at]!) list.push(pairs[at]!);
  return list.reverse();
}

/** A text that is equal for rules that decide the same connections in the same way. */
function meaningOf({ rule, transports, databases, users, address, outcomeKey, entry }: AccessRule): string {
  if (rule === undefined) return `unread ${trimSpaces(entry.text)}`;
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
