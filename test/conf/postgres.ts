import assert from 'node:assert/strict';
import { judgeSetting } from '../../src/conf/check/judge-setting.ts';
import { settingDefinition } from '../../src/conf/index.ts';
import type { SettingValue } from '../../src/conf/values/value.ts';
import { readValue } from '../../src/conf/values/value.ts';
import type { PgMajor } from '../../src/version.ts';
import { type PostgresCAnswer, runPostgresC, type ServerFiles } from '../server/index.ts';

export { judgingMajors, withoutJudges } from '../server/index.ts';

/**
 * Runs a server of the major version with the given files and returns the value of a setting. The files are named by
 * their paths in the data directory.
 */
export function loadConf(major: PgMajor, files: ServerFiles, name = 'config_file'): PostgresCAnswer {
  return runPostgresC(major, files, name);
}

/**
 * Returns whether the predicted value equals the value that the server shows; `null` means that the server refuses the
 * value.
 */
export function isSame(ours: string | null, server: string | null): boolean {
  if (ours === null || server === null) return ours === server;
  // The view `pg_settings` shows real numbers with six digits.
  return ours === server || Number(Number(ours).toPrecision(6)) === Number(server);
}

/**
 * Predicts the value that a server shows if a file sets the setting to a text, in the setting's own unit; `null` if the
 * server refuses the text.
 */
export function foretold(name: string, text: string, version: PgMajor): string | null {
  if (judgeSetting(name, text, version).kind === 'refused') return null;
  const definition = settingDefinition(name, version)!;
  const reading = readValue(definition, text, version);
  assert.ok(reading.ok);
  // The server shows a list setting as the file writes it. Only `DateStyle` is shown in a normalized form.
  const isText = definition.type === 'list' && definition.name !== 'DateStyle';
  return isText ? text : asShown(reading.value);
}

/** Returns the text that a server shows for a value, in the setting's own unit. */
export function asShown(value: SettingValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value !== 'object') return String(value);
  return 'amount' in value ? String(value.amount) : value.join(', ');
}
