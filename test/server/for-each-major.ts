import { describe, test } from 'node:test';
import type { PgMajor } from '../../src/version.ts';
import { availableMajors, isNamed, namesOthers, programsFromEnvironment, programsVariable } from './packages.ts';

/**
 * Defines the same tests for several major versions. The tests of a version are skipped if there is no server of the
 * version for this platform, or if PG_HOSTSSL_MAJORS does not name the version.
 */
export function forEachMajor(majors: readonly PgMajor[], define: (major: PgMajor) => void): void {
  for (const major of majors) {
    const skip = whySkipped(major);
    if (skip === undefined) describe(`PostgreSQL ${major}`, () => define(major));
    else test(`PostgreSQL ${major}`, { skip });
  }
}

function whySkipped(major: PgMajor): string | undefined {
  if (!isNamed(major)) return namesOthers;
  if (availableMajors.includes(major)) return undefined;
  if (programsFromEnvironment(major) !== undefined) return undefined;
  const platform = `${process.platform}-${process.arch}`;
  return `npm has no PostgreSQL ${major} for ${platform}, and ${programsVariable(major)} names no folder with its programs`;
}
