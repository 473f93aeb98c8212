import { groupBy } from '../group-by.ts';
import type { HbaFile } from '../hba/file.ts';
import { type FoundClass, findClasses, newAccessIn } from './diff/find-classes.ts';
import { changeOf, type Decision, decisionOf } from './diff/outcome-change.ts';
import type { FileRefused } from './match/match-rule.ts';
import type { AccessRule, PlacedRule } from './rules/access-rule.ts';
import { readClientRules } from './rules/client-rules.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { type AccessInput, inputOf } from './rules/input.ts';
import type { Comparison } from './rules/outcome.ts';
import { type RuleList, refusalOf } from './rules/read-rules.ts';
import type { TransportSet } from './rules/transport.ts';
import { type Analysis, analysisOf } from './space/analysis.ts';
import { proofOf } from './space/proof.ts';
import type { Witness } from './space/witness.ts';

/** Connections whose outcome differs between two inputs. */
export interface AccessChange {
  /** An example of a connection whose outcome differs; missing if none was found that the rules do not refute. */
  readonly witness?: Witness;
  /** The deciding rule and the outcome before the change. */
  readonly before: Decision;
  /** The deciding rule and the outcome after the change. */
  readonly after: Decision;
  /** `weaker` if more connections get in, or by a weaker way; `other` if the ways differ but neither is weaker. */
  readonly change: Comparison;
  /** `maybe` if the answer depends on facts that were not given, or if no example proves it. */
  readonly certainty: 'certain' | 'maybe';
}

/** The connections of one changed rule that have the same outcomes before and after. */
export interface FoldedChange extends AccessChange {
  /** The rule that was removed, added or moved. */
  readonly rule: PlacedRule;
  /**
   * The number of changes in `classes()` that this change sums up: one for each pair of a deciding rule before and a
   * deciding rule after.
   */
  readonly count: number;
}

/** The connections that two inputs decide differently. */
export type AccessDifference =
  | {
      /** The server accepts the files before and after the change. */
      readonly kind: 'changes';
      /**
       * `looser` if further connections get in, or connections get in by a weaker way; `tighter` for the opposite;
       * `both` if both happen, if outcomes differ and neither of them is weaker, or if not all changed rules were
       * compared.
       */
      readonly summary: 'equal' | 'looser' | 'tighter' | 'both';
      /** The changes, grouped by changed rule and pair of outcomes, each with one example. */
      readonly changes: readonly FoldedChange[];
      /**
       * The changed rules whose connections were not all compared. The comparison took too many steps, for example for
       * thousands of changed rules that share connections. Or the rule belongs to a file that was not read and that
       * the other input does not include at this place: it then has `rule: undefined`.
       */
      readonly notCompared: readonly PlacedRule[];
      /**
       * Returns one change for each pair of a deciding rule before and a deciding rule after, with an example. A single
       * rule added at the top can form a pair with every other rule of the file.
       */
      classes(): readonly AccessChange[];
    }
  | (FileRefused & {
      /** The input that the server refuses: the files before the change or after the change. */
      readonly side: 'before' | 'after';
    });

/**
 * Returns the connections that two pg_hba.conf files decide differently. The two inputs can also differ in the major
 * version, the maps or the included files. Maps are compared by their mappings.
 *
 * @param before the files before the change
 * @param after the files after the change
 * @param facts facts about the server that are not in the files
 * @returns the changes, each with an example; `file-refused` if a server refuses one of the files
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { diffAccess } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const before = HbaFile.parse('hostssl all all 10.0.0.0/8 scram-sha-256\n');
 * const after = HbaFile.parse('host all all 10.0.0.0/8 scram-sha-256\n');
 * const difference = diffAccess(before, after);
 * assert.ok(difference.kind === 'changes');
 * assert.equal(difference.summary, 'looser');
 * assert.equal(difference.changes[0]?.witness?.connection.transport, 'plain');
 * ```
 */
export function diffAccess(
  before: HbaFile | AccessInput,
  after: HbaFile | AccessInput,
  facts: AccessFacts = {},
): AccessDifference {
  return difference(before, after, facts, { what: 'diffAccess' });
}

/**
 * @internal Compares two inputs as {@link diffAccess} does, but only over the transports that both servers offer. If
 * only one server offers GSS encryption, clients of the other server connect without it, and the same rules decide.
 */
export function diffSharedTransports(before: AccessInput, after: AccessInput, facts: AccessFacts): AccessDifference {
  return difference(before, after, facts, { what: 'diffSharedTransports', limit: 'shared-transports' });
}

