import type { HbaDatabase, HbaUser } from '../../hba/index.ts';
import { keyOf } from './column-key.ts';

/** A list with so many names is one key where a rule has too many pairs of names. */
const longList = 8;

/** The long lists of names of one column; each list is one key. */
export class NameLists {
  readonly #keys = new Map<string, string>();
  readonly #ofName = new Map<string, string[]>();

  /** The keys of a column: one for all its names if they are many. */
  keysOfColumn(column: readonly (HbaDatabase | HbaUser)[]): readonly string[] {
    const names = column.filter((element) => typeof element === 'string');
    if (names.length <= longList) return column.map(keyOf);
    return [this.#keyOfList(names), ...column.filter((element) => typeof element !== 'string').map(keyOf)];
  }

  /** The keys of the lists that hold a name. */
  keysOf(name: string): readonly string[] {
    // Most files have no long list, and a lookup hashes the name even so.
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
