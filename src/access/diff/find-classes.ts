import type { AccessRule } from '../rules/access-rule.ts';
import type { AccessFacts } from '../rules/facts.ts';
import { mentionedBy } from '../scope/find-in-scope.ts';
import type { Scope } from '../scope/scope.ts';
import { type ScopePart, scopeParts, withoutNames } from '../scope/scope-parts.ts';
import { mayMeet } from '../space/address-atom.ts';
import type { Analysis } from '../space/analysis.ts';
import { type Budget, SharedSteps, stepsOfPair } from '../space/budget.ts';
import type { NameFacts } from '../space/covers.ts';
import { freshNamesOf } from '../space/fresh-names.ts';
import { findGap } from '../space/gap.ts';
import { meetRegions, type Region, Regions } from '../space/region.ts';
import { askForGap, type Witness } from '../space/witness.ts';
import { type ChangedRules, changedRules } from './align.ts';
import { newAccessOf, outcomeKeyOf } from './outcome-change.ts';

/**
 * Connections that one rule decides before the change and one rule decides after the change, with different outcomes.
 */
export interface FoundClass {
  /** The rule that the change removed or added, and that decides the connections before or after the change. */
  readonly changed: AccessRule;
  /** The rule that decides before the change; `undefined` if no rule matches. */
  readonly before: AccessRule | undefined;
  /** The rule that decides after the change; `undefined` if no rule matches. */
  readonly after: AccessRule | undefined;
  /** `true` if a connection of the class certainly exists. */
  readonly certain: boolean;
  /** Returns connections of the class, the best first; empty if the search took too many steps. */
  readonly witnesses: () => readonly Witness[];
}

/** The result of a comparison of two files. */
export interface FoundClasses {
  /** All classes of connections whose outcome changes. */
  readonly found: readonly FoundClass[];
  /**
   * The changed rules whose connections were not all compared, because of too many steps or because a file was not
   * read.
   */
  readonly notCompared: readonly AccessRule[];
}

/** Returns the classes of connections whose outcome changes between two files, limited to the scope if one is given. */
export function findClasses(before: Analysis, after: Analysis, within?: Scope): FoundClasses {
  const changed = changedRules(before.list.rules, after.list.rules);
  const finder = new ClassFinder(before, after, sameUnreadRules(before, after, changed), within);
  for (const rule of changed.removed) finder.fromRule(rule, 'before');
  for (const rule of changed.added) finder.fromRule(rule, 'after');
  return { found: finder.found, notCompared: finder.notCompared };
}

/** Returns the classes by whose connections somebody gets in, or may get in, who did not get in before. */
export function newAccessIn(found: readonly FoundClass[]): readonly FoundClass[] {
  return found.flatMap((each) => {
    const isNew = newAccessOf(each.before, each.after);
    return isNew === 'no' ? [] : [{ ...each, certain: each.certain && isNew === 'certain' }];
  });
}

/** Returns the rules that stand for the lines of files that were not read. */
function unreadRules({ index, list }: Analysis): readonly AccessRule[] {
  return index.unread.map((at) => list.rules[at]!);
}

/**
 * Returns the lines of unread files that are in both files, each with the same line of the other file: all lines that
 * were neither removed nor added, in order.
 */
function sameUnreadRules(
  before: Analysis,
  after: Analysis,
  { removed, added }: ChangedRules,
): ReadonlyMap<AccessRule, AccessRule> {
  const [gone, come] = [new Set(removed), new Set(added)];
  const old = unreadRules(before).filter((rule) => !gone.has(rule));
  const now = unreadRules(after).filter((rule) => !come.has(rule));
  const same = new Map<AccessRule, AccessRule>();
  for (const [i, rule] of old.entries()) same.set(rule, now[i]!).set(now[i]!, rule);
  return same;
}

class ClassFinder {
  readonly found: FoundClass[] = [];
  readonly notCompared: AccessRule[] = [];
  readonly #before: Analysis;
  readonly #after: Analysis;
  readonly #parts: readonly ScopePart[] | undefined;
  readonly #names: NameFacts;
  readonly #facts: AccessFacts;
  readonly #regions: Regions;
  readonly #sameUnread: ReadonlyMap<AccessRule, AccessRule>;
  readonly #seen = new Set<string>();
  readonly #steps = new SharedSteps();

