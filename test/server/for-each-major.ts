import { describe, test } from 'node:test';
import type { PgMajor } from '../../src/version.ts';
import { availableMajors } from './packages.ts';

/** Defines the same tests for several majors; one that has no server for this platform is shown as skipped. */
export function forEachMajor(majors: readonly PgMajor[], define: (major: PgMajor) => void): void {
  for (const major of majors) {
    if (availableMajors.includes(major)) describe(`PostgreSQL ${major}`, () => define(major));
    else
      test(`PostgreSQL ${major}`, { skip: `npm has no PostgreSQL ${major} for ${process.platform}-${process.arch}` });
  }
}
