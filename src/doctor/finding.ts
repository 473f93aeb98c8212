import type { CauseCode } from '../codes.ts';

/** The result of checking whether a bundle or a configuration has the fault that a cause describes. */
export interface Finding {
  /**
   * `fault` if the fault was found, `none` if it was ruled out. `intended` if the configuration has a state that is a
   * fault only if the error texts say so, such as no rule for connections without TLS. `unloaded` if the files of the
   * server do not have the fault: the server may not have loaded them yet.
   */
  readonly kind: 'fault' | 'intended' | 'unloaded' | 'none';
  /** The details of the finding. */
  readonly details: readonly string[];
}

/** A cause with the finding about it. */
export type CauseFinding = readonly [CauseCode, Finding];

/** Returns the finding that the bundle or the configuration has this fault. */
export function fault(details: readonly string[]): Finding {
  return { kind: 'fault', details };
}

/** Returns the finding of a state that confirms the cause only if the error texts fit the cause. */
export function intended(details: readonly string[]): Finding {
  return { kind: 'intended', details };
}

/** Returns the finding that the bundle and the configuration do not have this fault. */
export function none(details: readonly string[] = []): Finding {
  return { kind: 'none', details };
}

/** The detail of a cause that the error texts name, and that the files of the server do not have. */
export const notLoaded =
  'The files of the server do not have this fault. A server that has not loaded its changed files may have it: reload or restart the server, and read its log';

/** Returns the finding that the files of the server do not have a fault, which the loaded files may still have. */
export function unloaded({ details }: Finding): Finding {
  return { kind: 'unloaded', details };
}
