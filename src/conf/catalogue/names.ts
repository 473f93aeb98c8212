import { assertText } from '../../arguments.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';

interface Alias extends PgMajorSpan {
  readonly alias: string;
  readonly name: string;
}

/** Old names of settings that the server still accepts (`map_old_guc_names` of guc.c). */
const aliases: readonly Alias[] = [
  { alias: 'sort_mem', name: 'work_mem' },
  { alias: 'vacuum_mem', name: 'maintenance_work_mem' },
  { alias: 'ssl_ecdh_curve', name: 'ssl_groups', since: 18 },
];

/**
 * Returns the key under which the server keeps a setting. Names are compared without ASCII case (`guc_name_compare`),
 * and an old name has the key of the new name.
 */
export function settingKey(name: string, version: PgMajor): string {
  assertText(name, 'the name of a setting');
  const key = pgAsciiToLower(name);
  return aliases.find((row) => row.alias === key && spanIncludes(row, version))?.name ?? key;
}

/**
 * A set of settings, which finds the lines of these settings in a file. Each line of the file takes at most two
 * lookups.
 */
export class SettingKeys {
  /** The key of each setting by its names in lower case. A setting can have old names in addition to its name. */
  readonly #keys = new Map<string, string>();
  /** The lengths of the names: the element at index `n` is `true` if a name has `n` characters. */
  readonly #lengths: boolean[] = [];

  constructor(keys: Iterable<string>, version: PgMajor) {
    for (const key of keys) this.#add(key, key);
    for (const row of aliases) {
      if (spanIncludes(row, version) && this.#keys.has(row.name)) this.#add(row.alias, row.name);
    }
  }

  #add(name: string, key: string): void {
    this.#keys.set(name, key);
    this.#lengths[name.length] = true;
  }

  /** Returns the {@link settingKey} of a name; `undefined` if the name does not belong to a setting of the set. */
  keyOf(name: string): string | undefined {
    // Most names in a file have another length than the wanted names, or are in lower case already. Both cases need no
    // conversion to lower case.
    if (this.#lengths[name.length] !== true) return undefined;
    return this.#keys.get(name) ?? this.#keys.get(pgAsciiToLower(name));
  }
}