/**
 * Returns the connections by which somebody gets in, or may get in, who did not get in before. Two rules are compared
 * by the certificate and by the secret that they demand. A change is listed if the new rule demands a lower level of
 * certificate or a weaker secret, for example `password` in place of `cert`. It is not listed if the new rule demands a
 * certificate that names the user and the old rule did not: such a certificate counts as stricter than every secret.
 * Methods such as `ldap`, `peer` or `gss` cannot be ranked. If one of them replaces or is replaced, or if the rules
 * differ in the map, or in the options of the same method, the admitted users are not compared. Such a change is
 * `maybe`, or `certain` if the new rule demands less.
 *
 * @param before the files before the change
 * @param after the files after the change
 * @param facts facts about the server that are not in the files
 * @returns the changes of {@link diffAccess} by which somebody gets in, or may get in, who did not before
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { newAccess } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const before = HbaFile.parse('host all all 10.0.0.0/8 md5\nhost all all all reject\n');
 * const after = HbaFile.parse('host all all 10.0.0.0/8 scram-sha-256\nhost app all all md5\n');
 * const found = newAccess(before, after);
 * assert.ok(found.kind === 'changes');
 * assert.deepEqual(found.changes.map(({ after }) => after.rule?.line), [2]);
 * ```
 */
export function newAccess(
  before: HbaFile | AccessInput,
  after: HbaFile | AccessInput,
  facts: AccessFacts = {},
): AccessDifference {
  return difference(before, after, facts, { what: 'newAccess', wanted: newAccessIn });
}

interface Side {
  readonly input: AccessInput;
  readonly analysis: Analysis;
}

interface Comparing {
  /** The name of the function, for messages. */
  readonly what: string;
  /** With `shared-transports`, connections over a transport that only one server offers are left out. */
  readonly limit?: 'shared-transports';
  /** Returns the classes that the result has; all classes if it is missing. */
  readonly wanted?: (found: readonly FoundClass[]) => readonly FoundClass[];
}

function difference(
  before: HbaFile | AccessInput,
  after: HbaFile | AccessInput,
  facts: AccessFacts,
  { what, limit, wanted = (found) => found }: Comparing,
): AccessDifference {
  assertFacts(facts);
  const inputs = { before: inputOf(before, `before of ${what}`), after: inputOf(after, `after of ${what}`) };
  for (const side of ['before', 'after'] as const) {
    const diagnostics = refusalOf(inputs[side]);
    if (diagnostics !== undefined) return { kind: 'file-refused', diagnostics, side };
  }
  const [old, now] = [readClientRules(inputs.before, facts), readClientRules(inputs.after, facts)];
  const shared = limit === undefined ? ~0 : old.offered & now.offered;
  const from: Side = { input: inputs.before, analysis: analysisOf(limitedTo(shared, old)) };
  const to: Side = { input: inputs.after, analysis: analysisOf(limitedTo(shared, now)) };
  const { found, notCompared } = findClasses(from.analysis, to.analysis);
  const classes = wanted(found);
  const folds = groupBy(classes, foldKeys());
  return {
    kind: 'changes',
    summary: notCompared.length > 0 ? 'both' : summaryOf(classes),
    changes: [...folds.values()].map((list) => ({
      ...shownClass(list.find(({ certain }) => certain) ?? list[0]!, from, to),
      rule: list[0]!.changed.placed,
      count: list.length,
    })),
    notCompared: notCompared.map(({ placed }) => placed),
    classes: () => classes.map((each) => shownClass(each, from, to)),
  };
}

/** Returns the rules without the connections over other transports. */
function limitedTo(wanted: TransportSet, list: RuleList): RuleList {
  const offered = list.offered & wanted;
  if (offered === list.offered) return list;
  const rules = list.rules.map((rule) => ({ ...rule, transports: rule.transports & offered }));
  return { ...list, offered, rules };
}

/** Returns a function that makes the key of a class. Classes of one changed rule with the same outcomes share a key. */
function foldKeys(): (found: FoundClass) => string {
  // The key of an outcome contains all mappings of a map, so each distinct key gets a number.
  const numbers = new Map<string | undefined, number>();
  const numberOf = (rule: AccessRule | undefined): number => {
    const number = numbers.get(rule?.outcomeKey) ?? numbers.size;
    numbers.set(rule?.outcomeKey, number);
    return number;
  };
  return ({ changed, before, after }) => {
    const side = changed === before ? 'before' : 'after';
    return `${side} ${changed.index} ${numberOf(before)} ${numberOf(after)}`;
  };
}

function summaryOf(classes: readonly FoundClass[]): 'equal' | 'looser' | 'tighter' | 'both' {
  const changes = new Set(classes.map(({ before, after }) => changeOf(before, after)));
  if (changes.size === 0) return 'equal';
  if (changes.size > 1 || changes.has('other')) return 'both';
  return changes.has('weaker') ? 'looser' : 'tighter';
}

function shownClass({ before, after, certain, witnesses }: FoundClass, from: Side, to: Side): AccessChange {
  const decided = [
    { rule: before, ...from },
    { rule: after, ...to },
  ];
  return {
    ...proofOf(witnesses(), certain, decided),
    before: decisionOf(before),
    after: decisionOf(after),
    change: changeOf(before, after),
  };
}
