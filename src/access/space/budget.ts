/** How many steps a question may take. Where the count runs out, the answer is `maybe`. */
export class Budget {
  #left: number;

  /** A budget of so many steps. */
  constructor(steps: number) {
    this.#left = steps;
  }

  /** The steps that are left; below zero if they did not suffice. */
  get left(): number {
    return this.#left;
  }

  /** Takes some steps. @throws BudgetExceeded */
  take(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0) throw new BudgetExceeded();
  }
}

/** Thrown by a question that takes more steps than it may; {@link SharedSteps} catches it. */
class BudgetExceeded extends Error {}

/** The steps that all questions of one call may take together. */
const stepsOfCall = 10_000_000;

/** The most steps of one question. */
const stepsOfQuestion = 300_000;

/** The steps of a question after earlier questions have taken all: enough for a rule that meets few others. */
const fewSteps = 300;

/** The steps of looking at a pair of rules, before any question about them. */
export const stepsOfPair = 3;

/** The steps that the questions of one call share, so that a call about many hard rules ends after a few seconds. */
export class SharedSteps {
  #left = stepsOfCall;

  /** Whether the questions so far have taken all steps. */
  get areTaken(): boolean {
    return this.#left <= 0;
  }

  /** Takes steps for work between questions. */
  take(steps: number): void {
    this.#left -= steps;
  }

  /** What a question gives, or `undefined` if it takes too many steps. */
  ask<T>(question: (budget: Budget) => T): { readonly answer: T } | undefined {
    const steps = Math.min(stepsOfQuestion, Math.max(fewSteps, this.#left));
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
