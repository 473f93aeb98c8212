import assert from 'node:assert/strict';
import { judgeSetting } from '../../src/conf/check/judge-setting.ts';
import { settingDefinition } from '../../src/conf/index.ts';
import type { SettingValue } from '../../src/conf/values/value.ts';
import { readValue } from '../../src/conf/values/value.ts';
import type { PgMajor } from '../../src/version.ts';
import { type PostgresCAnswer, runPostgresC, type ServerFiles } from '../server/index.ts';

export { judgingMajors } from '../server/index.ts';

/** Runs the server of a major version with these files, named by their paths in the data directory, and returns a setting. */
export function loadConf(major: PgMajor, files: ServerFiles, name = 'config_file'): PostgresCAnswer {
  return runPostgresC(major, files, name);
}

/** Returns true if a server shows a value as predicted; null means that the server refuses the value. */
export function isSame(ours: string | null, server: string | null): boolean {
  if (ours === null || server === null) return ours === server;
  // The view shows reals with six digits.
  return ours === server || Number(Number(ours).toPrecision(6)) === Number(server);
}

/** Predicts what a server shows for a setting whose text is in a file, in the server's own unit; null if it refuses the text. */
export function foretold(name: string, text: string, version: PgMajor): string | null {
  if (judgeSetting(name, text, version).kind === 'refused') return null;
  const definition = settingDefinition(name, version)!;
  const reading = readValue(definition, text, version);
  assert.ok(reading.ok);
  // The server shows a list as it was written. Only DateStyle is shown in another form.
  const isText = definition.type === 'list' && definition.name !== 'DateStyle';
  return isText ? text : asShown(reading.value);
}

/** Returns a value as servers show it in their own units. */
export function asShown(value: SettingValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value !== 'object') return String(value);
  return 'amount' in value ? String(value.amount) : value.join(', ');
}
