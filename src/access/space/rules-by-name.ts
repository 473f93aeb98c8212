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

interface DatabaseNode {
  readonly users: Map<string, Bucket>;
  readonly specials: Special<HbaUser>[];
}

/**
 * The rules of a file by the names in their columns. The index of a rule is a parameter of each question, so that one
 * index answers for every beginning of the file.
 */
export class RulesByName {
  readonly #nodes = new Map<string, DatabaseNode>();
  readonly #specials: Special<HbaDatabase>[] = [];
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
    const ofNode = (node: DatabaseNode | undefined, isSure: boolean): void => {
      if (node !== undefined) this.#usersOf(node, pair.user, names, budget, isSure ? sure : possible, possible);
    };
    const { database } = pair;
    if (database.kind !== 'physical') ofNode(this.#nodes.get('all'), true);
    if (database.kind === 'name') {
      ofNode(this.#nodes.get(nameKey(database.name)), true);
      for (const key of this.#databaseLists.keysOf(database.name)) ofNode(this.#nodes.get(key), true);
    }
    for (const { element, key } of this.#specials) {
      budget.take();
      const covers = coversDatabase(element, pair, names);
      if (covers !== false) ofNode(this.#nodes.get(key), covers === true);
    }
    return { sure, possible };
  }

  /** The rules, of those that were entered, that may match a connection of some pairs. */
  rulesNear(pairs: readonly Pair[], rules: readonly AccessRule[]): readonly AccessRule[] {
    const near = new Set<number>();
    for (const { database, user } of pairs) {
      if (database.kind !== 'name' && database.kind !== 'physical' && user.kind !== 'name') return rules.filter(isRead);
      for (const [key, node] of this.#nodes) {
        if (database.kind === 'name' && !this.#mayHold(key, nameKey(database.name), this.#databaseLists, database.name))
          continue;
        for (const [userKey, bucket] of node.users) {
          if (user.kind === 'name' && !this.#mayHold(userKey, nameKey(user.name), this.#userLists, user.name)) continue;
          for (const index of bucket.rules) near.add(index);
        }
      }
    }
    return [...near].sort((a, b) => a - b).map((index) => rules[index]!);
  }

  /** Whether the names of a key may be, or hold, a name. */
  #mayHold(key: string, own: string, lists: NameLists, name: string): boolean {
    return (
      key === own ||
      key === 'all' ||
      key.startsWith('special') ||
      (key.startsWith('list') && lists.keysOf(name).includes(key))
    );
  }

  #usersOf(
    { users, specials }: DatabaseNode,
    user: UserAtom,
    names: NameFacts,
    budget: Budget,
    sure: Bucket[],
    possible: Bucket[],
  ): void {
    const add = (bucket: Bucket | undefined): void => {
      if (bucket !== undefined) sure.push(bucket);
    };
    add(users.get('all'));
    if (user.kind === 'name') {
      add(users.get(nameKey(user.name)));
      for (const key of this.#userLists.keysOf(user.name)) add(users.get(key));
    }
    for (const { element, key } of specials) {
      budget.take();
      const covers = coversUser(element, user, names);
      if (covers !== false) (covers === true ? sure : possible).push(users.get(key)!);
    }
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
      const node = this.#nodeOf(database);
      for (const user of userKeys) {
        const bucket = bucketOf(node, user);
        bucket.rules.push(index);
        for (const atom of addresses) bucket.add(atom, transports, index);
      }
    }
  }

  #nodeOf({ key, element }: Keyed<HbaDatabase>): DatabaseNode {
    let node = this.#nodes.get(key);
    if (node === undefined) {
      node = { users: new Map(), specials: [] };
      this.#nodes.set(key, node);
      if (element !== undefined) this.#specials.push({ element, key });
      this.#hasPatterns ||= element !== undefined && !isTiedOnly(element);
    }
    return node;
  }

  /**
   * Of names that no key of the file tells apart two each, which is enough to ask about: two, because `sameuser` tells a
   * user with the database's own name from the others. All names if a regular expression or a role may tell them apart.
   */
  representatives(names: readonly string[], column: 'databases' | 'users'): readonly string[] {
    if (this.#hasPatterns) return names;
    const lists = column === 'databases' ? this.#databaseLists : this.#userLists;
    const groups = new Map<string, number>();
    return names.filter((name) => {
      const own = column === 'databases' ? this.#nodes.has(nameKey(name)) : this.#hasUser(name);
      const key = own ? nameKey(name) : `lists ${lists.keysOf(name).join(' ')}`;
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
  #userNames: Set<string> | undefined;

  #hasUser(name: string): boolean {
    if (this.#userNames === undefined) {
      this.#userNames = new Set();
      for (const { users } of this.#nodes.values()) for (const key of users.keys()) this.#userNames.add(key);
    }
    return this.#userNames.has(nameKey(name));
  }
}

function isRead({ rule }: AccessRule): boolean {
  return rule !== undefined;
}

/** Whether an element tells names apart by nothing but the tie of database and user. */
function isTiedOnly(element: HbaDatabase): boolean {
  if (typeof element === 'string' || !('keyword' in element)) return false;
  return element.keyword === 'sameuser' || element.keyword === 'replication';
}

function bucketOf({ users, specials }: DatabaseNode, { key, element }: Keyed<HbaUser>): Bucket {
  let bucket = users.get(key);
  if (bucket === undefined) {
    bucket = new Bucket();
    users.set(key, bucket);
    if (element !== undefined) specials.push({ element, key });
  }
  return bucket;
}

/** A key of a column, with the element that has to be asked what it covers. */
interface Keyed<E> {
  readonly key: string;
  readonly element: E | undefined;
}

function keyed<E extends HbaDatabase | HbaUser>(element: E): Keyed<E> {
  const each: HbaDatabase | HbaUser = element;
  if (typeof each === 'string') return { key: nameKey(each), element: undefined };
  if ('keyword' in each && each.keyword === 'all') return { key: 'all', element: undefined };
  return { key: `special ${JSON.stringify(element)}`, element };
}

function nameKey(name: string): string {
  return `name ${name}`;
}

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
      key = `list ${this.#keys.size}`;
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
