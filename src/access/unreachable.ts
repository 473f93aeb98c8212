import type { HbaFile } from '../hba/index.ts';
import type { FileRefused } from './match/match-rule.ts';
import { type Crossings, crossingRules } from './reach/crossing.ts';
import { findUnreachable, type UnreachableReason, type Unreached } from './reach/find-unreachable.ts';
import { type PlacedRule, placedRule } from './rules/access-rule.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { type AccessInput, inputOf } from './rules/input.ts';
import { readRules, refusalOf } from './rules/read-rules.ts';
import { analysisOf } from './space/analysis.ts';

/** A rule that no connection reaches. */
export interface UnreachableRule extends PlacedRule {
  /** Why no connection reaches the rule. */
  readonly because: UnreachableReason;
  /** The earlier rules that together match all of its connections; for a `maybe` those that may do so. */
  readonly by: readonly PlacedRule[];
  /** `different` if one of the earlier rules has another method, other options or another certificate level. */
  readonly outcome: 'same' | 'different';
  /**
   * `maybe` if roles, regular expressions, host names or a file that was not read hide what earlier rules match, or if
   * the question took too many steps.
   */
  readonly certainty: 'certain' | 'maybe';
}

/** The rules that no connection reaches, and the pairs of rules that cross. */
export type Reachability =
  | {
      /** The server takes the file. */
      readonly kind: 'rules';
      /** The rules that no connection reaches, in their order. */
      readonly unreachable: readonly UnreachableRule[];
      /**
       * The pairs of rules with another outcome that share connections while neither holds the other. The pairs are
       * found when this is called: many rules that cross one another make many pairs.
       */
      crossing(): Crossings;
    }
  | FileRefused;

/**
 * The rules of a pg_hba.conf that no connection reaches, because the rules before them together match all of their
 * connections. The answer is exact over connection types, addresses of both families, databases and users.
 *
 * @param file the file; with an {@link AccessInput} the server's settings count as well
 * @param facts what the files do not tell
 * @returns the rules, with the earlier rules that take their connections
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { unreachableRules } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const file = HbaFile.parse(`
 * hostssl   all all 0.0.0.0/0 scram-sha-256
 * hostnossl all all 0.0.0.0/0 reject
 * host      all all 10.0.0.0/8 trust
 * `);
 * const found = unreachableRules(file);
 * assert.ok(found.kind === 'rules');
 * const [rule] = found.unreachable;
 * assert.deepEqual([rule?.line, rule?.by.map(({ line }) => line), rule?.outcome], [4, [2, 3], 'different']);
 * ```
 */
export function unreachableRules(file: HbaFile | AccessInput, facts: AccessFacts = {}): Reachability {
  const input = inputOf(file, 'the file of unreachableRules');
  assertFacts(facts);
  const diagnostics = refusalOf(input);
  if (diagnostics !== undefined) return { kind: 'file-refused', diagnostics };
  const analysis = analysisOf(readRules(input, facts));
  const unreachable = findUnreachable(analysis);
  return {
    kind: 'rules',
    unreachable: unreachable.map(shownUnreached),
    crossing: () => crossingRules(analysis, unreachable),
  };
}

function shownUnreached({ rule, because, by, certainty }: Unreached): UnreachableRule {
  const outcome = by.some((other) => other.outcomeKey !== rule.outcomeKey) ? 'different' : 'same';
  const { rule: shown, file, line } = rule;
  const placed = by.map(placedRule);
  // Literals are many times faster than spreading.
  return file === undefined
    ? { rule: shown, line, because, by: placed, outcome, certainty }
    : { rule: shown, file, line, because, by: placed, outcome, certainty };
}
