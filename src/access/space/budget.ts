/** How many steps a question may take. Where the count runs out, the answer is `maybe`. */
export class Budget {
  #left: number;

  /** A budget of so many steps. */
  constructor(steps: number) {
    this.#left = steps;
  }

  /** The steps that are left; below zero where they did not suffice. */
  get left(): number {
    return this.#left;
  }

  /** Takes some steps. @throws BudgetExceeded */
  take(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0) throw new BudgetExceeded();
  }
}

/** Thrown where a question takes more steps than it may; it never leaves this folder. */
export class BudgetExceeded extends Error {}

/** The steps of a question about one rule. */
export const stepsOfQuestion = 300_000;

/** What a question gives, or `undefined` if it takes too many steps. */
export function withinBudget<T>(
  ask: (budget: Budget) => T,
  budget: Budget = new Budget(stepsOfQuestion),
): { readonly answer: T } | undefined {
  try {
    return { answer: ask(budget) };
  } catch (error) {
    if (error instanceof BudgetExceeded) return undefined;
    throw error;
  }
}