  constructor(
    before: Analysis,
    after: Analysis,
    sameUnread: ReadonlyMap<AccessRule, AccessRule>,
    within: Scope | undefined,
  ) {
    this.#before = before;
    this.#after = after;
    this.#sameUnread = sameUnread;
    this.#parts = within === undefined ? undefined : scopeParts(within, before.list.facts);
    this.#names = freshNamesOf([before.list, after.list], within === undefined ? undefined : mentionedBy(within));
    this.#facts = before.list.facts;
    this.#regions = new Regions(this.#facts, [before.index, after.index]);
  }

  /**
   * Finds the classes whose connections the changed rule decides in the file before the change or in the file after the
   * change, as `side` says.
   */
  fromRule(rule: AccessRule, side: 'before' | 'after'): void {
    const other = side === 'before' ? this.#after : this.#before;
    if (!this.#steps.areTaken && !this.#isReached(rule, side)) return;
    // The lines of a file that was not read can contain any rules.
    if (rule.rule === undefined) {
      this.notCompared.push(rule);
      return;
    }
    const region = this.#regions.of(rule);
    const partners = this.#steps.areTaken ? [] : other.index.rulesNear(region);
    // A line of an unread file that is above the changed rule, too, does not match the connections of the changed rule.
    const unread = unreadRules(other).filter((each) => (this.#sameUnread.get(each)?.index ?? rule.index) >= rule.index);
    for (const partner of [...partners, ...unread, undefined]) {
      this.#steps.take(stepsOfPair);
      if (this.#steps.areTaken) {
        this.notCompared.push(rule);
        return;
      }
      this.#try(rule, partner, region, side);
    }
  }

  #try(rule: AccessRule, partner: AccessRule | undefined, own: Region, side: 'before' | 'after'): void {
    const [before, after] = side === 'before' ? [rule, partner] : [partner, rule];
    if (outcomeKeyOf(before) === outcomeKeyOf(after)) return;
    if (partner !== undefined && !this.#mayShare(own, partner)) return;
    const key = `${before?.index} ${after?.index}`;
    if (this.#seen.has(key)) return;
    const layers = [
      { index: this.#before.index, limit: before?.index ?? Number.POSITIVE_INFINITY },
      { index: this.#after.index, limit: after?.index ?? Number.POSITIVE_INFINITY },
    ];
    const regions = (budget: Budget): readonly Region[] => {
      const region = partner === undefined ? own : meetRegions(own, this.#regions.of(partner), this.#facts, budget);
      return region === undefined ? [] : this.#inScope(region, after, budget);
    };
    const gap = askForGap(regions, { layers, names: this.#names }, this.#steps);
    if (gap === undefined) return;
    this.#seen.add(key);
    this.found.push({ changed: rule, before, after, ...gap });
  }

  /**
   * Returns whether a rule can match connections of a region. Only transports and addresses are compared, not databases
   * and users.
   */
  #mayShare({ transports, addresses }: Region, rule: AccessRule): boolean {
    return (transports & rule.transports) !== 0 && mayMeet(addresses, this.#regions.of(rule).addresses);
  }

  /** Returns the parts of a region that are in the scope. */
  #inScope(region: Region, after: AccessRule | undefined, budget: Budget): readonly Region[] {
    if (this.#parts === undefined) return [region];
    return this.#parts.flatMap((part) => {
      const met = part.accepts(after) ? meetRegions(region, part.region, this.#facts, budget) : undefined;
      return (met && withoutNames(met, part, this.#names)) ?? [];
    });
  }

  #isReached(rule: AccessRule, side: 'before' | 'after'): boolean {
    const { index } = side === 'before' ? this.#before : this.#after;
    const layers = [{ index, limit: rule.index }];
    const region = this.#regions.of(rule);
    const asked = this.#steps.ask((budget) => findGap(region, { layers, mode: 'sure', names: this.#names, budget }));
    return asked === undefined || asked.answer !== undefined;
  }
}
