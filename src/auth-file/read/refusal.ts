import type { LineDiagnostic } from './line-diagnostic.ts';

/** What the server makes of the fields of a line: a record, or the error that refuses the line. */
export type LineReading<R> = {
  /** What the server reports without refusing the line, and what only a running server can judge. */
  readonly warnings: readonly LineDiagnostic[];
} & (
  | {
      /** The record. */
      readonly record: R;
      readonly error?: undefined;
    }
  | {
      /** Why the server refuses the line. */
      readonly error: LineDiagnostic;
      readonly record?: undefined;
    }
);

/** Thrown at the first reason to refuse a line; {@link readUnlessRefused} catches it. */
class LineRefused {
  readonly error: LineDiagnostic;

  constructor(error: LineDiagnostic) {
    this.error = error;
  }
}

/** Refuses the line that is being read. The server, too, stops at the first error of a line. */
export function refuse(error: Omit<LineDiagnostic, 'severity'>): never {
  throw new LineRefused({ ...error, severity: 'error' });
}

/** Reads a record with a function that may {@link refuse} the line and may add warnings. */
export function readUnlessRefused<R>(read: (warnings: LineDiagnostic[]) => R): LineReading<R> {
  const warnings: LineDiagnostic[] = [];
  try {
    return { record: read(warnings), warnings };
  } catch (refusal) {
    if (refusal instanceof LineRefused) return { error: refusal.error, warnings };
    throw refusal;
  }
}
