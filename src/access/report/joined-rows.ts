import { appendAll } from '../../append-all.ts';
import type { AccessRow } from './access-row.ts';

/** A table row to which further rules can be added. */
interface OpenRow {
  readonly first: AccessRow;
  /** The number of rules that were added before the first rule of the row. */
  readonly number: number;
  readonly from: Set<string>;
  readonly rules: AccessRow['rules'][number][];
  users: readonly string[];
}

/**
 * Collects rules into table rows. A rule is added to the last row that differs from the rule only in its addresses. A
 * rule for all users is also added to a row that differs from the rule only in its users. A rule that a rule between
 * them keeps apart from this row begins a new row.
 */
export class JoinedRows {
  readonly #rows: OpenRow[] = [];
  /**
   * The positions of rows in `#rows`, keyed by all columns except the addresses. A position is stale if the users of
   * its row have changed since.
   */
  readonly #byUsers = new Map<string, number[]>();
  /**
   * The positions of rows in `#rows`, keyed by all columns except the users. A position is stale if addresses were
   * added to its row since.
   */
  readonly #byFrom = new Map<string, number[]>();
  readonly #mayJoin: (first: number, later: number) => boolean;
  #added = 0;

  /**
   * @param mayJoin returns whether a later rule can be added to the row of a first rule; the rules are given as the
   * numbers of rules that were added before them
   */
  constructor(mayJoin: (first: number, later: number) => boolean) {
    this.#mayJoin = mayJoin;
  }

  /** The table rows for the rules that were added so far. */
  get rows(): readonly AccessRow[] {
    return this.#rows.map(({ first, from, rules, users }) => ({ ...first, from: [...from], users, rules }));
  }

  /** Adds the row of a rule to an earlier row if possible; otherwise appends it as a new row. */
  add(next: AccessRow): void {
    const users = positionsOf(this.#byUsers, keyOf(next, next.users));
    const from = positionsOf(this.#byFrom, keyOf(next, next.from));
    dropLast(users, (position) => !isSameList(this.#rows[position]!.users, next.users));
    // If a row has more addresses than its first rule, rules with other addresses were added to the row.
    dropLast(from, (position) => this.#rows[position]!.from.size > this.#rows[position]!.first.from.length);
    const sameUsers = users.at(-1) ?? -1;
    const position = Math.max(sameUsers, next.users.includes('all') ? (from.at(-1) ?? -1) : -1);
    const row = this.#rows[position];
    const number = this.#added++;
    if (row === undefined || !this.#mayJoin(row.number, number)) {
      from.push(this.#rows.length);
      users.push(this.#rows.length);
      this.#rows.push({ first: next, number, from: new Set(next.from), rules: [...next.rules], users: next.users });
      return;
    }
    for (const each of next.from) row.from.add(each);
    appendAll(row.rules, next.rules);
    row.users = next.users;
    if (position > sameUsers) users.push(position);
  }
}

function keyOf({ transport, outcome, databases }: AccessRow, others: readonly string[]): string {
  return JSON.stringify([transport, outcome, databases, others]);
}

function positionsOf(map: Map<string, number[]>, key: string): number[] {
  let positions = map.get(key);
  if (positions === undefined) {
    positions = [];
    map.set(key, positions);
  }
  return positions;
}

/** Drops stale positions from the end of the list. */
function dropLast(positions: number[], isStale: (position: number) => boolean): void {
  while (positions.length > 0 && isStale(positions.at(-1)!)) positions.pop();
}

/** Returns whether two lists have the same elements in the same order. */
export function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}
