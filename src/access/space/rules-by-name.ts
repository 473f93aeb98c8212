import type { HbaDatabase, HbaUser } from '../../hba/index.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { RuleList } from '../rules/read-rules.ts';
import { isOpenAddress } from './address-atom.ts';
import type { Pair } from './atom.ts';
import { Bucket, type BucketAddresses } from './bucket.ts';
import type { Budget } from './budget.ts';
import { coversDatabase, coversUser, type NameFacts } from './covers.ts';

/** The most pairs of names that a rule is entered under; a longer list is a key of its own. */
const pairLimit = 64;

/** A list with so many names is a key of its own where a rule has too many pairs. */
const longList = 8;

/** What the buckets of some pair of names hold as addresses. */
export interface Buckets {
  /** Those whose rules surely match each connection of the pair, addresses and transports left aside. */
  readonly sure: readonly BucketAddresses[];
  /** Those whose rules match if facts say so. */
  readonly possible: readonly BucketAddresses[];
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
  /** The buckets by the key of the databases. */
  readonly #databases = new Map<string, UserBuckets>();
  /** The elements of database columns that have to be asked what they hold. */
  readonly #specials: Special<HbaDatabase>[] = [];
  readonly #databaseLists = new NameLists();
  readonly #userLists = new NameLists();
  /** The index of the first line that stands for the lines of a file that was not read. */
  readonly firstUnread: number;

  readonly #facts: RuleList['facts'];
  /** The rules that were read. */
  readonly #read: readonly AccessRule[];
  #byUser: ReadonlyMap<string, readonly Bucket[]> | undefined;
  #hasPatterns = false;
  #hasOpen = false;

