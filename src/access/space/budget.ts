/**
 * The number of computing steps that a search can take for one question. If these steps do not suffice, the answer is
 * `maybe`.
 */
export class Budget {
  #left: number;

  /** Creates a budget with a number of steps. */
  constructor(steps: number) {
    this.#left = steps;
  }

  /** The number of remaining steps; below zero if the steps did not suffice. */
  get left(): number {
    return this.#left;
  }

  /**
   * Subtracts steps from the remaining steps.
   *
   * @throws BudgetExceeded if too few steps remain
   */
  take(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0) throw new BudgetExceeded();
  }
}

/** The error that is thrown when a question takes too many computing steps. {@link SharedSteps} catches this error. */
class BudgetExceeded extends Error {}

/** The number of computing steps that all questions of one search together can take. */
const stepsOfSearch = 10_000_000;

/** The largest number of computing steps that a single question can take. */
const stepsOfQuestion = 300_000;

/**
 * After the steps of the whole search are used up, each further question gets this number of steps, which suffices for
 * a rule that overlaps few other rules. All further questions together get at most `stepsOfSearch` steps; then every
 * question ends at its first step.
 */
const fewSteps = 300;

/** The number of steps that is counted for the selection of a pair of rules. */
export const stepsOfPair = 3;

/**
 * The computing steps that all questions of one search share. Because of this limit, a search in a difficult file ends
 * after a few seconds.
 */
export class SharedSteps {
  #left = stepsOfSearch;

  /** `true` if all steps are used up. */
  get areTaken(): boolean {
    return this.#left <= 0;
  }

  /** Subtracts steps for work between the questions. */
  take(steps: number): void {
    this.#left -= steps;
  }

  /**
   * Runs `question` with a limited number of steps. Returns its answer, or `undefined` if the question takes too many
   * steps.
   */
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
