import type { HbaDatabase, HbaUser } from '../../hba/index.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { RuleList } from '../rules/read-rules.ts';
import { addressAtoms, isOpen } from './address-atom.ts';
import type { Pair, UserAtom } from './atom.ts';
import { Bucket } from './bucket.ts';
import type { Budget } from './budget.ts';
import { coversDatabase, coversUser, type NameFacts } from './covers.ts';

/** The most pairs of names that a rule is entered under; a longer list is a key of its own. */
const pairLimit = 64;

/** A list with so many names is a key of its own where a rule has too many pairs. */
const longList = 8;

/** The buckets of some pair of names. */
export interface Buckets {
  /** Those whose rules surely match each connection of the pair, addresses and transports left aside. */
  readonly sure: readonly Bucket[];
  /** Those whose rules match if facts say so. */
  readonly possible: readonly Bucket[];
}

interface Special<E> {
  readonly element: E;
  readonly key: string;
}

/**
 * The rules of a file by the names in their columns. The index of a rule is a parameter of each question, so that one
 * index answers for every beginning of the file.
 */
export class RulesByName {
  /** The buckets by the keys of both columns: one map, since most databases have one user only. */
  readonly #buckets = new Map<string, Bucket>();
  /** Those for all databases, which every question asks for, by the key of the users. */
  readonly #ofAll = new Map<string, Bucket>();
  /** The elements of database columns that have to be asked what they hold. */
  readonly #specials: Special<HbaDatabase>[] = [];
  /** Those of user columns, by the key of the databases. */
  readonly #specialUsers = new Map<string, Special<HbaUser>[]>();
  readonly #databaseLists = new NameLists();
  readonly #userLists = new NameLists();
  /** The index of the first line that stands for the lines of a file that was not read. */
  readonly firstUnread: number;

  /** Enters all rules of a file. */
  constructor({ rules, facts }: RuleList) {
    for (const rule of rules) if (rule.rule !== undefined) this.#enter(rule, facts);
    const unread = rules.findIndex(({ rule }) => rule === undefined);
    this.firstUnread = unread === -1 ? Number.POSITIVE_INFINITY : unread;
  }

  /** The buckets that can cover a pair. */
  bucketsOf(pair: Pair, names: NameFacts, budget: Budget): Buckets {
    const sure: Bucket[] = [];
    const possible: Bucket[] = [];
    const { database, user } = pair;
    if (database.kind !== 'physical') this.#addUsers(allKey, user, names, budget, sure, possible);
    if (database.kind === 'name') {
      this.#addUsers(nameKey(database.name), user, names, budget, sure, possible);
      for (const key of this.#databaseLists.keysOf(database.name)) {
        this.#addUsers(key, user, names, budget, sure, possible);
      }
    }
    for (const { element, key } of this.#specials) {
      budget.take();
      const covers = coversDatabase(element, pair, names);
      if (covers !== false) this.#addUsers(key, user, names, budget, covers === true ? sure : possible, possible);
    }
    return { sure, possible };
  }

