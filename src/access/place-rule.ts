import { assertInstance, assertKnownValue, assertProperties } from '../arguments.ts';
import { assertInsertion, assertPlace, isLineInsertion } from '../auth-file/insertion.ts';
import { PgHostsslError } from '../errors.ts';
import { firstPosition } from '../first-position.ts';
import { type HbaEntry, HbaFile } from '../hba/file.ts';
import { hbaFormat } from '../hba/format.ts';
import type { HbaRule, HbaRuleInput } from '../hba/rule.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { indexOfPlace, type Place } from '../text/lines.ts';
import { aboveComment } from './place/above-comment.ts';
import { type Overlap, RuleInFile } from './place/rule-in-file.ts';
import { accessRuleOfInput } from './place/rule-of-input.ts';
import { hasSameKey, isSameRule } from './place/same-rule.ts';
import type { AccessRule, PlacedRule } from './rules/access-rule.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { errorsOfLines, readRules } from './rules/read-rules.ts';

/**
 * How rules are compared: by the whole rule (`rule`), or by type, databases, users and address (`key`). The notation of
 * the rules and their comments can differ.
 */
export type RuleComparison = 'rule' | 'key';

/** Options of {@link placeRule}. */
export interface PlaceOptions {
  /**
   * The place for the rule. By default, `placeRule` chooses a place below the rejections that are in force. With
   * `place`, these rejections can be below the rule, so that the rule lets in connections that they refused before.
   */
  readonly place?: Place<HbaEntry> | undefined;
  /**
   * How existing rules are compared with the given rule. `rule`, the default, compares whole rules. `key` compares
   * type, databases, users and address: the first rule with the same key that takes effect gets the method and options
   * of the given rule, and `place` is ignored. If there is none, the given rule is added.
   */
  readonly compare?: RuleComparison | undefined;
  /** Facts about the server that are not in the files. */
  readonly facts?: AccessFacts | undefined;
}

