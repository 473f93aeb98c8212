import type { AccessRule } from '../rules/access-rule.ts';
import { mayMeet } from '../space/address-atom.ts';
import type { Analysis } from '../space/analysis.ts';
import { namesOf } from '../space/analysis.ts';
import { SharedSteps } from '../space/budget.ts';
import { findGap } from '../space/gap.ts';
import { meetRegions, type Region, regionOf } from '../space/region.ts';

/** Finds the rules that refuse connections which a later rule would let in. */
export class RejectionFinder {
  readonly #analysis: Analysis;
  readonly #letIn: readonly { readonly rule: AccessRule; readonly region: Region }[];
  readonly #names: ReturnType<typeof namesOf>;
  readonly #steps = new SharedSteps();

  /** @param reached the reachable rules, in file order */
  constructor(analysis: Analysis, reached: readonly AccessRule[]) {
    this.#analysis = analysis;
    this.#names = namesOf([analysis.list]);
    this.#letIn = reached
      .filter(({ outcome }) => outcome.kind !== 'refused')
      .map((rule) => ({ rule, region: this.#regionOf(rule) }));
  }

  /**
   * Returns whether a rejecting rule decides connections that a later rule would let in. Returns `true` if the search
   * takes too many steps.
   */
  takes(rule: AccessRule): boolean {
    const own = this.#regionOf(rule);
    const { index, list } = this.#analysis;
    const layers = [{ index, limit: rule.index }];
    return this.#letIn.some(({ rule: later, region }) => {
      if (later.index < rule.index || (own.transports & region.transports) === 0) return false;
      if (!mayMeet(own.addresses, region.addresses)) return false;
      const asked = this.#steps.ask((budget) => {
        const shared = meetRegions(own, region, list.facts, budget);
        return shared && findGap(shared, { layers, mode: 'sure', names: this.#names, budget });
      });
      return asked === undefined || asked.answer !== undefined;
    });
  }

  #regionOf(rule: AccessRule): Region {
    const { index, list } = this.#analysis;
    return regionOf(rule, list.facts, [index]);
  }
}