  #addUsers(
    database: string,
    user: UserAtom,
    names: NameFacts,
    budget: Budget,
    sure: Bucket[],
    possible: Bucket[],
  ): void {
    this.#add(database, allKey, sure);
    if (user.kind === 'name') {
      this.#add(database, nameKey(user.name), sure);
      for (const key of this.#userLists.keysOf(user.name)) this.#add(database, key, sure);
    }
    for (const { element, key } of this.#specialUsers.get(database) ?? noSpecials) {
      budget.take();
      const covers = coversUser(element, user, names);
      if (covers !== false) this.#add(database, key, covers === true ? sure : possible);
    }
  }

  #add(database: string, user: string, list: Bucket[]): void {
    const bucket = database === allKey ? this.#ofAll.get(user) : this.#buckets.get(bothKeys(database, user));
    if (bucket !== undefined) list.push(bucket);
  }

  /** The rules, of those that were entered, that may match a connection of some pairs. */
  rulesNear(pairs: readonly Pair[], rules: readonly AccessRule[]): readonly AccessRule[] {
    const near = new Set<number>();
    for (const { database, user } of pairs) {
      if (database.kind !== 'name' && database.kind !== 'physical' && user.kind !== 'name') return rules.filter(isRead);
      for (const bucket of this.#buckets.values()) {
        if (database.kind === 'name' && !mayHold(bucket.database, database.name, this.#databaseLists)) continue;
        if (user.kind === 'name' && !mayHold(bucket.user, user.name, this.#userLists)) continue;
        for (const index of bucket.rules) near.add(index);
      }
    }
    return [...near].sort((a, b) => a - b).map((index) => rules[index]!);
  }

  #enter(rule: AccessRule, facts: RuleList['facts']): void {
    const { databases, users, transports, index } = rule;
    if (transports === 0) return;
    const isLong = databases.length * users.length > pairLimit;
    const databaseKeys = isLong ? this.#databaseLists.keysOfColumn(databases) : databases.map(keyed);
    const userKeys = isLong ? this.#userLists.keysOfColumn(users) : users.map(keyed);
    this.#hasPatterns ||= users.some((each) => typeof each === 'object' && !('keyword' in each));
    const addresses = addressAtoms(rule.address, facts);
    this.#hasOpen ||= addresses.some(isOpen);
    for (const database of databaseKeys) {
      for (const user of userKeys) {
        const bucket = this.#bucketOf(database, user);
        bucket.rules.push(index);
        for (const atom of addresses) bucket.add(atom, transports, index);
      }
    }
  }

  #bucketOf(database: Keyed<HbaDatabase>, user: Keyed<HbaUser>): Bucket {
    const key = bothKeys(database.key, user.key);
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new Bucket(database.key, user.key);
      this.#buckets.set(key, bucket);
      if (database.key === allKey) this.#ofAll.set(user.key, bucket);
      if (database.element !== undefined) this.#noteDatabase(database.key, database.element);
      if (user.element !== undefined) {
        const specials = this.#specialUsers.get(database.key) ?? [];
        specials.push({ element: user.element, key: user.key });
        this.#specialUsers.set(database.key, specials);
      }
    }
    return bucket;
  }

  #noteDatabase(key: string, element: HbaDatabase): void {
    if (!this.#specials.some((special) => special.key === key)) this.#specials.push({ element, key });
    this.#hasPatterns ||= !isTiedOnly(element);
  }

  /**
   * Of names that no key of the file tells apart two each, which is enough to ask about: two, because `sameuser` tells a
   * user with the database's own name from the others. All names if a regular expression or a role may tell them apart.
   */
  representatives(names: readonly string[], column: 'databases' | 'users'): readonly string[] {
    if (this.#hasPatterns) return names;
    const lists = column === 'databases' ? this.#databaseLists : this.#userLists;
    const own = new Set(
      Array.from(this.#buckets.values(), (bucket) => bucket[column === 'databases' ? 'database' : 'user']),
    );
    const groups = new Map<string, number>();
    return names.filter((name) => {
      const key = own.has(nameKey(name)) ? nameKey(name) : `lists ${lists.keysOf(name).join(' ')}`;
      const count = groups.get(key) ?? 0;
      groups.set(key, count + 1);
      return count < 2;
    });
  }

  #hasPatterns = false;
  #hasOpen = false;

  /** Whether no answer can depend on a fact: a role, a regular expression, a host name, a file that was not read. */
  get isExact(): boolean {
    return !this.#hasPatterns && !this.#hasOpen && this.firstUnread === Number.POSITIVE_INFINITY;
  }
}

const noSpecials: readonly Special<HbaUser>[] = [];

/** Whether the names of a key may be, or hold, a name. */
function mayHold(key: string, name: string, lists: NameLists): boolean {
  if (key === allKey || key === nameKey(name) || key.startsWith('\0special')) return true;
  return key.startsWith('\0list') && lists.keysOf(name).includes(key);
}

function bothKeys(database: string, user: string): string {
  return `${database}\0${user}`;
}

function isRead({ rule }: AccessRule): boolean {
  return rule !== undefined;
}

/** Whether an element tells names apart by nothing but the tie of database and user. */
function isTiedOnly(element: HbaDatabase): boolean {
  if (typeof element === 'string' || !('keyword' in element)) return false;
  return element.keyword === 'sameuser' || element.keyword === 'replication';
}

/** A key of a column, with the element that has to be asked what it covers. */
interface Keyed<E> {
  readonly key: string;
  readonly element: E | undefined;
}

function keyed<E extends HbaDatabase | HbaUser>(element: E): Keyed<E> {
  const each: HbaDatabase | HbaUser = element;
  if (typeof each === 'string') return { key: nameKey(each), element: undefined };
  if ('keyword' in each && each.keyword === 'all') return { key: allKey, element: undefined };
  return { key: `\0special ${JSON.stringify(element)}`, element };
}

/** The key of a name is the name itself: no name holds a NUL, with which the keys of all else begin. */
function nameKey(name: string): string {
  return name;
}

const allKey = '\0all';

/** Long lists of names, each of which is one key. */
class NameLists {
  readonly #keys = new Map<string, string>();
  readonly #ofName = new Map<string, string[]>();

  /** The keys of a column: one for all its names if they are many. */
  keysOfColumn<E extends HbaDatabase | HbaUser>(column: readonly E[]): readonly Keyed<E>[] {
    const names = column.filter((element) => typeof element === 'string');
    if (names.length <= longList) return column.map(keyed);
    const others = column.filter((element) => typeof element !== 'string').map(keyed);
    return [{ key: this.#keyOf(names), element: undefined }, ...others];
  }

  /** The keys of the lists that hold a name. */
  keysOf(name: string): readonly string[] {
    return this.#ofName.get(name) ?? noKeys;
  }

  #keyOf(names: readonly string[]): string {
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