/** The file with the rule, and the effect of the rule's place. */
export interface PlacedResult {
  /** The new file, or the same object if nothing was changed. */
  readonly file: HbaFile;
  /**
   * `present` if an equivalent rule takes effect already. `impossible` if rules that must stay in front match all
   * connections of the rule, or if no client can make a connection that the rule matches. `file-refused` if the server
   * refuses the file because of errors in other lines, so that no rule takes effect.
   */
  readonly outcome: 'present' | 'added' | 'replaced' | 'impossible' | 'file-refused';
  /**
   * The rule in the file; missing if an included file has the rule, or if the outcome is `impossible` or
   * `file-refused`.
   */
  readonly entry?: HbaRule;
  /**
   * The rules above the given rule that decide some of the given rule's connections: rejections that stay in force, and
   * other rules.
   */
  readonly inFront: readonly PlacedRule[];
  /** The rules below the given rule that decided some of the given rule's connections before the change. */
  readonly takesFrom: readonly PlacedRule[];
  /** The errors for which the server refuses the file; empty unless the outcome is `file-refused`. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Inserts a rule at the place where the rule takes effect: above the rules that decide its connections now. Rules with
 * method `reject` that refuse some of these connections stay above the inserted rule. No other line is moved.
 *
 * @param file the file
 * @param rule the rule
 * @param options a place, how rules are compared, and facts
 * @returns the new file, and the rules above the inserted rule that still decide some of its connections
 * @throws PgHostsslError the codes of `HbaFile.insert`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { placeRule } from 'pg-hostssl/access';
 * import { all, HbaFile } from 'pg-hostssl/hba';
 *
 * const file = HbaFile.parse('host all banned all reject\nhost all all all md5\n');
 * const rule = { type: 'hostssl', databases: ['app'], users: [all], address: all, method: 'cert' } as const;
 * const placed = placeRule(file, rule);
 * assert.equal(placed.file.rules.findIndex(({ method }) => method === 'cert'), 1);
 * assert.deepEqual(placed.inFront.map(({ line }) => line), [1]);
 * assert.equal(placeRule(placed.file, rule).outcome, 'present');
 * ```
 */
export function placeRule(file: HbaFile, rule: HbaRuleInput, options: PlaceOptions = {}): PlacedResult {
  assertInstance(file, HbaFile, 'the file of placeRule');
  assertProperties(options, { place: true, compare: true, facts: true }, 'options of placeRule');
  const { place, compare, facts = {} } = options;
  if (place !== undefined) assertPlace(place);
  if (compare !== undefined) assertKnownValue(compare, ['rule', 'key'], 'compare of placeRule');
  assertFacts(facts);
  const asked = accessRuleOfInput(rule, file, facts);
  const diagnostics = errorsOfLines(file);
  if (diagnostics.length > 0) return { file, outcome: 'file-refused', inFront: [], takesFrom: [], diagnostics };
  const inFile = new RuleInFile(asked, { hba: file }, facts);
  const { rules } = readRules({ hba: file }, facts);
  if (compare === 'key') {
    const old = rules.find(
      ({ entry, index }) => entry.kind === 'rule' && hasSameKey(entry, rule) && !inFile.isCovered(index),
    );
    if (old !== undefined) return replaced(file, old.entry as HbaRule, rule, facts);
  }
  const present = rules.find(({ entry, rule: read, index }) => {
    const own = entry.kind === 'rule' ? entry : read;
    return own !== undefined && isSameRule(own, rule) && !inFile.isCovered(index);
  });
  if (present !== undefined && place === undefined) {
    return {
      file,
      outcome: 'present',
      ...(present.entry.kind === 'rule' ? { entry: present.entry } : {}),
      ...neighbours(inFile.overlaps, present.index, present),
      diagnostics,
    };
  }
  const { entries } = file;
  const indexOf = (wanted: Place<HbaEntry>): number => indexOfPlace(wanted, entries, (entry) => entries.indexOf(entry));
  const index = place === undefined ? bestIndex(file, inFile) : indexOf(place);
  const limit = firstRuleFrom(file, index, facts);
  const around = neighbours(inFile.overlaps, limit, undefined);
  if (inFile.isCovered(limit)) return { file, outcome: 'impossible', ...around, takesFrom: [], diagnostics };
  const chosen = place ?? aboveComment(entries, index);
  const changed = file.insert(rule, chosen);
  const entry = changed.entries[indexOf(chosen)] as HbaRule;
  return { file: changed, outcome: 'added', entry, ...around, diagnostics };
}

/** Options of {@link removeRule}. */
export interface RemoveOptions {
  /**
   * How existing rules are compared with the given rule. `rule`, the default, compares whole rules. `key` compares
   * type, databases, users and address: all rules with the same key are removed, whatever their method and options.
   */
  readonly compare?: RuleComparison | undefined;
}

/**
 * Removes each rule that is equivalent to the given rule, also from a file that the server refuses. Included files are
 * not searched.
 *
 * @param file the file
 * @param rule the rule
 * @param options how rules are compared
 * @returns the new file and the removed rules; the same file if no rule was removed
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { removeRule } from 'pg-hostssl/access';
 * import { all, HbaFile } from 'pg-hostssl/hba';
 *
 * const file = HbaFile.parse('host all all 10.0.0.0/8 md5\nlocal all all peer\n');
 * const rule = { type: 'host', databases: [all], users: [all], address: '10.0.0.0/8', method: 'trust' } as const;
 * assert.equal(removeRule(file, rule).outcome, 'absent');
 * assert.equal(removeRule(file, rule, { compare: 'key' }).file.toString(), 'local all all peer\n');
 * ```
 */
export function removeRule(
  file: HbaFile,
  rule: HbaRuleInput,
  options: RemoveOptions = {},
): {
  /** The file without the removed rules. */
  readonly file: HbaFile;
  /** `removed` if the file had at least one rule to remove. */
  readonly outcome: 'absent' | 'removed';
  /** The rules that were removed. */
  readonly removed: readonly HbaRule[];
} {
  assertInstance(file, HbaFile, 'the file of removeRule');
  assertProperties(options, { compare: true }, 'options of removeRule');
  if (options.compare !== undefined) assertKnownValue(options.compare, ['rule', 'key'], 'compare of removeRule');
  assertInsertion(rule, hbaFormat);
  if (isLineInsertion(rule))
    throw new PgHostsslError(
      'argument-invalid',
      'The rule of removeRule must be a rule, not a comment or a blank line',
    );
  const isMeant = options.compare === 'key' ? hasSameKey : isSameRule;
  const removed = file.rules.filter((each) => isMeant(each, rule));
  const changed = file.edit(removed.map((entry) => ({ kind: 'remove', entry })));
  return { file: changed, outcome: removed.length === 0 ? 'absent' : 'removed', removed };
}

function replaced(file: HbaFile, old: HbaRule, rule: HbaRuleInput, facts: AccessFacts): PlacedResult {
  const isSame = isSameRule(old, rule) && (rule.comment === undefined || rule.comment === old.comment);
  const changed = isSame
    ? file
    : file.replace(old, {
        method: rule.method,
        options: rule.options ?? [],
        ...(rule.comment === undefined ? {} : { comment: rule.comment }),
      });
  const at = file.entries.indexOf(old);
  const entry = changed.entries[at] as HbaRule;
  const now = readRules({ hba: changed }, facts).rules.find((each) => each.entry === entry)!;
  const { overlaps } = new RuleInFile(now, { hba: changed }, facts);
  const outcome = isSame ? 'present' : 'replaced';
  return { file: changed, outcome, entry, ...neighbours(overlaps, now.index, now), diagnostics: [] };
}

function neighbours(
  overlaps: readonly Overlap[],
  limit: number,
  own: AccessRule | undefined,
): Pick<PlacedResult, 'inFront' | 'takesFrom'> {
  const deciding = overlaps.filter(({ decides, rule }) => decides && rule.index !== own?.index);
  return {
    inFront: deciding.filter(({ rule }) => rule.index < limit).map(({ rule }) => rule.placed),
    takesFrom:
      own === undefined ? deciding.filter(({ rule }) => rule.index >= limit).map(({ rule }) => rule.placed) : [],
  };
}

/**
 * Returns the index at which the new rule is inserted: below the rejections that are in force, and above the first
 * other rule that shares connections with the new rule.
 */
function bestIndex(file: HbaFile, inFile: RuleInFile): number {
  const { entries } = file;
  const rejections = inFile.overlaps.flatMap(({ rule, decides }) =>
    decides && rule.method === 'reject' && rule.rule !== undefined ? [rule] : [],
  );
  // If the first rejections together refuse all connections of the new rule, the new rule would have no effect below
  // the last of them.
  const stay = firstPosition(rejections.length, (at) => inFile.isCoveredByAll(rejections.slice(0, at + 1)));
  const last = rejections[stay - 1];
  const from = last === undefined ? 0 : entries.indexOf(last.entry) + 1;
  const standing = new Set(inFile.overlaps.map(({ rule }) => rule.entry));
  const index = entries.findIndex((entry, i) => i >= from && standing.has(entry));
  return index === -1 ? entries.length : index;
}

/** Returns the rule index of the first rule at or after an entry index; infinity if there is none. */
function firstRuleFrom(file: HbaFile, index: number, facts: AccessFacts): number {
  const positions = new Map(file.entries.map((entry, i) => [entry, i]));
  const { rules } = readRules({ hba: file }, facts);
  return rules.find(({ entry }) => positions.get(entry)! >= index)?.index ?? Number.POSITIVE_INFINITY;
}
