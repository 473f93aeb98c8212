import type { SettingValue } from '../../src/conf/index.ts';
import type { PgMajor } from '../../src/version.ts';
import { type PostgresCAnswer, runPostgresC, type ServerFiles } from '../server/index.ts';

export { judgingMajors } from '../server/index.ts';

/** Has the real server of a major load these files, named by their paths in the data directory, and show a setting. */
export function loadConf(major: PgMajor, files: ServerFiles, name = 'config_file'): PostgresCAnswer {
  return runPostgresC(major, files, name);
}

/** Whether a server shows a value as it was foretold; null is for one that it refuses. */
export function isSame(ours: string | null, server: string | null): boolean {
  if (ours === null || server === null) return ours === server;
  // 10 and 11 show the hidden word. The view shows reals with six digits.
  return (
    (ours === 'debug2' && server === 'debug') ||
    ours === server ||
    Number(Number(ours).toPrecision(6)) === Number(server)
  );
}

/** A value as servers show it in their own units; of a list there is only the text. */
export function asShown(value: SettingValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return typeof value === 'object' && 'amount' in value ? String(value.amount) : String(value);
}
