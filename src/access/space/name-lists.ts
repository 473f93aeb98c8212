import type { HbaDatabase, HbaUser } from '../../hba/index.ts';
import { keyOf } from './column-key.ts';

/** The number of names from which a list becomes one key if a rule has too many pairs of names. */
const longList = 8;

/** The long lists of names in one column. Each list has one key. */
export class NameLists {
  readonly #keys = new Map<string, string>();
  readonly #ofName = new Map<string, string[]>();

  /** Returns the keys of a column. If a column has many names, they share one key. */
  keysOfColumn(column: readonly (HbaDatabase | HbaUser)[]): readonly string[] {
    const names = column.filter((element) => typeof element === 'string');
    if (names.length <= longList) return column.map(keyOf);
    return [this.#keyOfList(names), ...column.filter((element) => typeof element !== 'string').map(keyOf)];
  }

  /** Returns the keys of the lists that contain a name. */
  keysOf(name: string): readonly string[] {
    // Most files have no long list. A lookup in an empty map would still hash the name.
    return this.#ofName.size === 0 ? noKeys : (this.#ofName.get(name) ?? noKeys);
  }

  #keyOfList(names: readonly string[]): string {
    const content = JSON.stringify(names);
    let key = this.#keys.get(content);
    if (key === undefined) {
      key = `\0list ${this.#keys.size}`;
      this.#keys.set(content, key);
      for (const name of new Set(names)) {
        const keys = this.#ofName.get(name);
        if (keys === undefined) this.#ofName.set(name, [key]);
        else keys.push(key);
      }
    }
    return key;
  }
}

const noKeys: readonly string[] = [];
