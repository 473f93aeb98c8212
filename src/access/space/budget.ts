/** The number of steps that a question can take. If the steps do not suffice, the answer is `maybe`. */
export class Budget {
  #left: number;

  /** Creates a budget with a number of steps. */
  constructor(steps: number) {
    this.#left = steps;
  }

  /** The remaining steps; below zero if the steps did not suffice. */
  get left(): number {
    return this.#left;
  }

  /** Takes some steps. @throws BudgetExceeded if too few steps remain */
  take(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0) throw new BudgetExceeded();
  }
}

/** The error that is thrown when a question takes too many steps. {@link SharedSteps} catches it. */
class BudgetExceeded extends Error {}

/** The number of steps for all questions of one search together. */
const stepsOfSearch = 10_000_000;

/** The largest number of steps for one question. */
const stepsOfQuestion = 300_000;

/**
 * The number of steps for each question after the steps of the search are used up. This number suffices for a rule that
 * overlaps few other rules. All such questions together can use as many steps again. Later questions have no steps.
 */
const fewSteps = 300;

/** The steps for the selection of a pair of rules, before any question about the pair. */
export const stepsOfPair = 3;

/** The steps that the questions of one search share. They end a search about many hard rules after a few seconds. */
export class SharedSteps {
  #left = stepsOfSearch;

  /** `true` if all steps are used up. */
  get areTaken(): boolean {
    return this.#left <= 0;
  }

  /** Takes steps for work between the questions. */
  take(steps: number): void {
    this.#left -= steps;
  }

  /** Returns the answer of a question, or `undefined` if the question takes too many steps. */
  ask<T>(question: (budget: Budget) => T): { readonly answer: T } | undefined {
    const least = this.#left > -stepsOfSearch ? fewSteps : 0;
    const steps = Math.min(stepsOfQuestion, Math.max(least, this.#left));
    const budget = new Budget(steps);
    try {
      return { answer: question(budget) };
    } catch (error) {
      if (error instanceof BudgetExceeded) return undefined;
      throw error;
    } finally {
      this.#left -= steps - Math.max(0, budget.left);
    }
  }
}
