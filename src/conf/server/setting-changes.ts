import type { PgMajor } from '../../version.ts';
import { type SettingContext, settingDefinition } from '../catalogue/catalogue.ts';
import { settingKey } from '../catalogue/names.ts';
import { ConfFile } from '../file.ts';
import type { ConfTree } from '../tree.ts';
import { readValue } from '../values/value.ts';

/**
 * When a change acts: `reload` at a reload, in running sessions too; `new-sessions` in sessions begun after a reload;
 * `restart` at the next start of the server; `never` for what a file cannot change.
 */
export type TakesEffect = 'reload' | 'new-sessions' | 'restart' | 'never';

/** A setting that has another value. */
export interface SettingChange {
  /** The name as the server spells it, or as the file does for what the server does not know. */
  readonly name: string;
  /** The value before; undefined where nothing set it. */
  readonly before: string | undefined;
  /** The value after; undefined where nothing sets it any more, so that the default is back. */
  readonly after: string | undefined;
  /** When the change acts. */
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
 * The settings that two versions of a file, or of a whole configuration, give different values, and when each change
 * acts. Spellings of the same value (`on` and `true`, `1GB` and `1024MB`, the default and no line) are no change.
 */
export function settingChanges<T extends ConfFile | ConfTree>(before: T, after: T): readonly SettingChange[] {
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
  return old?.ok === true && now?.ok === true && JSON.stringify(old.value) === JSON.stringify(now.value);
}
