import type { LineDiagnostic } from './line-diagnostic.ts';

/** The result of reading the fields of a line: a record, or the error for which the server refuses the line. */
export type LineReading<R> = {
  /**
   * Diagnostics for which the server does not refuse the line, and diagnostics about conditions that only a
   * running server can check.
   */
  readonly warnings: readonly LineDiagnostic[];
} & (
  | {
      /** The record that the server reads from the line. */
      readonly record: R;
      readonly error?: undefined;
    }
  | {
      /** The reason why the server refuses the line. */
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

/** Stops reading the line with an error. Like the server, this package reports only the first error of a line. */
export function refuse(error: Omit<LineDiagnostic, 'severity'>): never {
  throw new LineRefused({ ...error, severity: 'error' });
}

/** Reads a record with a function that can {@link refuse} the line and can add warnings. */
export function readUnlessRefused<R>(read: (warnings: LineDiagnostic[]) => R): LineReading<R> {
  const warnings: LineDiagnostic[] = [];
  try {
    return { record: read(warnings), warnings };
  } catch (refusal) {
    if (refusal instanceof LineRefused) return { error: refusal.error, warnings };
    throw refusal;
  }
}
