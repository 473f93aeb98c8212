import { firstPosition } from '../../first-position.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { AccessFacts } from '../rules/facts.ts';
import { regionOf } from '../space/region.ts';
import { RulesByName } from '../space/rules-by-name.ts';

/** The rules of a table that have another outcome than a given rule. */
interface OtherRules {
  readonly rules: readonly AccessRule[];
  readonly index: RulesByName;
}

/**
 * The largest number of rules that all questions about one table compare. If more rules would have to be compared, each
 * further question is answered with `true`.
 */
const mostComparisons = 1_000_000;

/**
 * Finds the rules that keep two other rules out of one table row. If two rows match a connection, the row with the
 * first rule decides. So a rule cannot join the row of an earlier rule if a rule between them decides some of its
 * connections in another way.
 */
export class RowSeparators {
  readonly #rules: readonly AccessRule[];
  readonly #facts: AccessFacts;
  readonly #others = new Map<string, OtherRules>();
  #comparisons = 0;

  /** @param rules the rules of the table, in file order */
  constructor(rules: readonly AccessRule[], facts: AccessFacts) {
    this.#rules = rules;
    this.#facts = facts;
  }

  /** Returns whether a rule between two rules can decide connections of the later rule, with another outcome. */
  areBetween(first: AccessRule, later: AccessRule): boolean {
    const { rules, index } = this.#othersOf(later);
    const from = firstFrom(rules, first.index + 1);
    const until = firstFrom(rules, later.index);
    if (from === until) return false;
    if (this.#comparisons > mostComparisons) return true;
    // The lines of a file that was not read can match any connection.
    if (later.rule === undefined || index.unread.some((at) => at > first.index && at < later.index)) return true;
    for (const other of index.rulesNearFrom(regionOf(later, this.#facts, [index]), first.index + 1)) {
      this.#comparisons += 1;
      if (other.index < later.index || this.#comparisons > mostComparisons) return true;
    }
    return false;
  }

  #othersOf({ outcome }: AccessRule): OtherRules {
    const key = JSON.stringify(outcome);
    let others = this.#others.get(key);
    if (others === undefined) {
      const rules = this.#rules.filter((rule) => JSON.stringify(rule.outcome) !== key);
      others = { rules, index: new RulesByName({ rules, facts: this.#facts }) };
      this.#others.set(key, others);
    }
    return others;
  }
}

/** Returns the position of the first rule whose index is not below the given index. */
function firstFrom(rules: readonly AccessRule[], index: number): number {
  return firstPosition(rules.length, (position) => rules[position]!.index >= index);
}
