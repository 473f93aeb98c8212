import { addToGroup } from '../../group-by.ts';
import type { HbaDatabase, HbaUser } from '../../hba/rule.ts';
import { keyOf } from './column-key.ts';

/**
 * Lists with more names than this are indexed under one key for the whole list, if a rule has too many pairs of
 * database and user.
 */
const longList = 8;

/**
 * The long lists of names in the database columns or the user columns of a file. Each list has one key in the index.
 */
export class NameLists {
  readonly #keys = new Map<string, string>();
  readonly #ofName = new Map<string, string[]>();

  /** Returns the index keys of a column. If the column has many names, all of its names share one key. */
  keysOfColumn(column: readonly (HbaDatabase | HbaUser)[]): readonly string[] {
    const names = column.filter((element) => typeof element === 'string');
    if (names.length <= longList) return column.map(keyOf);
    return [this.#keyOfList(names), ...column.filter((element) => typeof element !== 'string').map(keyOf)];
  }

  /** Returns the keys of the long lists that contain a name. */
  keysOf(name: string): readonly string[] {
    // Most files have no long list. The check for an empty map avoids hashing the name.
    return this.#ofName.size === 0 ? noKeys : (this.#ofName.get(name) ?? noKeys);
  }

  #keyOfList(names: readonly string[]): string {
    const content = JSON.stringify(names);
    let key = this.#keys.get(content);
    if (key === undefined) {
      key = `\0list ${this.#keys.size}`;
      this.#keys.set(content, key);
      for (const name of new Set(names)) addToGroup(this.#ofName, name, key);
    }
    return key;
  }
}

const noKeys: readonly string[] = [];
