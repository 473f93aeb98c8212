import type { PgMajor } from '../../src/version.ts';
import { type PostgresCAnswer, runPostgresC, type ServerFiles } from '../server/index.ts';

/** Has the real server of a major load these files, named by their paths in the data directory, and show a setting. */
export function loadConf(major: PgMajor, files: ServerFiles, name = 'config_file'): PostgresCAnswer {
  return runPostgresC(major, files, name);
}
