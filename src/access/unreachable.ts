import type { HbaFile } from '../hba/file.ts';
import type { FileRefused } from './match/match-rule.ts';
import { type Crossings, crossingRules } from './reach/crossing.ts';
import { findUnreachable, type UnreachableReason, type Unreached } from './reach/find-unreachable.ts';
import type { PlacedRule } from './rules/access-rule.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { type AccessInput, inputOf } from './rules/input.ts';
import { readRules, refusalOf } from './rules/read-rules.ts';
import { analysisOf } from './space/analysis.ts';

/** A rule that no connection reaches. */
export interface UnreachableRule extends PlacedRule {
  /** The reason why no connection reaches the rule. */
  readonly because: UnreachableReason;
  /**
   * The earlier rules that together match all connections of the rule. If `certainty` is `maybe`, the earlier rules
   * that possibly match all of these connections.
   */
  readonly by: readonly PlacedRule[];
  /** `different` if one of the earlier rules has another method, other options or another certificate level. */
  readonly outcome: 'same' | 'different';
  /**
   * `maybe` if the connections that earlier rules match depend on roles, regular expressions, host names or an unread
   * file, or if the search took too many steps.
   */
  readonly certainty: 'certain' | 'maybe';
}

/** The unreachable rules, and the pairs of rules that share connections. */
export type Reachability =
  | {
      /** The server accepts the file. */
      readonly kind: 'rules';
      /** The unreachable rules, in file order. */
      readonly unreachable: readonly UnreachableRule[];
      /**
       * Returns the pairs of rules that share connections and have different outcomes, where each rule also has
       * connections of its own. Each call computes the pairs, because there can be many of them.
       */
      crossing(): Crossings;
    }
  | FileRefused;

/**
 * Returns the unreachable rules of pg_hba.conf. A rule is unreachable if the rules before it together match all of its
 * connections. The answer is exact over connection types, addresses of both families, databases and users.
 *
 * @param file the file, or an {@link AccessInput} that also contains the server's settings
 * @param facts facts about the server that are not in the files
 * @returns the rules, each with the earlier rules that match its connections
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
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
  const { rule: shown, file, line } = rule.placed;
  const placed = by.map(({ placed }) => placed);
  // Here an object literal is many times faster than object spread.
  return file === undefined
    ? { rule: shown, line, because, by: placed, outcome, certainty }
    : { rule: shown, file, line, because, by: placed, outcome, certainty };
}
