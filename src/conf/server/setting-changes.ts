import { assertInstance } from '../../arguments.ts';
import type { PgMajor } from '../../version.ts';
import { type SettingContext, settingDefinition } from '../catalogue/catalogue.ts';
import { settingKey } from '../catalogue/names.ts';
import { ConfFile } from '../file.ts';
import { ConfTree } from '../tree.ts';
import { isSameValue, readValue } from '../values/value.ts';

/**
 * When a change takes effect. `reload`: at a reload, also in running sessions. `new-sessions`: in sessions that begin
 * after a reload. `restart`: at the next start of the server. `never`: a file cannot change the setting.
 */
export type TakesEffect = 'reload' | 'new-sessions' | 'restart' | 'never';

/** A setting whose value differs between two configurations. */
export interface SettingChange {
  /** The name as the server writes it. For a setting that the server does not know, the name as the file writes it. */
  readonly name: string;
  /** The value before the change, or `undefined` if nothing set it. */
  readonly before: string | undefined;
  /** The value after the change, or `undefined` if nothing sets it any more and the default applies. */
  readonly after: string | undefined;
  /** When the change takes effect. */
  readonly takesEffect: TakesEffect;
}

const effects: Readonly<Record<SettingContext, TakesEffect>> = {
  internal: 'never',
  postmaster: 'restart',
  sighup: 'reload',
  'superuser-backend': 'new-sessions',
  backend: 'new-sessions',
  superuser: 'reload',
  user: 'reload',
};

/**
 * Returns the settings whose values differ between two states of a file or of a whole configuration, and when each
 * change takes effect. Two texts of the same value do not differ: `on` and `true`, or `1GB` and `1024MB`. A line that
 * sets the default does not count as a change. If such a line of a setting for the start of the server is removed, the
 * server shows `pending_restart` until a restart, although the value stays.
 *
 * @throws PgHostsslError `argument-invalid` for values of the wrong kind
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { ConfFile, settingChanges } from 'pg-hostssl/conf';
 *
 * const before = ConfFile.parse('ssl = on\nport = 5432\n');
 * const after = before.set('ssl', 'true').set('port', 5433).set('work_mem', '8MB');
 * assert.deepEqual(settingChanges(before, after), [
 *   { name: 'port', before: '5432', after: '5433', takesEffect: 'restart' },
 *   { name: 'work_mem', before: undefined, after: '8MB', takesEffect: 'reload' },
 * ]);
 * ```
 */
export function settingChanges<T extends ConfFile | ConfTree>(before: T, after: T): readonly SettingChange[] {
  for (const conf of [before, after]) {
    if (!(conf instanceof ConfTree)) assertInstance(conf, ConfFile, 'configuration of settingChanges');
  }
  const { version } = after;
  const names = new Map<string, string>();
  for (const { name } of [...settingsOf(before), ...settingsOf(after)]) names.set(settingKey(name, version), name);
  return [...names].flatMap(([key, spelt]): SettingChange[] => {
    const [old, now] = [valueIn(before, key), valueIn(after, key)];
    if (isSame(key, old, now, version)) return [];
    const definition = settingDefinition(key, version);
    const takesEffect = definition === undefined ? 'reload' : effects[definition.context];
    return [{ name: definition?.name ?? spelt, before: old, after: now, takesEffect }];
  });
}

function settingsOf(conf: ConfFile | ConfTree): readonly { readonly name: string }[] {
  return conf instanceof ConfFile ? conf.settings : conf.files.flatMap((file) => file.settings);
}

function valueIn(conf: ConfFile | ConfTree, name: string): string | undefined {
  if (conf instanceof ConfFile) return conf.get(name);
  const effective = conf.effective(name);
  return effective === undefined || effective.source === 'default' ? undefined : effective.value;
}

function isSame(name: string, before: string | undefined, after: string | undefined, version: PgMajor): boolean {
  if (before === after) return true;
  const definition = settingDefinition(name, version);
  if (definition === undefined) return false;
  const [old, now] = [before, after].map((text) => {
    const known = text ?? definition.default;
    return known === undefined ? undefined : readValue(definition, known, version);
  });
  return old?.ok === true && now?.ok === true && isSameValue(old.value, now.value);
}
