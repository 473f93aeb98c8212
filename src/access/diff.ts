import type { HbaFile } from '../hba/index.ts';
import { type FoundClass, findClasses } from './diff/find-classes.ts';
import { changeOf, type Decision, decisionOf, isOtherMap } from './diff/outcome-change.ts';
import type { FileRefused } from './match/match-rule.ts';
import { type PlacedRule, placedRule } from './rules/access-rule.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { type AccessInput, inputOf } from './rules/input.ts';
import type { Comparison } from './rules/outcome.ts';
import { type RuleList, readRules, refusalOf } from './rules/read-rules.ts';
import { analysisOf } from './space/analysis.ts';
import { meets, type Witness } from './space/witness.ts';

/** Connections whose outcome changes. */
export interface AccessChange {
  /** Such a connection; missing if the question took too many steps. */
  readonly witness?: Witness;
  /** What decides before. */
  readonly before: Decision;
  /** What decides after. */
  readonly after: Decision;
  /** `weaker` if more is let in, or by a weaker way; `other` for a way that is neither weaker nor stronger. */
  readonly change: Comparison;
  /** `maybe` if facts decide that were not given, or if the question took too many steps. */
  readonly certainty: 'certain' | 'maybe';
}

/** The connections that a changed rule is about, with one pair of outcomes. */
export interface FoldedChange extends AccessChange {
  /** The rule that was removed, added or moved. */
  readonly rule: PlacedRule;
  /** How many pairs of deciding rules there are. */
  readonly count: number;
}

/** What changes for whom between two inputs. */
export type AccessDifference =
  | {
      /** The server takes both files. */
      readonly kind: 'changes';
      /** Whether more, less, or both is let in; `both` if not all changed rules were compared. */
      readonly summary: 'equal' | 'looser' | 'tighter' | 'both';
      /** The changes, folded by changed rule and pair of outcomes, each with one example. */
      readonly changes: readonly FoldedChange[];
      /**
       * The changed rules whose connections were not all compared: the comparison took too many steps, as with thousands of
       * changed rules that share connections, or the rules, each with `rule: undefined`, are those of a file that was not
       * read and that the other input does not include there.
       */
      readonly notCompared: readonly PlacedRule[];
      /** All pairs of deciding rules, each with an example: one rule on top can make as many as the file has lines. */
      classes(): readonly AccessChange[];
    }
  | (FileRefused & {
      /** Which of the two files. */
      readonly side: 'before' | 'after';
    });

/**
 * The connections whose outcome changes from one pg_hba.conf to another: with another major version, other maps or
 * another include tree, too. Maps are compared by what their lines say.
 *
 * @param before the files before
 * @param after the files after
 * @param facts what the files do not tell
 * @returns the changes, each with an example; `file-refused` if a server does not take one of the files
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
  return difference(before, after, facts, 'diffAccess', (found) => found);
}

/**
 * The connections that get in, or get in by a weaker way, only afterwards. Ways are compared by the certificate that they
 * demand and by the secret that they ask for; methods such as LDAP or peer are other ways, and no weaker ones. Where only the
 * map or the options of a method differ, the users that they let in are not compared, and the change is `maybe`.
 *
 * @param before the files before
 * @param after the files after
 * @param facts what the files do not tell
 * @returns the changes of {@link diffAccess} that are `weaker`, or by another map or other options
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
  return difference(before, after, facts, 'newAccess', (found) =>
    found.flatMap((each) => {
      // Which users another map, or another LDAP server, lets in is not compared.
      if (isOtherMap(each.before, each.after)) return [{ ...each, certain: false }];
      return changeOf(each.before, each.after) === 'weaker' ? [each] : [];
    }),
  );
}

interface Side {
  readonly input: AccessInput;
  readonly list: RuleList;
}

function difference(
  before: HbaFile | AccessInput,
  after: HbaFile | AccessInput,
  facts: AccessFacts,
  what: string,
  wanted: (found: readonly FoundClass[]) => readonly FoundClass[],
): AccessDifference {
  assertFacts(facts);
  const inputs = { before: inputOf(before, `before of ${what}`), after: inputOf(after, `after of ${what}`) };
  for (const side of ['before', 'after'] as const) {
    const diagnostics = refusalOf(inputs[side]);
    if (diagnostics !== undefined) return { kind: 'file-refused', diagnostics, side };
  }
  const [from, to] = [inputs.before, inputs.after].map((input) => ({ input, list: readRules(input, facts) })) as [
    Side,
    Side,
  ];
  const { found, notCompared } = findClasses(analysisOf(from.list), analysisOf(to.list));
  const classes = wanted(found);
  const folds = new Map<string, FoundClass[]>();
  for (const each of classes) {
    const side = each.changed === each.before ? 'before' : 'after';
    const key = JSON.stringify([side, each.changed.index, each.before?.outcomeKey, each.after?.outcomeKey]);
    const fold = folds.get(key);
    if (fold === undefined) folds.set(key, [each]);
    else fold.push(each);
  }
  return {
    kind: 'changes',
    summary: notCompared.length > 0 ? 'both' : summaryOf(classes),
    changes: [...folds.values()].map((list) => ({
      ...shownClass(list.find(({ certain }) => certain) ?? list[0]!, from, to),
      rule: placedRule(list[0]!.changed),
      count: list.length,
    })),
    notCompared: notCompared.map(placedRule),
    classes: () => classes.map((each) => shownClass(each, from, to)),
  };
}

function summaryOf(classes: readonly FoundClass[]): 'equal' | 'looser' | 'tighter' | 'both' {
  const changes = new Set(classes.map(({ before, after }) => changeOf(before, after)));
  if (changes.size === 0) return 'equal';
  if (changes.size > 1 || changes.has('other')) return 'both';
  return changes.has('weaker') ? 'looser' : 'tighter';
}

function shownClass({ before, after, certain, witness: find }: FoundClass, from: Side, to: Side): AccessChange {
  const decisions = { before: decisionOf(before), after: decisionOf(after), change: changeOf(before, after) };
  const witness = find();
  if (witness === undefined) return { ...decisions, certainty: 'maybe' };
  // An example that the matching of rules does not confirm is given out with this doubt.
  const isMet = meets(witness, before, from.input, from.list) && meets(witness, after, to.input, to.list);
  return { witness, ...decisions, certainty: certain && isMet ? 'certain' : 'maybe' };
}
