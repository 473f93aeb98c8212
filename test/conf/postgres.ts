import type { PgMajor } from '../../src/version.ts';
import { availableMajors, type PostgresCAnswer, runPostgresC, type ServerFiles } from '../server/index.ts';

/** Has the real server of a major load these files, named by their paths in the data directory, and show a setting. */
export function loadConf(major: PgMajor, files: ServerFiles, name = 'config_file'): PostgresCAnswer {
  return runPostgresC(major, files, name);
}

/** The majors to judge by: all, or those that PG_HOSTSSL_MAJORS names (`10,18`). */
export const judgingMajors: readonly PgMajor[] = availableMajors.filter((major) =>
  (process.env.PG_HOSTSSL_MAJORS ?? String(major)).split(',').includes(String(major)),
);