  /** Enters all rules of a file. */
  constructor({ rules, facts }: Pick<RuleList, 'rules' | 'facts'>) {
    this.#facts = facts;
    this.#read = rules.filter(({ rule }) => rule !== undefined);
    for (const rule of this.#read) this.#enter(rule);
    const unread = rules.findIndex(({ rule }) => rule === undefined);
    this.firstUnread = unread === -1 ? Number.POSITIVE_INFINITY : unread;
  }

  /** Whether no answer can depend on a fact: a role, a regular expression, a host name, a file that was not read. */
  get isExact(): boolean {
    return !this.#hasPatterns && !this.#hasOpen && this.firstUnread === Number.POSITIVE_INFINITY;
  }

  /** The buckets that can cover a pair and that hold a rule before a limit. */
  bucketsOf(pair: Pair, limit: number, names: NameFacts, budget: Budget): Buckets {
    const sure: BucketAddresses[] = [];
    const possible: BucketAddresses[] = [];
    const { database, user } = pair;
    const add = (bucket: Bucket | undefined, list: BucketAddresses[]): void => {
      if (bucket !== undefined && bucket.rules[0]!.index < limit) list.push(bucket.addresses(this.#facts));
    };
    const addUsers = (key: string, list: BucketAddresses[]): void => {
      const buckets = this.#databases.get(key);
      if (buckets === undefined || buckets.first >= limit) return;
      add(buckets.get(allKey), list);
      if (user.kind === 'name') {
        add(buckets.get(nameKey(user.name)), list);
        for (const each of this.#userLists.keysOf(user.name)) add(buckets.get(each), list);
      }
      for (const { element, key: special } of buckets.specials) {
        budget.take();
        const covers = coversUser(element, user, names);
        if (covers !== false) add(buckets.get(special), covers === true ? list : possible);
      }
    };
    if (database.kind !== 'physical') addUsers(allKey, sure);
    if (database.kind === 'name') {
      addUsers(nameKey(database.name), sure);
      for (const key of this.#databaseLists.keysOf(database.name)) addUsers(key, sure);
    }
    for (const { element, key } of this.#specials) {
      budget.take();
      const covers = coversDatabase(element, pair, names);
      if (covers !== false) addUsers(key, covers === true ? sure : possible);
    }
    return { sure, possible };
  }

  /** The rules that may match a connection of some pairs, in their order. */
  rulesNear(pairs: readonly Pair[]): readonly AccessRule[] {
    const near = new Set<AccessRule>();
    for (const pair of pairs) {
      const buckets = this.#bucketsNear(pair);
      if (buckets === undefined) return this.#read;
      for (const bucket of buckets) for (const rule of bucket.rules) near.add(rule);
    }
    return [...near].sort((a, b) => a.index - b.index);
  }

  /** The buckets that may match a connection of a pair; `undefined` for all. */
  #bucketsNear({ database, user }: Pair): readonly Bucket[] | undefined {
    if (database.kind === 'name' || database.kind === 'physical') {
      const specials = this.#specials.map(({ key }) => key);
      const keys =
        database.kind === 'physical' ? specials : [...keysNear(database.name, this.#databaseLists), ...specials];
      return keys.flatMap((key) => {
        const buckets = this.#databases.get(key);
        if (buckets === undefined) return [];
        if (user.kind !== 'name') return buckets.all;
        const users = [...keysNear(user.name, this.#userLists), ...buckets.specials.map((special) => special.key)];
        return users.flatMap((each) => buckets.get(each) ?? []);
      });
    }
    if (user.kind !== 'name') return undefined;
    const byUser = this.#bucketsByUser();
    const specials = [...byUser.keys()].filter((key) => key.startsWith(specialMark));
    return [...keysNear(user.name, this.#userLists), ...specials].flatMap((key) => byUser.get(key) ?? []);
  }

  #bucketsByUser(): ReadonlyMap<string, readonly Bucket[]> {
    if (this.#byUser === undefined) {
      const byUser = new Map<string, Bucket[]>();
      for (const { all } of this.#databases.values()) {
        for (const bucket of all) {
          const list = byUser.get(bucket.user);
          if (list === undefined) byUser.set(bucket.user, [bucket]);
          else list.push(bucket);
        }
      }
      this.#byUser = byUser;
    }
    return this.#byUser;
  }

  #enter(rule: AccessRule): void {
    const { databases, users, transports, address } = rule;
    if (transports === 0) return;
    const isLong = databases.length * users.length > pairLimit;
    const databaseKeys = isLong ? this.#databaseLists.keysOfColumn(databases) : databases.map(keyed);
    const userKeys = isLong ? this.#userLists.keysOfColumn(users) : users.map(keyed);
    this.#hasOpen ||= address !== undefined && isOpenAddress(address, this.#facts);
    for (const database of databaseKeys) {
      const buckets = this.#userBuckets(database, rule.index);
      for (const user of userKeys) {
        buckets.add(user, rule);
        const { element } = user;
        this.#hasPatterns ||= element !== undefined;
      }
    }
  }

  #userBuckets({ key, element }: Keyed<HbaDatabase>, first: number): UserBuckets {
    let buckets = this.#databases.get(key);
    if (buckets === undefined) {
      buckets = new UserBuckets(first);
      this.#databases.set(key, buckets);
      if (element !== undefined) {
        this.#specials.push({ element, key });
        this.#hasPatterns ||= !isTiedOnly(element);
      }
    }
    return buckets;
  }

  /**
   * Of names that no key of the file tells apart two each, which is enough to ask about: two, because `sameuser` tells a
   * user with the database's own name from the others. All names if a regular expression or a role may tell them apart.
   */
  representatives(names: readonly string[], column: 'databases' | 'users'): readonly string[] {
    if (this.#hasPatterns) return names;
    const lists = column === 'databases' ? this.#databaseLists : this.#userLists;
    const own = column === 'databases' ? this.#databases : this.#bucketsByUser();
    const groups = new Map<string, number>();
    return names.filter((name) => {
      const key = own.has(nameKey(name)) ? nameKey(name) : `lists ${lists.keysOf(name).join(' ')}`;
      const count = groups.get(key) ?? 0;
      groups.set(key, count + 1);
      return count < 2;
    });
  }
}

/** The buckets of one database key by the key of the users. Most databases have one user, which needs no map. */
class UserBuckets {
  /** The index of the first rule of all buckets. */
  readonly first: number;
  /** The elements of user columns that have to be asked what they hold. */
  specials: Special<HbaUser>[] = noSpecials;
  #only: Bucket | undefined = undefined;
  #more: Map<string, Bucket> | undefined = undefined;

  /** No buckets yet, of which the first rule has this index. */
  constructor(first: number) {
    this.first = first;
  }

  /** The bucket of a user key. */
  get(user: string): Bucket | undefined {
    if (this.#more !== undefined) return this.#more.get(user);
    return this.#only?.user === user ? this.#only : undefined;
  }

  /** All buckets. */
  get all(): readonly Bucket[] {
    if (this.#more !== undefined) return [...this.#more.values()];
    return this.#only === undefined ? [] : [this.#only];
  }

  /** Adds a rule to the bucket of a user key. */
  add({ key, element }: Keyed<HbaUser>, rule: AccessRule): void {
    const kept = this.get(key);
    if (kept !== undefined) {
      kept.rules.push(rule);
      return;
    }
    const bucket = new Bucket(key, rule);
    if (element !== undefined) this.specials = [...this.specials, { element, key }];
    if (this.#only === undefined) {
      this.#only = bucket;
      return;
    }
    this.#more ??= new Map([[this.#only.user, this.#only]]);
    this.#more.set(key, bucket);
  }
}

/** The list of a database key without such elements; it is replaced, and never filled. */
const noSpecials: Special<HbaUser>[] = [];

/** The keys of everything that surely holds a name. */
function keysNear(name: string, lists: NameLists): readonly string[] {
  return [nameKey(name), allKey, ...lists.keysOf(name)];
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
  return { key: `${specialMark}${JSON.stringify(element)}`, element };
}

/** The key of a name is the name itself: no name holds a NUL, with which the keys of all else begin. */
function nameKey(name: string): string {
  return name;
}

const allKey = '\0all';
const specialMark = '\0special ';

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
    // Most files have no long list, and a lookup hashes the name even so.
    return this.#ofName.size === 0 ? noKeys : (this.#ofName.get(name) ?? noKeys);
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
