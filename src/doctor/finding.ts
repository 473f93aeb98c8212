import type { CauseCode } from '../codes.ts';

/** Whether a bundle or a configuration has the fault of a cause. */
export interface Finding {
  /** `fault` if it has the fault, `none` if it does not. */
  readonly kind: 'fault' | 'none';
  /** What was found. */
  readonly details: readonly string[];
}

/** A cause and what was found about it. */
export type Entry = readonly [CauseCode, Finding];

/** The fault is there. */
export function fault(...details: readonly string[]): Finding {
  return { kind: 'fault', details };
}

/** The fault is not there. */
export function none(...details: readonly string[]): Finding {
  return { kind: 'none', details };
}
